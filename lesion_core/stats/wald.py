"""Tests and intervals from a difference and its variance, and what happens when the variance is 0 or unknown."""

from __future__ import annotations

import math

from lesion_core.stats.distributions import t_quantile, t_two_sided
from lesion_core.stats.estimate import NAN, Comparison, undefined_test

#: A variance of rates below this is rounding noise: a million cases that differ in one have about 1e-12.
NO_VARIANCE = 1e-24


def difference_test(
    name: str,
    value: float,
    variance: float,
    *,
    method: str,
    n: int,
    level: float = 0.95,
    df: float = math.inf,
    clusters: int | None = None,
    limits: tuple[float, float] = (-1.0, 1.0),
) -> Comparison:
    """Two-sided test of value = 0 by value / SE, normal or Student's t, with the interval value +- quantile x SE.

    A variance of 0 gives no interval. With a difference of 0 the test says Z = 0, p = 1 (as SAS does for two identical
    curves); with another difference it is undefined.

    Args:
        name: what was compared.
        value: the difference; NaN when undefined.
        variance: of the difference; NaN when it cannot be estimated.
        method: name of the test.
        n: number of cases.
        level: confidence level, 0-1.
        df: degrees of freedom; infinite for the normal.
        clusters: number of patients; None when cases were taken as independent.
        limits: where the ends of the interval are cut.
    """
    if math.isnan(value):
        reason = "no difference to test"
        return undefined_test(name, reason, method=method, n=n, level=level, clusters=clusters)
    if math.isnan(variance):
        reason = "too few cases or patients to estimate a variance"
        return undefined_test(name, reason, method=method, n=n, level=level, value=value, clusters=clusters)
    if variance <= NO_VARIANCE:
        return _without_spread(name, value, method=method, n=n, level=level, clusters=clusters)
    se = math.sqrt(variance)
    reach = t_quantile(0.5 + level / 2, df) * se
    return Comparison(
        name=name,
        value=value,
        low=max(limits[0], value - reach),
        high=min(limits[1], value + reach),
        level=level,
        method=method,
        n=n,
        statistic=value / se,
        p_value=t_two_sided(value / se, df),
        df=() if math.isinf(df) else (df,),
        se=se,
        clusters=clusters,
    )


def _without_spread(name: str, value: float, *, method: str, n: int, level: float, clusters: int | None) -> Comparison:
    if abs(value) > math.sqrt(NO_VARIANCE):
        reason = "a standard error of 0: the data do not show how far the difference may vary"
        return undefined_test(name, reason, method=method, n=n, level=level, value=value, clusters=clusters)
    reason = "the two never differ: a standard error of 0 gives no interval"
    return Comparison(name, 0.0, NAN, NAN, level, method, n, 0.0, 1.0, se=0.0, clusters=clusters, reason=reason)
