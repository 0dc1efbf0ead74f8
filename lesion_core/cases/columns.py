"""Tables in CSV files: what each column may hold, read with every fault at once, written whole or not at all.

A row's number is the one a spreadsheet shows: the header is row 1. Files are UTF-8, comma-separated, and end with a
line break; one that does not is taken for half-written.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lesion_core.errors import InputError, TableError


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in the header.
        meaning: one line for the documentation.
        allowed: what it may hold, in words for the user.
        accepts: whether a non-empty cell is allowed.
        required: whether it may neither be empty nor left out.
    """

    name: str
    meaning: str
    allowed: str
    accepts: Callable[[str], bool]
    required: bool = False

    def problem(self, row: int, cell: str) -> str | None:
        """What is wrong with a cell, as a sentence; None when nothing is."""
        if not cell:
            return f"row {row}: {self.name} is empty, allowed is {self.allowed}" if self.required else None
        if not self.accepts(cell):
            return f"row {row}: {self.name} is {shown(cell)}, allowed is {self.allowed}"
        return None


@dataclass(frozen=True)
class Row:
    """A row as read: its number in the file and its cells by column, stripped, empty where the file has none."""

    number: int
    cells: Mapping[str, str]


def shown(cell: str) -> str:
    """A cell quoted for a message, at most 40 characters of it."""
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")


def one_of(*choices: str) -> Callable[[str], bool]:
    """A test that takes exactly these values."""
    return frozenset(choices).__contains__


def number_between(low: float, high: float) -> Callable[[str], bool]:
    """A test that takes a number from `low` to `high`, both included."""

    def accepts(cell: str) -> bool:
        try:
            return low <= float(cell) <= high
        except ValueError:
            return False

    return accepts


def any_text(cell: str) -> bool:
    """A test that takes anything on one line."""
    return not any(ord(character) < 32 for character in cell)


def read_rows(path: str | Path, columns: Sequence[Column]) -> tuple[list[Row], list[str]]:
    """Read a table and check each cell by itself.

    Args:
        path: the CSV file.
        columns: what it may hold; optional ones may be left out of the header.

    Returns:
        The rows that have the right number of cells, and every problem found in the order of the rows.

    Raises:
        InputError: the file cannot be opened or is no UTF-8 text.
        TableError: the header does not fit: nothing below it can be understood.
    """
    path = Path(path)
    header, records, problems = read_records(path)
    _check_header(path, header, columns)
    rows: list[Row] = []
    by_name = {column.name: column for column in columns}
    for number, record in records:
        cells = dict.fromkeys(by_name, "") | {name: cell.strip() for name, cell in zip(header, record, strict=True)}
        found = (by_name[name].problem(number, cells[name]) for name in by_name)
        problems.extend(problem for problem in found if problem)
        rows.append(Row(number, cells))
    return rows, sorted(problems, key=_row_of)


def checked_rows(path: str | Path, columns: Sequence[Column]) -> list[Row]:
    """Read a table whose cells only have to be right each by itself.

    Args:
        path: the CSV file.
        columns: what it may hold.

    Raises:
        InputError: the file cannot be opened or is no UTF-8 text.
        TableError: a header that does not fit, or bad rows, all of them listed.
    """
    rows, problems = read_rows(path, columns)
    if problems:
        raise TableError(str(path), problems)
    return rows


def problems_of(rows: Iterable[Row], columns: Sequence[Column]) -> list[str]:
    """What `read_rows` would say of the cells of rows that are to be written."""
    found = (column.problem(row.number, row.cells[column.name]) for row in rows for column in columns)
    return [problem for problem in found if problem]


def read_records(path: str | Path) -> tuple[list[str], list[tuple[int, list[str]]], list[str]]:
    """Read a CSV file as it stands, whatever its columns.

    Args:
        path: the CSV file.

    Returns:
        The header, stripped; (row number, cells) of each row that has as many cells, blank ones left out; and every
        problem found.

    Raises:
        InputError: the file cannot be opened or is no UTF-8 text.
        TableError: there is no header.
    """
    text = _read_text(Path(path))
    problems: list[str] = []
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        problems.append(f"row {len(records) + 1}: cannot be read ({error}): is the file half-written?")
    if not records:
        raise TableError(str(path), problems or ["the file is empty, expected a header row"])
    header = [name.strip() for name in records[0]]
    rows: list[tuple[int, list[str]]] = []
    for number, record in enumerate(records[1:], start=2):
        if len(record) == len(header):
            if "".join(record).strip():
                rows.append((number, record))
        elif "".join(record).strip():
            problems.append(
                f"row {number}: has {len(record)} cells, expected {len(header)} (is the file half-written?)"
            )
    if not text.endswith(("\n", "\r")):
        problems.append(
            f"row {len(records)}: the file ends in the middle of a line: write it again (or end it with a line break)"
        )
    return header, rows, problems


def read_header(path: str | Path) -> tuple[str, ...]:
    """The names of the columns alone, stripped.

    Raises:
        InputError: the file cannot be opened, its first line is no UTF-8 text, or it is empty.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            record: list[str] = next(csv.reader(file), [])
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text (byte {error.start}): save it as CSV UTF-8") from error
    except (OSError, csv.Error) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    if not record:
        raise InputError(f"{path}: the file is empty, expected a header row")
    return tuple(name.strip() for name in record)


def _row_of(problem: str) -> int:
    return int(problem.removeprefix("row ").partition(":")[0])


def write_rows(path: str | Path, columns: Sequence[Column], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a table whole or not at all: into a file beside it that then takes its name.

    Args:
        path: the CSV file; its folder is made when it is missing.
        columns: the header.
        rows: cells by column name; one that is missing is written empty.

    Raises:
        InputError: the file cannot be written.
    """
    write_text(path, rows_text(columns, rows))


def rows_text(columns: Sequence[Column], rows: Iterable[Mapping[str, str]]) -> str:
    """A table as it stands in a file.

    Args:
        columns: the header.
        rows: cells by column name; one that is missing is left empty.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [column.name for column in columns], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(row) for row in rows)
    return out.getvalue()


def write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 text file whole or not at all; when this returns, it is on the disk.

    Raises:
        InputError: the file cannot be written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        beside = sorted(each.name for each in path.parent.glob("*.csv")) if path.parent.is_dir() else []
        there = f"the folder has {', '.join(beside[:10])}" if beside else "the folder has no CSV file"
        raise InputError(f"no table at {path}: {there}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text (byte {error.start}): save it as CSV UTF-8") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _check_header(path: Path, header: Sequence[str], columns: Sequence[Column]) -> None:
    names = [column.name for column in columns]
    problems = [
        f"row 1: column {column.name!r} is missing"
        for column in columns
        if column.required and column.name not in header
    ]
    problems += [
        f"row 1: unknown column {name!r}, allowed are {', '.join(names)}" for name in header if name not in names
    ]
    problems += [f"row 1: column {name!r} stands twice" for name in names if header.count(name) > 1]
    if problems:
        raise TableError(str(path), problems)
