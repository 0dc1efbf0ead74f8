"""scores.csv: one row per case and model, the only bridge from models to dashboards.

Any classifier that writes it can be reviewed. `score` is raw (0-1, higher = more suspicious); `calibrated` is empty
unless a recalibration was learnt on other cases. `fold` is empty for a final model.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.columns import Column, Row, any_text, number_between, one_of, problems_of, read_rows, write_rows
from lesion_core.cases.table import ORGANS, Case
from lesion_core.errors import TableError

Unit = Literal["image", "patient"]
#: Scores are kept to so many decimals at least (see `as_written`), in the file and in memory, so that both give the
#: same figures.
DECIMALS = 6
#: A double near 1 has no more.
MOST_DECIMALS = 15


def _is_fold(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and 1 <= int(cell) <= 1000


_share = number_between(0, 1)

COLUMNS = (
    Column("run", "name of the run that made the score", "text on one line", any_text, required=True),
    Column("model", "name of the model", "text on one line", any_text, required=True),
    Column("case_id", "the case", "text on one line", any_text, required=True),
    Column("lesion_id", "joins the views of one lesion", "text on one line", any_text),
    Column("patient_id", "joins the lesions of one patient", "text on one line", any_text),
    Column("dataset", "where the case comes from", "text on one line", any_text),
    Column("organ", "which organ is shown", "breast or thyroid", one_of(*ORGANS)),
    Column("label", "1 when the target is met", "0 or 1", one_of("0", "1"), required=True),
    Column("target", "what label 1 means", "text on one line", any_text, required=True),
    Column("fold", "fold in which the case was tested", "a whole number from 1 to 1000, or empty", _is_fold),
    Column("score", "raw score", "a number from 0 to 1", _share, required=True),
    Column("calibrated", "recalibrated score", "a number from 0 to 1, or empty", _share),
)


@dataclass(frozen=True)
class Score:
    """One row of scores.csv; empty strings mean "unknown".

    Attributes:
        label: 1 when `target` is met, else 0.
        fold: in which the case was tested; None for a final model.
        score: raw, 0-1, higher = more suspicious.
        calibrated: 0-1, or None.
    """

    run: str
    model: str
    case_id: str
    label: Literal[0, 1]
    target: str
    score: float
    lesion_id: str = ""
    patient_id: str = ""
    dataset: str = ""
    organ: str = ""
    fold: int | None = None
    calibrated: float | None = None


@dataclass(frozen=True)
class Clusters:
    """What intervals per image are clustered by.

    Attributes:
        are: "patients", "lesions" where not every patient is known, or "" where not every lesion is either.
        ids: (n,) of the patients or lesions; None where neither is known of every image.
    """

    are: Literal["patients", "lesions", ""]
    ids: NDArray[np.str_] | None

    @property
    def note(self) -> str:
        """What is to be told of intervals per image; empty where patients are known."""
        if self.are == "patients":
            return ""
        several = self.ids is not None and np.unique(self.ids).size < self.ids.size
        how = "clustered by lesion" if several else "taken as independent"
        return f"Without patient ids images are {how}: the intervals may be too narrow."


def clusters_of(patient_ids: NDArray[np.str_], lesion_ids: NDArray[np.str_]) -> Clusters:
    """Patients where every one is known, else lesions where every one is.

    Args:
        patient_ids: (n,), empty where unknown.
        lesion_ids: (n,), empty where unknown.
    """
    if patient_ids.size and (patient_ids != "").all():
        return Clusters("patients", patient_ids)
    if lesion_ids.size and (lesion_ids != "").all():
        return Clusters("lesions", lesion_ids)
    return Clusters("", None)


@dataclass(frozen=True)
class ScoreTable:
    """Scores in the order of their file."""

    rows: tuple[Score, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """(n,) int64, 0 or 1."""
        return np.array([row.label for row in self.rows], dtype=np.int64)

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """(n,) float64, 0-1."""
        return np.array([row.score for row in self.rows], dtype=np.float64)

    @property
    def has_patients(self) -> bool:
        """Whether every row names its patient."""
        return bool(self.rows) and all(row.patient_id for row in self.rows)

    @cached_property
    def patients(self) -> NDArray[np.str_]:
        """(n,) patient ids (the case's own id where the patient is unknown)."""
        return np.array([row.patient_id or row.case_id for row in self.rows], dtype=np.str_)

    @cached_property
    def clusters(self) -> Clusters:
        """What rows have in common that intervals per image must take as dependent."""
        return clusters_of(
            np.array([row.patient_id for row in self.rows], dtype=np.str_),
            np.array([row.lesion_id for row in self.rows], dtype=np.str_),
        )

    @cached_property
    def folds(self) -> NDArray[np.int64]:
        """(n,) fold numbers, 0 where there is none."""
        return np.array([row.fold or 0 for row in self.rows], dtype=np.int64)

    def by_organ(self) -> tuple[ScoreTable, ...]:
        """The scores of each organ in alphabetical order, where there are several; () otherwise."""
        organs = sorted({row.organ for row in self.rows})
        if len(organs) < 2:
            return ()
        return tuple(ScoreTable(tuple(row for row in self.rows if row.organ == organ)) for organ in organs)

    def per_patient(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """One value for each patient: the mean score of the patient's images.

        Returns:
            labels (p,) (1 when any image's label is 1), mean scores (p,), folds (p,), in the order of patient ids.
        """
        _, first, position = np.unique(self.patients, return_index=True, return_inverse=True)
        counts = np.bincount(position)
        mean = np.bincount(position, weights=self.scores) / counts
        label = (np.bincount(position, weights=self.labels) > 0).astype(np.int64)
        return label, mean, self.folds[first]


def score_rows(
    cases: Sequence[Case],
    scores: Sequence[float] | NDArray[np.float64],
    *,
    run: str,
    model: str,
    folds: Sequence[int | None],
) -> ScoreTable:
    """Join cases and what a model said of them, rounded as they are written.

    Args:
        cases: n cases.
        scores: n scores, 0-1.
        run: name of the run.
        model: name of the model.
        folds: n fold numbers, None for a final model.
    """
    return ScoreTable(
        tuple(
            Score(
                run=run,
                model=model,
                case_id=case.case_id,
                lesion_id=case.lesion_id,
                patient_id=case.patient_id,
                dataset=case.dataset,
                organ=case.organ,
                label=case.label,
                target=case.target,
                fold=fold,
                score=as_written(score),
            )
            for case, score, fold in zip(cases, scores, folds, strict=True)
        )
    )


def as_written(score: float) -> float:
    """A score as scores.csv holds it: six decimals, near 0 and 1 as many more as its distance has zeros.

    An overconfident network says 0.000000012 of one case and 0.000000034 of another: rounded to six decimals they tie,
    and the AUC of a network whose scores pile up at both ends falls (measured: 0.872 to 0.858).
    """
    return float(_digits(float(score)))


def read_scores(path: str | Path) -> ScoreTable:
    """Read and check a scores.csv.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows, or a case scored twice in one run; all of them are listed.
    """
    rows, problems = read_rows(path, COLUMNS)
    problems += _repeated(rows)
    if not rows and not problems:
        problems.append("row 1: there is no score below the header")
    if problems:
        raise TableError(str(path), problems)
    return ScoreTable(tuple(_score(row.cells) for row in rows))


def write_scores(table: ScoreTable | Iterable[Score], path: str | Path) -> None:
    """Check scores and write them whole or not at all, rounded as `as_written` says.

    Raises:
        TableError: scores that could not be read back; nothing is written.
        InputError: the file cannot be written.
    """
    scores = table.rows if isinstance(table, ScoreTable) else table
    rows = [Row(number, _cells(each)) for number, each in enumerate(scores, start=2)]
    problems = problems_of(rows, COLUMNS) + _repeated(rows)
    if not rows:
        problems.append("there is no score to write")
    if problems:
        raise TableError(str(path), problems)
    write_rows(path, COLUMNS, [row.cells for row in rows])


def _repeated(rows: Sequence[Row]) -> list[str]:
    """Cases that a model scored twice in one run."""
    problems = []
    first: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = (row.cells["run"], row.cells["model"], row.cells["case_id"])
        if first.setdefault(key, row.number) != row.number:
            problems.append(f"row {row.number}: case {key[2]!r} was already scored in row {first[key]}")
    return problems


def _score(cells: Mapping[str, str]) -> Score:
    return Score(
        run=cells["run"],
        model=cells["model"],
        case_id=cells["case_id"],
        lesion_id=cells["lesion_id"],
        patient_id=cells["patient_id"],
        dataset=cells["dataset"],
        organ=cells["organ"],
        label=1 if cells["label"] == "1" else 0,
        target=cells["target"],
        fold=int(cells["fold"]) if cells["fold"] else None,
        score=float(cells["score"]),
        calibrated=float(cells["calibrated"]) if cells["calibrated"] else None,
    )


def _digits(score: float) -> str:
    once = f"{score:.{_decimals(score)}f}"
    return f"{float(once):.{_decimals(float(once))}f}"  # 0.0999999999 has a zero more before it is rounded than after


def _decimals(score: float) -> int:
    distance = round(min(score, 1.0 - score), MOST_DECIMALS)
    zeros = max(0, -math.floor(math.log10(distance)) - 1) if distance > 0 else 0
    return min(DECIMALS + zeros, MOST_DECIMALS)


def _cells(row: Score) -> dict[str, str]:
    return {
        "run": row.run,
        "model": row.model,
        "case_id": row.case_id,
        "lesion_id": row.lesion_id,
        "patient_id": row.patient_id,
        "dataset": row.dataset,
        "organ": row.organ,
        "label": str(row.label),
        "target": row.target,
        "fold": "" if row.fold is None else str(row.fold),
        "score": _digits(row.score),
        "calibrated": "" if row.calibrated is None else _digits(row.calibrated),
    }
