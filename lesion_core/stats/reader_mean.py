"""The mean figure of one group of readers, as a sample of readers on a sample of cases."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.stats.distributions import t_quantile
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.figures import Covariance, Figure, check_readings, figure_covariance, figure_values
from lesion_core.stats.inputs import Floats, cluster_codes, cluster_count, confidence, truth
from lesion_core.stats.wald import NO_VARIANCE

MIN_READERS = 3
FEW_READERS = "fewer than 3 readers say too little about readers in general"


def mean_over_readers(
    y_true: ArrayLike,
    readings: ArrayLike,
    *,
    figure: Figure = "auc",
    covariance: Covariance = "delong",
    groups: ArrayLike | None = None,
    level: float = 0.95,
    name: str | None = None,
) -> Estimate:
    """Mean figure of a group of readers, as a sample of readers on a sample of cases (Hillis 2014, one modality).

    Variance (MS(R) + r max(Cov2, 0)) / r with df [MS(R) + r max(Cov2, 0)]^2 / (MS(R)^2 / (r - 1)).

    Args:
        y_true: (n,) 0/1.
        readings: (readers, n).
        figure: figure of merit.
        covariance: how the covariances over cases are estimated.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.
        name: what it is called in sentences.

    Raises:
        StatisticsError: unusable labels or readings.
    """
    positive = truth(y_true)
    rows = check_readings(readings, positive.size, figure)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    clusters = cluster_count(codes)
    label = name or f"mean {figure} of {rows.shape[0]} readers"
    method = f"Obuchowski-Rockette, {covariance} covariances" + ("" if codes is None else ", clustered")
    values = figure_values(positive, rows, figure)
    if rows.shape[0] == 0 or np.isnan(values).any():
        reason = "no readers" if rows.shape[0] == 0 else "a class is missing"
        return undefined(label, reason, method=method, n=positive.size, level=confidence(level), clusters=clusters)
    if rows.shape[0] < MIN_READERS:
        return Estimate(
            label, float(values.mean()), NAN, NAN, level, method, positive.size, clusters=clusters, reason=FEW_READERS
        )
    matrix = figure_covariance(positive, rows, figure, method=covariance, codes=codes)
    variance, df = random_reader_variance(values, matrix)
    return mean_estimate(
        label, float(values.mean()), variance, df, method, n=positive.size, level=confidence(level), clusters=clusters
    )


def random_reader_variance(values: Floats, covariance: Floats) -> tuple[float, float]:
    """Variance of a mean over random readers and random cases, and its degrees of freedom (Hillis 2014).

    Args:
        values: (r,) figures, or differences of figures from a common one.
        covariance: (r, r) their covariance over cases.

    Returns:
        The variance and the df; NaN with one reader.
    """
    r = values.size
    if r < 2:
        return math.nan, math.nan
    ms = float(values.var(ddof=1))
    cov2 = float(covariance[~np.eye(r, dtype=np.bool_)].mean())
    total = ms + r * max(cov2, 0.0)
    return total / r, total**2 / (ms**2 / (r - 1)) if ms > NO_VARIANCE else math.inf


def mean_estimate(
    name: str,
    value: float,
    variance: float,
    df: float,
    method: str,
    *,
    n: int,
    level: float,
    clusters: int | None,
    reason: str = "",
) -> Estimate:
    """A mean with its t interval, cut at 0 and 1; without an interval where the variance is 0 or unknown.

    Args:
        name: what it is called in sentences.
        value: the mean; NaN when undefined.
        variance: of the mean; NaN when unknown.
        df: degrees of freedom; infinite for the normal.
        method: how the interval is made.
        n: number of cases.
        level: confidence level, 0-1.
        clusters: number of patients; None when cases were taken as independent.
        reason: why there is no interval, where that is known already.
    """
    if math.isnan(value):
        return undefined(name, reason or "a class is missing", method=method, n=n, level=level, clusters=clusters)
    if reason or not variance > NO_VARIANCE:
        reason = reason or (
            "a standard error of 0" if variance <= NO_VARIANCE else "too few cases to estimate a variance"
        )
        return Estimate(name, value, NAN, NAN, level, method, n, clusters=clusters, reason=reason)
    se = math.sqrt(variance)
    reach = t_quantile(0.5 + level / 2, df) * se
    return Estimate(
        name, value, max(0.0, value - reach), min(1.0, value + reach), level, method, n, se=se, clusters=clusters
    )
