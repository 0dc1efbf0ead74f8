"""From what somebody drew, or a mask, to a validated border.

Points are (x, y) in image pixels, origin at the top left corner, the first pixel's centre at (0.5, 0.5); a pixel covers
one unit square, so an image of size (height, width) spans [0, width] x [0, height]. Angles are degrees,
counter-clockwise as seen on the screen (the y axis points down).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from lesion_core.errors import BorderError
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.records import Border, Point

#: A lesion whose minimum-area rectangle is narrower than this is not classified: 224 pixels would be made of nothing.
MIN_SIDE_PX = 8.0
MAX_POINTS = 20_000
#: A mask's pixel staircase is smoothed by at most this (Douglas-Peucker).
MASK_TOLERANCE_PX = 0.5


def border_from_points(points: ArrayLike, size: tuple[int, int]) -> Border:
    """Validate a drawn outline.

    A border that crosses itself is repaired (its largest part is kept), one that leaves the image is cut at the
    image's edge; both are said in the border's notes.

    Args:
        points: (n, 2) x and y; a repeated first point at the end is dropped.
        size: (height, width) of the image.

    Returns:
        The border, counter-clockwise on the screen.

    Raises:
        BorderError: fewer than three different points, points on one line, not finite, wholly outside the image, or
            narrower than `MIN_SIDE_PX`.
    """
    outline = _checked_points(points)
    polygon = shapely.Polygon(outline)
    notes: list[str] = []
    if not polygon.is_valid:
        polygon = _largest(shapely.make_valid(polygon, method="structure", keep_collapsed=False))
        notes.append("The border crossed itself and was repaired: its largest part was kept.")
    if polygon.is_empty or polygon.area < 1e-6:
        raise BorderError("the border's points lie on one line: draw an outline around the lesion")
    height, width = size
    inside = _largest(polygon.intersection(shapely.box(0, 0, width, height)))
    if inside.is_empty or inside.area < 1e-6:
        raise BorderError(
            f"the border lies outside the image ({width} x {height} px): draw it around the lesion inside the image"
        )
    if inside.area < polygon.area * (1 - 1e-9):
        notes.append("The border left the image and was cut at the image's edge.")
        polygon = inside
    border = Border(_ring(polygon), tuple(notes))
    rectangle = minimum_area_rectangle(border)
    if min(rectangle.width_px, rectangle.height_px) < MIN_SIDE_PX:
        raise BorderError(
            f"the lesion is only {rectangle.width_px:.1f} x {rectangle.height_px:.1f} px: at least "
            f"{MIN_SIDE_PX:.0f} px on each side are needed, use the image at a higher resolution"
        )
    return border


def border_from_mask(mask: ArrayLike) -> Border:
    """Outline the largest part of a mask (pixels that touch only at a corner are two parts; holes are filled).

    Args:
        mask: (height, width), any dtype; lesion where it is not 0 (threshold grey masks before).

    Raises:
        BorderError: the mask is not two-dimensional, is empty, or its largest part is too small.
    """
    array = np.asarray(mask)
    if array.ndim != 2:
        raise BorderError(f"a mask has two axes (height, width), got shape {array.shape}: hand in a one-channel mask")
    lesion = array.astype(bool)
    if not lesion.any():
        raise BorderError("the mask is empty: it must mark the lesion's pixels")
    outline = shapely.Polygon(_largest(shapely.union_all(_row_runs(lesion))).exterior)
    height, width = lesion.shape
    return border_from_points(_ring(outline.simplify(MASK_TOLERANCE_PX)), (height, width))


def border_from_json(text: str | bytes | Sequence[Any] | dict[str, Any], size: tuple[int, int]) -> Border:
    """Read a border written as JSON: a list of [x, y], or an object with such a list under "points".

    Raises:
        BorderError: not JSON, no points in it, or any reason of `border_from_points`.
    """
    data: Any = text
    if isinstance(text, str | bytes):
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BorderError(f"the border is not valid JSON ({error}): write a list of [x, y] points") from error
    points = data.get("points") if isinstance(data, dict) else data
    if not isinstance(points, list | tuple):
        raise BorderError('no points in the border JSON: write [[x, y], ...] or {"points": [[x, y], ...]}')
    return border_from_points(_as_pairs(points), size)


def border_to_json(border: Border) -> str:
    """Write a border as `border_from_json` reads it, coordinates to a hundredth of a pixel."""
    return json.dumps({"points": [[round(x, 2), round(y, 2)] for x, y in border.points]})


def read_border(path: Path | str, size: tuple[int, int]) -> Border:
    """Read a border from a file: JSON points (.json), or a mask image of the same size as the image.

    In a mask, pixels above half of the largest grey value are lesion.

    Raises:
        BorderError: missing file, a mask of another size, or any reason of the other readers.
        ImageError: the mask is no readable image.
    """
    file = Path(path)
    if not file.is_file():
        raise BorderError(f"no border file at {file}: give a JSON file with points or a mask image")
    if file.suffix.lower() == ".json":
        return border_from_json(file.read_bytes(), size)
    from lesion_core.imaging.read import read_image

    mask = read_image(file).pixels.max(axis=2)
    if mask.shape != tuple(size):
        raise BorderError(
            f"the mask is {mask.shape[1]} x {mask.shape[0]} px, the image {size[1]} x {size[0]} px: they must be equal"
        )
    return border_from_mask(mask > mask.max() // 2)


def border_to_mask(border: Border, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Mark the pixels whose centres lie inside the border.

    Returns:
        (height, width) bool.
    """
    height, width = size
    mask = np.zeros((height, width), dtype=bool)
    polygon = shapely.Polygon(border.points)
    left, top, right, bottom = polygon.bounds
    rows = np.arange(max(0, math.floor(top)), min(height, math.ceil(bottom)))
    columns = np.arange(max(0, math.floor(left)), min(width, math.ceil(right)))
    if rows.size and columns.size:
        shapely.prepare(polygon)
        x, y = np.meshgrid(columns + 0.5, rows + 0.5)
        mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = shapely.contains_xy(polygon, x, y)
    return mask


def _checked_points(points: ArrayLike) -> NDArray[np.float64]:
    """(n, 2) finite points without repeats in a row, at least three of them different."""
    try:
        outline: NDArray[np.float64] = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BorderError("border points must be pairs of numbers [x, y]") from error
    if outline.size == 0:
        raise BorderError("border needs at least 3 points, got 0: draw a closed outline around the lesion")
    if outline.ndim != 2 or outline.shape[1] != 2:
        raise BorderError(f"border points must be pairs [x, y], got an array of shape {outline.shape}")
    if not np.isfinite(outline).all():
        raise BorderError("border points must be finite numbers, got NaN or infinity")
    if len(outline) > MAX_POINTS:
        raise BorderError(f"a border of {len(outline)} points is too long: at most {MAX_POINTS} are read")
    if np.abs(outline).max() > 1e7:
        raise BorderError("border points lie millions of pixels away from the image: give them in image pixels")
    repeats = np.all(outline == np.roll(outline, 1, axis=0), axis=1)
    outline = outline[np.flatnonzero(~repeats)]
    count = len(np.unique(outline, axis=0)) if len(outline) else 1
    if count < 3:
        raise BorderError(f"border needs at least 3 points, got {count}: draw a closed outline around the lesion")
    return outline


def _as_pairs(points: Sequence[Any]) -> list[tuple[float, float]]:
    pairs = []
    for number, point in enumerate(points, start=1):
        if (
            not isinstance(point, list | tuple)
            or len(point) != 2
            or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in point)
        ):
            raise BorderError(f"border point {number} is {point!r}: each point must be a pair of numbers [x, y]")
        try:
            pairs.append((float(point[0]), float(point[1])))
        except OverflowError as error:  # a whole number past the range of float64
            raise BorderError(
                f"border point {number} has a number that is too large: give them in image pixels"
            ) from error
    return pairs


def _largest(geometry: Any) -> Any:
    """The polygon of the largest area in any geometry; an empty polygon when there is none."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return max(parts, key=lambda part: part.area, default=shapely.Polygon())


def _ring(polygon: Any) -> tuple[Point, ...]:
    """The outline of a polygon without its holes, counter-clockwise on the screen, last point not repeated."""
    # Counter-clockwise on the screen is clockwise where y points up.
    ring = shapely.get_coordinates(shapely.orient_polygons(shapely.Polygon(polygon.exterior), exterior_cw=True))[:-1]
    return tuple((float(x), float(y)) for x, y in ring)


def _row_runs(lesion: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Boxes that cover the mask exactly, one for each run of pixels in a row."""
    padded = np.pad(lesion.astype(np.int8), ((0, 0), (1, 1)))
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    boxes: NDArray[np.object_] = shapely.box(starts, rows, ends, rows + 1)
    return boxes
