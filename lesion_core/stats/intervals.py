"""Intervals for an area under the ROC curve by every method in use; other intervals can be imported from here too.

With patient ids (``groups``) every method takes cases of one patient as dependent. A standard error of 0 (perfect
separation, all scores tied) would give a point: Newcombe's score interval takes its place and a note says so.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.accuracy import accuracy, sensitivity, specificity
from lesion_core.stats.bootstrap import bootstrap_aucs, percentile_estimate
from lesion_core.stats.clustered import clustered_auc_covariance
from lesion_core.stats.crossvalidated import cross_validated_auc
from lesion_core.stats.distributions import critical
from lesion_core.stats.estimate import Estimate, undefined
from lesion_core.stats.inputs import (
    Bools,
    Floats,
    Ints,
    cluster_codes,
    cluster_count,
    confidence,
    labelled_scores,
    one_class_reason,
)
from lesion_core.stats.placements import delong_moments, placements
from lesion_core.stats.predictive import likelihood_ratios, predictive_values
from lesion_core.stats.proportions import clopper_pearson, proportion_interval, wilson
from lesion_core.stats.standard_errors import hanley_mcneil_variance, newcombe_limits, spss_variance

__all__ = [
    "AUC_METHODS",
    "accuracy",
    "auc_interval",
    "clopper_pearson",
    "cross_validated_auc",
    "likelihood_ratios",
    "predictive_values",
    "proportion_interval",
    "sensitivity",
    "specificity",
    "wilson",
]

AucMethod = Literal["delong", "logit-delong", "hanley-mcneil", "spss", "newcombe", "bootstrap"]
AUC_METHODS: tuple[str, ...] = get_args(AucMethod)
SHOWN = {
    "delong": "DeLong",
    "logit-delong": "logit DeLong",
    "hanley-mcneil": "Hanley-McNeil",
    "spss": "SPSS non-parametric",
    "newcombe": "Newcombe score",
    "bootstrap": "stratified bootstrap",
}


def auc_interval(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    method: AucMethod = "delong",
    level: float = 0.95,
    groups: ArrayLike | None = None,
    name: str = "AUC",
    draws: int = 10_000,
    rng: np.random.Generator | int = 0,
) -> Estimate:
    """Area under the ROC curve with an interval.

    - ``delong``: A +- z SE with DeLong's SE, ends cut at 0 and 1 as pROC does; with ``groups`` Obuchowski's clustered
      SE (1997), which is DeLong's when every case is its own patient.
    - ``logit-delong``: the same on the logit scale (Pepe 2003, section 5.2.4): inside 0-1 by itself.
    - ``hanley-mcneil``: A +- z SE with the exponential-model SE (1982). Takes cases as independent.
    - ``spss``: A +- z SE with the non-parametric SE that SPSS prints. Takes cases as independent.
    - ``newcombe``: score interval (Newcombe 2006, method 5). With ``groups`` patients are counted instead.
    - ``bootstrap``: percentiles of a stratified bootstrap of cases, of patients with ``groups``.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite, higher = more suspicious.
        method: one of the above.
        level: confidence level, 0-1.
        groups: (n,) patient ids; None takes the cases as independent.
        name: what the area is called in sentences.
        draws: number of samples (bootstrap only).
        rng: source of chance, or a seed (bootstrap only).

    Returns:
        The estimate; undefined, with the reason, when a class is missing.

    Raises:
        StatisticsError: unusable input, an unknown method, or ``groups`` with a method that cannot use them.
    """
    positive, score = labelled_scores(y_true, y_score)
    confidence(level)
    if method not in AUC_METHODS:
        raise StatisticsError(f"no AUC interval named {method!r}: choose one of {', '.join(AUC_METHODS)}")
    codes = None if groups is None else cluster_codes(groups, positive.size)
    if codes is not None and method in ("hanley-mcneil", "spss"):
        raise StatisticsError(
            f"{method} takes cases as independent: use delong, logit-delong, newcombe or bootstrap with groups"
        )
    shown = SHOWN[method] if codes is None else f"{SHOWN[method]}, clustered"
    clusters = cluster_count(codes)
    reason = one_class_reason(int(positive.sum()), int((~positive).sum()))
    if reason:
        return undefined(name, reason, method=shown, n=positive.size, level=level, clusters=clusters)
    if method == "newcombe":
        area = delong_moments(positive, score)[0]
        return _newcombe(area, positive, codes, level, name=name, shown=shown)
    if method == "bootstrap":
        samples = bootstrap_aucs(positive, [score], codes, draws=draws, rng=rng)[0]
        area = delong_moments(positive, score)[0]
        found = percentile_estimate(samples, codes, value=area, name=name, level=level, n=positive.size)
        if found.high > found.low:
            return found
        variance = 0.0
    else:
        area, variance = _moments(positive, score, codes, method)
    if math.isnan(variance) or variance <= 0:
        why = "fewer than two cases (or patients) of a class" if math.isnan(variance) else "a standard error of 0"
        note = f"{shown} gives no interval here ({why}): Newcombe's score interval stands instead."
        fallback = SHOWN["newcombe"] if codes is None else f"{SHOWN['newcombe']}, clustered"
        return _newcombe(area, positive, codes, level, name=name, shown=fallback).with_note(note)
    se = math.sqrt(variance)
    low, high = _ends(area, se, critical(level), on_logit=method == "logit-delong")
    return Estimate(name, area, low, high, level, shown, positive.size, se=se, clusters=clusters)


def _moments(positive: Bools, score: Floats, codes: Ints | None, method: AucMethod) -> tuple[float, float]:
    """Area and variance; the variance is NaN where a class has too few cases for the method."""
    if codes is not None:
        components = placements(positive, score)
        return components.auc, clustered_auc_covariance(positive, codes, components)
    area, variance = delong_moments(positive, score)
    P = int(positive.sum())
    if method == "hanley-mcneil":
        variance = hanley_mcneil_variance(area, P, positive.size - P)
    elif method == "spss":
        variance = spss_variance(positive, score)
    return area, variance


def _ends(area: float, se: float, z: float, *, on_logit: bool) -> tuple[float, float]:
    if not on_logit or not 0 < area < 1:
        return max(0.0, area - z * se), min(1.0, area + z * se)
    centre, spread = math.log(area / (1 - area)), z * se / (area * (1 - area))
    return _expit(centre - spread), _expit(centre + spread)


def _newcombe(area: float, positive: Bools, codes: Ints | None, level: float, *, name: str, shown: str) -> Estimate:
    if codes is None:
        P, N, clusters = int(positive.sum()), int((~positive).sum()), None
    else:
        P, N = np.unique(codes[positive]).size, np.unique(codes[~positive]).size
        clusters = int(np.unique(codes).size)
    low, high = newcombe_limits(area, P, N, critical(level))
    return Estimate(name, area, low, high, level, shown, positive.size, clusters=clusters)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
