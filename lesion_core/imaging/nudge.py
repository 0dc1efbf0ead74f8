"""A border drawn again a little differently: a smooth displacement along its normals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lesion_core.records import Border

POINTS = 128


def nudge(border: Border, rng: np.random.Generator, *, largest_px: tuple[float, float]) -> NDArray[np.float64]:
    """Displace a border smoothly along its normals.

    Args:
        border: what is displaced; it is first resampled to 128 points at equal distances.
        rng: chooses the displacement: the sum of its 2nd to 8th harmonic.
        largest_px: the range from which the largest displacement is drawn, pixels.

    Returns:
        (128, 2) points.
    """
    points = np.asarray(border.points)
    closed = np.vstack([points, points[:1]])
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(closed, axis=0).T))]
    where = np.linspace(0, along[-1], POINTS, endpoint=False)
    dense = np.stack([np.interp(where, along, closed[:, axis]) for axis in (0, 1)], axis=1)
    tangent = np.roll(dense, -3, axis=0) - np.roll(dense, 3, axis=0)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1) / np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    turn = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
    wave = sum(rng.standard_normal() * np.cos(k * turn + rng.uniform(0, 2 * np.pi)) for k in range(2, 9))
    displaced: NDArray[np.float64] = dense + normal * (wave / np.abs(wave).max() * rng.uniform(*largest_px))[:, None]
    return displaced


def diameter_px(border: Border) -> float:
    """Diameter of the circle with the border's area, pixels."""
    points = np.asarray(border.points)
    following = np.roll(points, -1, axis=0)
    area = abs(float((points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]).sum())) / 2
    return 2 * math.sqrt(area / math.pi)
