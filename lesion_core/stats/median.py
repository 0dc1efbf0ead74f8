"""Medians of times: intervals that need no shape of the distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import binomial_cdf
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import confidence


def median_interval(values: ArrayLike, *, level: float = 0.95, name: str = "median") -> Estimate:
    """Median with the interval between two order statistics (David and Nagaraja 2003, section 7.1).

    The k-th smallest and the k-th largest, k the largest number with 2 P(X < k) <= 1 - level, X binomial (n, 1/2): it
    holds the median of any continuous distribution at least that often. Reproduces n = 10: the second and the ninth
    value, 97.9 %. Fewer than six values have no interval of 95 %.

    Args:
        values: (n,) numbers.
        level: confidence level, 0-1.
        name: what it is the median of.

    Raises:
        StatisticsError: values that are not finite, or ``level`` outside 0-1.
    """
    numbers = np.sort(np.asarray(values, dtype=np.float64))
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise StatisticsError(f"values must be one row of finite numbers, got shape {numbers.shape}")
    n, method = numbers.size, "order statistics"
    if n == 0:
        return undefined(name, "no value", method=method, n=0, level=confidence(level))
    middle, outside = float(np.median(numbers)), 1 - confidence(level)
    k = 0
    while 2 * binomial_cdf(k, n) <= outside:
        k += 1
    if k == 0:
        reason = f"{n} value{'' if n == 1 else 's'}: too few for an interval of a median"
        return Estimate(name, middle, NAN, NAN, level, method, n, reason=reason)
    return Estimate(name, middle, float(numbers[k - 1]), float(numbers[n - k]), level, method, n)
