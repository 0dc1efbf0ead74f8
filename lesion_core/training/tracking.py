"""What a training reports while it runs: a line per epoch, and curves in trackio where that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from types import TracebackType
from typing import Any

from lesion_core.errors import MissingExtraError
from lesion_core.training.snapshot import EpochRecord


class Tracker:
    """Prints epochs and, with a project's name, logs them to trackio (local, nothing leaves the machine).

    Args:
        project: trackio's project; empty for none.
        name: of the run in it.
        printed: takes the lines.

    Raises:
        MissingExtraError: a project was named and trackio is not installed.
    """

    def __init__(self, project: str, name: str, *, printed: Callable[[str], None] = lambda line: None) -> None:
        self._project, self._name, self._printed = project, name, printed
        self._trackio: Any = None

    def __enter__(self) -> Tracker:
        if self._project:
            try:
                import trackio
            except ImportError:
                raise MissingExtraError("trackio", "training curves", "pip install -r requirements-train.txt") from None
            self._trackio = trackio
            trackio.init(project=self._project, name=self._name, embed=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._trackio is not None:
            self._trackio.finish()

    def report(self, record: EpochRecord) -> None:
        """Take a finished epoch."""
        area = "" if record.validation_auc is None else f", validation AUC {record.validation_auc:.3f}"
        speed = record.images / record.seconds if record.seconds else 0.0
        self._printed(f"  epoch {record.epoch}: loss {record.loss:.4f}{area} ({speed:.0f} images/s)")
        if self._trackio is not None:
            self._trackio.log({name: value for name, value in asdict(record).items() if value is not None})
