"""Placement values: where each case stands among the cases of the other class. All of DeLong's method is made of them.

DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44:837) call them structural components V10 and V01. They are found
in O(n log n) by sorting, after Sun and Xu 2014 (IEEE Signal Processing Letters 21:1389), and counted in integers:
ties cost no precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lesion_core.stats.inputs import Bools, Floats


@dataclass(frozen=True)
class Placements:
    """Structural components of one score.

    Attributes:
        v10: (P,) float64, 0-1: for each positive, the share of negatives it outranks, ties counting one half; in the
            order of the cases.
        v01: (N,) float64, 0-1: for each negative, the share of positives that outrank it, ties counting one half.
    """

    v10: Floats
    v01: Floats

    @property
    def auc(self) -> float:
        """Area under the curve, 0-1."""
        return float(self.v10.mean())


def placements(positive: Bools, score: Floats) -> Placements:
    """Placement values of every case; both classes must be there.

    Args:
        positive: (n,) bool.
        score: (n,) float64, finite.

    Returns:
        The structural components, in the order of the cases within each class.
    """
    x, y = score[positive], score[~positive]
    v10 = _half_counts(x, np.sort(y)) / (2.0 * y.size)
    v01 = 1.0 - _half_counts(y, np.sort(x)) / (2.0 * x.size)
    return Placements(v10, v01)


def delong_moments(positive: Bools, score: Floats) -> tuple[float, float]:
    """AUC and DeLong variance when the order of the cases does not matter: quickest, nothing but sorted arrays.

    Args:
        positive: (n,) bool, at least one case of each class.
        score: (n,) float64, finite.

    Returns:
        AUC (0-1) and its variance; the variance is NaN where a class has a single case, and exactly 0 where no
        case of a class differs from another in rank (perfect separation, all tied).
    """
    x, y = np.sort(score[positive]), np.sort(score[~positive])
    above = _half_counts(x, y)
    below = _half_counts(y, x)
    P, N = x.size, y.size
    area = float(above.sum()) / (2.0 * P * N)
    if P < 2 or N < 2:
        return area, float("nan")
    v10 = above / (2.0 * N) - area
    v01 = below / (2.0 * P) - (1.0 - area)
    variance = float(v10 @ v10) / ((P - 1) * P) + float(v01 @ v01) / ((N - 1) * N)
    return area, variance


def _half_counts(values: Floats, ordered: Floats) -> Floats:
    """For each value: twice the number of ``ordered`` below it plus the number equal to it, exact up to 2^53."""
    below = np.searchsorted(ordered, values, side="left")
    return (below + np.searchsorted(ordered, values, side="right")).astype(np.float64)
