"""Sensitivity, specificity and accuracy of calls, with intervals that know about patients."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.stats.estimate import Estimate
from lesion_core.stats.inputs import Bools, same_length, truth
from lesion_core.stats.proportions import ProportionMethod, proportion_interval


def sensitivity(
    y_true: ArrayLike,
    y_call: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    method: ProportionMethod = "wilson",
    level: float = 0.95,
) -> Estimate:
    """Share of the positives called positive (TPR), with an interval; ``n`` is the number of positives.

    Args:
        y_true: (n,) 0/1.
        y_call: (n,) 0/1, 1 = called positive.
        groups: (n,) patient ids; None takes the cases as independent.
        method: see `proportion_interval`.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable labels or calls, or lengths that differ.
    """
    positive, called = _calls(y_true, y_call)
    return _rate(called[positive], positive, groups, method, level, name="sensitivity")


def specificity(
    y_true: ArrayLike,
    y_call: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    method: ProportionMethod = "wilson",
    level: float = 0.95,
) -> Estimate:
    """Share of the negatives called negative (TNR), with an interval; ``n`` is the number of negatives.

    Args and Raises: as `sensitivity`.
    """
    positive, called = _calls(y_true, y_call)
    return _rate(~called[~positive], ~positive, groups, method, level, name="specificity")


def accuracy(
    y_true: ArrayLike,
    y_call: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    method: ProportionMethod = "wilson",
    level: float = 0.95,
) -> Estimate:
    """Share of the cases called rightly (ACC), with an interval; it depends on the mix of cases.

    Args and Raises: as `sensitivity`.
    """
    positive, called = _calls(y_true, y_call)
    return _rate(called == positive, np.ones(positive.size, dtype=np.bool_), groups, method, level, name="accuracy")


def _rate(
    success: Bools, chosen: Bools, groups: ArrayLike | None, method: ProportionMethod, level: float, *, name: str
) -> Estimate:
    if groups is not None:
        ids = np.asarray(groups)
        same_length(chosen.size, ids.size, "y_true", "groups")
        groups = ids[chosen]
    return proportion_interval(success, groups=groups, method=method, level=level, name=name)


def _calls(y_true: ArrayLike, y_call: ArrayLike) -> tuple[Bools, Bools]:
    positive, called = truth(y_true), truth(y_call, name="y_call")
    same_length(positive.size, called.size, "y_true", "y_call")
    return positive, called
