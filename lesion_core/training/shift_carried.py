"""Fold models that were trained again, here or on another machine: what is kept of each is its scores of other cases.

One JSON file for each fold, ``again-03.json``. It names the cases, folds and settings that it was made with, so that
parts of another run, or of another set, are refused.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lesion_core.cases.columns import write_text
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.training.deadline import Deadline
from lesion_core.training.finetune import Report
from lesion_core.training.run_record import RunRecord, fingerprint_of
from lesion_core.training.shift import FoldAgain, FoldsAgain


@dataclass(frozen=True)
class _Kept:
    """What a file holds.

    Attributes:
        fold: number of the fold.
        cases_sha256: of the run's cases, as in its record.
        folds_sha256: likewise of its folds.
        other_sha256: of the other cases.
        config: settings the fold was trained with, as in the record.
        reproduced_to: as in `FoldAgain`.
        scores: (n,) in the order of the other cases.
    """

    fold: int
    cases_sha256: str
    folds_sha256: str
    other_sha256: str
    config: dict[str, object]
    reproduced_to: float
    scores: list[float]


def folds_again(
    trained: FoldsAgain,
    numbers: Sequence[int],
    folder: Path,
    *,
    report: Report = lambda record: None,
    stop: Deadline | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> list[FoldAgain] | None:
    """Train folds again that the folder does not hold yet; a call that was cut off goes on from its snapshot.

    Args:
        trained: of the run.
        numbers: of the folds.
        folder: gets one file for each.
        report: told each finished epoch.
        stop: asked after each epoch, and between folds, whether to leave off; None never does.
        tell: told a line for each fold that was trained.

    Returns:
        All of them, or None where it was left off.

    Raises:
        InputError: a file of another run or other cases, or any reason of `FoldsAgain.fold`.
    """
    found = []
    for number in numbers:
        if not again_file(folder, number).is_file():
            unfinished = folder / f"unfinished-{number:02d}"
            fold = None
            if stop is None or not stop.between:
                fold = trained.fold(number, unfinished, report=report, stop=stop or (lambda: False))
            if fold is None:
                return None
            write_again(fold, trained.record, trained.other, folder)
            shutil.rmtree(unfinished, ignore_errors=True)
            tell(f"fold {number}: kept scores again to {fold.reproduced_to:.6f}")
        found.append(read_again(folder, trained.record, trained.other, number))
    return found


def again_file(folder: Path, number: int) -> Path:
    """Where a fold's scores are kept."""
    return folder / f"again-{number:02d}.json"


def write_again(again: FoldAgain, record: RunRecord, other: CaseTable, folder: Path) -> None:
    """Keep what a fold's network, trained again, makes of other cases; whole or not at all."""
    kept = _Kept(
        again.number,
        record.cases_sha256,
        record.folds_sha256,
        fingerprint_of(other),
        dict(record.folds[str(again.number)].config),
        again.reproduced_to,
        again.scores.tolist(),
    )
    write_text(again_file(folder, again.number), json.dumps(asdict(kept), indent=1) + "\n")


def read_again(folder: Path, record: RunRecord, other: CaseTable, number: int) -> FoldAgain:
    """Read one fold.

    Raises:
        InputError: missing, damaged, or of another run or other cases.
    """
    file = again_file(folder, number)
    try:
        kept = _Kept(**json.loads(file.read_bytes()))
        scores = np.array(kept.scores, dtype=np.float64)
        if scores.shape != (len(kept.scores),) or not ((scores >= 0) & (scores <= 1)).all():
            raise ValueError("scores are numbers from 0 to 1")
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{file} does not hold fold {number} trained again ({error}): run "
            f"`python -m lesion_core.training shift ... --fold {number}` there, and bring the file back"
        ) from error
    fold = record.folds.get(str(number))
    there = (kept.fold, kept.cases_sha256, kept.folds_sha256, kept.other_sha256, kept.config, len(scores))
    here = (number, record.cases_sha256, record.folds_sha256, fingerprint_of(other), fold and fold.config, len(other))
    if there != here:
        raise InputError(
            f"{file} was made from another run, or for other cases than those of --on: delete it, and make it again"
        )
    return FoldAgain(number, scores, float(kept.reproduced_to))
