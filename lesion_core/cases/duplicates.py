"""Find pictures that show the same scan: re-encoded, resized, mirrored, cropped, or with calipers drawn on.

First every picture is compared with every other at low resolution, under all cuts of 0, 7.5 and 15 % on each side and
all mirrorings (band-passed 16 x 16 descriptors, whose correlations are matrix products), and by perceptual hash. What
looks alike is then laid over each other precisely (`alignment`). A perceptual hash alone misses crops; the
descriptors alone take two views of a lesion for one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lesion_core.cases.alignment import Bands, Window, align, band_pass, bands
from lesion_core.cases.looks import SIDE, Look

Kind = Literal["identical", "near", "similar"]

#: From this likeness on two pictures are one scan. On BUS-BRA copies reach 0.93 and more, other views 0.62 at most.
NEAR = 0.85
#: From here on they are hardly an accident: neighbouring frames, or one lesion scanned twice.
SIMILAR = 0.5
#: Low-resolution correlation from which a pair is laid over each other (copies reach 0.69 and more).
CANDIDATE = 0.6
#: Perceptual hashes that differ in at most this many of 64 bits make a candidate too.
HASH_BITS = 4
CUTS = (0.0, 0.075, 0.15)
#: At most so many candidates for each picture, the best first.
PER_PICTURE = 20

_SMALL, _POINTS = 96, 16
_MIRRORS = ((False, False), (True, False), (False, True), (True, True))


@dataclass(frozen=True)
class Pair:
    """Two pictures that look alike.

    Attributes:
        first: position of the picture of which the other may be a window.
        second: position of the other.
        kind: "identical" pixel by pixel, "near" (one scan), "similar" (neighbouring frames or views).
        likeness: median correlation of the tiles, 0-1.
        mirrored: whether one is mirrored.
        window: the part of the first that the second shows, as shares cut off left, right, top, bottom.
        hash_bits: how many of 64 bits the perceptual hashes differ in, 0-64, the better of plain and mirrored.
    """

    first: int
    second: int
    kind: Kind
    likeness: float
    mirrored: bool
    window: Window
    hash_bits: int


def find_pairs(
    looks: Sequence[Look],
    others: Sequence[Look] | None = None,
    track: Callable[[Sequence[Any], str], Iterable[Any]] = lambda items, text: items,
) -> list[Pair]:
    """Compare all pictures with each other, or those of one set with those of another.

    Args:
        looks: the pictures.
        others: those of the other set; None compares `looks` among themselves.
        track: shows progress.

    Returns:
        Pairs by falling likeness; with `others`, `first` counts in `looks` and `second` in `others`.
    """
    everything = [*looks, *(others or ())]
    if len(everything) < 2:
        return []
    allowed = np.triu(np.ones((len(everything), len(everything)), dtype=bool), 1)
    if others is not None:
        allowed[: len(looks), : len(looks)] = False
        allowed[len(looks) :, len(looks) :] = False
    candidates = _candidates(everything, allowed, track)
    found = [pair for pair in _judged(everything, candidates, track) if pair is not None]
    found.sort(key=lambda pair: (-pair.likeness, pair.first, pair.second))
    return [_numbered(pair, len(looks)) for pair in found] if others is not None else found


def _numbered(pair: Pair, count: int) -> Pair:
    """With `first` in the one set and `second` in the other; the window then belongs to whichever was larger."""
    one, two = sorted((pair.first, pair.second))
    return replace(pair, first=one, second=two - count)


@dataclass(frozen=True)
class _Candidate:
    first: int
    second: int
    window: Window
    across: bool
    down: bool


def _candidates(
    looks: Sequence[Look], allowed: NDArray[np.bool_], track: Callable[[Sequence[Any], str], Iterable[Any]]
) -> list[_Candidate]:
    """Pairs worth laying over each other, with the best cut and mirroring for each."""
    count = len(looks)
    sums = _sums(looks)
    whole = _descriptors(sums, (0.0, 0.0, 0.0, 0.0))
    targets = [_mirrored(whole, across=across, down=down) for across, down in _MIRRORS]
    windows = list(itertools.product(CUTS, CUTS, CUTS, CUTS))
    best = np.full((count, count), -1, dtype=np.float32)
    which = np.zeros((count, count), dtype=np.int16)
    with threadpool_limits(1, user_api="blas"):  # BLAS threads wait for each other on a busy machine
        for number, window in enumerate(track(windows, "comparing")):
            cut = _descriptors(sums, window)
            for turn, target in enumerate(targets):
                score = cut @ target.T
                better = score > best
                best[better] = score[better]
                which[better] = number * len(targets) + turn
    either = np.maximum(best, best.T)
    chosen = allowed & ((either >= CANDIDATE) | _equal_digests(looks) | (_hash_distances(looks) <= HASH_BITS))
    candidates = []
    for one, two in _capped(chosen, either):
        first, second = (one, two) if best[one, two] >= best[two, one] else (two, one)
        number, turn = divmod(int(which[first, second]), len(targets))
        across, down = _MIRRORS[turn]
        candidates.append(_Candidate(first, second, windows[number], across, down))
    return candidates


def _capped(chosen: NDArray[np.bool_], score: NDArray[np.float32]) -> list[tuple[int, int]]:
    """The chosen pairs, best first, each picture in at most `PER_PICTURE` of them."""
    pairs = np.argwhere(chosen)
    order = np.argsort(-score[chosen], kind="stable")
    used = np.zeros(len(chosen), dtype=np.int64)
    kept = []
    for one, two in pairs[order]:
        if min(used[one], used[two]) < PER_PICTURE:
            used[[one, two]] += 1
            kept.append((int(one), int(two)))
    return kept


def _judged(
    looks: Sequence[Look], candidates: Sequence[_Candidate], track: Callable[[Sequence[Any], str], Iterable[Any]]
) -> Iterable[Pair | None]:
    """Lay each candidate over the other; None where they are not alike."""
    seen: dict[int, Bands] = {}

    def banded(position: int) -> Bands:
        if position not in seen:
            seen[position] = bands(looks[position].square)
        return seen[position]

    for each in track(candidates, "aligning"):
        one, two = looks[each.first], looks[each.second]
        distance = _hash_distance(one, two)
        if one.digest == two.digest:
            yield Pair(each.first, each.second, "identical", 1.0, False, (0.0, 0.0, 0.0, 0.0), distance)
            continue
        found = align(banded(each.first), banded(each.second).flipped(across=each.across, down=each.down), each.window)
        if found.likeness < SIMILAR:
            yield None
            continue
        kind: Kind = "near" if found.likeness >= NEAR else "similar"
        mirrored = each.across or each.down
        yield Pair(each.first, each.second, kind, found.likeness, mirrored, found.window, distance)


def _sums(looks: Sequence[Look]) -> NDArray[np.float32]:
    """(n, _SMALL + 1, _SMALL + 1) float32: running sums of the band-passed pictures, for the means of any window."""
    factor = SIDE // _SMALL
    sums = np.zeros((len(looks), _SMALL + 1, _SMALL + 1), dtype=np.float32)
    for position, look in enumerate(looks):
        small = look.square.reshape(_SMALL, factor, _SMALL, factor).mean(axis=(1, 3)).astype(np.float32)
        sums[position, 1:, 1:] = band_pass(small, 1.5, 6.0).cumsum(0, dtype=np.float64).cumsum(1)
    return sums


def _descriptors(sums: NDArray[np.float32], window: Window) -> NDArray[np.float32]:
    """(n, _POINTS * _POINTS) float32, zero mean and unit length: what lies in a window of each picture."""
    left, right, top, bottom = window
    xs = np.linspace(left, 1 - right, _POINTS + 1) * _SMALL
    ys = np.linspace(top, 1 - bottom, _POINTS + 1) * _SMALL
    corners = _between(_between(sums, ys, 1), xs, 2)
    cells = np.diff(np.diff(corners, axis=1), axis=2).reshape(len(sums), -1)
    cells = cells - cells.mean(axis=1, keepdims=True)
    unit: NDArray[np.float32] = cells / (np.linalg.norm(cells, axis=1, keepdims=True) + 1e-9)
    return unit


def _between(values: NDArray[np.float32], at: NDArray[np.float64], axis: int) -> NDArray[np.float32]:
    below = np.minimum(at.astype(np.int64), _SMALL - 1)
    weight = (at - below).astype(np.float32).reshape([-1 if each == axis else 1 for each in range(3)])
    mixed: NDArray[np.float32] = np.take(values, below, axis) * (1 - weight) + np.take(values, below + 1, axis) * weight
    return mixed


def _mirrored(descriptors: NDArray[np.float32], *, across: bool, down: bool) -> NDArray[np.float32]:
    cells = descriptors.reshape(-1, _POINTS, _POINTS)[:, :: -1 if down else 1, :: -1 if across else 1]
    return np.ascontiguousarray(cells.reshape(len(descriptors), -1))


def _equal_digests(looks: Sequence[Look]) -> NDArray[np.bool_]:
    number: dict[str, int] = {}
    ids = np.array([number.setdefault(look.digest, len(number)) for look in looks])
    equal: NDArray[np.bool_] = ids[:, None] == ids[None, :]
    return equal


def _hash_distances(looks: Sequence[Look]) -> NDArray[np.uint8]:
    """(n, n) uint8: bits in which the hashes differ, the better of plain and mirrored."""
    plain, mirrored = (np.array([look.phash[each] for look in looks], dtype=np.uint64) for each in (0, 1))
    distance: NDArray[np.uint8] = np.minimum(
        np.bitwise_count(plain[:, None] ^ plain[None, :]), np.bitwise_count(plain[:, None] ^ mirrored[None, :])
    )
    return distance


def _hash_distance(one: Look, two: Look) -> int:
    return min((one.phash[0] ^ two.phash[each]).bit_count() for each in (0, 1))
