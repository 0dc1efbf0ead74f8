"""From an image and a border to the network's input: the one function that training and serving share.

Its numbers (`InputSpec`) live in the model's card. Points and angles as in `border`; sizes are (height, width).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesion_core.errors import BorderError
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.records import Border, Quad, Roi, RoiRule


@dataclass(frozen=True)
class InputSpec:
    """How an image and a border become the network's input.

    Attributes:
        rule: "min-area": the minimum-area rectangle turned upright, squashed to `size` (the paper's rule);
            "upright": the border's box in image axes, its proportions kept by padding to a square, so that neither
            proportions nor directions change.
        margin: added on every side, as a share of the rectangle's or box's width (left and right) and height (above and
            below); 0 for the paper's rule.
        padding: grey value of what is padded, and of what lies outside the image, 0-255.
        size: (height, width) of the input.
        mean: per RGB channel, of values scaled to 0-1.
        sd: per RGB channel, likewise.
    """

    rule: RoiRule = "upright"
    margin: float = 0.15
    padding: int = 0
    size: tuple[int, int] = (224, 224)
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    sd: tuple[float, float, float] = (0.229, 0.224, 0.225)


def prepare(image: NDArray[np.uint8], border: Border, spec: InputSpec) -> Roi:
    """Cut the RoI and resize it with bicubic interpolation.

    Args:
        image: (height, width, 3) uint8, RGB.
        border: a validated border in this image.
        spec: the model's rule.

    Returns:
        The RoI, `spec.size` x 3 uint8, with the area it covers in the image.

    Raises:
        BorderError: unknown rule.
    """
    corners, native = roi_area(border, spec)
    region = _cut(image, corners, native, spec.padding)
    height, width = spec.size
    if spec.rule == "upright":
        scale = min(height / native[0], width / native[1])
        fitted = max(1, round(native[1] * scale)), max(1, round(native[0] * scale))
        canvas = Image.new("RGB", (width, height), (spec.padding,) * 3)
        canvas.paste(
            region.resize(fitted, Image.Resampling.BICUBIC), ((width - fitted[0]) // 2, (height - fitted[1]) // 2)
        )
    else:
        canvas = region.resize((width, height), Image.Resampling.BICUBIC)
    return Roi(np.array(canvas, dtype=np.uint8), corners, spec.rule, spec.margin)


def roi_area(border: Border, spec: InputSpec) -> tuple[Quad, tuple[int, int]]:
    """The area of the image that a rule feeds to the network.

    Returns:
        Its corners (top left first, clockwise on the screen; they may lie outside the image), and its size in whole
        image pixels (height, width).
    """
    if spec.rule == "min-area":
        box = np.array(minimum_area_rectangle(border).corners)
    elif spec.rule == "upright":
        points = np.asarray(border.points)
        (left, top), (right_end, bottom) = points.min(axis=0), points.max(axis=0)
        box = np.array([(left, top), (right_end, top), (right_end, bottom), (left, bottom)])
    else:
        raise BorderError(f"unknown RoI rule {spec.rule!r}: it must be min-area or upright")
    right, down = box[1] - box[0], box[3] - box[0]
    origin = box[0] - spec.margin * (right + down)
    right, down = right * (1 + 2 * spec.margin), down * (1 + 2 * spec.margin)
    quad = [origin, origin + right, origin + right + down, origin + down]
    corners: Quad = tuple((float(x), float(y)) for x, y in quad)  # type: ignore[assignment]  # four of them by construction
    return corners, (max(1, round(math.hypot(*down))), max(1, round(math.hypot(*right))))


def network_input(pixels: NDArray[np.uint8], spec: InputSpec) -> NDArray[np.float32]:
    """Scale to 0-1 and standardise, channels first.

    Args:
        pixels: (..., height, width, 3) uint8, RGB, 0-255.
        spec: the model's mean and SD.

    Returns:
        (..., 3, height, width) float32.
    """
    scaled = pixels.astype(np.float32) / np.float32(255)
    standardised = (scaled - np.array(spec.mean, np.float32)) / np.array(spec.sd, np.float32)
    return np.ascontiguousarray(np.moveaxis(standardised, -1, -3))


def _cut(image: NDArray[np.uint8], corners: Quad, native: tuple[int, int], padding: int) -> Image.Image:
    """Sample the area at the image's own resolution, bicubic, `padding` outside the image."""
    height, width = native
    top_left, top_right, _, bottom_left = (np.array(corner) for corner in corners)
    # Pillow maps the centre (x + 0.5, y + 0.5) of each output pixel through this affine to image coordinates.
    step_right, step_down = (top_right - top_left) / width, (bottom_left - top_left) / height
    affine = (step_right[0], step_down[0], top_left[0], step_right[1], step_down[1], top_left[1])
    source = Image.fromarray(np.ascontiguousarray(image))
    return source.transform(
        (width, height), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC, fillcolor=(padding,) * 3
    )
