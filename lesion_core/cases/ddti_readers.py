"""The three outlines of DDTI's re-reading, by a radiologist and two residents: how far they agree, image by image.

Measured on whole masks with all their parts. Where one reader outlined other nodules than another, that is in the
figures too: it is disagreement. ``ddti_agreement.csv`` beside this file holds the figures measured on the published
masks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from lesion_core.cases.agreement import Agreement, compare_masks
from lesion_core.cases.columns import Column, any_text, checked_rows, number_between, write_rows
from lesion_core.cases.importers.pictures import mask_of, read_size
from lesion_core.cases.importers.source import expect
from lesion_core.imaging.border import border_from_mask
from lesion_core.records import Border

#: folder of the masks -> name of the reader
READERS = {"radiologist": "radiologist", "resident1": "resident 1", "resident2": "resident 2"}
#: What the set's folder must hold.
MASKS = tuple(f"reread_2023/masks_{reader}/" for reader in READERS)
MEASURED = Path(__file__).with_name("ddti_agreement.csv")

COLUMNS = (
    Column("image", "image of DDTI", "text on one line", any_text, required=True),
    Column("first", "reader", "text on one line", any_text, required=True),
    Column("second", "reader", "text on one line", any_text, required=True),
    Column("dice", "overlap", "a number from 0 to 1", number_between(0, 1), required=True),
    Column("hausdorff_px", "largest distance", "pixels", number_between(0, 1e6), required=True),
    Column("mean_px", "mean distance", "pixels", number_between(0, 1e6), required=True),
    Column("area_ratio", "area of the second over the first", "a number", number_between(0, 1e6), required=True),
)


@dataclass(frozen=True)
class ReaderPair:
    """Two readers' outlines of one image.

    Attributes:
        image: "N_M"; N is the case.
        first: name of a reader.
        second: name of another.
        agreement: of their masks.
    """

    image: str
    first: str
    second: str
    agreement: Agreement


def compare_readers(
    source: Path, track: Callable[[Sequence[Any], str], Iterable[Any]] = lambda items, text: items
) -> list[ReaderPair]:
    """Compare the masks of every image that at least two readers outlined.

    Args:
        source: the DDTI folder with ``reread_2023``.
        track: shows progress.

    Raises:
        InputError: no such folder, masks of different sizes, or an empty mask.
    """
    expect(source, "DDTI", *MASKS)
    pairs = []
    for image, files in track(_masks(source), "DDTI masks"):
        masks = {name: mask_of(path, read_size(path)) for name, path in files.items()}
        pairs += [
            ReaderPair(image, first, second, compare_masks(masks[first], masks[second]))
            for first, second in combinations(masks, 2)
        ]
    return pairs


@dataclass(frozen=True)
class OutlinedImage:
    """An image of the re-reading with the borders of at least two readers.

    Attributes:
        name: "N_M"; N is the case.
        path: the image file.
        borders: reader -> outline of the largest part of the mask, as the importer takes it.
    """

    name: str
    path: Path
    borders: Mapping[str, Border]

    @property
    def patient_id(self) -> str:
        """As the importer names the case."""
        return f"ddti-{self.name.partition('_')[0]}"


def outlined_images(
    source: Path, track: Callable[[Sequence[Any], str], Iterable[Any]] = lambda items, text: items
) -> list[OutlinedImage]:
    """Every image of the set that at least two readers outlined; masks of images that are not there are left out.

    Args:
        source: the DDTI folder with ``reread_2023``.
        track: shows progress.

    Raises:
        InputError: no such folder, a mask of another size than its image, or an empty mask.
    """
    expect(source, "DDTI", "*_*.jpg", *MASKS)
    found = []
    for image, masks in track(_masks(source), "DDTI masks"):
        path = source / f"{image}.jpg"
        if len(masks) > 1 and path.is_file():
            size = read_size(path)
            borders = {name: border_from_mask(mask_of(mask, size)) for name, mask in masks.items()}
            found.append(OutlinedImage(image, path, borders))
    return found


def read_pairs(path: str | Path = MEASURED) -> tuple[ReaderPair, ...]:
    """Read measured figures.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows, all of them listed.
    """
    rows = checked_rows(path, COLUMNS)
    measures = ("dice", "hausdorff_px", "mean_px", "area_ratio")
    return tuple(
        ReaderPair(
            row.cells["image"],
            row.cells["first"],
            row.cells["second"],
            Agreement(*(float(row.cells[name]) for name in measures)),
        )
        for row in rows
    )


def write_pairs(pairs: Iterable[ReaderPair], path: str | Path) -> None:
    """Write measured figures whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    rows = (
        {
            "image": each.image,
            "first": each.first,
            "second": each.second,
            "dice": f"{each.agreement.dice:.4f}",
            "hausdorff_px": f"{each.agreement.hausdorff_px:.2f}",
            "mean_px": f"{each.agreement.mean_px:.2f}",
            "area_ratio": f"{each.agreement.area_ratio:.4f}",
        }
        for each in pairs
    )
    write_rows(path, COLUMNS, rows)


def _masks(source: Path) -> list[tuple[str, dict[str, Path]]]:
    """(image, reader -> file of the mask) of every image that a reader outlined, by number."""
    folders = {name: source / "reread_2023" / f"masks_{reader}" for reader, name in READERS.items()}
    images = sorted({path.stem for folder in folders.values() for path in folder.glob("*.png")}, key=_by_number)
    files = {image: {name: folder / f"{image}.png" for name, folder in folders.items()} for image in images}
    return [(image, {name: file for name, file in own.items() if file.is_file()}) for image, own in files.items()]


def _by_number(name: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else -1 for part in name.split("_"))
