"""An operating point as counts, and the "area" that statistics programs print for it.

A reader who only calls has one point. The area under the two segments through it is balanced accuracy and should be
called so; programs print it as an AUC with an interval all the same. The closed forms here give those intervals from
the counts; they equal `auc_interval` on the calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import critical
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import Bools, Floats, confidence
from lesion_core.stats.standard_errors import hanley_mcneil_variance

PointMethod = Literal["delong", "spss", "hanley-mcneil"]
POINT_METHODS: tuple[PointMethod, ...] = ("delong", "spss", "hanley-mcneil")
SHOWN = {"delong": "DeLong", "spss": "SPSS non-parametric", "hanley-mcneil": "Hanley-McNeil"}


@dataclass(frozen=True)
class Point:
    """An operating point as counts.

    Attributes:
        tp: positives called positive.
        positives: all positives.
        tn: negatives called negative.
        negatives: all negatives.
    """

    tp: int
    positives: int
    tn: int
    negatives: int

    def __post_init__(self) -> None:
        if not (0 <= self.tp <= self.positives and 0 <= self.tn <= self.negatives):
            raise StatisticsError(
                f"counts do not fit: {self.tp} of {self.positives} positives, {self.tn} of {self.negatives} negatives"
            )

    @property
    def sensitivity(self) -> float:
        """TP / P, 0-1; NaN without a positive."""
        return self.tp / self.positives if self.positives else math.nan

    @property
    def specificity(self) -> float:
        """TN / N, 0-1; NaN without a negative."""
        return self.tn / self.negatives if self.negatives else math.nan

    @property
    def accuracy(self) -> float:
        """(TP + TN) / (P + N), 0-1; NaN without a case."""
        n = self.positives + self.negatives
        return (self.tp + self.tn) / n if n else math.nan

    @property
    def balanced_accuracy(self) -> float:
        """Mean of sensitivity and specificity: the area under the two segments through the point, 0-1."""
        return (self.sensitivity + self.specificity) / 2

    def calls(self) -> tuple[Bools, Bools]:
        """Labels and calls of cases that give these counts, (n,) bool each; which case is which is unknown."""
        y = np.arange(self.positives + self.negatives) < self.positives
        called = np.zeros(y.size, dtype=np.bool_)
        called[: self.tp] = True
        called[self.positives + self.tn :] = True
        return y, called


def point_interval(
    point: Point, *, method: PointMethod = "delong", level: float = 0.95, name: str = "balanced accuracy"
) -> Estimate:
    """Balanced accuracy with the interval a program prints for it as an area: A +- z SE, cut at 0 and 1.

    Args:
        point: the counts.
        method: "delong", "spss" (its non-parametric SE) or "hanley-mcneil".
        level: confidence level, 0-1.
        name: what it is called in sentences.

    Returns:
        The estimate; without an interval, with the reason, where the SE is 0 or unknown.

    Raises:
        StatisticsError: an unknown method or level.
    """
    if method not in POINT_METHODS:
        raise StatisticsError(f"no interval named {method!r}: choose one of {', '.join(POINT_METHODS)}")
    n, value = point.positives + point.negatives, point.balanced_accuracy
    if math.isnan(value):
        return undefined(name, "a class is missing", method=SHOWN[method], n=n, level=confidence(level))
    counts = (np.array([float(x)]) for x in (point.tp, point.positives, point.tn, point.negatives))
    variance = float(point_variances(*counts, method=method)[0])
    if not variance > 0:
        reason = "a standard error of 0" if variance == 0 else "a class has a single case"
        return Estimate(name, value, NAN, NAN, confidence(level), SHOWN[method], n, reason=reason)
    se = math.sqrt(variance)
    reach = critical(confidence(level)) * se
    return Estimate(name, value, max(0.0, value - reach), min(1.0, value + reach), level, SHOWN[method], n, se=se)


def point_variances(tp: Floats, P: Floats, tn: Floats, N: Floats, *, method: PointMethod) -> Floats:
    """Variances of many balanced accuracies taken as areas, from counts.

    DeLong: (se (1 - se) / (P - 1) + sp (1 - sp) / (N - 1)) / 4. SPSS: as `spss_variance`, with Q1 and Q2 counted from
    the four cells. Hanley-McNeil: from the area alone.

    Args:
        tp: (k,) float64.
        P: (k,) float64.
        tn: (k,) float64.
        N: (k,) float64.
        method: one of the three.

    Returns:
        (k,) float64; NaN where DeLong's lacks a second case.
    """
    se, sp = tp / P, tn / N
    area = (se + sp) / 2
    if method == "delong":
        with np.errstate(divide="ignore", invalid="ignore"):
            found = (se * (1 - se) / (P - 1) + sp * (1 - sp) / (N - 1)) / 4
        return np.where((P > 1) & (N > 1), found, math.nan)
    if method == "hanley-mcneil":
        return np.array([hanley_mcneil_variance(a, p, n) for a, p, n in zip(area, P, N, strict=True)])
    # Each negative called negative lies below tp positives and ties with the other fn; a false alarm ties with tp.
    fn, fp = P - tp, N - tn
    Q1 = (tn * (tp**2 + tp * fn + fn**2 / 3) + fp * tp**2 / 3) / (N * P**2)
    Q2 = (tp * (tn**2 + tn * fp + fp**2 / 3) + fn * tn**2 / 3) / (P * N**2)
    total = area * (1 - area) + (P - 1) * (Q1 - area**2) + (N - 1) * (Q2 - area**2)
    return np.maximum(total / (P * N), 0.0)
