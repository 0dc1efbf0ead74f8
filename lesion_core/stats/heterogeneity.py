"""Does a figure differ between subgroups of different cases? Cochran's Q of estimates with standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lesion_core.stats.distributions import chi2_upper
from lesion_core.stats.estimate import NAN, Comparison, Estimate, undefined_test

METHOD = "Cochran's Q"


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
    df = len(known) - 1
    left_out = len(estimates) - len(known)
    notes = (f"{left_out} subgroup(s) without a value are left out.",) if left_out else ()
    clusters = None
    if all(each.clusters is not None for each in known):
        clusters = sum(each.clusters or 0 for each in known)
    return Comparison(
        name,
        reach,
        NAN,
        NAN,
        level,
        METHOD,
        n,
        statistic,
        chi2_upper(statistic, df),
        df=(float(df),),
        clusters=clusters,
        reason="a range has no interval here" if not math.isnan(reach) else "",
        notes=notes,
    )
