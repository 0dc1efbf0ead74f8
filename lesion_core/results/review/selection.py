"""Which cases a click asks for: a cell of the confusion matrix, a bar, a fold, a row of the forest, or named cases.

A selection is a record that can be put in a link and read back; all of its parts must hold. It is resolved against a
counted run and a threshold, so that moving the threshold moves the cases behind a cell with it.

Example:
    .. code-block:: python

        asked = Selection(cell="fn", fold=3)
        chosen = choose(asked, view, threshold=0.41, attributes=source.attributes)   # (u,) bool
        rows = view.cases_of(chosen)                                                 # rows of view.run
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self, cast, get_args
from urllib.parse import parse_qsl, urlencode

import numpy as np

from lesion_core.errors import InputError
from lesion_core.results.review.attributes import Attributes, levels_of, measured, title_of
from lesion_core.results.review.scored import Bools, Floats, Strings, UnitView

#: The four cells of the matrix, and the two of units that could not be assessed.
Cell = Literal["tp", "fn", "fp", "tn", "unassessed-positive", "unassessed-negative"]
CELL_WORDS: dict[str, str] = {
    "tp": "positive, called above the threshold",
    "fn": "positive, called below the threshold (missed)",
    "fp": "negative, called above the threshold (false alarm)",
    "tn": "negative, called below the threshold",
    "unassessed-positive": "positive, could not be assessed",
    "unassessed-negative": "negative, could not be assessed",
}


@dataclass(frozen=True)
class Selection:
    """What was clicked; without any part it is every case.

    Attributes:
        cell: of the confusion matrix.
        low: scores from here (included).
        high: scores up to here (left out, but for 1, which is included).
        label: 0 or 1.
        fold: tested in this fold.
        attribute: with `level`: a row of the forest.
        level: as `levels_of` names it.
        cases: names of cases, where they are listed one by one; any case of a unit chooses the unit.
        words: what `cases` are, e.g. "wrong: model and both readers".
    """

    cell: Cell | None = None
    low: float | None = None
    high: float | None = None
    label: int | None = None
    fold: int | None = None
    attribute: str = ""
    level: str = ""
    cases: tuple[str, ...] = ()
    words: str = ""

    @property
    def everything(self) -> bool:
        """Whether nothing was asked for."""
        return self == Selection()

    def sentence(self, unit: str) -> str:
        """What it is in words, e.g. "patients: positive, called below the threshold (missed); fold 3"."""
        parts = [CELL_WORDS[self.cell]] if self.cell else []
        if self.low is not None or self.high is not None:
            low, high = self.low or 0.0, 1.0 if self.high is None else self.high
            parts.append(f"score {low:g} to {high:g}")
        if self.label is not None:
            parts.append(f"label {self.label}")
        if self.fold is not None:
            parts.append(f"fold {self.fold}")
        if self.attribute:
            parts.append(f"{title_of(self.attribute)}: {self.level}")
        if self.cases or self.words:
            parts.append(self.words or f"{len(self.cases)} named cases")
        return f"{unit}s: {'; '.join(parts) if parts else 'all'}"

    def as_query(self) -> str:
        """As text for a link; named cases are written out."""
        pairs = [
            (name, str(value)) for name, value in vars(self).items() if name != "cases" and value not in (None, "")
        ]
        return urlencode(pairs + [("case", each) for each in self.cases])

    @classmethod
    def from_query(cls, text: str) -> Self:
        """Read a link's text back; it comes from a browser and is checked.

        Raises:
            InputError: no selection.
        """
        pairs = parse_qsl(text, max_num_fields=2000)
        values = dict(pair for pair in pairs if pair[0] != "case")
        try:
            cell = values.get("cell")
            if cell is not None and cell not in get_args(Cell):
                raise ValueError(f"no cell {cell[:20]!r}")
            low, high = (float(values[each]) if each in values else None for each in ("low", "high"))
            return cls(
                cell=cast("Cell | None", cell),
                low=low,
                high=high,
                label=int(values["label"]) if "label" in values else None,
                fold=int(values["fold"]) if "fold" in values else None,
                attribute=values.get("attribute", "")[:200],
                level=values.get("level", "")[:500],
                cases=tuple(value for name, value in pairs if name == "case"),
                words=values.get("words", "")[:500],
            )
        except ValueError as error:
            raise InputError(f"this link holds no selection of cases ({error}): open the page without it") from error


def choose(asked: Selection, view: UnitView, *, threshold: float | Floats, attributes: Attributes) -> Bools:
    """The units that a selection names.

    Args:
        asked: the selection.
        view: a counted run.
        threshold: calls are score >= threshold; one for all units, or (u,) one for each.
        attributes: of the cases.

    Returns:
        (u,) bool.
    """
    chosen = np.ones(len(view), dtype=np.bool_)
    if asked.cell:
        chosen &= in_cell(view, asked.cell, threshold)
    if asked.low is not None or asked.high is not None:
        low, high = asked.low or 0.0, 1.0 if asked.high is None else asked.high
        with np.errstate(invalid="ignore"):
            chosen &= (view.scores >= low) & ((view.scores < high) | ((view.scores <= 1) & (high >= 1)))
    if asked.label is not None:
        chosen &= view.labels == asked.label
    if asked.fold is not None:
        chosen &= view.folds == asked.fold
    if asked.attribute:
        names, level = levels_of(attribute_of_units(view, attributes, asked.attribute))
        chosen &= level == names.index(asked.level) if asked.level in names else np.zeros(len(view), dtype=np.bool_)
    if asked.cases:
        named = np.isin(view.run.case_ids, np.array(asked.cases, dtype=np.str_))
        chosen &= np.bincount(view.unit_of, weights=named, minlength=len(view)) > 0
    return chosen


def in_cell(view: UnitView, cell: Cell, threshold: float | Floats) -> Bools:
    """(u,) bool: the units in a cell of the confusion matrix."""
    positive = view.labels == 1
    if cell.startswith("unassessed"):
        return np.asarray(~view.assessed & (positive == (cell == "unassessed-positive")), dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        above = view.scores >= threshold
    right_side = (positive == (cell in ("tp", "fn"))) & (above == (cell in ("tp", "fp")))
    return np.asarray(view.assessed & right_side, dtype=np.bool_)


def attribute_of_units(view: UnitView, attributes: Attributes, name: str) -> Strings:
    """(u,) an attribute by unit; empty where unknown.

    A measurement is the mean over the unit's cases. Of anything else it is what the cases agree on, else "several".
    """
    values = attributes.aligned(name, view.run.case_ids) if name in attributes.columns else _known(view, name)
    numbers = measured(values)
    if numbers is not None:
        there = ~np.isnan(numbers)
        counts = np.bincount(view.unit_of, weights=there, minlength=len(view))
        sums = np.bincount(view.unit_of, weights=np.where(there, numbers, 0), minlength=len(view))
        return np.array([f"{a / k:.10g}" if k else "" for a, k in zip(sums, counts, strict=True)], dtype=np.str_)
    names, codes = np.unique(values, return_inverse=True)
    low = np.full(len(view), names.size, dtype=np.int64)
    high = np.full(len(view), -1, dtype=np.int64)
    np.minimum.at(low, view.unit_of, codes)
    np.maximum.at(high, view.unit_of, codes)
    return np.where(low == high, names[np.minimum(low, names.size - 1)], "several")


def _known(view: UnitView, name: str) -> Strings:
    """What the scores themselves say: organ and data set."""
    columns = {"organ": view.run.organs, "dataset": view.run.datasets}
    return columns.get(name, np.full(len(view.run), "", dtype=np.str_))
