"""A small picture of a lesion with its border and the area fed to the network, for lists."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lesion_core.records import Border, Quad

AROUND = 0.12
BORDER, AREA, SHADOW = (255, 255, 255), (250, 204, 21), (0, 0, 0)


def thumbnail(pixels: NDArray[np.uint8], border: Border, area: Quad, *, side: int = 240) -> NDArray[np.uint8]:
    """Cut out the fed area with some of its surroundings; the border is drawn solid, the area in dashes.

    Args:
        pixels: (height, width, 3) uint8, RGB.
        border: in image pixels.
        area: corners of what is fed to the network, in image pixels; it may reach beyond the image.
        side: of the square that the result fits in, px.

    Returns:
        (h, w, 3) uint8, RGB, h and w at most `side`.
    """
    corners = np.array([*area, *border.points], dtype=np.float64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    pad = AROUND * float((high - low).max())
    size = np.array([pixels.shape[1], pixels.shape[0]])
    left, top = np.clip(np.floor(low - pad), 0, size - 1).astype(int)
    right, bottom = np.clip(np.ceil(high + pad), [left + 1, top + 1], size).astype(int)
    cut = Image.fromarray(pixels[top:bottom, left:right])
    scale = side / max(cut.size)
    shown = cut.resize([max(1, round(length * scale)) for length in cut.size], Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(shown)

    def placed(points: NDArray[np.float64]) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in (points - [left, top]) * scale]

    outline = placed(np.array([*border.points, border.points[0]], dtype=np.float64))
    draw.line(outline, fill=SHADOW, width=4)
    draw.line(outline, fill=BORDER, width=2)
    for dash in _dashes(placed(np.array([*area, area[0]], dtype=np.float64))):
        draw.line(dash, fill=AREA, width=2)
    return np.asarray(shown, dtype=np.uint8)


def _dashes(path: list[tuple[float, float]], length: float = 7) -> list[list[tuple[float, float]]]:
    """Every other stretch of a path."""
    found = []
    for start, end in pairwise(np.array(path)):
        at = np.linspace(0, 1, 2 * max(1, round(float(np.hypot(*(end - start))) / (2 * length))) + 1)
        stops = start + at[:, None] * (end - start)
        found += [[tuple(stops[i].tolist()), tuple(stops[i + 1].tolist())] for i in range(0, at.size - 1, 2)]
    return found
