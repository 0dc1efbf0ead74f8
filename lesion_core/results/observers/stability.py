"""How far a model's score moves when the border is drawn a little differently.

`python -m lesion_core stability` makes the table: every border of a set is displaced smoothly along its normals, at its
largest by 1 to 5 % of the lesion's diameter (of the circle with its area), and scored again. No label is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lesion_core.cases.columns import Column, any_text, checked_rows, number_between, write_rows
from lesion_core.results.observers.moved import DRAWS, Moved, moved
from lesion_core.results.observers.reader_borders import PREFIX
from lesion_core.results.scores import DECIMALS
from lesion_core.results.table_folders import STABILITY

SHARES = (0.01, 0.02, 0.03, 0.04, 0.05)
COLUMNS = (
    Column("model", "name of the model", "text on one line", any_text, required=True),
    Column("dataset", "where the case comes from", "text on one line", any_text, required=True),
    Column("case_id", "the case", "text on one line", any_text, required=True),
    Column("nudge", "largest displacement as a share of the diameter", "0 to 1", number_between(0, 1), required=True),
    Column("score", "with the border as drawn", "a number from 0 to 1", number_between(0, 1), required=True),
    Column("nudged", "with the nudged border", "a number from 0 to 1", number_between(0, 1), required=True),
)


@dataclass(frozen=True)
class Nudged:
    """One case scored with its own border and with a nudged one.

    Attributes:
        model: its name.
        dataset: where the case comes from.
        case_id: the case.
        nudge: largest displacement as a share of the lesion's diameter.
        score: with the border as drawn, 0-1.
        nudged: with the nudged border, 0-1.
    """

    model: str
    dataset: str
    case_id: str
    nudge: float
    score: float
    nudged: float


@dataclass(frozen=True)
class Stability:
    """What nudges of one size do.

    Attributes:
        nudge: largest displacement as a share of the lesion's diameter.
        moved: the scores; clusters are cases.
        n: cases.
    """

    nudge: float
    moved: Moved
    n: int


def summarise(rows: Sequence[Nudged], threshold: float | None, *, draws: int = DRAWS) -> tuple[Stability, ...]:
    """The answer of one model on one set, by size of the nudge.

    Args:
        rows: of one model and set.
        threshold: calls are score >= threshold; None when there is none.
        draws: bootstrap samples.
    """
    found = []
    for share in sorted({row.nudge for row in rows}):
        own = [row for row in rows if row.nudge == share]
        before, after = (np.array([getattr(row, name) for row in own]) for name in ("score", "nudged"))
        cases = np.unique([row.case_id for row in own], return_inverse=True)[1].astype(np.int64)
        found.append(Stability(share, moved(before, after, cases, threshold, draws=draws), int(cases.max()) + 1))
    return tuple(found)


def bundled_nudges(models: Path, model: str) -> tuple[tuple[str, tuple[Nudged, ...]], ...]:
    """(data set, rows) of every table of nudges beside a model; () when there is none.

    Args:
        models: the folder of the models.
        model: its name.

    Raises:
        TableError: a damaged table.
    """
    files = sorted(each for each in (models / model / STABILITY).glob("*.csv") if not each.name.startswith(PREFIX))
    return tuple((path.stem, tuple(row for row in read_nudges(path) if row.model == model)) for path in files)


def read_nudges(path: str | Path) -> tuple[Nudged, ...]:
    """Read a table of nudges.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows, all of them listed.
    """
    rows = checked_rows(path, COLUMNS)
    return tuple(
        Nudged(
            row.cells["model"],
            row.cells["dataset"],
            row.cells["case_id"],
            float(row.cells["nudge"]),
            float(row.cells["score"]),
            float(row.cells["nudged"]),
        )
        for row in rows
    )


def write_nudges(rows: Sequence[Nudged], path: str | Path) -> None:
    """Write a table of nudges whole or not at all, scores to six decimals.

    Raises:
        InputError: the file cannot be written.
    """
    cells = (
        {
            "model": row.model,
            "dataset": row.dataset,
            "case_id": row.case_id,
            "nudge": f"{row.nudge:g}",
            "score": f"{row.score:.{DECIMALS}f}",
            "nudged": f"{row.nudged:.{DECIMALS}f}",
        }
        for row in rows
    )
    write_rows(path, COLUMNS, cells)
