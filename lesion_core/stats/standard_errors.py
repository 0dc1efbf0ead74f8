"""Variances of an area from formulas other than DeLong's, kept because published intervals use them."""

from __future__ import annotations

import math

import numpy as np

from lesion_core.stats.bisection import interval_end
from lesion_core.stats.inputs import Bools, Floats


def hanley_mcneil_variance(area: float, P: float, N: float) -> float:
    """Variance of an area from the area alone (Hanley and McNeil 1982, Radiology 143:29, equation 1, exponential).

    Q1 = A / (2 - A), Q2 = 2 A^2 / (1 + A). Reproduces their rating example: area 0.893171, SE 0.0324866.

    Args:
        area: 0-1.
        P: number of positives.
        N: number of negatives.
    """
    return _pair_variance(area, area / (2 - area), 2 * area * area / (1 + area), P, N)


def spss_variance(positive: Bools, score: Floats) -> float:
    """The non-parametric variance that SPSS prints: Hanley-McNeil's equation 1 with Q1 and Q2 counted in the data.

    Q1 is the share of (two positives, one negative) in which both positives outrank the negative, Q2 the share of (one
    positive, two negatives) in which the positive outranks both; a tie of one pair counts 1/2, of both pairs 1/3. The
    same case may be drawn twice. For 31/45 and 47/57 calls: area 0.757, SE 0.0502.

    Args:
        positive: (n,) bool, both classes there.
        score: (n,) float64.
    """
    x, y = np.sort(score[positive]), np.sort(score[~positive])
    above, tied = _above_and_tied(y, x)
    below, equal = _below_and_tied(x, y)
    P, N = x.size, y.size
    area = float((below + equal / 2).sum()) / (P * N)
    Q1 = float((above**2 + above * tied + tied**2 / 3).sum()) / (N * P**2)
    Q2 = float((below**2 + below * equal + equal**2 / 3).sum()) / (P * N**2)
    return _pair_variance(area, Q1, Q2, P, N)


def newcombe_limits(area: float, P: float, N: float, z: float) -> tuple[float, float]:
    """Ends of Newcombe's score interval for an area (Newcombe 2006, Statistics in Medicine 25:559, method 5).

    The Hanley-McNeil variance at the sought end, with both sizes in its brackets replaced by their mean: the ends solve
    (A - end)^2 = z^2 end (1 - end) [1 + s (1 - end) / (2 - end) + s end / (1 + end)] / (P N), s = (P + N) / 2 - 1. They
    stay inside 0-1 and exist for perfect separation and for a single case of a class.

    Args:
        area: 0-1.
        P: number of positives, at least 1.
        N: number of negatives, at least 1.
        z: how far the interval reaches, in standard normal units.
    """
    s = (P + N) / 2 - 1

    def excess(end: float) -> float:
        spread = end * (1 - end) * (1 + s * (1 - end) / (2 - end) + s * end / (1 + end)) / (P * N)
        return abs(area - end) - z * math.sqrt(max(spread, 0.0))

    low = 0.0 if area == 0 else interval_end(excess, area, 0.0)
    high = 1.0 if area == 1 else interval_end(excess, area, 1.0)
    return low, high


def _pair_variance(area: float, Q1: float, Q2: float, P: float, N: float) -> float:
    """Hanley and McNeil 1982, equation 1."""
    total = area * (1 - area) + (P - 1) * (Q1 - area * area) + (N - 1) * (Q2 - area * area)
    return max(total / (P * N), 0.0)


def _above_and_tied(values: Floats, ordered: Floats) -> tuple[Floats, Floats]:
    """For each value: how many of ``ordered`` lie above it and how many equal it."""
    left, right = np.searchsorted(ordered, values, side="left"), np.searchsorted(ordered, values, side="right")
    return (ordered.size - right).astype(np.float64), (right - left).astype(np.float64)


def _below_and_tied(values: Floats, ordered: Floats) -> tuple[Floats, Floats]:
    """For each value: how many of ``ordered`` lie below it and how many equal it."""
    left, right = np.searchsorted(ordered, values, side="left"), np.searchsorted(ordered, values, side="right")
    return left.astype(np.float64), (right - left).astype(np.float64)
