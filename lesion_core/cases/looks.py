"""What the search for duplicates sees of a picture: a small grey square of it, two hashes, its size.

Pictures are squeezed to squares, so that places in them are shares of width and height and a resized copy looks the
same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.importers.pictures import read_grey
from lesion_core.errors import InputError

#: Side of the square in pixels: fine enough that speckle tells one picture from another view of the same lesion.
SIDE = 192


@dataclass(frozen=True)
class Look:
    """A picture as the search sees it.

    Attributes:
        square: (SIDE, SIDE) uint8, 0-255, the whole picture in grey, squeezed.
        digest: hash of all grey pixels and the size: equal only for pictures that are identical pixel by pixel.
        phash: perceptual hash of the picture as it is and mirrored left to right, each 64 bits.
        size: (height, width) in pixels.
    """

    square: NDArray[np.uint8]
    digest: str
    phash: tuple[int, int]
    size: tuple[int, int]


def look_at(pixels: NDArray[np.uint8]) -> Look:
    """See a decoded picture.

    Args:
        pixels: (height, width) uint8, 0-255.
    """
    import imagehash
    from PIL import Image

    height, width = pixels.shape
    image = Image.fromarray(pixels)
    shrink = min(height, width) > SIDE
    square = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX if shrink else Image.Resampling.BILINEAR))
    digest = hashlib.sha256(f"{height}x{width}".encode() + pixels.tobytes()).hexdigest()
    hashes = (int(str(imagehash.phash(Image.fromarray(each))), 16) for each in (square, square[:, ::-1]))
    first, mirrored = hashes
    return Look(square, digest, (first, mirrored), (height, width))


def look_at_files(paths: Sequence[Path], *, workers: int = 2) -> Iterable[Look | InputError]:
    """See many files, in order; one that cannot be read gives its error instead.

    Args:
        paths: pictures.
        workers: threads; decoding lets go of Python's lock.
    """
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(_look_or_error, paths)


def _look_or_error(path: Path) -> Look | InputError:
    try:
        return look_at(read_grey(path))
    except InputError as error:
        return error
