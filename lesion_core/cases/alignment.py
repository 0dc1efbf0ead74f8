"""How alike two pictures are once one is laid over the other: the correlation step behind the search for duplicates.

A copy shows a window of the original: cut on each side by a share, perhaps mirrored. The window is refined by
Gauss-Newton steps on band-passed squares (Lucas and Kanade, IJCAI 1981, with gain and offset), and the likeness is
the median of the correlations of small tiles: it is high only when the speckle agrees nearly everywhere, so equal
captions and frames around different scans do not count, and calipers on a copy do not hurt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Share cut off at the left, right, top and bottom of the first picture to show what the second shows.
Window = tuple[float, float, float, float]

COARSE_SIDE, FINE_SIDE, TILES = 48, 96, 6
#: Tiles with less variance than this in either band-passed picture are empty and do not count.
EMPTY_VARIANCE = 0.05
MIN_TILES = 6


@dataclass(frozen=True)
class Bands:
    """A picture's square in two bands, each about zero mean and unit variance everywhere.

    Attributes:
        coarse: (side, side) float32, for finding the window.
        fine: (side, side) float32, for refining it and for the likeness.
    """

    coarse: NDArray[np.float32]
    fine: NDArray[np.float32]

    def flipped(self, *, across: bool, down: bool) -> Bands:
        """The same, mirrored left to right (across) or upside down (down)."""
        turn = (slice(None, None, -1 if down else 1), slice(None, None, -1 if across else 1))
        return Bands(self.coarse[turn], self.fine[turn])


@dataclass(frozen=True)
class Alignment:
    """How one picture lies on another.

    Attributes:
        likeness: median correlation of the tiles, -1 to 1; -1 when too little overlaps.
        window: the part of the first picture that the second shows.
        tiles: how many tiles were compared.
    """

    likeness: float
    window: Window
    tiles: int


def bands(square: NDArray[np.uint8]) -> Bands:
    """Band-pass a square.

    Args:
        square: (side, side) uint8, 0-255.
    """
    pixels = square.astype(np.float32)
    return Bands(band_pass(pixels, 3.0, 12.0), band_pass(pixels, 1.0, 6.0))


def band_pass(pixels: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """Difference of two Gaussians, divided by its own local deviation so that gain and shadow do not matter.

    Args:
        pixels: (..., side, side) float32, 0-255.
        low: SD of the finer Gaussian in pixels.
        high: SD of the wider one; the deviation is taken over twice that.
    """
    from scipy import ndimage

    def smooth(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
        return np.asarray(ndimage.gaussian_filter(image, sigma, axes=(-2, -1)), dtype=np.float32)

    detail = smooth(pixels, low) - smooth(pixels, high)
    # 4 grey levels keep the noise of empty areas from being blown up to speckle.
    scaled: NDArray[np.float32] = detail / (np.sqrt(smooth(detail * detail, 2 * high)) + 4)
    return scaled


def align(first: Bands, second: Bands, window: Window) -> Alignment:
    """Refine a window and measure the likeness in it.

    Args:
        first: the picture of which the second may be a window.
        second: mirrored beforehand where the copy is mirrored.
        window: where to start from, right to about 8 %.
    """
    window = _refined(first.coarse, second.coarse, window, COARSE_SIDE)
    window = _refined(first.fine, second.fine, window, FINE_SIDE)
    likeness, count = _tile_correlation(first.fine, second.fine, window)
    return Alignment(likeness, window, count)


def sample(image: NDArray[np.float32], xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.float32]:
    """Bilinear values on a grid.

    Args:
        image: (side, side) float32.
        xs: (n,) shares of the width.
        ys: (m,) shares of the height.

    Returns:
        (m, n) float32; beyond the edge its last value.
    """
    values: NDArray[np.float32] = _interpolated(_interpolated(image, ys, 0), xs, 1)
    return values


def _interpolated(image: NDArray[np.float32], at: NDArray[np.float64], axis: int) -> NDArray[np.float32]:
    side = image.shape[axis]
    place = at * side - 0.5
    below = np.floor(place).astype(np.int64)
    weight = (place - below).astype(np.float32)
    weight = weight[:, None] if axis == 0 else weight[None, :]
    low = np.take(image, np.clip(below, 0, side - 1), axis)
    high = np.take(image, np.clip(below + 1, 0, side - 1), axis)
    values: NDArray[np.float32] = low * (1 - weight) + high * weight
    return values


def _grid(window: Window, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Where `count` x `count` points of the second picture lie in the first, and which of them lie inside it."""
    left, right, top, bottom = window
    share = (np.arange(count) + 0.5) / count
    xs, ys = left + share * (1 - left - right), top + share * (1 - top - bottom)
    inside = ((ys > 0) & (ys < 1))[:, None] & ((xs > 0) & (xs < 1))[None, :]
    return xs, ys, inside


def _refined(first: NDArray[np.float32], second: NDArray[np.float32], window: Window, count: int) -> Window:
    """Gauss-Newton on the four cuts, with gain and offset fitted along."""
    slope_y, slope_x = (np.asarray(slope, dtype=np.float32) for slope in np.gradient(first))
    side = len(first)
    wanted = sample(second, *_grid((0, 0, 0, 0), count)[:2])
    share = ((np.arange(count) + 0.5) / count).astype(np.float32)
    cuts = np.array(window)
    for _ in range(10):
        xs, ys, inside = _grid((cuts[0], cuts[1], cuts[2], cuts[3]), count)
        got = sample(first, xs, ys)
        by_x, by_y = sample(slope_x, xs, ys) * side, sample(slope_y, xs, ys) * side
        columns = (
            by_x * (1 - share),
            by_x * -share,
            by_y * (1 - share)[:, None],
            by_y * -share[:, None],
            got,
            np.ones_like(got),
        )
        design = np.stack([column[inside] for column in columns], axis=1).astype(np.float64)
        normal = design.T @ design + 1e-3 * np.eye(6)
        solution = np.linalg.solve(normal, design.T @ wanted[inside])
        gain = solution[4]
        if abs(gain) < 0.05:  # nothing in common: no direction to go
            break
        step = np.clip(solution[:4] / gain, -0.03, 0.03)
        if (cuts + step).max() > 0.4 or (cuts + step).min() < -0.25:
            break
        cuts = cuts + step
        if np.abs(step).max() < 5e-4:
            break
    return float(cuts[0]), float(cuts[1]), float(cuts[2]), float(cuts[3])


def _tile_correlation(first: NDArray[np.float32], second: NDArray[np.float32], window: Window) -> tuple[float, int]:
    """Median correlation of the tiles that lie inside both pictures and are not empty."""
    xs, ys, inside = _grid(window, FINE_SIDE)
    step = FINE_SIDE // TILES

    def tiles(image: NDArray[np.float32]) -> NDArray[np.float32]:
        """(TILES * TILES, step * step), each tile about its mean."""
        parts = image.reshape(TILES, step, TILES, step).swapaxes(1, 2).reshape(TILES * TILES, step * step)
        centred: NDArray[np.float32] = parts - parts.mean(axis=1, keepdims=True)
        return centred

    one = tiles(sample(first, xs, ys))
    two = tiles(sample(second, *_grid((0, 0, 0, 0), FINE_SIDE)[:2]))
    whole = inside.reshape(TILES, step, TILES, step).all(axis=(1, 3)).reshape(-1)
    spread_one, spread_two = (one * one).mean(axis=1), (two * two).mean(axis=1)
    used = whole & (np.minimum(spread_one, spread_two) > EMPTY_VARIANCE)
    count = int(used.sum())
    if count < MIN_TILES:
        return -1.0, count
    correlation = (one * two).mean(axis=1)[used] / np.sqrt(spread_one[used] * spread_two[used])
    return float(np.median(correlation)), count
