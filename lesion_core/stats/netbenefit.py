"""Decision curves: is calling cases by this probability better than treating all, or none?

Vickers and Elkin 2006 (Medical Decision Making 26:565): at threshold t a false positive costs t / (1 - t) true
positives, net benefit = TP / n - FP / n x t / (1 - t). With a stated prevalence the rates are reweighted to it (for
case-control sets).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.calibration import probabilities
from lesion_core.stats.clustered import cluster_sums
from lesion_core.stats.distributions import critical
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import Bools, Floats, Ints, cluster_codes, confidence, one_class_reason, share


@dataclass(frozen=True)
class DecisionPoint:
    """Net benefit at one threshold.

    Attributes:
        threshold: probability at which one would act, 0-1.
        model: net benefit of calling cases at or above the threshold.
        treat_all: net benefit of calling every case.
        over_best: model minus the better of treating all and none.
    """

    threshold: float
    model: Estimate
    treat_all: Estimate
    over_best: Estimate


def treat_all_benefit(prevalence: float, threshold: float) -> float:
    """Net benefit of calling every case: prevalence - (1 - prevalence) t / (1 - t).

    Reproduces dcurves: prevalence 0.14 at 0.01, 0.02, 0.03, 0.04 gives 0.1313131, 0.1224490, 0.1134021, 0.1041667.

    Args:
        prevalence: share of positives, 0-1.
        threshold: 0 <= t < 1.

    Raises:
        StatisticsError: outside those ranges.
    """
    share(prevalence, "prevalence")
    return prevalence - (1 - prevalence) * _odds(threshold)


def decision_curve(
    y_true: ArrayLike,
    probability: ArrayLike,
    thresholds: ArrayLike,
    *,
    prevalence: float | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[DecisionPoint, ...]:
    """Net benefit over thresholds, each with a normal interval from the cases' (or patients') influences.

    Net benefit is a mean over cases, so its standard error is that of a mean (Sande et al. 2020); with a stated
    prevalence it is a weighted sum of a sensitivity and a false positive rate, and the class sizes are taken as fixed.

    Args:
        y_true: (n,) 0/1.
        probability: (n,) 0-1.
        thresholds: (k,) 0 <= t < 1.
        prevalence: share of positives where the calls will be used; None takes the sample's own.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable input, a probability, threshold or prevalence outside its range.
    """
    positive, p = probabilities(y_true, probability)
    if prevalence is not None:
        share(prevalence, "prevalence")
    codes = np.arange(positive.size) if groups is None else cluster_codes(groups, positive.size)
    clusters = None if groups is None else int(np.unique(codes).size)
    points = []
    for t in np.asarray(thresholds, dtype=np.float64).tolist():
        odds = _odds(t)
        worth = np.where(positive, 1.0, -odds)

        def benefit(called: Bools, name: str, worth: Floats = worth) -> Estimate:
            return _weighted_mean(
                called * worth, positive, codes, prevalence, level=confidence(level), name=name, clusters=clusters
            )

        every = np.ones_like(positive)
        called = p >= t
        whole = benefit(every, f"net benefit of treating all at {t:g}")
        better = whole.value > 0
        gained = (called.astype(np.float64) - every if better else called.astype(np.float64)) * worth
        over = _weighted_mean(
            gained,
            positive,
            codes,
            prevalence,
            level=level,
            name=f"net benefit over {'treating all' if better else 'treating none'} at {t:g}",
            clusters=clusters,
        )
        points.append(DecisionPoint(t, benefit(called, f"net benefit at {t:g}"), whole, over))
    return tuple(points)


def _weighted_mean(
    values: Floats,
    positive: Bools,
    codes: Ints,
    prevalence: float | None,
    *,
    level: float,
    name: str,
    clusters: int | None,
) -> Estimate:
    """Mean of the values, classes reweighted to the prevalence where one is stated, with its normal interval."""
    n = values.size
    method = "mean" if clusters is None else "mean, clustered"
    reason = "no case" if n == 0 else ""
    if prevalence is not None:
        reason = reason or one_class_reason(int(positive.sum()), int((~positive).sum()))
    if reason:
        return undefined(name, reason, method=method, n=n, level=level, clusters=clusters)
    if prevalence is None:
        value = float(values.mean())
        influence = (values - value) / n
    else:
        value, influence = 0.0, np.empty(n)
        for group, weight in ((positive, prevalence), (~positive, 1 - prevalence)):
            mean = float(values[group].mean())
            value += weight * mean
            influence[group] = weight * (values[group] - mean) / group.sum()
    sums = cluster_sums(influence, codes)
    k = sums.size
    se = math.sqrt(k / (k - 1) * float(sums @ sums)) if k > 1 else math.nan
    if not se > 1e-12:
        reason = "fewer than two cases or patients" if k < 2 else "a standard error of 0"
        return Estimate(name, value, NAN, NAN, level, method, n, clusters=clusters, reason=reason)
    reach = critical(level) * se
    return Estimate(name, value, value - reach, value + reach, level, method, n, se=se, clusters=clusters)


def _odds(threshold: float) -> float:
    if not 0 <= threshold < 1:
        raise StatisticsError(f"a decision threshold must lie from 0 to below 1, got {threshold}")
    return threshold / (1 - threshold)
