"""Case tables that somebody else wrote: their files must lie where that person's files are, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lesion_core.cases.table import CaseTable, read_numbered_cases
from lesion_core.errors import TableError


def read_cases_inside(
    path: str | Path, *, root: Path, folder: Path | None = None, what: str = "the table"
) -> CaseTable:
    """Read a table whose images and borders all lie inside a folder; nothing outside it is even looked for.

    Args:
        path: the table.
        root: of the files that may be read. Links are followed before the place is judged.
        folder: that the paths in the table start from; None for the table's own.
        what: the table, in messages.

    Raises:
        InputError: the table cannot be opened.
        TableError: bad rows, or files that are missing or lie outside; all of them are listed.
    """
    table, numbers = read_numbered_cases(path, check_files=False)
    if folder is not None:
        table = replace(table, folder=folder)
    problems = [
        f"row {number}: {column} is {name!r}, {problem}"
        for number, case in zip(numbers, table.cases, strict=True)
        for column, name in (("image", case.image), ("border", case.border))
        if name and (problem := _problem(table.folder / name, root))
    ]
    if problems:
        raise TableError(what, problems)
    return table


def _problem(path: Path, root: Path) -> str:
    try:
        place = path.resolve()
        if not place.is_relative_to(root.resolve()):
            return "which leaves the folder for pictures: give a path inside it"
        return "" if place.is_file() else "no such file in the folder for pictures"
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, links in a circle
        return "which is no path: give one inside the folder for pictures"
