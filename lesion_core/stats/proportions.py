"""Intervals for a proportion: Wilson, Clopper-Pearson, and Wilson with the effective size of clustered cases."""

from __future__ import annotations

import math
from typing import Literal

from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.clustered import clustered_proportion_variance
from lesion_core.stats.distributions import beta_quantile, critical
from lesion_core.stats.estimate import Estimate, undefined
from lesion_core.stats.inputs import cluster_codes, confidence, truth

ProportionMethod = Literal["wilson", "clopper-pearson"]


def wilson(k: float, n: float, *, level: float = 0.95, name: str = "proportion") -> Estimate:
    """Wilson's score interval (Wilson 1927; Newcombe 1998, method 3). It never leaves 0-1 and exists at 0 and n.

    Reproduces Newcombe's cases: 81/263 is 0.2553 to 0.3662, 0/20 is 0 to 0.1611.

    Args:
        k: successes; need not be whole (effective sizes).
        n: trials; n = 0 is undefined, not an error.
        level: confidence level, 0-1.
        name: what it is a proportion of.

    Raises:
        StatisticsError: k outside 0 .. n, or ``level`` outside 0-1.
    """
    _check_counts(k, n)
    if n == 0:
        return undefined(name, "no case to count", method="Wilson", n=0, level=confidence(level))
    low, high = _wilson_ends(k / n, n, critical(confidence(level)))
    p = k / n
    return Estimate(name, p, low, high, level, "Wilson", round(n), se=math.sqrt(p * (1 - p) / n))


def clopper_pearson(k: int, n: int, *, level: float = 0.95, name: str = "proportion") -> Estimate:
    """The exact interval of Clopper and Pearson 1934: never covers less than its level, at the price of width.

    Reproduces Newcombe's cases: 81/263 is 0.2527 to 0.3676, 0/20 is 0 to 0.1684.

    Args:
        k: successes.
        n: trials; n = 0 is undefined, not an error.
        level: confidence level, 0-1.
        name: what it is a proportion of.

    Raises:
        StatisticsError: k outside 0 .. n, or ``level`` outside 0-1.
    """
    _check_counts(k, n)
    if n == 0:
        return undefined(name, "no case to count", method="Clopper-Pearson", n=0, level=confidence(level))
    tail = (1 - confidence(level)) / 2
    low = 0.0 if k == 0 else beta_quantile(tail, k, n - k + 1)
    high = 1.0 if k == n else beta_quantile(1 - tail, k + 1, n - k)
    p = k / n
    return Estimate(name, p, low, high, level, "Clopper-Pearson", n, se=math.sqrt(p * (1 - p) / n))


def proportion_interval(
    success: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    method: ProportionMethod = "wilson",
    level: float = 0.95,
    name: str = "proportion",
) -> Estimate:
    """A proportion of cases that may be clustered.

    With ``groups`` the interval is Wilson's at the effective size n / D, where the design effect D is the ratio of the
    clustered variance (Rao and Scott 1992) to p (1 - p) / (n - 1), never taken below 1. Where every case agrees, D
    cannot be seen and the number of clusters is used as the size: the cautious choice, and a note says so.

    Args:
        success: (n,) 0/1.
        groups: (n,) patient ids; None takes the cases as independent.
        method: "wilson" or "clopper-pearson" (the latter without ``groups`` only).
        level: confidence level, 0-1.
        name: what it is a proportion of.

    Raises:
        StatisticsError: unusable values, lengths that differ, an unknown method, or "clopper-pearson" with groups.
    """
    hit = truth(success, name="success")
    k, n = int(hit.sum()), hit.size
    if method not in ("wilson", "clopper-pearson"):
        raise StatisticsError(f"no interval for a proportion named {method!r}: choose wilson or clopper-pearson")
    if groups is None:
        exact = method == "clopper-pearson"
        return (clopper_pearson if exact else wilson)(k, n, level=level, name=name)
    if method != "wilson":
        raise StatisticsError("clopper-pearson takes cases as independent: use wilson with groups")
    codes = cluster_codes(groups, n)
    shown = "Wilson, clustered"
    if n == 0:
        return undefined(name, "no case to count", method=shown, n=0, level=confidence(level), clusters=0)
    clusters = len(set(codes.tolist()))
    p = k / n
    notes: tuple[str, ...] = ()
    if clusters < 2 or k in (0, n):
        size = float(clusters)
        if clusters < n:
            notes = (f"The clusters do not differ: the number of clusters, {clusters}, stands for the sample size.",)
    else:
        size = n / max(1.0, clustered_proportion_variance(hit, codes) / (p * (1 - p) / (n - 1)))
    low, high = _wilson_ends(p, size, critical(confidence(level)))
    se = math.sqrt(p * (1 - p) / size)
    return Estimate(name, p, low, high, level, shown, n, se=se, clusters=clusters, notes=notes)


def _wilson_ends(p: float, n: float, z: float) -> tuple[float, float]:
    """Ends at proportion p of n (n need not be whole); exactly 0 and 1 at the borders."""
    shrink = 1 + z * z / n
    middle = (p + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if p == 0 else max(0.0, middle - half)
    high = 1.0 if p == 1 else min(1.0, middle + half)
    return low, high


def _check_counts(k: float, n: float) -> None:
    if not (n >= 0 and 0 <= k <= n):
        raise StatisticsError(f"a proportion needs 0 <= k <= n, got k = {k} and n = {n}")
