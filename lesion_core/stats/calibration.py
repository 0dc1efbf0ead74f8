"""Does a probability of 0.3 come true three times in ten? Reliability, slope and intercept, Brier score, Spiegelhalter.

Probabilities are predictions of class 1, 0-1. Nothing here mends them: see ``recalibration``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.clustered import cluster_sums
from lesion_core.stats.distributions import critical, normal_two_sided
from lesion_core.stats.estimate import NAN, Comparison, Estimate, undefined, undefined_test
from lesion_core.stats.inputs import Bools, Floats, Ints, cluster_codes, cluster_count, confidence, labelled_scores
from lesion_core.stats.logistic import LogisticFit, fit_logistic, log_odds
from lesion_core.stats.proportions import proportion_interval
from lesion_core.stats.wald import NO_VARIANCE

Bins = Literal["count", "width"]


@dataclass(frozen=True)
class ReliabilityBin:
    """Cases with alike probabilities.

    Attributes:
        low: smallest probability in the bin, 0-1.
        high: largest probability in the bin, 0-1.
        predicted: mean probability, 0-1.
        observed: share of positives with its interval.
    """

    low: float
    high: float
    predicted: float
    observed: Estimate


@dataclass(frozen=True)
class CalibrationLine:
    """The logistic recalibration line: logit P(y = 1) = intercept + slope logit p.

    Attributes:
        slope: 1 when right; below 1 the probabilities are too extreme.
        intercept: of the same fit.
        in_the_large: the intercept with the slope held at 1: above 0 the probabilities are too low on average.
    """

    slope: Estimate
    intercept: Estimate
    in_the_large: Estimate


@dataclass(frozen=True)
class BrierScore:
    """Mean squared error of the probabilities and what it is made of.

    Attributes:
        score: the Brier score with its interval, 0-1, lower is better.
        skill: 1 - score / uncertainty; 0 is no better than the prevalence, 1 is perfect; NaN with one class.
        reliability: loss from miscalibration, lower is better.
        resolution: gain from telling cases apart, higher is better.
        uncertainty: prevalence x (1 - prevalence).
        within: what the bins hide: score - (reliability - resolution + uncertainty).
    """

    score: Estimate
    skill: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


def reliability_curve(
    y_true: ArrayLike,
    probability: ArrayLike,
    *,
    bins: int = 10,
    by: Bins = "count",
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[ReliabilityBin, ...]:
    """Observed against predicted, bin by bin, with Wilson intervals (clustered with ``groups``).

    Equal probabilities always share a bin, so there may be fewer bins than asked for; empty ones are left out.

    Args:
        y_true: (n,) 0/1.
        probability: (n,) 0-1.
        bins: how many, at least 1.
        by: "count" puts as many cases in each, "width" cuts 0-1 into equal parts.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable input, a probability outside 0-1, or no bin.
    """
    positive, p = probabilities(y_true, probability)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    found = []
    for rows in _bins(p, bins, by):
        observed = proportion_interval(
            positive[rows], groups=None if codes is None else codes[rows], level=level, name="share of positives"
        )
        found.append(ReliabilityBin(float(p[rows].min()), float(p[rows].max()), float(p[rows].mean()), observed))
    return tuple(found)


def calibration_line(
    y_true: ArrayLike, probability: ArrayLike, *, groups: ArrayLike | None = None, level: float = 0.95
) -> CalibrationLine:
    """Calibration slope and intercept by logistic regression on the log odds (Cox 1958; Van Calster et al. 2016).

    Standard errors from the information matrix; with ``groups`` the sandwich over patients (Huber 1967, Liang and Zeger
    1986). Probabilities of exactly 0 and 1 are moved to 1e-12 and 1 - 1e-12, and a note says so.

    Args:
        y_true: (n,) 0/1.
        probability: (n,) 0-1.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable input, or a probability outside 0-1.
    """
    positive, p = probabilities(y_true, probability)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    x = log_odds(p)
    note = "Probabilities of exactly 0 or 1 were moved to 1e-12 and 1 - 1e-12." if ((p == 0) | (p == 1)).any() else ""
    both = fit_logistic(positive, np.column_stack([np.ones_like(x), x]), codes=codes)
    large = fit_logistic(positive, np.ones((x.size, 1)), offset=x, codes=codes)
    clusters = cluster_count(codes)
    n, level = positive.size, confidence(level)
    return CalibrationLine(
        slope=_coefficient("calibration slope", both, 1, n, level, clusters, note),
        intercept=_coefficient("calibration intercept", both, 0, n, level, clusters, note),
        in_the_large=_coefficient("calibration in the large", large, 0, n, level, clusters, note),
    )


def brier_score(
    y_true: ArrayLike,
    probability: ArrayLike,
    *,
    bins: int = 10,
    by: Bins = "count",
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> BrierScore:
    """Brier score (1950) with Murphy's decomposition (1973) and the part that bins hide (Stephenson et al. 2008).

    The score is reliability - resolution + uncertainty + within, exactly. The interval is value +- z SE of the mean of
    squared errors, over patients with ``groups``, cut at 0 and 1.

    Args:
        y_true: (n,) 0/1.
        probability: (n,) 0-1.
        bins: bins of the decomposition, at least 1.
        by: see `reliability_curve`.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable input, or a probability outside 0-1.
    """
    positive, p = probabilities(y_true, probability)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    n = positive.size
    if n == 0:
        nothing = undefined("Brier score", "no case", method="mean", n=0, level=confidence(level))
        return BrierScore(nothing, NAN, NAN, NAN, NAN, NAN)
    score = mean_interval((p - positive) ** 2, codes, level=level, name="Brier score", limits=(0.0, 1.0))
    base = float(positive.mean())
    reliability = resolution = 0.0
    for rows in _bins(p, bins, by):
        observed = float(positive[rows].mean())
        reliability += rows.size / n * (float(p[rows].mean()) - observed) ** 2
        resolution += rows.size / n * (observed - base) ** 2
    uncertainty = base * (1 - base)
    within = score.value - (reliability - resolution + uncertainty)
    skill = 1 - score.value / uncertainty if uncertainty else math.nan
    return BrierScore(score, skill, reliability, resolution, uncertainty, within)


def spiegelhalter_test(
    y_true: ArrayLike, probability: ArrayLike, *, groups: ArrayLike | None = None, level: float = 0.95
) -> Comparison:
    """Test whether the probabilities are right: Spiegelhalter 1986 (Stat Med 5:421), on the Brier score.

    z = sum (y - p)(1 - 2 p) / sqrt(sum (1 - 2 p)^2 p (1 - p)); with ``groups`` the variance is that of the patients'
    sums seen. ``value`` is the excess of the Brier score over what right probabilities would give.

    Args:
        y_true: (n,) 0/1.
        probability: (n,) 0-1.
        groups: (n,) patient ids; None takes the cases as independent.
        level: kept in the record; the test has no interval.

    Returns:
        The test; undefined where every probability is 0, 1/2 or 1.

    Raises:
        StatisticsError: unusable input, or a probability outside 0-1.
    """
    positive, p = probabilities(y_true, probability)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    clusters = cluster_count(codes)
    name, method = "Brier score in excess of its expectation", "Spiegelhalter"
    n = positive.size
    terms = (positive - p) * (1 - 2 * p)
    if codes is None:
        variance = float(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    else:
        method += ", clustered"
        sums = cluster_sums(terms, codes) if n else terms
        variance = float(sums @ sums)
    if n == 0 or variance <= 0:
        reason = "no case" if n == 0 else "every probability is 0, 1/2 or 1: the test has no variance"
        return undefined_test(name, reason, method=method, n=n, level=confidence(level), clusters=clusters)
    total = float(terms.sum())
    z = total / math.sqrt(variance)
    return Comparison(
        name,
        total / n,
        NAN,
        NAN,
        level,
        method,
        n,
        z,
        normal_two_sided(z),
        se=math.sqrt(variance) / n,
        clusters=clusters,
    )


def mean_interval(
    values: Floats,
    codes: Ints | None,
    *,
    level: float,
    name: str,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """A mean with a normal interval, over patients where ``codes`` is given.

    Args:
        values: (n,) float64, at least one.
        codes: (n,) int64 patients, or None for independent cases.
        level: confidence level, 0-1.
        name: what it is called in sentences.
        limits: where the ends of the interval are cut.
    """
    n, value = values.size, float(values.mean())
    units = np.arange(n) if codes is None else codes
    clusters = cluster_count(codes)
    method = "mean" if codes is None else "mean, clustered"
    sums = cluster_sums(values - value, units)
    k = sums.size
    se = math.sqrt(k / (k - 1) * float(sums @ sums)) / n if k > 1 else math.nan
    if not se**2 > NO_VARIANCE:
        reason = "fewer than two cases or patients" if k < 2 else "a standard error of 0"
        return Estimate(name, value, NAN, NAN, confidence(level), method, n, clusters=clusters, reason=reason)
    reach = critical(confidence(level)) * se
    low, high = max(limits[0], value - reach), min(limits[1], value + reach)
    return Estimate(name, value, low, high, level, method, n, se=se, clusters=clusters)


def probabilities(y_true: ArrayLike, probability: ArrayLike) -> tuple[Bools, Floats]:
    """Labels and probabilities of the same cases.

    Raises:
        StatisticsError: unusable labels, or a probability that is missing or outside 0-1.
    """
    positive, p = labelled_scores(y_true, probability, name="probability")
    if p.size and (p.min() < 0 or p.max() > 1):
        shown = f"{p.min():g} to {p.max():g}"
        raise StatisticsError(f"probability must lie from 0 to 1, got {shown}: calibrate the scores first")
    return positive, p


def _coefficient(
    name: str, fit: LogisticFit, index: int, n: int, level: float, clusters: int | None, note: str
) -> Estimate:
    method = "logistic regression" if clusters is None else "logistic regression, clustered"
    if fit.reason:
        return undefined(name, fit.reason, method=method, n=n, level=level, clusters=clusters)
    value, variance = float(fit.coefficients[index]), float(fit.covariance[index, index])
    if not variance > 0:
        reason = "too few patients to estimate a variance"
        return Estimate(name, value, NAN, NAN, level, method, n, clusters=clusters, reason=reason)
    se = math.sqrt(variance)
    reach = critical(level) * se
    notes = (note,) if note else ()
    return Estimate(name, value, value - reach, value + reach, level, method, n, se=se, clusters=clusters, notes=notes)


def _bins(p: Floats, bins: int, by: Bins) -> list[Ints]:
    """Rows of each bin that holds a case, lowest probabilities first."""
    if bins < 1:
        raise StatisticsError(f"bins must be at least 1, got {bins}")
    if by not in ("count", "width"):
        raise StatisticsError(f"bins go by count or width, got {by!r}")
    if p.size == 0:
        return []
    if by == "width":
        codes = np.minimum((p * bins).astype(np.int64), bins - 1)
    else:
        ranks = np.searchsorted(np.sort(p), p, side="left")
        codes = ranks * bins // p.size
    return [np.flatnonzero(codes == code) for code in np.unique(codes)]
