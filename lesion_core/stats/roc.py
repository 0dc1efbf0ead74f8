"""The ROC curve, the area under it and DeLong's variance.

Conventions: ``y_true`` 0/1 with 1 = positive; higher score = more suspicious; a call is positive at score >= threshold.
The area is the Mann-Whitney statistic: the chance that a positive outranks a negative, a tie counting one half. A score
that points the wrong way has an area below 0.5; it is never turned round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.inputs import Floats, labelled_scores, one_class_reason, share
from lesion_core.stats.placements import delong_moments


@dataclass(frozen=True)
class RocCurve:
    """An empirical ROC curve, one point per distinct score (tied cases move together).

    Attributes:
        fpr: (k + 1,) float64, 0-1, rising: 1 - specificity; NaN throughout when there is no negative.
        tpr: (k + 1,) float64, 0-1, rising: sensitivity; NaN throughout when there is no positive.
        thresholds: (k + 1,) float64, falling: infinity, then each distinct score; the call is score >= threshold.
        positives: number of positive cases.
        negatives: number of negative cases.
        reason: why rates are undefined; "" when both classes are there.
    """

    fpr: Floats
    tpr: Floats
    thresholds: Floats
    positives: int
    negatives: int
    reason: str = ""

    @property
    def sensitivity(self) -> Floats:
        """(k + 1,) float64, 0-1."""
        return self.tpr

    @property
    def specificity(self) -> Floats:
        """(k + 1,) float64, 0-1."""
        return 1.0 - self.fpr

    @property
    def true_positives(self) -> Floats:
        """(k + 1,) float64, whole numbers: positives called positive at each threshold."""
        return np.rint(self.tpr * self.positives)

    @property
    def false_positives(self) -> Floats:
        """(k + 1,) float64, whole numbers: negatives called positive at each threshold."""
        return np.rint(self.fpr * self.negatives)


def roc_curve(y_true: ArrayLike, y_score: ArrayLike) -> RocCurve:
    """The empirical ROC curve.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite, higher = more suspicious.

    Returns:
        The curve from (0, 0) to (1, 1).

    Raises:
        StatisticsError: unusable labels or scores, or lengths that differ.

    Example:
        >>> curve = roc_curve([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8])
        >>> curve.tpr.tolist(), curve.fpr.tolist()
        ([0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 1.0])
    """
    positive, score = labelled_scores(y_true, y_score)
    x, y = np.sort(score[positive]), np.sort(score[~positive])
    P, N = x.size, y.size
    distinct = _distinct(np.sort(score))
    # Ascending queries into sorted arrays: far quicker than sorting indices when there are many cases.
    tp = np.r_[0, (P - np.searchsorted(x, distinct))[::-1]].astype(np.float64)
    fp = np.r_[0, (N - np.searchsorted(y, distinct))[::-1]].astype(np.float64)
    return RocCurve(
        fpr=fp / N if N else np.full_like(fp, math.nan),
        tpr=tp / P if P else np.full_like(tp, math.nan),
        thresholds=np.r_[math.inf, distinct[::-1]],
        positives=P,
        negatives=N,
        reason=one_class_reason(P, N),
    )


def _distinct(ordered: Floats) -> Floats:
    """The different values of a sorted array."""
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if ordered.size else ordered


def auc(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Area under the ROC curve, 0-1 (Mann-Whitney, ties one half); NaN when a class is missing.

    Raises:
        StatisticsError: unusable labels or scores, or lengths that differ.

    Example:
        >>> auc([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8])
        0.875
    """
    return auc_variance(y_true, y_score)[0]


def auc_variance(y_true: ArrayLike, y_score: ArrayLike) -> tuple[float, float]:
    """AUC and DeLong's variance of it, in O(n log n) (DeLong 1988, equations 3 to 5; Sun and Xu 2014).

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite.

    Returns:
        The area and its variance. Both NaN when a class is missing; the variance NaN when a class has a single case.

    Raises:
        StatisticsError: unusable labels or scores, or lengths that differ.
    """
    positive, score = labelled_scores(y_true, y_score)
    if one_class_reason(int(positive.sum()), int((~positive).sum())):
        return math.nan, math.nan
    return delong_moments(positive, score)


@dataclass(frozen=True)
class OperatingPoint:
    """One point of a ROC curve with the threshold that gives it.

    Attributes:
        threshold: call positive at score >= threshold; infinity calls nothing positive; NaN when undefined.
        sensitivity: TP / (TP + FN), 0-1.
        specificity: TN / (TN + FP), 0-1.
        tp: positives called positive.
        fn: positives called negative.
        tn: negatives called negative.
        fp: negatives called positive.
        rule: how it was chosen, in words.
        reason: why there is none; "" when there is one.
    """

    threshold: float
    sensitivity: float
    specificity: float
    tp: int
    fn: int
    tn: int
    fp: int
    rule: str
    reason: str = ""

    def sentence(self) -> str:
        """The point in words."""
        if self.reason:
            return f"operating point ({self.rule}): undefined ({self.reason})"
        return (
            f"threshold {self.threshold:.4g} ({self.rule}): sensitivity {self.sensitivity:.3f} "
            f"({self.tp}/{self.tp + self.fn}), specificity {self.specificity:.3f} ({self.tn}/{self.tn + self.fp})"
        )


def point_at_threshold(y_true: ArrayLike, y_score: ArrayLike, threshold: float) -> OperatingPoint:
    """Sensitivity and specificity of the call score >= threshold.

    A rate whose class is missing is NaN, and ``reason`` says so.

    Raises:
        StatisticsError: unusable labels or scores, or lengths that differ.
    """
    positive, score = labelled_scores(y_true, y_score)
    called = score >= threshold
    tp, P = int((called & positive).sum()), int(positive.sum())
    fp, N = int((called & ~positive).sum()), int(positive.size - P)
    return OperatingPoint(
        threshold=float(threshold),
        sensitivity=tp / P if P else math.nan,
        specificity=(N - fp) / N if N else math.nan,
        tp=tp,
        fn=P - tp,
        tn=N - fp,
        fp=fp,
        rule="given threshold",
        reason=one_class_reason(P, N),
    )


def youden_point(y_true: ArrayLike, y_score: ArrayLike) -> OperatingPoint:
    """The point of largest sensitivity + specificity - 1 (Youden 1950); of equal ones the more sensitive.

    Raises:
        StatisticsError: unusable labels or scores, or lengths that differ.
    """
    curve = roc_curve(y_true, y_score)
    gain = curve.true_positives * curve.negatives - curve.false_positives * curve.positives
    return _best(curve, gain, "largest Youden index")


def point_at_sensitivity(y_true: ArrayLike, y_score: ArrayLike, sensitivity: float = 0.95) -> OperatingPoint:
    """The highest threshold whose sensitivity is at least the one asked for: the most specific such point.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite.
        sensitivity: wanted, 0-1.

    Raises:
        StatisticsError: unusable labels or scores, lengths that differ, or ``sensitivity`` outside 0-1.
    """
    target = share(sensitivity, "sensitivity")
    curve = roc_curve(y_true, y_score)
    rule = f"sensitivity at least {target:g}"
    if curve.reason:
        return _no_point(curve, rule)
    needed = math.ceil(target * curve.positives - 1e-9)
    return _point(curve, int(np.flatnonzero(curve.true_positives >= needed)[0]), rule)


def point_at_specificity(y_true: ArrayLike, y_score: ArrayLike, specificity: float = 0.95) -> OperatingPoint:
    """The lowest threshold whose specificity is at least the one asked for: the most sensitive such point.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite.
        specificity: wanted, 0-1.

    Raises:
        StatisticsError: unusable labels or scores, lengths that differ, or ``specificity`` outside 0-1.
    """
    target = share(specificity, "specificity")
    curve = roc_curve(y_true, y_score)
    rule = f"specificity at least {target:g}"
    if curve.reason:
        return _no_point(curve, rule)
    needed = math.ceil(target * curve.negatives - 1e-9)
    return _point(curve, int(np.flatnonzero(curve.negatives - curve.false_positives >= needed)[-1]), rule)


def cost_point(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    prevalence: float,
    false_negative_cost: float,
    false_positive_cost: float = 1.0,
) -> OperatingPoint:
    """The point of least expected cost at a given prevalence.

    Metz 1978 (Seminars in Nuclear Medicine 8:283): where the slope is (1 - prevalence) C_FP / (prevalence C_FN).

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite.
        prevalence: share of positives where the score will be used, 0-1.
        false_negative_cost: cost of missing a positive, not negative, any unit.
        false_positive_cost: cost of a false alarm, same unit.

    Raises:
        StatisticsError: unusable labels or scores, lengths that differ, ``prevalence`` outside 0-1, or a negative cost.
    """
    share(prevalence, "prevalence")
    if not (false_negative_cost >= 0 and false_positive_cost >= 0):
        raise StatisticsError(f"costs must not be negative, got {false_negative_cost} and {false_positive_cost}")
    curve = roc_curve(y_true, y_score)
    costs = f"a miss {false_negative_cost:g} to a false alarm {false_positive_cost:g}"
    rule = f"least cost at prevalence {prevalence:g}, {costs}"
    benefit = prevalence * false_negative_cost * curve.tpr - (1 - prevalence) * false_positive_cost * curve.fpr
    return _best(curve, benefit, rule)


def _best(curve: RocCurve, gain: Floats, rule: str) -> OperatingPoint:
    if curve.reason:
        return _no_point(curve, rule)
    return _point(curve, int(np.flatnonzero(gain == gain.max())[-1]), rule)


def _point(curve: RocCurve, index: int, rule: str) -> OperatingPoint:
    tp, fp = int(curve.true_positives[index]), int(curve.false_positives[index])
    return OperatingPoint(
        threshold=float(curve.thresholds[index]),
        sensitivity=tp / curve.positives,
        specificity=(curve.negatives - fp) / curve.negatives,
        tp=tp,
        fn=curve.positives - tp,
        tn=curve.negatives - fp,
        fp=fp,
        rule=rule,
    )


def _no_point(curve: RocCurve, rule: str) -> OperatingPoint:
    return OperatingPoint(math.nan, math.nan, math.nan, 0, 0, 0, 0, rule, reason=curve.reason)
