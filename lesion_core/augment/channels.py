"""An image and its different channels: a grey RGB image has three equal ones, and each is worked on once.

Images are (height, width, 3), RGB; channels are (height, width).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lesion_core.errors import ImageError

Pixels = NDArray[np.uint8] | NDArray[np.floating]


def distinct_channels(
    pixels: Pixels,
) -> tuple[list[Pixels], tuple[int, ...]]:
    """Split an image into its different channels; a grey image has one.

    Args:
        pixels: (height, width, 3), real and finite.

    Returns:
        The different channels, (height, width) each and contiguous; and for red, green and blue which one it is.

    Raises:
        ImageError: another shape, an empty image, NaN or infinity.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ImageError(f"an image here is (height, width, 3), RGB, got shape {pixels.shape}")
    if pixels.size == 0:
        raise ImageError(f"the image has no pixels: its shape is {pixels.shape}")
    whole = pixels.dtype.kind in "ui"
    if not whole and (pixels.dtype.kind != "f" or not np.isfinite(pixels).all()):
        raise ImageError("an image must hold real finite numbers, got NaN, infinity or another type")
    planes: list[Pixels] = []
    channel_of = []
    for plane in np.ascontiguousarray(np.moveaxis(pixels, -1, 0)):
        same = (index for index, known in enumerate(planes) if np.array_equal(known, plane))
        index = next(same, len(planes))
        if index == len(planes):
            planes.append(plane)
        channel_of.append(index)
    return planes, tuple(channel_of)


def stack_channels(
    pictures: Sequence[Sequence[NDArray[np.uint8]]], channel_of: tuple[int, ...]
) -> tuple[NDArray[np.uint8], ...]:
    """Undo `distinct_channels`: pictures[distinct channel][ratio], (height, width) each, to one RGB image per ratio."""
    images = []
    for planes in zip(*pictures, strict=True):
        image = np.empty((*planes[0].shape, len(channel_of)), np.uint8)
        for channel, index in enumerate(channel_of):
            image[..., channel] = planes[index]
        images.append(image)
    return tuple(images)


def to_pixels(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Round to the nearest grey level and limit to 0-255."""
    rounded: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded
