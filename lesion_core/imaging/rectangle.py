"""The minimum-area rectangle of a border.

Points are (x, y) in image pixels as in `border`; angles are degrees, counter-clockwise as seen on the screen (the y
axis points down).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from lesion_core.errors import BorderError
from lesion_core.records import Border, Point, Quad, Rectangle

#: Rectangles within this share of the smallest area count as tied with it.
NEAR_TIE = 0.02


def minimum_area_rectangle(border: Border, *, near_tie: float = NEAR_TIE) -> Rectangle:
    """Fit the minimum-area rectangle.

    One side of it lies on an edge of the convex hull (Freeman and Shapira 1975, Communications of the ACM 18:409, the
    theorem), so every hull edge is tried. Among rectangles whose area is within `near_tie` of the smallest the one
    that is turned least is taken, so that a small redraw does not make the RoI jump between two directions.

    Args:
        border: a validated border.
        near_tie: 0 takes the smallest area alone.

    Returns:
        The rectangle, turned upright by at most 45 degrees.

    Raises:
        BorderError: the border's points lie on one line.
    """
    points = _convex_hull(np.asarray(border.points, dtype=np.float64))
    edges = np.roll(points, -1, axis=0) - points
    # Screen angle of each edge (y points down), brought to (-45, 45]: a rectangle looks the same after a quarter turn.
    angles = np.rad2deg(np.arctan2(-edges[:, 1], edges[:, 0]))
    angles = np.unique(np.round(45.0 - np.mod(45.0 - angles, 90.0), 9))
    turn = np.deg2rad(angles)
    right = np.stack([np.cos(turn), -np.sin(turn)], axis=1)  # (edges, 2): unit vector along the rectangle's top edge
    down = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    along_right, along_down = points @ right.T, points @ down.T  # (points, edges)
    widths, heights = np.ptp(along_right, axis=0), np.ptp(along_down, axis=0)
    areas = widths * heights
    tied = np.flatnonzero(areas <= areas.min() * (1 + near_tie) + 1e-9)
    best = tied[np.lexsort((areas[tied], np.round(np.abs(angles[tied]), 6)))[0]]
    x_low, x_high = along_right[:, best].min(), along_right[:, best].max()
    y_low, y_high = along_down[:, best].min(), along_down[:, best].max()

    def corner(x: float, y: float) -> Point:
        point = x * right[best] + y * down[best]
        return float(point[0]), float(point[1])

    corners: Quad = (corner(x_low, y_low), corner(x_high, y_low), corner(x_high, y_high), corner(x_low, y_high))
    return Rectangle(corners, float(angles[best]), float(widths[best]), float(heights[best]))


def _convex_hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of the convex hull of (n, 2) points, (m, 2), in order around it."""
    try:
        corners: NDArray[np.float64] = points[ConvexHull(points).vertices[::-1]]
    except QhullError as error:  # fewer than three points, or all of them on one line
        raise BorderError("the border's points lie on one line: draw an outline around the lesion") from error
    return corners
