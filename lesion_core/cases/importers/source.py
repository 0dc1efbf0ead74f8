"""What all importers share: options, what they hand over, a downloaded folder and its faults, reading pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.folds import Scheme
from lesion_core.cases.readings import Reading
from lesion_core.cases.table import Case
from lesion_core.errors import ImageError, InputError, TableError
from lesion_core.records import Border

#: Wraps a sequence while it is walked, to show progress; the text says what is walked.
Track = Callable[[Sequence[Any], str], Iterable[Any]]

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")


def quiet(items: Sequence[Any], text: str) -> Iterable[Any]:
    """A `Track` that shows nothing."""
    del text
    return items


@dataclass(frozen=True)
class Options:
    """What the user may choose; an importer refuses what it has no use for.

    Attributes:
        label: DDTI's label rule, "2015:4a|4b|4c|5" or "reread:4"; empty for the importer's default.
        organ: "breast" or "thyroid", for folders that do not say.
        label_source: where the labels come from, for folders that do not say.
        target: what label 1 means, for folders that do not say.
        split: "development" or "external"; empty for the importer's default.
        skip: leave out cases with faults and note them, instead of stopping.
    """

    label: str = ""
    organ: str = ""
    label_source: str = ""
    target: str = ""
    split: str = ""
    skip: bool = False


@dataclass(frozen=True)
class Lesion:
    """One imported row.

    Attributes:
        case: everything but its paths (`image` and `border` are empty).
        image: the picture's file, or (height, width) uint8 pixels for sets that are no files.
        border: in image pixels; None where the set has none.
    """

    case: Case
    image: Path | NDArray[np.uint8]
    border: Border | None


@dataclass(frozen=True)
class Imported:
    """What an importer found.

    Attributes:
        lesions: the rows.
        schemes: official folds.
        readings: categories that readers gave.
        notes: what was left out or repaired, with counts, in sentences.
    """

    lesions: tuple[Lesion, ...]
    schemes: tuple[Scheme, ...] = ()
    readings: tuple[Reading, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Faults:
    """Collects what is wrong with single cases, so that all of it is told at once."""

    found: list[str] = field(default_factory=list)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Take down an InputError raised inside as a fault of `name`."""
        try:
            yield
        except InputError as error:
            self.found.append(f"{name}: {error}")

    def settle(self, what: str, *, skip: bool) -> list[str]:
        """Stop if there are faults, or turn them into notes when they are to be skipped.

        Raises:
            TableError: there are faults and `skip` is False.
        """
        if self.found and not skip:
            raise TableError(f"{what} (--skip leaves such cases out)", self.found)
        return [f"Left out: {fault}" for fault in self.found]


def expect(root: Path, name: str, *parts: str) -> None:
    """Require files and folders (a trailing slash marks a folder) in a downloaded folder.

    Raises:
        InputError: lists what was expected and what was found.
    """
    if not root.is_dir():
        raise InputError(f"{root} is no folder: expected the {name} folder with {', '.join(parts)}")
    missing = [part for part in parts if not _is_there(root, part)]
    if missing:
        found = sorted(each.name + "/" * each.is_dir() for each in root.iterdir())
        more = f" and {len(found) - 12} more" if len(found) > 12 else ""
        raise InputError(
            f"{root} is no {name} folder: expected {', '.join(parts)}; missing {', '.join(missing)};"
            f" found {', '.join(found[:12]) + more if found else 'nothing'}"
        )


def _is_there(root: Path, part: str) -> bool:
    if part.endswith("/"):
        return (root / part).is_dir()
    return any(root.glob(part))


def beside(path: Path) -> Path:
    """The file, if it is there.

    Raises:
        InputError: it is missing; says what the folder has.
    """
    if not path.is_file():
        count = sum(1 for _ in path.parent.iterdir()) if path.parent.is_dir() else 0
        raise InputError(f"no {path.name} in {path.parent.name}/ ({count} files there)")
    return path


def read_grey(path: Path) -> NDArray[np.uint8]:
    """Decode a picture or mask completely, as (height, width) uint8, 0-255.

    Raises:
        InputError: there is no such file.
        ImageError: it cannot be decoded.
    """
    return np.asarray(_opened(path).convert("L"))


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """Decode a picture completely, as (height, width, 3) uint8, 0-255, RGB.

    Raises:
        InputError: there is no such file.
        ImageError: it cannot be decoded.
    """
    return np.asarray(_opened(path).convert("RGB"))


def read_size(path: Path) -> tuple[int, int]:
    """Decode a picture completely and tell its (height, width).

    Raises:
        InputError: there is no such file.
        ImageError: it cannot be decoded.
    """
    width, height = _opened(path).size
    return height, width


def _opened(path: Path) -> Any:
    from PIL import Image, ImageOps

    try:
        with Image.open(beside(path)) as image:
            image.load()
            return ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, InputError):
            raise
        raise ImageError(f"{path.name} cannot be read as a picture ({error})") from error


def mask_of(path: Path, size: tuple[int, int], *, threshold: int = 127) -> NDArray[np.bool_]:
    """Read a mask: lesion where it is brighter than the threshold.

    Args:
        path: the mask file.
        size: (height, width) of the image it belongs to.
        threshold: 0-254.

    Raises:
        InputError: missing, or of another size than its image.
        ImageError: it cannot be decoded.
    """
    mask = read_grey(path)
    if mask.shape != size:
        raise InputError(
            f"mask {path.name} is {mask.shape[1]} x {mask.shape[0]} px, its image {size[1]} x {size[0]} px:"
            " they must be equal"
        )
    lesion: NDArray[np.bool_] = mask > threshold
    return lesion


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
