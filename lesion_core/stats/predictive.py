"""From sensitivity and specificity to what a call means for one case: likelihood ratios and predictive values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.stats.accuracy import sensitivity, specificity
from lesion_core.stats.clustered import cluster_sums, clustered_proportion_variance
from lesion_core.stats.distributions import critical
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import Bools, Ints, cluster_codes, confidence, same_length, share, truth


@dataclass(frozen=True)
class LikelihoodRatios:
    """How much a call moves the odds.

    Attributes:
        positive: LR+ = sensitivity / (1 - specificity), 0 to infinity.
        negative: LR- = (1 - sensitivity) / specificity, 0 to infinity.
    """

    positive: Estimate
    negative: Estimate


@dataclass(frozen=True)
class PredictiveValues:
    """How often a call is right where the positives have a given share.

    Attributes:
        positive: PPV: share of positives among those called positive, 0-1.
        negative: NPV: share of negatives among those called negative, 0-1.
        prevalence: the share of positives that was assumed, 0-1.
    """

    positive: Estimate
    negative: Estimate
    prevalence: float


@dataclass(frozen=True)
class _Rates:
    """Sensitivity and specificity with their (co)variances; NaN where undefined."""

    se: float
    sp: float
    var_se: float
    var_sp: float
    covariance: float
    n: int
    clusters: int | None


def likelihood_ratios(
    y_true: ArrayLike, y_call: ArrayLike, *, groups: ArrayLike | None = None, level: float = 0.95
) -> LikelihoodRatios:
    """Likelihood ratios with intervals on the log scale (Simel, Samsa and Matchar 1991).

    With ``groups`` the variances are those of clustered ratios, with the covariance of patients who hold both classes.
    A ratio over 0 is infinite, a ratio of 0 is 0; neither has an interval by this method, and the reason says so.

    Args:
        y_true: (n,) 0/1.
        y_call: (n,) 0/1.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable labels or calls, or lengths that differ.
    """
    r = _rates(y_true, y_call, groups)
    z = critical(confidence(level))
    return LikelihoodRatios(
        positive=_log_ratio("LR+", r.se, 1 - r.sp, r.var_se, r.var_sp, -r.covariance, r, level, z),
        negative=_log_ratio("LR-", 1 - r.se, r.sp, r.var_se, r.var_sp, -r.covariance, r, level, z),
    )


def predictive_values(
    y_true: ArrayLike,
    y_call: ArrayLike,
    *,
    prevalence: float,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> PredictiveValues:
    """Predictive values at a chosen prevalence, intervals on the logit scale (Mercaldo, Lau and Zhou 2007).

    The prevalence of a test set made for the purpose (half malignant, say) is no clinic's: state the one you mean.
    logit PPV = log prevalence odds + log LR+, logit NPV = - log prevalence odds - log LR-.

    Args:
        y_true: (n,) 0/1.
        y_call: (n,) 0/1.
        prevalence: share of positives where the call will be used, 0-1; taken as known.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable labels or calls, lengths that differ, or ``prevalence`` outside 0-1.
    """
    ratios = likelihood_ratios(y_true, y_call, groups=groups, level=level)
    return predictive_values_of(ratios, prevalence=prevalence)


def predictive_values_of(ratios: LikelihoodRatios, *, prevalence: float) -> PredictiveValues:
    """The same from likelihood ratios that are at hand.

    Args:
        ratios: of the calls.
        prevalence: share of positives where the call will be used, 0-1; taken as known.

    Raises:
        StatisticsError: ``prevalence`` outside 0-1.
    """
    p = share(prevalence, "prevalence")
    name = f"at prevalence {p:g}"
    return PredictiveValues(
        positive=_from_odds(f"PPV {name}", ratios.positive, p, turned=False),
        negative=_from_odds(f"NPV {name}", ratios.negative, p, turned=True),
        prevalence=p,
    )


def _rates(y_true: ArrayLike, y_call: ArrayLike, groups: ArrayLike | None) -> _Rates:
    positive, called = truth(y_true), truth(y_call, name="y_call")
    same_length(positive.size, called.size, "y_true", "y_call")
    se, sp = sensitivity(positive, called).value, specificity(positive, called).value
    P, N = int(positive.sum()), int((~positive).sum())
    if groups is None:
        var_se = se * (1 - se) / P if P else NAN
        var_sp = sp * (1 - sp) / N if N else NAN
        return _Rates(se, sp, var_se, var_sp, 0.0, positive.size, None)
    codes = cluster_codes(groups, positive.size)
    clusters = int(np.unique(codes).size)
    var_se = clustered_proportion_variance(called[positive], codes[positive]) if P else NAN
    var_sp = clustered_proportion_variance(~called[~positive], codes[~positive]) if N else NAN
    return _Rates(se, sp, var_se, var_sp, _covariance(positive, called, codes, se, sp), positive.size, clusters)


def _covariance(positive: Bools, called: Bools, codes: Ints, se: float, sp: float) -> float:
    """Covariance of sensitivity and specificity through patients who hold both classes."""
    k = int(np.unique(codes).size)
    if math.isnan(se) or math.isnan(sp) or k < 2:
        return 0.0
    x = cluster_sums(np.where(positive, called - se, 0.0), codes) / positive.sum()
    y = cluster_sums(np.where(positive, 0.0, ~called - sp), codes) / (~positive).sum()
    return k / (k - 1) * float(x @ y)


def _log_ratio(
    name: str,
    top: float,
    bottom: float,
    var_top: float,
    var_bottom: float,
    covariance: float,
    r: _Rates,
    level: float,
    z: float,
) -> Estimate:
    """A ratio of two proportions with the interval of its logarithm by the delta method."""
    method = "log" if r.clusters is None else "log, clustered"
    if math.isnan(top) or math.isnan(bottom):
        reason = "both classes are needed"
        return undefined(name, reason, method=method, n=r.n, level=level, clusters=r.clusters)
    if top == 0 and bottom == 0:
        return undefined(name, "0 over 0", method=method, n=r.n, level=level, clusters=r.clusters)
    if top == 0 or bottom == 0:
        value, reason = (0.0, "a ratio of 0") if top == 0 else (math.inf, "a ratio over 0")
        reason += " has no interval on the log scale"
        return Estimate(name, value, NAN, NAN, level, method, r.n, clusters=r.clusters, reason=reason)
    value = top / bottom
    variance = var_top / top**2 + var_bottom / bottom**2 - 2 * covariance / (top * bottom)
    if not variance > 0:
        reason = "too few patients, or a standard error of 0"
        return Estimate(name, value, NAN, NAN, level, method, r.n, clusters=r.clusters, reason=reason)
    spread = math.sqrt(variance)
    low, high = value * math.exp(-z * spread), value * math.exp(z * spread)
    return Estimate(name, value, low, high, level, method, r.n, se=value * spread, clusters=r.clusters)


def _from_odds(name: str, ratio: Estimate, prevalence: float, *, turned: bool) -> Estimate:
    """A predictive value from its likelihood ratio; ``turned`` for the negative one, where a larger ratio is worse."""
    method = ratio.method.replace("log", "logit")
    if not ratio.defined:
        reason = ratio.reason
        return undefined(name, reason, method=method, n=ratio.n, level=ratio.level, clusters=ratio.clusters)

    def value(lr: float) -> float:
        if math.isnan(lr):
            return NAN
        hit = _share_after(prevalence, lr)
        return 1 - hit if turned else hit

    point = value(ratio.value)
    if math.isnan(point):
        reason = f"no case would be called so at prevalence {prevalence:g}"
        return undefined(name, reason, method=method, n=ratio.n, level=ratio.level, clusters=ratio.clusters)
    ends = (value(ratio.high), value(ratio.low)) if turned else (value(ratio.low), value(ratio.high))
    return Estimate(name, point, *ends, ratio.level, method, ratio.n, clusters=ratio.clusters, reason=ratio.reason)


def _share_after(prevalence: float, lr: float) -> float:
    """Share of positives after a call with this likelihood ratio (Bayes); NaN for 0 times infinity."""
    if math.isinf(lr):
        return 1.0 if prevalence > 0 else NAN
    top = prevalence * lr
    bottom = top + (1 - prevalence)
    return top / bottom if bottom else NAN
