"""Size and shape of a border in image axes. "Taller than wide" is read here, never from the RoI.

Lengths are in pixels of the image: few public sets state how many millimetres a pixel has, and pictures of one set may
have different depths. A size in pixels says what it says about the picture, not about the lesion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lesion_core.records import Border


@dataclass(frozen=True)
class Geometry:
    """A border in numbers.

    Attributes:
        area_px: enclosed, square pixels.
        height_px: extent along the image's vertical axis, the beam's.
        width_px: extent along the horizontal axis.
        circularity: 4 pi area / perimeter^2, 1 for a circle.
    """

    area_px: float
    height_px: float
    width_px: float
    circularity: float

    @property
    def height_to_width(self) -> float:
        """Above 1: taller than wide."""
        return self.height_px / self.width_px


def geometry_of(border: Border) -> Geometry:
    """Measure a border.

    Args:
        border: a validated border: a simple polygon with an area.
    """
    points = np.asarray(border.points, dtype=np.float64)
    following = np.roll(points, -1, axis=0)
    crossed = points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]
    area = abs(float(crossed.sum())) / 2
    perimeter = float(np.hypot(*(following - points).T).sum())
    width, height = (float(extent) for extent in np.ptp(points, axis=0))
    return Geometry(area, height, width, 4 * math.pi * area / perimeter**2)
