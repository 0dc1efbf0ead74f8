"""What is burned into a picture near a lesion: calipers, captions, colour.

The detectors were made to be right when they speak, and were looked at on BUS-BRA and BUSI: bright plus signs and
clear crosses are found, faint and dotted ones are not, so a count is a floor. A network can learn from calipers,
because they are drawn by someone who had an opinion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.records import Border

#: What is looked at: the border's box and this share of its longer side on every side.
MARGIN = 0.25
#: A caliper's arms are at least this much brighter than what lies between them, and at least this bright.
ARM_CONTRAST, ARM_LEVEL = 30, 110
ARM_LENGTHS = (3, 5)
#: Letters in a row that make a caption.
MIN_LETTERS = 3
#: A pixel is coloured when its channels differ by more than this; JPEG noise stays below it.
COLOUR_SPREAD = 48
#: Share of coloured pixels near the border that counts as colour Doppler or elastography.
COLOUR_SHARE = 0.005

_PLUS = ((0, 1), (0, -1), (1, 0), (-1, 0))
_CROSS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


@dataclass(frozen=True)
class Marks:
    """What was found near one border.

    Attributes:
        calipers: how many plus signs or crosses, at least.
        letters: letters of the longest caption, 0 below `MIN_LETTERS`.
        colour_share: share of coloured pixels, 0-1.
    """

    calipers: int
    letters: int
    colour_share: float


def find_marks(pixels: NDArray[np.uint8], border: Border | None) -> Marks:
    """Look at a border's surroundings, or at the whole picture when there is no border.

    Args:
        pixels: (height, width, 3) uint8, RGB, 0-255.
        border: in pixels of that picture.
    """
    region = _surroundings(pixels, border)
    spread = region.max(axis=2).astype(np.int16) - region.min(axis=2)
    grey = region.max(axis=2)
    letters = _longest_caption(grey)
    return Marks(_calipers(grey)[1], letters, float((spread > COLOUR_SPREAD).mean()))


def caliper_boxes(pixels: NDArray[np.uint8]) -> tuple[tuple[int, int, int, int], ...]:
    """Where calipers stand in the whole picture, as (left, top, width, height) in pixels; a floor, as all of this.

    Args:
        pixels: (height, width, 3) uint8, RGB, 0-255.
    """
    from scipy import ndimage

    labels, _ = _calipers(pixels.max(axis=2))
    height, width = labels.shape
    reach, boxes = max(ARM_LENGTHS) + 2, []
    for rows, columns in ndimage.find_objects(labels):
        left, top = max(columns.start - reach, 0), max(rows.start - reach, 0)
        right, bottom = min(columns.stop + reach, width), min(rows.stop + reach, height)
        boxes.append((left, top, right - left, bottom - top))
    return tuple(boxes)


def _surroundings(pixels: NDArray[np.uint8], border: Border | None) -> NDArray[np.uint8]:
    if border is None:
        return pixels
    points = np.array(border.points)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * float((high - low).max())
    left, top = np.maximum(np.floor(low - margin), 0).astype(int)
    right, bottom = np.ceil(high + margin).astype(int)
    return pixels[top : max(bottom, top + 1), left : max(right, left + 1)]


def _calipers(grey: NDArray[np.uint8]) -> tuple[NDArray[np.int32], int]:
    """Plus signs and crosses, numbered from 1: four bright arms with darker corners between them."""
    from scipy import ndimage

    found = np.zeros(grey.shape, dtype=bool)
    for length in ARM_LENGTHS:
        for arms, corners, first in ((_PLUS, _CROSS, 2), (_CROSS, _PLUS, 3)):
            reach = (length + 1) // 2 + first - 1
            found |= _marked(grey.astype(np.int16), length, arms, corners, (reach, reach + 1))
    if not found.any():
        return np.zeros(grey.shape, dtype=np.int32), 0
    labels, count = ndimage.label(ndimage.binary_dilation(found, iterations=3))
    return labels, int(count)


def _marked(
    grey: NDArray[np.int16],
    length: int,
    arms: tuple[tuple[int, int], ...],
    corners: tuple[tuple[int, int], ...],
    reach: tuple[int, int],
) -> NDArray[np.bool_]:
    darkest_arm = grey
    for down, right in arms:
        for step in range(1, length + 1):
            darkest_arm = np.minimum(darkest_arm, _shifted(grey, down * step, right * step))
    brightest_corner = np.zeros_like(grey)
    for down, right in corners:
        for step in reach:
            brightest_corner = np.maximum(brightest_corner, _shifted(grey, down * step, right * step))
    marked: NDArray[np.bool_] = (darkest_arm > ARM_LEVEL) & (darkest_arm - brightest_corner > ARM_CONTRAST)
    return marked


def _shifted(grey: NDArray[np.int16], down: int, right: int) -> NDArray[np.int16]:
    """Each pixel's neighbour; 0 beyond the edge."""
    height, width = grey.shape
    out = np.zeros_like(grey)
    if abs(down) < height and abs(right) < width:
        out[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)] = grey[
            max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)
        ]
    return out


def _longest_caption(grey: NDArray[np.uint8]) -> int:
    """Evenly bright, sharply cut shapes of one height in a row."""
    letters = sorted(_letters(grey))
    longest = 0
    for start in letters:
        row = [start]
        for left, top, width, height in letters:
            last_left, last_top, last_width, last_height = row[-1]
            gap = left - (last_left + last_width)
            on_line = abs(top + height - last_top - last_height) <= 2 and abs(height - last_height) <= 2
            if left > last_left and 0 <= gap <= 0.9 * last_height and on_line:
                row.append((left, top, width, height))
        longest = max(longest, len(row))
    return longest if longest >= MIN_LETTERS else 0


def _letters(grey: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """(left, top, width, height) of every shape that could be a letter, 6 to 26 pixels high."""
    from scipy import ndimage

    levels = grey.astype(np.int16)
    strokes = (levels >= 150) & (levels - ndimage.minimum_filter(levels, 7) >= 90)
    labels, _ = ndimage.label(strokes, np.ones((3, 3)))
    padded = np.pad(levels, 2, mode="edge")
    letters = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if not 6 <= height <= 26 or width > 1.6 * height:
            continue
        shape = labels[rows, columns] == number
        top_level = np.percentile(levels[rows, columns][shape], 90)
        even = (levels[rows, columns][shape] > top_level - 45).mean() >= 0.55
        stroke = 0.15 <= shape.mean() <= 0.85 or width <= 3
        if even and stroke and _sharp(shape, padded, rows, columns, float(top_level)):
            letters.append((columns.start, rows.start, width, height))
    return letters


def _sharp(shape: NDArray[np.bool_], padded: NDArray[np.int16], rows: slice, columns: slice, level: float) -> bool:
    """Whether the ring two pixels around a shape is much darker than the shape."""
    from scipy import ndimage

    wide = np.pad(shape, 2)
    ring = ndimage.binary_dilation(wide, iterations=2) & ~ndimage.binary_dilation(wide, iterations=1)
    around = padded[rows.start : rows.stop + 4, columns.start : columns.stop + 4][ring]
    return bool(around.size == 0 or np.percentile(around, 80) <= level - 70)
