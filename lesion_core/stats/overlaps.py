"""What a paired test could have said when only the margins of two readings are published.

Two readers who find 38 and 31 of 45 cancers may share anything from 24 to 31 of them. Every paired p value lies in the
range over those overlaps; a published p outside it cannot come from the published counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import normal_two_sided
from lesion_core.stats.mcnemar import McNemarMethod, mcnemar
from lesion_core.stats.point import Point

OverlapTest = Literal["delong", "sensitivity", "specificity", "accuracy"]


@dataclass(frozen=True)
class PRange:
    """The p values that margins leave possible.

    Attributes:
        test: which test, in words.
        lowest: smallest p over all overlaps; NaN when undefined for all of them.
        highest: largest p.
        overlaps: how many overlaps there are.
        reason: why there is none; "" when there is.
    """

    test: str
    lowest: float
    highest: float
    overlaps: int
    reason: str = ""

    def allows(self, p_value: float, *, digits: int = 4) -> bool:
        """Whether a p printed with ``digits`` decimals may come from these margins."""
        slack = 0.5 * 10.0**-digits + 1e-12
        return self.lowest - slack <= p_value <= self.highest + slack

    def sentence(self) -> str:
        """The range in words."""
        if self.reason:
            return f"{self.test}: undefined ({self.reason})"
        return f"{self.test}: p from {self.lowest:.2g} to {self.highest:.2g} over {self.overlaps} possible overlaps"


def overlap_bounds(first: int, second: int, n: int) -> range:
    """How many of n cases both can have right when one has ``first`` right and the other ``second``.

    Raises:
        StatisticsError: a count outside 0 .. n.

    Example:
        >>> overlap_bounds(38, 31, 45)
        range(24, 32)
    """
    if not (0 <= first <= n and 0 <= second <= n):
        raise StatisticsError(f"counts must lie from 0 to {n}, got {first} and {second}")
    return range(max(0, first + second - n), min(first, second) + 1)


def p_range(a: Point, b: Point, *, test: OverlapTest = "delong", method: McNemarMethod = "mid-p") -> PRange:
    """Range of a paired p value over all overlaps that the margins allow.

    Args:
        a: one reading.
        b: another reading of the same cases.
        test: "delong" on the points (paired, balanced accuracies), or McNemar on a rate.
        method: McNemar's variant; not used by "delong".

    Raises:
        StatisticsError: readings of different cases, impossible counts, or an unknown test.
    """
    if (a.positives, a.negatives) != (b.positives, b.negatives):
        raise StatisticsError("the two readings must be of the same cases: their class sizes differ")
    if test not in get_args(OverlapTest):
        raise StatisticsError(f"no test named {test!r}: choose one of {', '.join(get_args(OverlapTest))}")
    positives = overlap_bounds(a.tp, b.tp, a.positives)
    negatives = overlap_bounds(a.tn, b.tn, a.negatives)
    if test == "delong":
        return _over("DeLong, paired, on the points", positives, negatives, lambda i, j: _delong_p(a, b, i, j))
    label = f"McNemar ({method}) on {test}"

    def discordant(i: int, j: int) -> float:
        only_a = (a.tp - i) * (test != "specificity") + (a.tn - j) * (test != "sensitivity")
        only_b = (b.tp - i) * (test != "specificity") + (b.tn - j) * (test != "sensitivity")
        n = a.positives * (test != "specificity") + a.negatives * (test != "sensitivity")
        return mcnemar(only_a, only_b, n, method=method).p_value

    return _over(
        label,
        positives if test != "specificity" else range(1),
        negatives if test != "sensitivity" else range(1),
        discordant,
    )


def _over(label: str, positives: range, negatives: range, p_value: Callable[[int, int], float]) -> PRange:
    found = [p_value(i, j) for i in positives for j in negatives]
    defined = [p for p in found if not math.isnan(p)]
    if not defined:
        reason = "no overlap gives a p value: too few cases, or a standard error of 0"
        return PRange(label, math.nan, math.nan, len(found), reason)
    return PRange(label, min(defined), max(defined), len(found))


def _delong_p(a: Point, b: Point, both_positive: int, both_negative: int) -> float:
    """DeLong's paired p for two sets of calls: the V10 of calls differ by -1/2, 0 or 1/2 (likewise V01)."""
    variance = 0.0
    for first, second, both, n in (
        (a.tp, b.tp, both_positive, a.positives),
        (a.tn, b.tn, both_negative, a.negatives),
    ):
        if n < 2:
            return math.nan
        squares = (first - both) + (second - both)
        variance += (squares - (first - second) ** 2 / n) / (n - 1) / n / 4
    difference = a.balanced_accuracy - b.balanced_accuracy
    if variance <= 1e-15:
        return 1.0 if difference == 0 else math.nan
    return normal_two_sided(difference / math.sqrt(variance))
