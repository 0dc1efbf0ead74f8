"""Partial area under the ROC curve, over the specificities or sensitivities that matter, with McClish's correction."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.bootstrap import bootstrap_interval
from lesion_core.stats.estimate import Estimate, undefined
from lesion_core.stats.inputs import Floats, cluster_codes, confidence, labelled_scores
from lesion_core.stats.roc import roc_curve

Focus = Literal["specificity", "sensitivity"]


def partial_auc(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    over: tuple[float, float] = (0.8, 1.0),
    focus: Focus = "specificity",
    correct: bool = True,
) -> float:
    """Area under the part of the curve with specificity (or sensitivity) in a range; NaN when a class is missing.

    Corrected after McClish 1989 (Medical Decision Making 9:190): (1 + (A - least) / (most - least)) / 2, so that a
    useless score has 0.5 and a perfect one 1 whatever the range. Agrees with pROC's ``partial.auc``.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite.
        over: lower and upper end of the range, 0-1.
        focus: what the range is of.
        correct: whether to apply McClish's correction; without it the area is at most the width of the range.

    Raises:
        StatisticsError: unusable input, an empty range, or an unknown focus.
    """
    start, end = _range(over, focus)
    curve = roc_curve(y_true, y_score)
    if curve.reason:
        return math.nan
    # Sensitivity's axis: swap the roles, positives turned into negatives by 1 - x.
    x, y = (curve.fpr, curve.tpr) if focus == "specificity" else (1 - curve.tpr[::-1], 1 - curve.fpr[::-1])
    area = _area_between(x, y, 1 - end, 1 - start)
    if not correct:
        return area
    least, most = ((1 - start) ** 2 - (1 - end) ** 2) / 2, end - start
    return (1 + (area - least) / (most - least)) / 2


def partial_auc_interval(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    over: tuple[float, float] = (0.8, 1.0),
    focus: Focus = "specificity",
    correct: bool = True,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    draws: int = 2000,
    rng: np.random.Generator | int = 0,
) -> Estimate:
    """Partial area with a stratified percentile bootstrap interval, by patient when ``groups`` is given.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite.
        over: lower and upper end of the range, 0-1.
        focus: what the range is of.
        correct: whether to apply McClish's correction.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.
        draws: number of bootstrap samples.
        rng: source of chance, or a seed.

    Raises:
        StatisticsError: unusable input, an empty range, or an unknown focus.
    """
    start, end = _range(over, focus)
    positive, score = labelled_scores(y_true, y_score)
    name = f"{'corrected ' if correct else ''}partial AUC, {focus} {start:g} to {end:g}"
    value = partial_auc(positive, score, over=over, focus=focus, correct=correct)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    if math.isnan(value):
        reason = roc_curve(positive, score).reason
        return undefined(name, reason, method="stratified bootstrap", n=positive.size, level=confidence(level))
    return bootstrap_interval(
        lambda rows: partial_auc(positive[rows], score[rows], over=over, focus=focus, correct=correct),
        positive,
        codes,
        value=value,
        name=name,
        level=level,
        draws=draws,
        rng=rng,
    )


def _area_between(x: Floats, y: Floats, start: float, end: float) -> float:
    """Area under the polyline (x rising, vertical steps allowed) between two abscissae, by the trapezoid rule."""
    left, right = np.maximum(x[:-1], start), np.minimum(x[1:], end)
    inside = right > left
    x0, x1, y0, y1 = x[:-1][inside], x[1:][inside], y[:-1][inside], y[1:][inside]
    slope = (y1 - y0) / (x1 - x0)
    a, b = left[inside], right[inside]
    return float(((b - a) * (y0 + slope * ((a + b) / 2 - x0))).sum())


def _range(over: tuple[float, float], focus: str) -> tuple[float, float]:
    start, end = over
    if focus not in ("specificity", "sensitivity"):
        raise StatisticsError(f"focus must be specificity or sensitivity, got {focus!r}")
    if not 0 <= start < end <= 1:
        raise StatisticsError(f"over must be a range inside 0 to 1, got {start} to {end}")
    return start, end
