"""McNemar's test and its relatives: two sets of calls on the same cases, compared where they disagree."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.bisection import interval_end
from lesion_core.stats.clustered import cluster_sums
from lesion_core.stats.distributions import binomial_cdf, binomial_pmf, chi2_upper, critical
from lesion_core.stats.estimate import NAN, Comparison, undefined_test
from lesion_core.stats.inputs import Bools, Floats, Ints, cluster_codes, confidence, same_length, truth
from lesion_core.stats.wald import NO_VARIANCE

McNemarMethod = Literal["mid-p", "exact", "corrected", "asymptotic"]
Rate = Literal["sensitivity", "specificity", "accuracy"]


def mcnemar(
    a_only: int,
    b_only: int,
    n: int,
    *,
    method: McNemarMethod = "mid-p",
    level: float = 0.95,
    name: str = "proportion right, A minus B",
) -> Comparison:
    """McNemar's test of two paired proportions from the cases on which they disagree.

    - ``mid-p``: the exact test less half the chance of the table seen (Fagerland et al. 2013): recommended.
    - ``exact``: binomial, two-sided; the statistic is the smaller count.
    - ``corrected``: (abs(b - c) - 1)^2 / (b + c), chi squared with 1 df (Edwards 1948).
    - ``asymptotic``: (b - c)^2 / (b + c) (McNemar 1947).

    Reproduces Agresti's 794 / 86 / 150 / 570: 17.355932; corrected 16.817797, p 4.11456e-5; exact p 3.71594e-5. The
    interval of the difference is Tango's score interval (1998) for every method. Without a disagreement p is 1.

    Args:
        a_only: cases on which only A is right.
        b_only: cases on which only B is right.
        n: all cases, those with agreement too.
        method: one of the above.
        level: confidence level of the interval, 0-1.
        name: what the difference is called in sentences.

    Raises:
        StatisticsError: negative counts, more disagreements than cases, or an unknown method.
    """
    if method not in get_args(McNemarMethod):
        raise StatisticsError(f"no McNemar test named {method!r}: choose one of {', '.join(get_args(McNemarMethod))}")
    if a_only < 0 or b_only < 0 or a_only + b_only > n:
        raise StatisticsError(f"counts do not fit: {a_only} + {b_only} disagreements among {n} cases")
    shown = f"McNemar, {method}"
    if n == 0:
        return undefined_test(name, "no case to compare", method=shown, n=0, level=confidence(level))
    statistic, p_value = _mcnemar(a_only, b_only, method)
    low, high = tango_limits(a_only, b_only, n, z=critical(confidence(level)))
    squared = method in ("corrected", "asymptotic")
    df = (1.0,) if squared else ()
    value = (a_only - b_only) / n
    return Comparison(name, value, low, high, level, shown, n, statistic, p_value, df=df, chi_squared=squared)


def compare_calls(
    y_true: ArrayLike,
    call_a: ArrayLike,
    call_b: ArrayLike,
    *,
    rate: Rate,
    method: McNemarMethod = "mid-p",
    groups: ArrayLike | None = None,
    level: float = 0.95,
    name: str | None = None,
) -> Comparison:
    """Sensitivity, specificity or accuracy of two sets of calls on the same cases.

    With ``groups``: the clustered McNemar statistic (sum d)^2 / sum d^2 over patients' differences d (Durkalski et al.
    2003 with equal weight per case; McNemar's own with one case per patient), and a Wald interval from the patients'
    differences (Obuchowski 1998).

    Args:
        y_true: (n,) 0/1.
        call_a: (n,) 0/1.
        call_b: (n,) 0/1.
        rate: "sensitivity" (over positives), "specificity" (over negatives) or "accuracy" (over all).
        method: see `mcnemar`; not used with ``groups``.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level of the interval, 0-1.
        name: what the difference is called; by default the rate, "A minus B".

    Raises:
        StatisticsError: unusable input, lengths that differ, or an unknown rate.
    """
    positive, a, b = truth(y_true), truth(call_a, name="call_a"), truth(call_b, name="call_b")
    same_length(positive.size, a.size, "y_true", "call_a")
    same_length(positive.size, b.size, "y_true", "call_b")
    if rate not in get_args(Rate):
        raise StatisticsError(f"no rate named {rate!r}: choose one of {', '.join(get_args(Rate))}")
    label = name or f"{rate}, A minus B"
    chosen = {"sensitivity": positive, "specificity": ~positive, "accuracy": np.ones_like(positive)}[rate]
    right_a, right_b = (a == positive)[chosen], (b == positive)[chosen]
    n = int(chosen.sum())
    if groups is not None:
        codes = cluster_codes(groups, positive.size)[chosen]
        return _clustered(right_a, right_b, codes, level=confidence(level), name=label)
    a_only, b_only = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    return mcnemar(a_only, b_only, n, method=method, level=level, name=label)


def tango_limits(a_only: int, b_only: int, n: int, *, z: float) -> tuple[float, float]:
    """Ends of Tango's score interval for a paired difference of proportions (Tango 1998, Stat Med 17:891).

    They solve (b - c - n d)^2 = z^2 n (2 q + d (1 - d)) with q the restricted estimate of the second discordant share.

    Args:
        a_only: cases on which only A is right (b).
        b_only: cases on which only B is right (c).
        n: all cases, at least 1.
        z: how far the interval reaches, in standard normal units.
    """
    seen = (a_only - b_only) / n

    def excess(d: float) -> float:
        return abs(tango_statistic(a_only, b_only, n, d)) - z

    low = -1.0 if seen == -1 else interval_end(excess, seen, -1.0)
    high = 1.0 if seen == 1 else interval_end(excess, seen, 1.0)
    return low, high


def tango_statistic(a_only: int, b_only: int, n: int, d: float) -> float:
    """Tango's score statistic for the hypothesis that the difference is ``d``; McNemar's root at d = 0."""
    middle = -a_only - b_only + (2 * n - a_only + b_only) * d
    end = -b_only * d * (1 - d)
    q = (math.sqrt(max(middle * middle - 8 * n * end, 0.0)) - middle) / (4 * n)
    spread = n * (2 * q + d * (1 - d))
    distance = a_only - b_only - n * d
    if spread <= 0:
        return 0.0 if abs(distance) < 1e-12 else math.copysign(math.inf, distance)
    return distance / math.sqrt(spread)


def _mcnemar(b: int, c: int, method: McNemarMethod) -> tuple[float, float]:
    """Statistic and two-sided p."""
    n, least = b + c, min(b, c)
    if n == 0:
        return 0.0, 1.0
    if method == "exact":
        return float(least), min(1.0, 2 * binomial_cdf(least, n))
    if method == "mid-p":
        seen = binomial_pmf(least, n)
        return float(least), 1 - seen / 2 if b == c else 2 * binomial_cdf(least, n) - seen
    gap = max(abs(b - c) - 1, 0) if method == "corrected" else abs(b - c)
    return gap * gap / n, chi2_upper(gap * gap / n, 1)


def _clustered(right_a: Bools, right_b: Bools, codes: Ints, *, level: float, name: str) -> Comparison:
    n = right_a.size
    method = "McNemar, clustered"
    clusters = int(np.unique(codes).size)
    if n == 0:
        return undefined_test(name, "no case to compare", method=method, n=0, level=level, clusters=0)
    per_case = right_a.astype(np.float64) - right_b
    value = float(per_case.mean())
    d = cluster_sums(per_case, codes)
    squares = float(d @ d)
    statistic = float(d.sum()) ** 2 / squares if squares else 0.0
    if clusters < 2:
        reason = "fewer than two patients"
        return undefined_test(name, reason, method=method, n=n, level=level, value=value, clusters=clusters)
    residual = cluster_sums(per_case - value, codes)
    se = math.sqrt(clusters / (clusters - 1) * float(residual @ residual)) / n
    # Sums of d are whole numbers, of d - value they are not.
    se = 0.0 if se <= math.sqrt(NO_VARIANCE) else se
    reason = "" if se else _without_spread(per_case)
    reach = critical(level) * se
    low, high = (max(-1.0, value - reach), min(1.0, value + reach)) if se else (NAN, NAN)
    p_value = chi2_upper(statistic, 1)
    return Comparison(
        name, value, low, high, level, method, n, statistic, p_value, df=(1.0,), se=se, clusters=clusters,
        reason=reason, chi_squared=True,
    )  # fmt: skip


def _without_spread(per_case: Floats) -> str:
    """Why there is no interval: no call differs, or all patients' differences are alike."""
    alike = "the patients' differences are all alike" if per_case.any() else "no patient's calls differ"
    return f"{alike}: a standard error of 0 gives no interval"
