"""How the final model's scores compare with those of its fold models, on cases that none of them was trained on.

Threshold and calibration are learnt on the scores of fold models, each trained on a part of the data; what is served
is one model trained on all of it, in its small form. `python -m lesion_core shift` trains the fold models again, has
all of them score one set, and writes the table. No label is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.columns import Column, any_text, checked_rows, number_between, write_rows
from lesion_core.errors import StatisticsError, TableError
from lesion_core.results.table_folders import SHIFT
from lesion_core.stats.calibration import mean_interval
from lesion_core.stats.estimate import Estimate

DECIMALS = 6
#: The final model stands in the table as this fold.
FINAL = 0
#: Fold models whose scores differ by more from those that were kept are other networks, made in the same way.
SAME_TO = 0.05
COLUMNS = (
    Column("model", "name of the model", "text on one line", any_text, required=True),
    Column("dataset", "where the case comes from", "text on one line", any_text, required=True),
    Column("case_id", "the case", "text on one line", any_text, required=True),
    Column("patient_id", "the patient; empty where unknown", "text on one line", any_text),
    Column("fold", "the fold model; 0 is the final model", "a whole number", str.isdecimal, required=True),
    Column("score", "for class 1", "a number from 0 to 1", number_between(0, 1), required=True),
    Column(
        "reproduced_to",
        "how far the fold's own scores, trained again, are from those kept, at most; empty where unknown",
        "a number from 0 to 1",
        number_between(0, 1),
    ),
    Column("folds_of_run", "how many folds its run has; empty where unknown", "a whole number", str.isdecimal),
)


@dataclass(frozen=True)
class FoldScores:
    """Scores of fold models and of the final model on the same cases.

    Attributes:
        model: its name.
        dataset: where the cases come from.
        case_ids: of the n cases.
        patients: (n,) of each case, "" where unknown.
        folds: numbers of the k fold models.
        scores: (k, n) of the fold models, 0-1.
        final: (n,) of the final model, 0-1.
        reproduced_to: of each fold model, trained again: largest difference between the network scores of its held-back
            cases and those that were kept, 0-1; () where unknown.
        folds_of_run: how many folds the run has, k or more; None where unknown.
    """

    model: str
    dataset: str
    case_ids: tuple[str, ...]
    patients: tuple[str, ...]
    folds: tuple[int, ...]
    scores: NDArray[np.float64]
    final: NDArray[np.float64]
    reproduced_to: tuple[float, ...] = ()
    folds_of_run: int | None = None

    @property
    def partly(self) -> str:
        """Which folds these are of, where they are not all of the run's; "" where they are, or it is unknown."""
        if self.folds_of_run in (None, len(self.folds)):
            return ""
        return f"{len(self.folds)} of {self.folds_of_run} folds ({', '.join(map(str, self.folds))})"

    @property
    def reproduction(self) -> str:
        """How near the fold models, trained again, come to those whose scores were kept."""
        if not self.reproduced_to:
            return "how nearly the fold models, trained again, give the scores that their run kept is not recorded"
        furthest = max(self.reproduced_to)
        others = ": so they are other networks, made in the same way"
        return (
            "the fold models, trained again, give scores of their own cases that differ from those their run kept by "
            f"at most {furthest:.{DECIMALS}f}{others if furthest > SAME_TO else ''}"
        )


@dataclass(frozen=True)
class Shift:
    """What changes from the fold models to the final one.

    Attributes:
        change: mean over cases of the final score less the mean of the fold models', -1 to 1.
        distance: mean absolute difference of the final score from the mean of the fold models'.
        between: the same of one fold model from the mean of the others, averaged over folds: what is usual.
        above: share of cases at or above the threshold by the final model, 0-1.
        above_folds: the same by each fold model, in the order of the folds.
        calls: share of cases that the final model calls unlike most fold models; a tie is no difference.
        n: cases.
    """

    change: Estimate
    distance: float
    between: float
    above: float
    above_folds: tuple[float, ...]
    calls: float
    n: int

    @property
    def sentence(self) -> str:
        """The figures in words."""
        low, high = min(self.above_folds), max(self.above_folds)
        return (
            f"{self.change.sentence()}; mean distance {self.distance:.3f}, of one fold model from the others "
            f"{self.between:.3f}; at or above the threshold {self.above:.1%} of cases, by the fold models {low:.1%} to "
            f"{high:.1%}; another call than most of them in {self.calls:.1%}"
        )


def summarise_shift(found: FoldScores, threshold: float) -> Shift:
    """Compare the final model with the fold models.

    Args:
        found: at least 2 fold models.
        threshold: calls are score >= threshold.

    Raises:
        StatisticsError: fewer than 2 fold models or cases.
    """
    count = len(found.folds)
    if count < 2 or found.final.size < 2:
        raise StatisticsError(f"{count} fold models and {found.final.size} cases: at least 2 of each are needed")
    mean = found.scores.mean(axis=0)
    others = (count * mean - found.scores) / (count - 1)
    known = all(found.patients)
    codes = np.unique(found.patients, return_inverse=True)[1].astype(np.int64) if known else None
    share = (found.scores >= threshold).mean(axis=0)
    differs = np.where(found.final >= threshold, share < 0.5, share > 0.5)
    return Shift(
        change=mean_interval(found.final - mean, codes, level=0.95, name="final less the mean of the fold models"),
        distance=float(np.abs(found.final - mean).mean()),
        between=float(np.abs(found.scores - others).mean()),
        above=float((found.final >= threshold).mean()),
        above_folds=tuple(float(each) for each in (found.scores >= threshold).mean(axis=1)),
        calls=float(differs.mean()),
        n=found.final.size,
    )


def bundled_shifts(models: Path, model: str) -> tuple[FoldScores, ...]:
    """Every table beside a model; () when there is none.

    Args:
        models: the folder of the models.
        model: its name.

    Raises:
        TableError: a damaged table, or one of another model.
    """
    found = tuple(read_fold_scores(path) for path in sorted((models / model / SHIFT).glob("*.csv")))
    for each in found:
        if each.model != model:
            raise TableError(f"{models / model / SHIFT}", [f"scores of {each.model}, the folder is that of {model}"])
    return found


def read_fold_scores(path: str | Path) -> FoldScores:
    """Read a table.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows, several models or sets, a case without a score of each of them; all of them are listed.
    """
    rows = checked_rows(path, COLUMNS)
    problems: list[str] = []
    sources = sorted({(row.cells["model"], row.cells["dataset"]) for row in rows})
    if len(sources) != 1:
        problems.append(f"scores of {len(sources)} pairs of a model and a set: a table holds one")
    known: dict[tuple[int, str], float] = {}
    patients: dict[str, str] = {}
    reproduced: dict[int, set[str]] = {}
    runs: set[str] = set()
    for row in rows:
        key = (int(row.cells["fold"]), row.cells["case_id"])
        if key in known:
            problems.append(f"row {row.number}: fold {key[0]} scores case {key[1]} twice")
        known[key] = float(row.cells["score"])
        patients.setdefault(key[1], row.cells["patient_id"])
        reproduced.setdefault(key[0], set()).add(row.cells["reproduced_to"])
        runs.add(row.cells["folds_of_run"])
    folds = sorted({fold for fold, _ in known})
    cases = tuple(patients)
    for fold in folds:
        gone = [case for case in cases if (fold, case) not in known]
        problems += [f"case {case} has no score of fold {fold}" for case in gone]
    if FINAL not in folds or len(folds) < 2:
        problems.append("the final model (fold 0) and at least one fold model are needed")
    own = tuple(fold for fold in folds if fold != FINAL)
    said = [reproduced[fold] for fold in own]
    if any(len(each) > 1 for each in said) or len({each == {""} for each in said}) > 1:
        problems.append("reproduced_to is one number for each fold model, or is left empty for all of them")
    of_run = int(next(iter(runs)) or len(own)) if len(runs) == 1 else 0
    if of_run < len(own):
        problems.append(f"folds_of_run is one number, at least {len(own)}, in all rows, or is left empty")
    if problems:
        raise TableError(str(path), problems)
    by_fold = {fold: np.array([known[fold, case] for case in cases]) for fold in folds}
    model, dataset = sources[0]
    again = [text for each in said for text in each]
    return FoldScores(
        model,
        dataset,
        cases,
        tuple(patients.values()),
        own,
        np.stack([by_fold[fold] for fold in own]),
        by_fold[FINAL],
        tuple(map(float, again)) if all(again) else (),
        of_run if any(runs) else None,
    )


def write_fold_scores(found: FoldScores, path: str | Path) -> None:
    """Write a table whole or not at all, scores to six decimals, the final model first.

    Raises:
        InputError: the file cannot be written.
    """
    lines: Sequence[tuple[int, NDArray[np.float64]]] = (
        (FINAL, found.final),
        *zip(found.folds, found.scores, strict=True),
    )
    again = {
        fold: f"{each:.{DECIMALS}f}"
        for fold, each in zip(found.folds, found.reproduced_to, strict=bool(found.reproduced_to))
    }
    cells = (
        {
            "model": found.model,
            "dataset": found.dataset,
            "case_id": case,
            "patient_id": patient,
            "fold": str(fold),
            "score": f"{score:.{DECIMALS}f}",
            "reproduced_to": again.get(fold, ""),
            "folds_of_run": "" if found.folds_of_run is None else str(found.folds_of_run),
        }
        for fold, scores in lines
        for case, patient, score in zip(found.case_ids, found.patients, scores, strict=True)
    )
    write_rows(path, COLUMNS, cells)
