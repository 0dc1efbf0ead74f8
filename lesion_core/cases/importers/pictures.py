"""Pictures and masks of a data set, decoded completely, so that a damaged one is found while importing.

A picture is turned upright as its EXIF entry says, as `imaging.read` does. Sizes are (height, width).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.importers.source import beside
from lesion_core.errors import ImageError, InputError


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
