"""The outline of a lesion in two numbers, in image axes and free of scale.

BI-RADS describes a mass by shape, margin and orientation; these are plain measurements of that which do not change when
an image is enlarged. Lengths in pixels are left out: a screenshot has no scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.records import Border

#: Points at equal distances along the border on which its perimeter is measured: borders from masks follow the edges of
#: pixels, drawn ones the tremor of a hand, and either would make every outline rough.
POINTS = 64


@dataclass(frozen=True)
class Outline:
    """An outline in numbers.

    Attributes:
        irregularity: natural logarithm of the border's perimeter over that of the ellipse with the same area and the
            same ratio of axes; 0 for an ellipse however drawn out, 0.1 where the border is a tenth longer. The axes are
            those of the ellipse with the same second moments of area; the perimeter is taken through `POINTS` points.
        parallelism: natural logarithm of the ratio of the axes times cos 2a, a being the angle between the longer axis
            and the horizontal: above 0 for a lesion parallel to the skin, below 0 for one taller than wide, 0 for a
            round one or one at 45 degrees.
    """

    irregularity: float
    parallelism: float

    @property
    def row(self) -> tuple[float, float]:
        """Both numbers in the order of `NAMES`."""
        return self.irregularity, self.parallelism


#: Names of the numbers.
NAMES = ("irregularity", "parallelism")


def outline_of(border: Border) -> Outline:
    """Measure a border.

    Args:
        border: a validated border: a simple polygon with an area.
    """
    points = resampled(border)
    points = points - points.mean(axis=0)
    following = np.roll(points, -1, axis=0)
    crossed = points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]
    area = float(crossed.sum()) / 2
    perimeter = float(np.hypot(*(following - points).T).sum())
    xx, yy, xy = _second_moments(points, following, crossed, area)
    # Principal axes of a symmetric 2 x 2 matrix: mean +- radius, at the angle of (xx - yy, 2 xy), halved.
    mean, radius = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    ratio = math.sqrt((mean + radius) / max(mean - radius, 1e-12 * mean))
    cosine = (xx - yy) / 2 / radius if radius > 0 else 0.0
    irregularity = math.log(perimeter / _perimeter_of_ellipse(abs(area), ratio))
    return Outline(irregularity, math.log(ratio) * cosine)


def resampled(border: Border, count: int = POINTS) -> NDArray[np.float64]:
    """(count, 2) points at equal distances along a border, x and y."""
    points = np.asarray(border.points, dtype=np.float64)
    closed = np.vstack([points, points[:1]])
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(closed, axis=0).T))]
    where = np.linspace(0, along[-1], count, endpoint=False)
    return np.stack([np.interp(where, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def _perimeter_of_ellipse(area: float, ratio: float) -> float:
    """Ramanujan's second approximation (1914); 0.02 % off at a ratio of 10."""
    longer, shorter = math.sqrt(area * ratio / math.pi), math.sqrt(area / ratio / math.pi)
    h = ((longer - shorter) / (longer + shorter)) ** 2
    return math.pi * (longer + shorter) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))


def _second_moments(
    points: NDArray[np.float64], following: NDArray[np.float64], crossed: NDArray[np.float64], area: float
) -> tuple[float, float, float]:
    """Central second moments of a polygon over its area (Steger, On the calculation of moments of polygons, 1996)."""
    (x, y), (u, v) = points.T, following.T
    centre_x = float(((x + u) * crossed).sum()) / (6 * area)
    centre_y = float(((y + v) * crossed).sum()) / (6 * area)
    xx = float(((x * x + x * u + u * u) * crossed).sum()) / (12 * area) - centre_x**2
    yy = float(((y * y + y * v + v * v) * crossed).sum()) / (12 * area) - centre_y**2
    xy = float(((x * v + 2 * x * y + 2 * u * v + u * y) * crossed).sum()) / (24 * area) - centre_x * centre_y
    return xx, yy, xy
