"""What is known of the cases beside label and score: machine, plane, category, histology, size ... for subgroups.

They come from a cases.csv, from a small table beside the scores (`case_id` and one column for each attribute), or from
the further columns of an upload. A column whose every entry is a number and that has more than `MOST_LEVELS` different
ones is cut at its thirds; every other column is taken as it stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.columns import Column, any_text, read_records, write_rows
from lesion_core.cases.table import Case
from lesion_core.errors import TableError

UNKNOWN = "not stated"
MOST_LEVELS = 12
#: Column -> its name on screen; others are shown as they are called.
TITLES = {
    "organ": "Organ",
    "dataset": "Data set",
    "machine": "Machine",
    "plane": "Plane",
    "rads": "Category of the reader",
    "histology": "Histology",
    "location": "Location",
    "sex": "Sex",
    "age": "Age, years",
    "label_source": "Label source",
    "area_px": "Lesion area, px",
    "height_px": "Lesion height, px",
    "width_px": "Lesion width, px",
    "height_to_width": "Height / width",
    "circularity": "Circularity",
    "calipers": "Calipers near the border",
}
_LEADING_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FROM_CASES = ("organ", "dataset", "machine", "plane", "rads", "location", "sex", "age", "label_source")
OTHER = "other"


@dataclass(frozen=True, eq=False)
class Attributes:
    """Attributes by case.

    Attributes:
        case_ids: (m,) the cases that something is known of.
        columns: attribute -> (m,) text, empty where unknown.
        source: where they come from, one sentence; empty when there are none.
    """

    case_ids: NDArray[np.str_]
    columns: Mapping[str, NDArray[np.str_]]
    source: str = ""

    @cached_property
    def position(self) -> dict[str, int]:
        """Case id -> row."""
        return {case_id: row for row, case_id in enumerate(self.case_ids.tolist())}

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes that say anything, in order."""
        return tuple(name for name, column in self.columns.items() if (column != "").any())

    def of(self, case_id: str) -> tuple[tuple[str, str], ...]:
        """(title, text) of everything known of a case."""
        row = self.position.get(case_id)
        if row is None:
            return ()
        return tuple((title_of(name), str(self.columns[name][row])) for name in self.names if self.columns[name][row])

    def aligned(self, name: str, case_ids: Sequence[str] | NDArray[np.str_]) -> NDArray[np.str_]:
        """An attribute in the order of other cases.

        Args:
            name: the attribute.
            case_ids: n cases.

        Returns:
            (n,) text, empty where unknown.
        """
        column = self.columns[name]
        rows = np.array([self.position.get(str(case_id), -1) for case_id in case_ids], dtype=np.int64)
        return np.where(rows >= 0, column[rows], "") if column.size else np.full(rows.size, "", dtype=np.str_)


NONE = Attributes(np.array([], dtype=np.str_), {})


def title_of(name: str) -> str:
    """An attribute's name on screen."""
    return TITLES.get(name, name)


def attributes_of_cases(cases: Sequence[Case], *, source: str) -> Attributes:
    """The attributes that a cases.csv holds; the notes of a proven case are its histology.

    Args:
        cases: the rows.
        source: one sentence on where they come from.
    """
    columns = {name: np.array([_text(getattr(case, name)) for case in cases], dtype=np.str_) for name in _FROM_CASES}
    proven = [case.notes if case.label_source in ("histopathology", "cytology") else "" for case in cases]
    columns["histology"] = np.array(proven, dtype=np.str_)
    return Attributes(np.array([case.case_id for case in cases], dtype=np.str_), columns, source)


def read_attributes(path: Path, *, source: str) -> Attributes:
    """Read a small table: `case_id` and one column for each attribute.

    Args:
        path: the CSV file.
        source: one sentence on where it comes from.

    Raises:
        InputError: the file cannot be opened.
        TableError: no column `case_id`, or rows that cannot be read.
    """
    header, records, problems = read_records(path)
    if "case_id" not in header or problems:
        raise TableError(str(path), problems or ["row 1: column 'case_id' is missing"])
    texts = zip(*(row for _, row in records), strict=True)
    columns = {name: np.array(column, dtype=np.str_) for name, column in zip(header, texts, strict=False)}
    return Attributes(columns.pop("case_id", np.array([], dtype=np.str_)), columns, source)


def write_attributes(known: Attributes, path: Path) -> None:
    """Write such a table whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    columns = [Column(name, title_of(name), "text on one line", any_text) for name in ("case_id", *known.names)]
    cells = [known.case_ids, *(known.columns[name] for name in known.names)]
    rows = zip(*(column.tolist() for column in cells), strict=True)
    write_rows(path, columns, ({c.name: text for c, text in zip(columns, row, strict=True)} for row in rows))


def merged(first: Attributes, second: Attributes) -> Attributes:
    """Both together; where both know something of a case, the first one holds."""
    ids = np.array(list(dict.fromkeys([*first.case_ids.tolist(), *second.case_ids.tolist()])), dtype=np.str_)
    columns = {}
    for name in dict.fromkeys([*first.columns, *second.columns]):
        parts = [each.aligned(name, ids) for each in (first, second) if name in each.columns]
        columns[name] = parts[0] if len(parts) == 1 else np.where(parts[0] != "", parts[0], parts[1])
    return Attributes(ids, columns, " ".join(filter(None, dict.fromkeys([first.source, second.source]))))


def levels_of(values: NDArray[np.str_]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The subgroups of an attribute, in order, and which one each entry belongs to.

    Args:
        values: (n,) text, empty where unknown.

    Returns:
        Names of the levels (unknown last, as "not stated") and (n,) int64 positions in them.
    """
    known = values != ""
    numbers = _numbers(values[known])
    distinct = np.unique(values[known])
    if numbers is not None and distinct.size > MOST_LEVELS:
        names, codes = _thirds(numbers)
    else:
        values = _common(values, distinct)
        order = sorted(set(values[known].tolist()) - {OTHER}, key=_natural)
        order += [OTHER] if OTHER in values else []
        place = {name: at for at, name in enumerate(order)}
        names, codes = tuple(order), np.array([place[each] for each in values[known].tolist()], dtype=np.int64)
    level = np.full(values.size, len(names), dtype=np.int64)
    level[known] = codes
    return (names, level) if known.all() else ((*names, UNKNOWN), level)


def _common(values: NDArray[np.str_], distinct: NDArray[np.str_]) -> NDArray[np.str_]:
    """The values with the rarest ones put together where there are too many to read."""
    if distinct.size <= MOST_LEVELS:
        return values
    names, counts = np.unique(values[values != ""], return_counts=True)
    kept = names[np.argsort(-counts, kind="stable")[: MOST_LEVELS - 1]]
    return np.where((values == "") | np.isin(values, kept), values, OTHER)


def _thirds(numbers: NDArray[np.float64]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    low, high = (float(cut) for cut in np.quantile(numbers, [1 / 3, 2 / 3]))
    shown_low, shown_high = (f"{float(f'{cut:.4g}'):.10g}" for cut in (low, high))  # 11890, not 1.189e+04
    names = (f"up to {shown_low}", f"{shown_low} to {shown_high}", f"above {shown_high}")
    return names, np.searchsorted([low, high], numbers, side="left").astype(np.int64)


def measured(values: NDArray[np.str_]) -> NDArray[np.float64] | None:
    """The values as numbers, NaN where unknown, where `levels_of` would cut them at their thirds; None otherwise.

    Args:
        values: (n,) text, empty where unknown.
    """
    known = values != ""
    numbers = _numbers(values[known])
    if numbers is None or np.unique(values[known]).size <= MOST_LEVELS:
        return None
    found = np.full(values.size, math.nan)
    found[known] = numbers
    return found


def _numbers(values: NDArray[np.str_]) -> NDArray[np.float64] | None:
    try:
        return values.astype(np.float64)
    except ValueError:
        return None


def _natural(name: str) -> tuple[float, str]:
    """The number that a name begins with, then the name: 3, 4a, 4b, 10."""
    head = _LEADING_NUMBER.match(name)
    return (float(head.group()) if head else math.inf), name.casefold()


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
