"""Medians of times, and changes of readers: intervals that need no shape of the distribution, and the t interval."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import binomial_cdf, t_quantile
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import Floats, confidence
from lesion_core.stats.reader_mean import FEW_READERS, MIN_READERS


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
    numbers = np.sort(_finite(values))
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


def mean_change(changes: ArrayLike, *, ratio: bool = False, level: float = 0.95, name: str = "change") -> Estimate:
    """Mean of one number for each reader, with Student's t interval: readers are a sample, their cases are not.

    Args:
        changes: (readers,) differences, or ratios above 0.
        ratio: take the geometric mean, on the logarithms.
        level: confidence level, 0-1.
        name: what changes.

    Raises:
        StatisticsError: changes that are not finite, or ratios not above 0.
    """
    numbers = _finite(changes)
    if ratio and (numbers <= 0).any():
        raise StatisticsError(f"a ratio must be above 0, got {numbers.min():g}")
    method, n = f"t over readers{', on logarithms' if ratio else ''}", numbers.size
    if n == 0:
        return undefined(name, "no reader", method=method, n=0, level=confidence(level))
    scale = np.log(numbers) if ratio else numbers
    mean = float(scale.mean())
    value = math.exp(mean) if ratio else mean
    if n < MIN_READERS:
        return Estimate(name, value, NAN, NAN, confidence(level), method, n, reason=FEW_READERS)
    se = float(scale.std(ddof=1)) / math.sqrt(n)
    if se == 0:
        return Estimate(name, value, NAN, NAN, confidence(level), method, n, reason="a standard error of 0")
    reach = t_quantile(0.5 + confidence(level) / 2, n - 1) * se
    ends = (mean - reach, mean + reach)
    low, high = (math.exp(end) for end in ends) if ratio else ends
    return Estimate(name, value, low, high, level, method, n, se=NAN if ratio else se)


def _finite(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise StatisticsError(f"values must be one row of finite numbers, got shape {numbers.shape}")
    return numbers
