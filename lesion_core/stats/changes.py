"""Changes of readers, one number each: their mean with its t interval. Readers are a sample, their cases are not."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import t_quantile
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import Floats, confidence
from lesion_core.stats.reader_mean import FEW_READERS, MIN_READERS
from lesion_core.stats.wald import NO_VARIANCE

ONE_SEQUENCE = (
    "all readers had the same cases in the first period: cases and course cannot be told apart without readers who "
    "had them in the second"
)


def mean_change(changes: ArrayLike, *, ratio: bool = False, level: float = 0.95, name: str = "change") -> Estimate:
    """Mean of one number for each reader, with Student's t interval.

    Args:
        changes: (readers,) differences, or ratios above 0.
        ratio: take the geometric mean, on the logarithms.
        level: confidence level, 0-1.
        name: what changes.

    Raises:
        StatisticsError: changes that are not finite, or ratios not above 0.
    """
    scale = _on_scale(changes, ratio)
    return _pooled_mean((scale,), "t over readers", ratio=ratio, level=level, name=name)


def mean_over_sequences(
    one: ArrayLike, other: ArrayLike, *, ratio: bool = False, level: float = 0.95, name: str = "change"
) -> Estimate:
    """What changed between the two periods of a crossover, where each period has other cases for either sequence.

    Whoever reads A then B changes by the course plus B - A, whoever reads B then A by the course minus it: half the
    sum of the two means is the course (Hills and Armitage 1979, Br J Clin Pharmacol 8:7-20: the same contrast for the
    treatment). Its standard error is s / 2 sqrt(1 / n1 + 1 / n2), s pooled, with n1 + n2 - 2 degrees of freedom.

    Args:
        one: (readers,) changes of the readers of one sequence, or ratios above 0.
        other: (readers,) of the other sequence.
        ratio: take the geometric mean, on the logarithms.
        level: confidence level, 0-1.
        name: what changes.

    Raises:
        StatisticsError: changes that are not finite, or ratios not above 0.
    """
    sequences = (_on_scale(one, ratio), _on_scale(other, ratio))
    return _pooled_mean(sequences, "t over readers, mean of two sequences", ratio=ratio, level=level, name=name)


def _on_scale(changes: ArrayLike, ratio: bool) -> Floats:
    """The changes, checked; of ratios the logarithms."""
    numbers = np.asarray(changes, dtype=np.float64)
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise StatisticsError(f"changes must be one row of finite numbers, got shape {numbers.shape}")
    if ratio and (numbers <= 0).any():
        raise StatisticsError(f"a ratio must be above 0, got {numbers.min():g}")
    return np.log(numbers) if ratio else numbers


def _pooled_mean(sequences: tuple[Floats, ...], method: str, *, ratio: bool, level: float, name: str) -> Estimate:
    """Mean of the sequences' means: its standard error is s / k sqrt(sum of 1 / n_i), s pooled over the k sequences."""
    method += ", on logarithms" if ratio else ""
    k, n = len(sequences), sum(each.size for each in sequences)
    if not all(each.size for each in sequences):
        return undefined(name, ONE_SEQUENCE if n else "no reader", method=method, n=n, level=confidence(level))
    mean = float(np.mean([each.mean() for each in sequences]))
    value = math.exp(mean) if ratio else mean
    if n < MIN_READERS:
        return Estimate(name, value, NAN, NAN, confidence(level), method, n, reason=FEW_READERS)
    df = n - k
    variance = sum(float(((each - each.mean()) ** 2).sum()) for each in sequences) / df
    se = math.sqrt(variance * sum(1 / each.size for each in sequences)) / k
    if se**2 <= NO_VARIANCE:
        return Estimate(name, value, NAN, NAN, confidence(level), method, n, reason="a standard error of 0")
    reach = t_quantile(0.5 + confidence(level) / 2, df) * se
    ends = (mean - reach, mean + reach)
    low, high = (math.exp(end) for end in ends) if ratio else ends
    return Estimate(name, value, low, high, level, method, n, se=NAN if ratio else se)
