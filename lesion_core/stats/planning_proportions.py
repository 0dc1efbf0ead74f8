"""How many cases a proportion needs: by the width of its interval, or by the power of the exact test."""

from __future__ import annotations

import math

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import critical, normal_quantile
from lesion_core.stats.planning import check_errors
from lesion_core.stats.proportions import wilson

MOST = 10_000_000


def proportion_precision(p: float, *, width: float, level: float = 0.95) -> int:
    """Cases needed for a Wilson interval of a given full width around a proportion.

    Args:
        p: the proportion expected, 0-1.
        width: from end to end, 0-1, above 0.
        level: confidence level, 0-1.

    Returns:
        The least n from which on the interval at p n of n stays within the width.

    Raises:
        StatisticsError: outside the ranges.
    """
    if not (0 <= p <= 1 and 0 < width <= 1):
        raise StatisticsError(f"p must lie from 0 to 1 and width above 0 up to 1, got {p} and {width}")

    def fits(n: int) -> bool:
        found = wilson(p * n, n, level=level)
        return found.high - found.low <= width

    high = 1
    while not fits(high):
        high *= 2
        if high > MOST:
            raise StatisticsError(f"more than {MOST:,} cases would be needed for a width of {width}")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def proportion_power(p: float, *, null: float, n: int, alpha: float = 0.05) -> float:
    """Exact power of the two-sided exact binomial test of a proportion (Chernick and Liu 2002).

    A count is significant when the smaller of its two tails under ``null`` is at most alpha / 2.

    Args:
        p: the proportion expected, 0-1.
        null: the proportion to be told from, 0-1.
        n: cases.
        alpha: two-sided error, 0-1.

    Raises:
        StatisticsError: outside the ranges.
    """
    if not (0 <= p <= 1 and 0 <= null <= 1 and n >= 1):
        raise StatisticsError(f"p and null must lie from 0 to 1 and n be at least 1, got {p}, {null} and {n}")
    check_errors(0.5, alpha)
    from scipy.special import bdtr, bdtrc

    low, high = -1, n + 1
    while low < n and bdtr(low + 1, n, null) <= alpha / 2:
        low += 1
    while high > 0 and (bdtrc(high - 2, n, null) if high >= 2 else 1.0) <= alpha / 2:
        high -= 1
    below = float(bdtr(low, n, p)) if low >= 0 else 0.0
    above = float(bdtrc(high - 1, n, p)) if high <= n else 0.0
    return min(1.0, below + above)


def proportion_sample_size(p: float, *, null: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Least n from which on the exact test keeps the wanted power (power saws up and down with n).

    Args:
        p: the proportion expected, 0-1.
        null: the proportion to be told from, 0-1.
        power: wanted, 0-1.
        alpha: two-sided error, 0-1.

    Raises:
        StatisticsError: outside the ranges, equal proportions, or more than 10 million cases.
    """
    check_errors(power, alpha)
    if p == null:
        raise StatisticsError("the proportions are the same: nothing to show")
    z = critical(1 - alpha) * math.sqrt(null * (1 - null)) + normal_quantile(power) * math.sqrt(p * (1 - p))
    guess = max(4, math.ceil((z / (p - null)) ** 2))
    if guess > MOST:
        raise StatisticsError(f"more than {MOST:,} cases would be needed")
    ceiling = 2 * guess + 50
    while any(proportion_power(p, null=null, n=n, alpha=alpha) < power for n in range(ceiling, ceiling + 20)):
        ceiling *= 2
    n = ceiling
    while n > 1 and proportion_power(p, null=null, n=n - 1, alpha=alpha) >= power:
        n -= 1
    return n
