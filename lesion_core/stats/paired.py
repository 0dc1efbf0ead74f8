"""Areas compared on the same cases (DeLong 1988; clustered after Obuchowski 1997) and on different ones.

Differences are A minus B. The other comparisons of two readings of the same cases have files of their own and can be
imported from here too: ``mcnemar`` (calls), ``permutation``, ``noninferiority``, ``multiplicity``, ``reader_point``,
``binormal``, ``overlaps``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.binormal import binormal_fit
from lesion_core.stats.clustered import clustered_auc_covariance
from lesion_core.stats.distributions import chi2_upper
from lesion_core.stats.estimate import NAN, Comparison, undefined_test
from lesion_core.stats.inputs import (
    Bools,
    Floats,
    cluster_codes,
    cluster_count,
    confidence,
    labelled_scores,
    one_class_reason,
    same_length,
    scores,
)
from lesion_core.stats.mcnemar import compare_calls, mcnemar
from lesion_core.stats.multiplicity import holm, holm_tests
from lesion_core.stats.noninferiority import equivalence, noninferiority, noninferiority_of_proportions
from lesion_core.stats.overlaps import p_range
from lesion_core.stats.permutation import permutation_test
from lesion_core.stats.placements import Placements, delong_moments, placements
from lesion_core.stats.reader_point import compare_at_reader
from lesion_core.stats.wald import difference_test

__all__ = [
    "binormal_fit",
    "compare_at_reader",
    "compare_calls",
    "delong_covariance_matrix",
    "delong_test",
    "delong_test_all",
    "delong_test_unpaired",
    "equivalence",
    "holm",
    "holm_tests",
    "mcnemar",
    "noninferiority",
    "noninferiority_of_proportions",
    "p_range",
    "permutation_test",
]


def delong_test(
    y_true: ArrayLike,
    score_a: ArrayLike,
    score_b: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    name: str = "AUC, A minus B",
) -> Comparison:
    """Do two scores of the same cases have the same area? DeLong's paired test.

    Reproduces SAS's example: albumin minus K-G 0.0107527, SE 0.0953436, p = 0.9102064; identical curves: Z = 0, p = 1.

    Args:
        y_true: (n,) 0/1.
        score_a: (n,) finite.
        score_b: (n,) finite; need not be on the scale of A.
        groups: (n,) patient ids: the variance is then Obuchowski's (1997); None takes the cases as independent.
        level: confidence level of the interval of the difference, 0-1.
        name: what the difference is called in sentences.

    Returns:
        The difference of areas with its interval and p; undefined, with the reason, when a class is missing.

    Raises:
        StatisticsError: unusable input or lengths that differ.
    """
    positive, a = labelled_scores(y_true, score_a, name="score_a")
    b = scores(score_b, name="score_b")
    same_length(positive.size, b.size, "y_true", "score_b")
    confidence(level)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    clusters = cluster_count(codes)
    method = "DeLong, paired" if codes is None else "DeLong, paired, clustered"
    reason = one_class_reason(int(positive.sum()), int((~positive).sum()))
    if reason:
        return undefined_test(name, reason, method=method, n=positive.size, level=level, clusters=clusters)
    first, second = placements(positive, a), placements(positive, b)
    between = Placements(first.v10 - second.v10, first.v01 - second.v01)
    variance = (
        _delong_covariance(between, between) if codes is None else clustered_auc_covariance(positive, codes, between)
    )
    return difference_test(name, between.auc, variance, method=method, n=positive.size, level=level, clusters=clusters)


def delong_test_all(y_true: ArrayLike, all_scores: ArrayLike, *, groups: ArrayLike | None = None) -> Comparison:
    """Do k scores of the same cases all have the same area? DeLong 1988, equation 8: chi squared.

    Reproduces SAS's example of three scores: chi2(2) = 2.5339779, p = 0.2816785. Contrasts that the data cannot tell
    apart (identical scores) take no degree of freedom.

    Args:
        y_true: (n,) 0/1.
        all_scores: (k, n) finite, one row per score, k at least 2.
        groups: (n,) patient ids; None takes the cases as independent.

    Returns:
        The test; ``value`` is the largest difference between two areas.

    Raises:
        StatisticsError: unusable input, lengths that differ, or fewer than two scores.
    """
    rows = np.atleast_2d(np.asarray(all_scores))
    if rows.ndim != 2 or rows.shape[0] < 2:
        raise StatisticsError(f"all_scores must be (k, n) with k at least 2, got shape {rows.shape}")
    checked = [labelled_scores(y_true, row, name=f"all_scores[{i}]") for i, row in enumerate(rows)]
    positive = checked[0][0]
    codes = None if groups is None else cluster_codes(groups, positive.size)
    clusters = cluster_count(codes)
    method = f"DeLong, {len(checked)} areas" + ("" if codes is None else ", clustered")
    name = "all areas equal"
    reason = one_class_reason(int(positive.sum()), int((~positive).sum()))
    if reason:
        return undefined_test(name, reason, method=method, n=positive.size, level=0.95, clusters=clusters)
    parts = [placements(positive, row) for _, row in checked]
    areas = np.array([part.auc for part in parts])
    differences = areas[1:] - areas[0]
    between = [Placements(part.v10 - parts[0].v10, part.v01 - parts[0].v01) for part in parts[1:]]
    covariance = np.array(
        [
            [
                _delong_covariance(x, y) if codes is None else clustered_auc_covariance(positive, codes, x, y)
                for y in between
            ]
            for x in between
        ]
    )
    spread = float(areas.max() - areas.min())
    if np.isnan(covariance).any():
        reason = "too few cases or patients to estimate a variance"
        return undefined_test(name, reason, method=method, n=positive.size, level=0.95, value=spread, clusters=clusters)
    statistic, rank = _quadratic_form(differences, covariance)
    if rank == 0:
        reason = "the scores never differ in rank"
        return undefined_test(name, reason, method=method, n=positive.size, level=0.95, value=spread, clusters=clusters)
    p_value = chi2_upper(statistic, rank)
    return Comparison(
        name, spread, NAN, NAN, 0.95, method, positive.size, statistic, p_value, df=(float(rank),), clusters=clusters,
        chi_squared=True,
    )  # fmt: skip


def delong_test_unpaired(
    y_true_a: ArrayLike,
    score_a: ArrayLike,
    y_true_b: ArrayLike,
    score_b: ArrayLike,
    *,
    groups_a: ArrayLike | None = None,
    groups_b: ArrayLike | None = None,
    level: float = 0.95,
    name: str = "AUC, A minus B",
) -> Comparison:
    """Do two scores of different cases have the same area? The variances add.

    The reference is normal, as in DeLong 1988; pROC uses Student's t here.

    Args:
        y_true_a: (n_a,) 0/1.
        score_a: (n_a,) finite.
        y_true_b: (n_b,) 0/1.
        score_b: (n_b,) finite.
        groups_a: (n_a,) patient ids; None takes the cases as independent.
        groups_b: (n_b,) patient ids, other patients than those of A.
        level: confidence level of the interval of the difference, 0-1.
        name: what the difference is called in sentences.

    Raises:
        StatisticsError: unusable input or lengths that differ.
    """
    sides = [labelled_scores(y_true_a, score_a, name="score_a"), labelled_scores(y_true_b, score_b, name="score_b")]
    n = sum(positive.size for positive, _ in sides)
    clustered = groups_a is not None or groups_b is not None
    method = "DeLong, unpaired" + (", clustered" if clustered else "")
    for positive, _ in sides:
        reason = one_class_reason(int(positive.sum()), int((~positive).sum()))
        if reason:
            return undefined_test(name, reason, method=method, n=n, level=confidence(level))
    moments = []
    for (positive, score), groups in zip(sides, (groups_a, groups_b), strict=True):
        if groups is None:
            moments.append(delong_moments(positive, score))
        else:
            part = placements(positive, score)
            codes = cluster_codes(groups, positive.size)
            moments.append((part.auc, clustered_auc_covariance(positive, codes, part)))
    (area_a, variance_a), (area_b, variance_b) = moments
    return difference_test(name, area_a - area_b, variance_a + variance_b, method=method, n=n, level=confidence(level))


def delong_covariance_matrix(positive: Bools, parts: list[Placements]) -> Floats:
    """DeLong's covariance matrix of k areas on the same cases (1988, equations 4 and 5).

    Args:
        positive: (n,) bool; for its sizes only.
        parts: structural components of the k scores.

    Returns:
        (k, k) float64; NaN when a class has a single case.
    """
    if positive.sum() < 2 or (~positive).sum() < 2:
        return np.full((len(parts), len(parts)), math.nan)
    s10 = np.atleast_2d(np.cov(np.array([part.v10 for part in parts])))
    s01 = np.atleast_2d(np.cov(np.array([part.v01 for part in parts])))
    return np.asarray(s10 / positive.sum() + s01 / (~positive).sum(), dtype=np.float64)


def _delong_covariance(x: Placements, y: Placements) -> float:
    """Covariance of two areas (or differences of areas) from their structural components; NaN with a single case."""
    P, N = x.v10.size, x.v01.size
    if P < 2 or N < 2:
        return math.nan
    s10 = float((x.v10 - x.v10.mean()) @ (y.v10 - y.v10.mean())) / (P - 1)
    s01 = float((x.v01 - x.v01.mean()) @ (y.v01 - y.v01.mean())) / (N - 1)
    return s10 / P + s01 / N


def _quadratic_form(differences: Floats, covariance: Floats) -> tuple[float, int]:
    """Return d' S^-1 d over the directions in which the covariance is not 0, and their number."""
    values, vectors = np.linalg.eigh(covariance)
    kept = values > values.max(initial=0.0) * 1e-10
    along = vectors.T @ differences
    return float((along[kept] ** 2 / values[kept]).sum()), int(kept.sum())
