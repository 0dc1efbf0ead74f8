"""The tables that come with a data set: CSV files of its own making and xlsx sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from lesion_core.cases.importers.source import beside
from lesion_core.errors import InputError, TableError


def read_table(path: Path, columns: Sequence[str], *, delimiter: str = ",") -> list[dict[str, str]]:
    """Read a data set's own CSV.

    Raises:
        InputError: no such file, no UTF-8 text, or columns missing.
        TableError: rows with too few or too many cells.
    """
    try:
        text = beside(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text (byte {error.start})") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [name.strip() for name in next(reader, [])]
    _require(path, header, columns)
    rows = [row for row in reader if row]
    bad = [
        f"row {number}: has {len(row)} cells, expected {len(header)} (is the file half-written?)"
        for number, row in enumerate(rows, start=2)
        if len(row) != len(header)
    ]
    if bad:
        raise TableError(str(path), bad)
    return [dict(zip(header, (cell.strip() for cell in row), strict=True)) for row in rows]


def read_sheet(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read the first sheet of an xlsx file that has the columns; cells as text, empty where there is nothing.

    Raises:
        InputError: no readable xlsx, or no sheet with these columns.
    """
    import warnings
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl tells of styles that it does not know
            book = load_workbook(beside(path), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError) as error:
        raise InputError(f"{path} is no readable xlsx file ({error})") from error
    header: list[str] = []
    try:
        for sheet in book.worksheets:
            lines = sheet.iter_rows(values_only=True)
            header = [_text(cell) for cell in next(lines, ())]
            if set(columns) <= set(header):
                table = [dict(zip(header, (_text(cell) for cell in line), strict=False)) for line in lines]
                return [row for row in table if any(row.values())]
    finally:
        book.close()
    _require(path, header, columns)
    return []


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _require(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    if missing:
        raise InputError(
            f"{path}: expected the columns {', '.join(columns)}; missing {', '.join(missing)};"
            f" found {', '.join(header) or 'nothing'}"
        )
