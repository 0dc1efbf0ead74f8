"""The average reader, two ways, and the points of readers who only call.

Averaged: at each false positive rate the mean of the readers' sensitivities; its area is the mean of their areas.
Pooled: one curve through everybody's readings thrown together, as if they shared a scale, usually lower (Swets and
Pickett 1982). An imaginary reader at rounded mean counts, as some papers use, is neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.stats.bands import sensitivity_at
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.figures import Covariance, check_readings
from lesion_core.stats.inputs import Floats, truth
from lesion_core.stats.reader_mean import mean_over_readers
from lesion_core.stats.roc import RocCurve, roc_curve


@dataclass(frozen=True)
class AverageReader:
    """Curves of a group of readers.

    Attributes:
        fpr: (g,) float64, 0-1: grid of false positive rates.
        tpr: (g,) float64, 0-1: mean sensitivity of the readers on the grid; NaN when a class is missing.
        pooled: the curve through all readings thrown together.
        mean_area: mean of the readers' areas, readers and cases as samples.
        reason: why the curves are undefined; "" when they are not.
    """

    fpr: Floats
    tpr: Floats
    pooled: RocCurve
    mean_area: Estimate
    reason: str = ""


@dataclass(frozen=True)
class AveragePoint:
    """Mean operating point of readers who only call.

    Attributes:
        sensitivity: mean over the readers, readers and cases as samples.
        specificity: likewise.
        points: (readers, 2) float64: each reader's sensitivity and specificity.
    """

    sensitivity: Estimate
    specificity: Estimate
    points: Floats


def average_reader(
    y_true: ArrayLike,
    ratings: ArrayLike,
    *,
    covariance: Covariance = "delong",
    groups: ArrayLike | None = None,
    level: float = 0.95,
    points: int = 201,
) -> AverageReader:
    """Averaged and pooled curve of a group of readers.

    Args:
        y_true: (n,) 0/1.
        ratings: (readers, n) ratings.
        covariance: how the covariances over cases are estimated.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.
        points: size of the grid.

    Raises:
        StatisticsError: unusable labels or ratings.
    """
    positive = truth(y_true)
    rows = check_readings(ratings, positive.size, "auc")
    mean_area = mean_over_readers(
        positive, rows, covariance=covariance, groups=groups, level=level, name=f"mean AUC of {rows.shape[0]} readers"
    )
    grid = np.linspace(0, 1, points)
    pooled = roc_curve(np.tile(positive, rows.shape[0]), rows.ravel())
    if pooled.reason:
        return AverageReader(grid, np.full(points, np.nan), pooled, mean_area, pooled.reason)
    curves = [roc_curve(positive, row) for row in rows]
    tpr = np.mean([sensitivity_at(curve.fpr, curve.tpr, grid) for curve in curves], axis=0)
    return AverageReader(grid, tpr, pooled, mean_area)


def average_point(
    y_true: ArrayLike,
    calls: ArrayLike,
    *,
    covariance: Covariance = "delong",
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> AveragePoint:
    """Mean sensitivity and specificity of readers who only call, each with a reader-and-case interval.

    Args:
        y_true: (n,) 0/1.
        calls: (readers, n) 0/1.
        covariance: how the covariances over cases are estimated.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable labels or calls.
    """
    positive = truth(y_true)
    rows = check_readings(calls, positive.size, "sensitivity")
    r = rows.shape[0]
    rates = []
    for figure in ("sensitivity", "specificity"):
        label = f"mean {figure} of {r} readers"
        rates.append(
            mean_over_readers(
                positive, rows, figure=figure, covariance=covariance, groups=groups, level=level, name=label
            )
        )
    P, N = int(positive.sum()), int((~positive).sum())
    each = np.column_stack(
        [
            rows[:, positive].sum(axis=1) / P if P else np.full(r, np.nan),
            1 - rows[:, ~positive].sum(axis=1) / N if N else np.full(r, np.nan),
        ]
    )
    return AveragePoint(rates[0], rates[1], each)
