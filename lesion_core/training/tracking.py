"""What a training reports while it runs: a line per epoch, and curves in trackio where that is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from types import TracebackType
from typing import Any

from lesion_core.errors import MissingExtraError
from lesion_core.training.snapshot import EpochRecord


def time_left(seconds: float) -> str:
    """In words that fit: "12 s", "3 min", "2.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class ProgressLines:
    """Prints how far something has come, with the time left, at most every few seconds and at its end.

    Args:
        printed: takes the lines.
        every: seconds.
        clock: seconds.
    """

    def __init__(
        self, printed: Callable[[str], None], *, every: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._printed, self._every, self._clock = printed, every, clock
        self._what, self._began, self._first, self._last = "", 0.0, 0, 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take a step: so many of all are done."""
        now = self._clock()
        if what != self._what:
            self._what, self._began, self._first, self._last = what, now, done, now
        elif now - self._last < self._every and done < total:
            return
        self._last = now
        left = ""
        if self._first < done < total:
            left = f", {time_left((now - self._began) / (done - self._first) * (total - done))} left"
        self._printed(f"{what}: {done}/{total}{left}")


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
        left = time_left((record.epochs - record.epoch) * record.seconds)
        spent = f"{speed:.0f} images/s, at most {left} left"
        self._printed(f"  epoch {record.epoch}/{record.epochs}: loss {record.loss:.4f}{area} ({spent})")
        if self._trackio is not None:
            self._trackio.log({name: value for name, value in asdict(record).items() if value is not None})
