"""What the inner folds of a training part decided, and kept where a fold that is cut off finds it again.

Inner trainings take most of a fold's time: a fold that goes on from its snapshot does not make them again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lesion_core.cases.columns import write_text
from lesion_core.training.config import TrainConfig
from lesion_core.training.run_record import RunRecord

CHOICE_FILE = "choice.json"


@dataclass(frozen=True)
class Choice:
    """What the inner folds of a training part decided.

    Attributes:
        config: the candidate.
        further: whether the further cases are learnt from.
        inner: AUC of each candidate without them; empty where there was nothing to choose.
        inner_further: with them; empty where there are none.
    """

    config: TrainConfig
    further: bool = False
    inner: tuple[float, ...] = ()
    inner_further: tuple[float, ...] = ()


def keep_choice(choice: Choice, folder: Path, record: RunRecord, candidates: Sequence[TrainConfig]) -> None:
    """Leave a choice in the folder of an unfinished fold, whole or not at all.

    Args:
        choice: among the candidates.
        folder: of the fold.
        record: of the run: cases, folds, settings and first weights that the choice holds for.
        candidates: of the run's preset.
    """
    content = {
        "run": _fingerprint(record),
        "candidate": list(candidates).index(choice.config),
        "further": choice.further,
        "inner": choice.inner,
        "inner_further": choice.inner_further,
    }
    write_text(folder / CHOICE_FILE, json.dumps(content, indent=2) + "\n")


def kept_choice(folder: Path, record: RunRecord, candidates: Sequence[TrainConfig]) -> Choice | None:
    """The choice in a fold's folder; None where there is none for this very run, or none that can be read."""
    try:
        content = json.loads((folder / CHOICE_FILE).read_bytes())
        if content["run"] != _fingerprint(record):
            return None
        inner, more = (tuple(map(float, content[name])) for name in ("inner", "inner_further"))
        return Choice(candidates[content["candidate"]], bool(content["further"]), inner, more)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _fingerprint(record: RunRecord) -> str:
    return hashlib.sha256(json.dumps(record.same).encode()).hexdigest()
