"""folds.csv: which fold each case belongs to, under one or more named schemes, beside cases.csv.

A scheme is one division into folds: an official one ("busbra-5") or one made here. `level` says by what it was
divided: an image-level division of grouped cases leaks and marks every result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lesion_core.cases.columns import Column, any_text, one_of, read_rows, shown, write_rows
from lesion_core.errors import InputError, TableError

Level = Literal["patient", "image"]


def _is_fold(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and 1 <= int(cell) <= 1000


COLUMNS = (
    Column("case_id", "a case of cases.csv", "text on one line", any_text, required=True),
    Column("scheme", "name of the division", "text on one line", any_text, required=True),
    Column("fold", "fold in which the case is tested", "a whole number from 1 to 1000", _is_fold, required=True),
    Column("level", "what was kept together", "patient or image", one_of("patient", "image")),
)


@dataclass(frozen=True)
class Scheme:
    """One division of cases into folds.

    Attributes:
        name: e.g. "busbra-5".
        fold: case_id -> fold, counted from 1.
        level: "patient" (patients, lesions and duplicate groups kept together) or "image" (not kept together).
    """

    name: str
    fold: Mapping[str, int]
    level: Level = "patient"

    @property
    def folds(self) -> tuple[int, ...]:
        """The fold numbers that occur, ascending."""
        return tuple(sorted(set(self.fold.values())))


def read_folds(path: str | Path) -> dict[str, Scheme]:
    """Read a folds.csv.

    Returns:
        The schemes by name.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows, all of them listed.
    """
    rows, problems = read_rows(path, COLUMNS)
    fold: dict[str, dict[str, int]] = {}
    level: dict[str, Level] = {}
    bad = {int(problem.removeprefix("row ").partition(":")[0]) for problem in problems}
    for row in (each for each in rows if each.number not in bad):
        name, case_id = row.cells["scheme"], row.cells["case_id"]
        if case_id in fold.setdefault(name, {}):
            problems.append(f"row {row.number}: case_id is {shown(case_id)}, allowed once in scheme {shown(name)}")
        fold[name][case_id] = int(row.cells["fold"])
        here: Level = "image" if row.cells["level"] == "image" else "patient"
        if level.setdefault(name, here) != here:
            problems.append(f"row {row.number}: level is {here}, but scheme {shown(name)} began with {level[name]}")
    if problems:
        raise TableError(str(path), problems)
    return {name: Scheme(name, fold[name], level[name]) for name in fold}


def read_scheme(path: str | Path, name: str) -> Scheme:
    """Read one scheme of a folds.csv.

    Raises:
        InputError: no such scheme; those there are named.
        TableError: bad rows.
    """
    schemes = read_folds(path)
    if name not in schemes:
        raise InputError(f"no scheme {name!r} in {path}: it has {', '.join(sorted(schemes)) or 'none'}")
    return schemes[name]


def write_folds(schemes: Iterable[Scheme], path: str | Path) -> None:
    """Write schemes whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    rows = (
        {"case_id": case_id, "scheme": scheme.name, "fold": str(fold), "level": scheme.level}
        for scheme in schemes
        for case_id, fold in scheme.fold.items()
    )
    write_rows(path, COLUMNS, rows)
