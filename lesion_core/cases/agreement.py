"""How far two outlines of one lesion agree: overlap, and the distances between them.

Dice = 2 |A and B| / (|A| + |B|) (Dice 1945, Ecology 26:297). Hausdorff distance: the largest distance from a point of
one outline to the other (Huttenlocher et al. 1993, IEEE Trans Pattern Anal 15:850). Mean distance: the average of
these distances over both outlines, each weighted by its length ("average symmetric surface distance"; Heimann et al.
2009, IEEE Trans Med Imaging 28:1251, section III). Distances are in pixels of the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from lesion_core.errors import BorderError
from lesion_core.records import Border

#: Outlines are sampled at least this finely.
STEP_PX = 0.5


@dataclass(frozen=True)
class Agreement:
    """Two outlines compared.

    Attributes:
        dice: overlap, 0 (apart) to 1 (equal).
        hausdorff_px: largest distance between the outlines.
        mean_px: mean distance between the outlines.
        area_ratio: area of the second over that of the first.
    """

    dice: float
    hausdorff_px: float
    mean_px: float
    area_ratio: float


def compare_borders(first: Border, second: Border) -> Agreement:
    """Compare two borders in the same image; exact for overlap, outlines sampled every `STEP_PX` for distances."""
    return _compare(shapely.Polygon(first.points), shapely.Polygon(second.points))


def compare_masks(first: ArrayLike, second: ArrayLike) -> Agreement:
    """Compare two masks with all their parts; a pixel covers a unit square.

    Args:
        first: (height, width), lesion where not 0.
        second: of the same shape.

    Raises:
        BorderError: they differ in shape, or one is empty.
    """
    one, two = np.asarray(first).astype(bool), np.asarray(second).astype(bool)
    if one.shape != two.shape or one.ndim != 2:
        raise BorderError(f"masks of shapes {one.shape} and {two.shape}: both must be (height, width) and equal")
    if not one.any() or not two.any():
        raise BorderError("a mask is empty: there is nothing to compare")
    overlap = int((one & two).sum())
    to_second, to_first = _edge_distances(one, two), _edge_distances(two, one)
    return Agreement(
        dice=2 * overlap / int(one.sum() + two.sum()),
        hausdorff_px=float(max(to_second.max(), to_first.max())),
        mean_px=float(np.concatenate([to_second, to_first]).mean()),
        area_ratio=int(two.sum()) / int(one.sum()),
    )


def _compare(one: Any, two: Any) -> Agreement:
    to_second, to_first = _distances(one, two), _distances(two, one)
    return Agreement(
        dice=float(2 * one.intersection(two).area / (one.area + two.area)),
        hausdorff_px=float(max(to_second.max(), to_first.max())),
        mean_px=float(np.concatenate([to_second, to_first]).mean()),
        area_ratio=float(two.area / one.area),
    )


def _distances(one: Any, two: Any) -> NDArray[np.float64]:
    """Distances from evenly spaced points of one outline to the other; more points on the longer outline."""
    line = one.exterior
    count = max(8, int(np.ceil(line.length / STEP_PX)))
    corners = shapely.points(shapely.get_coordinates(line))
    even = shapely.line_interpolate_point(line, np.arange(count) * line.length / count)
    # The corners hold the largest distance; the even points make the mean one of lengths.
    distances = np.asarray(shapely.distance(even, two.exterior))
    largest = float(np.asarray(shapely.distance(corners, two.exterior)).max())
    distances[int(distances.argmax())] = max(largest, float(distances.max()))
    return distances


def _edge_distances(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distance from each outer or inner edge pixel of one mask to the nearest edge pixel of the other."""
    from scipy import ndimage

    def edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        inner: NDArray[np.bool_] = mask & ~ndimage.binary_erosion(mask)
        return inner

    distances: NDArray[np.float64] = ndimage.distance_transform_edt(~edge(two))[edge(one)]
    return distances
