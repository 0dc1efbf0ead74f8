"""Does a figure differ between subgroups of different cases? Cochran's Q of areas, Pearson's chi squared of rates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lesion_core.stats.distributions import chi2_upper
from lesion_core.stats.estimate import NAN, Comparison, Estimate, undefined_test

METHOD = "Cochran's Q"
RATES_METHOD = "chi squared, pooled rate"
#: Expected counts below which chi squared is a rough approximation (Cochran 1954, Biometrics 10:417).
LEAST_EXPECTED = 5


def heterogeneity(estimates: Sequence[Estimate], *, name: str = "differences between subgroups") -> Comparison:
    """Test that k independent estimates have one true value (Cochran 1954, Biometrics 10:101).

    Q = sum w (x - x_w)^2 with w = 1 / SE^2 and x_w the weighted mean; chi squared with k - 1 degrees of freedom. For
    two subgroups it is the square of the unpaired test of their difference. The value is the largest difference.

    Subgroups without a value are left out and named in a note; those with a standard error of 0 or none make the test
    undefined: the data do not show how far they may vary.

    Args:
        estimates: one for each subgroup; they share no case and no patient.
        name: what is tested, for sentences.
    """
    known = [each for each in estimates if each.defined]
    n, level = sum(each.n for each in known), known[0].level if known else 0.95
    if len(known) < 2:
        reason = f"at least two subgroups with a value are needed, got {len(known)}"
        return undefined_test(name, reason, method=METHOD, n=n, level=level)
    values = np.array([each.value for each in known])
    errors = np.array([each.se for each in known])
    reach = float(np.ptp(values))
    if not (np.isfinite(errors) & (errors > 0)).all():
        reason = "a subgroup has a standard error of 0 or none: join small subgroups"
        return undefined_test(name, reason, method=METHOD, n=n, level=level, value=reach)
    weights = 1 / errors**2
    statistic = float(weights @ (values - weights @ values / weights.sum()) ** 2)
    return _tested(name, METHOD, statistic, known, _left_out(estimates, known))


def heterogeneity_of_rates(estimates: Sequence[Estimate], *, name: str = "differences between subgroups") -> Comparison:
    """Test that k independent proportions have one true value: Pearson's chi squared of the k x 2 table.

    Q = sum n (x - p)^2 / (p (1 - p)) with p the pooled proportion; k - 1 degrees of freedom. The variance is the one
    that holds under the hypothesis, so that a subgroup of 0 or of all counts as well. Clustered proportions enter with
    the effective size n / D behind their interval (`proportions.proportion_interval`; Rao and Scott 1992). The value is
    the largest difference.

    Args:
        estimates: proportions with Wilson's interval, one for each subgroup; they share no case and no patient.
        name: what is tested, for sentences.
    """
    known = [each for each in estimates if each.defined]
    n, level = sum(each.n for each in known), known[0].level if known else 0.95
    if len(known) < 2:
        reason = f"at least two subgroups with a value are needed, got {len(known)}"
        return undefined_test(name, reason, method=RATES_METHOD, n=n, level=level)
    values = np.array([each.value for each in known])
    sizes = np.array([_effective_size(each) for each in known])
    pooled = float(sizes @ values / sizes.sum())
    if not 0 < pooled < 1:
        reason = f"the rate is {pooled:.0f} in every subgroup: the data do not show how far it may vary"
        return undefined_test(name, reason, method=RATES_METHOD, n=n, level=level, value=0.0)
    statistic = float(sizes @ (values - pooled) ** 2 / (pooled * (1 - pooled)))
    notes = _left_out(estimates, known)
    if sizes.min() * min(pooled, 1 - pooled) < LEAST_EXPECTED:
        notes += (f"Expected counts below {LEAST_EXPECTED}: p is approximate.",)
    return _tested(name, RATES_METHOD, statistic, known, notes)


def _effective_size(rate: Estimate) -> float:
    """Size n / D of a proportion: what its standard error says, and where that is 0 the size that its interval took."""
    if 0 < rate.value < 1:
        return rate.value * (1 - rate.value) / rate.se**2
    return float(rate.n if rate.clusters is None else rate.clusters)


def _left_out(estimates: Sequence[Estimate], known: Sequence[Estimate]) -> tuple[str, ...]:
    count = len(estimates) - len(known)
    return (f"{count} subgroup(s) without a value are left out.",) if count else ()


def _tested(name: str, method: str, statistic: float, known: Sequence[Estimate], notes: tuple[str, ...]) -> Comparison:
    """The test of k subgroups; its value is the largest difference, which has no interval here."""
    df = len(known) - 1
    reach = float(np.ptp([each.value for each in known]))
    clusters = None
    if all(each.clusters is not None for each in known):
        clusters = sum(each.clusters or 0 for each in known)
    return Comparison(
        name,
        reach,
        NAN,
        NAN,
        known[0].level,
        method,
        sum(each.n for each in known),
        statistic,
        chi2_upper(statistic, df),
        df=(float(df),),
        clusters=clusters,
        reason="a range has no interval here" if not math.isnan(reach) else "",
        notes=notes,
        chi_squared=True,
    )
