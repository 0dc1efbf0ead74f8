"""Variances when cases come in clusters: several views of a lesion, several lesions of a patient.

Obuchowski 1997 (Biometrics 53:567) for areas, the ratio estimator of Rao and Scott 1992 (Biometrics 48:577) for
proportions. Clusters may be of any size and may hold both classes. With one case per cluster the first is DeLong's
variance exactly and the second p (1 - p) / (n - 1).
"""

from __future__ import annotations

import math

import numpy as np

from lesion_core.stats.inputs import Bools, Floats, Ints
from lesion_core.stats.placements import Placements


def clustered_auc_covariance(
    positive: Bools, codes: Ints, first: Placements, second: Placements | None = None
) -> float:
    """Covariance of two areas on the same clustered cases (the variance of one when ``second`` is left out).

    Obuchowski 1997: S10 / m + S01 / n + 2 S11 / (m n) over cluster sums of the structural components.

    Args:
        positive: (n,) bool.
        codes: (n,) int64, cluster of each case, 0 .. k-1.
        first: structural components of one score.
        second: structural components of the other.

    Returns:
        The covariance; NaN when fewer than two clusters hold a positive or fewer than two hold a negative.
    """
    second = second or first
    clusters = int(codes.max()) + 1
    x = _centred_sums(positive, codes, clusters, first)
    y = _centred_sums(positive, codes, clusters, second)
    with_positive = np.unique(codes[positive]).size
    with_negative = np.unique(codes[~positive]).size
    if with_positive < 2 or with_negative < 2:
        return math.nan
    m, n = int(positive.sum()), int((~positive).sum())
    s10 = with_positive / (with_positive - 1) * float(x[0] @ y[0])
    s01 = with_negative / (with_negative - 1) * float(x[1] @ y[1])
    s11 = clusters / (clusters - 1) * float(x[0] @ y[1] + x[1] @ y[0])
    return s10 / m**2 + s01 / n**2 + s11 / (m * n)


def clustered_proportion_variance(success: Bools, codes: Ints) -> float:
    """Variance of a proportion of clustered cases: k / (k - 1) sum_i (x_i - n_i p)^2 / n^2 (Rao and Scott 1992).

    Args:
        success: (n,) bool.
        codes: (n,) int64, cluster of each case; any numbering.

    Returns:
        The variance; NaN with fewer than two clusters.
    """
    residual = cluster_sums(success - success.mean(), codes)
    k = residual.size
    return k / (k - 1) * float(residual @ residual) / success.size**2 if k > 1 else math.nan


def cluster_sums(values: Floats, codes: Ints) -> Floats:
    """Sum of the values in each cluster that occurs.

    Args:
        values: (n,) float64.
        codes: (n,) int64; any numbering.

    Returns:
        (k,) float64, in the order of the codes.
    """
    local = np.unique(codes, return_inverse=True)[1]
    return np.bincount(local, weights=values).astype(np.float64)


def _centred_sums(positive: Bools, codes: Ints, clusters: int, components: Placements) -> tuple[Floats, Floats]:
    """Cluster sums of V10 - area and V01 - area, (clusters,) each; 0 for a cluster without that class."""
    area = components.auc
    return (
        np.bincount(codes[positive], weights=components.v10 - area, minlength=clusters).astype(np.float64),
        np.bincount(codes[~positive], weights=components.v01 - area, minlength=clusters).astype(np.float64),
    )
