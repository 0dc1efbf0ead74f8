"""The paper's geometric augmentation: turns by quarter circles and a mirror image, exact to the last grey level.

Images are (height, width) or (height, width, channels), any dtype; rows point down. Angles are degrees,
counter-clockwise as seen on the screen. Every function returns a new contiguous array.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lesion_core.errors import InputError

Pixel = TypeVar("Pixel", bound=np.generic)


def rotate(pixels: NDArray[Pixel], degrees: int) -> NDArray[Pixel]:
    """Turn an image counter-clockwise about its centre (the paper, section 3.2: 90, 180 and 270 degrees).

    Pixels change places and keep their values, nothing is interpolated.

    Args:
        pixels: (height, width, ...).
        degrees: a multiple of 90; negative turns clockwise.

    Returns:
        The same pixels; height and width change places at 90 and 270 degrees.

    Raises:
        InputError: another angle, or fewer than two axes.

    Example:
        >>> rotate(np.array([[1, 2], [3, 4]]), 90).tolist()
        [[2, 4], [1, 3]]
    """
    quarters, rest = divmod(degrees, 90)
    if rest:
        raise InputError(f"only turns by multiples of 90 degrees are exact, got {degrees}")
    return np.rot90(_image(pixels), quarters).copy()


def mirror(pixels: NDArray[Pixel]) -> NDArray[Pixel]:
    """Mirror an image across its vertical axis: left and right change places.

    Args:
        pixels: (height, width, ...).

    Raises:
        InputError: fewer than two axes.

    Example:
        >>> mirror(np.array([[1, 2], [3, 4]])).tolist()
        [[2, 1], [4, 3]]
    """
    return _image(pixels)[:, ::-1].copy()


def _image(pixels: NDArray[Pixel]) -> NDArray[Pixel]:
    if pixels.ndim < 2:
        raise InputError(f"an image has at least two axes (height, width), got shape {pixels.shape}")
    return pixels
