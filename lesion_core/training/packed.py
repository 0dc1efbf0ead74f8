"""What a pack keeps of each case beside its crop, and reading one back.

A packed table is an ordinary ``cases.csv`` whose images are crops (lossless WebP) and whose borders lie together in
``pack.npz``: validated borders in the coordinates of the whole image, exact to the bit, and where each crop was cut.
A crop is put back where it was on a black image of the old size, so that an RoI from a pack is the RoI from the file.
"""

from __future__ import annotations

import functools
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.errors import InputError
from lesion_core.imaging.limits import check_size
from lesion_core.imaging.read import read_image
from lesion_core.records import Border

PACK_FILE = "pack.npz"


@dataclass(frozen=True)
class Outlines:
    """The content of ``pack.npz``, one entry for each of n cases.

    Attributes:
        case_ids: (n,) text.
        sizes: (n, 2) int64: height and width of the whole image.
        crops: (n, 4) int64: left, top, right, bottom of the crop in the image.
        counts: (n,) int64: points of each border.
        points: (sum of counts, 2) float64: x and y of all borders one after another, in the whole image.
    """

    case_ids: NDArray[np.str_]
    sizes: NDArray[np.int64]
    crops: NDArray[np.int64]
    counts: NDArray[np.int64]
    points: NDArray[np.float64]

    @functools.cached_property
    def position(self) -> dict[str, int]:
        """Number of the entry by case_id."""
        return {str(case_id): number for number, case_id in enumerate(self.case_ids)}

    @functools.cached_property
    def starts(self) -> NDArray[np.int64]:
        """(n,) int64: where each border's points begin."""
        starts: NDArray[np.int64] = np.cumsum(self.counts) - self.counts
        return starts


@dataclass(frozen=True)
class PackedCase:
    """A case from a pack.

    Attributes:
        pixels: (height, width, 3) uint8, RGB, of the size of the whole image, black outside the crop.
        border: in the whole image.
        crop: left, top, right, bottom.
    """

    pixels: NDArray[np.uint8]
    border: Border
    crop: tuple[int, int, int, int]


def write_outlines(outlines: Outlines, file: Path) -> None:
    """Write ``pack.npz``."""
    with file.open("wb") as stream:
        np.savez_compressed(
            stream,
            case_ids=outlines.case_ids,
            sizes=outlines.sizes,
            crops=outlines.crops,
            counts=outlines.counts,
            points=outlines.points,
        )


def read_outlines(file: Path) -> Outlines:
    """Read and check ``pack.npz``; kept in memory, for every case of a table asks.

    Raises:
        InputError: missing, damaged, or entries that do not fit together.
    """
    try:
        changed = file.stat().st_mtime_ns
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error}): make the pack again") from error
    return _read_outlines(file, changed)


def read_packed(file: Path, crop_file: Path, case_id: str) -> PackedCase:
    """Put a crop back where it was in its image.

    Args:
        file: ``pack.npz``.
        crop_file: the crop.
        case_id: whose.

    Raises:
        InputError: no such case in the pack, or files that are damaged or do not fit together.
    """
    outlines = read_outlines(file)
    if case_id not in outlines.position:
        raise InputError(f"{file} has no case {case_id!r}: make the pack again")
    number = outlines.position[case_id]
    height, width = (int(each) for each in outlines.sizes[number])
    left, top, right, bottom = crop = tuple(int(each) for each in outlines.crops[number])
    check_size(height, width)
    pixels = read_image(crop_file).pixels
    if not (0 <= left < right <= width and 0 <= top < bottom <= height) or pixels.shape[:2] != (
        bottom - top,
        right - left,
    ):
        raise InputError(f"{crop_file} does not fit its place in {file}: make the pack again")
    whole = np.zeros((height, width, 3), dtype=np.uint8)
    whole[top:bottom, left:right] = pixels
    start = int(outlines.starts[number])
    points = outlines.points[start : start + int(outlines.counts[number])]
    return PackedCase(whole, Border(tuple((float(x), float(y)) for x, y in points)), crop)  # type: ignore[arg-type]  # four of them


@functools.lru_cache(maxsize=8)
def _read_outlines(file: Path, changed: int) -> Outlines:
    """`changed` tells a new pack of the same name from an old one."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            outlines = Outlines(
                stored["case_ids"], stored["sizes"], stored["crops"], stored["counts"], stored["points"]
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{file} is damaged ({error}): make the pack again") from error
    n = len(outlines.case_ids)
    shapes = (outlines.sizes.shape, outlines.crops.shape, outlines.counts.shape, outlines.points.shape)
    if shapes != ((n, 2), (n, 4), (n,), (int(outlines.counts.sum()), 2)) or not np.isfinite(outlines.points).all():
        raise InputError(f"{file} is damaged (its parts do not fit together): make the pack again")
    return outlines
