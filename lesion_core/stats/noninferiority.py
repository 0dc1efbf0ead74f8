"""Is a new reading at most a margin worse (non-inferiority), or within a margin both ways (equivalence)?

The margin is set before the data are seen. Both start from a difference A minus B that carries its standard error
(`delong_test`, `obuchowski_rockette`, clustered `compare_calls`); paired proportions use Tango's score test.
"""

from __future__ import annotations

import math
from dataclasses import replace

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import critical, normal_cdf, t_quantile, t_two_sided
from lesion_core.stats.estimate import Comparison, undefined_test
from lesion_core.stats.mcnemar import tango_limits, tango_statistic


def noninferiority(difference: Comparison, margin: float, *, alpha: float = 0.05) -> Comparison:
    """Test H0: A - B <= -margin against A - B > -margin, one-sided (Zhou, Obuchowski and McClish 2011, section 5.6).

    The interval has level 1 - 2 alpha: A is not inferior at ``alpha`` where its lower end lies above -margin.

    Args:
        difference: A minus B with its standard error and, for Student's t, its df.
        margin: the largest acceptable loss, above 0, in the units of the difference.
        alpha: one-sided error, 0-0.5.

    Raises:
        StatisticsError: a margin not above 0, or alpha outside 0-0.5.
    """
    _check(margin, alpha)
    name = f"{difference.name}, not inferior by {margin:g}"
    lacking = _lacking(difference, name, alpha)
    if lacking:
        return lacking
    df = _df(difference)
    statistic = (difference.value + margin) / difference.se
    return _answer(difference, name, statistic, _upper(statistic, df), df, alpha, "non-inferiority, one-sided")


def equivalence(difference: Comparison, margin: float, *, alpha: float = 0.05) -> Comparison:
    """Two one-sided tests of abs(A - B) < margin (Schuirmann 1987); p is the larger of the two.

    The interval has level 1 - 2 alpha: A and B are equivalent at ``alpha`` where it lies wholly inside +-margin.

    Args:
        difference: A minus B with its standard error and, for Student's t, its df.
        margin: the largest acceptable difference either way, above 0.
        alpha: one-sided error, 0-0.5.

    Raises:
        StatisticsError: a margin not above 0, or alpha outside 0-0.5.
    """
    _check(margin, alpha)
    name = f"{difference.name}, equivalent within {margin:g}"
    lacking = _lacking(difference, name, alpha)
    if lacking:
        return lacking
    df = _df(difference)
    statistic = (margin - abs(difference.value)) / difference.se
    return _answer(difference, name, statistic, _upper(statistic, df), df, alpha, "equivalence, two one-sided tests")


def noninferiority_of_proportions(
    a_only: int, b_only: int, n: int, margin: float, *, alpha: float = 0.05, name: str = "proportion right, A minus B"
) -> Comparison:
    """Non-inferiority of paired proportions by Tango's score test (1998).

    Args:
        a_only: cases on which only A is right.
        b_only: cases on which only B is right.
        n: all cases.
        margin: the largest acceptable loss, above 0.
        alpha: one-sided error, 0-0.5.
        name: what the difference is called in sentences.

    Raises:
        StatisticsError: counts that do not fit, a margin not above 0, or alpha outside 0-0.5.
    """
    _check(margin, alpha)
    if a_only < 0 or b_only < 0 or a_only + b_only > n:
        raise StatisticsError(f"counts do not fit: {a_only} + {b_only} disagreements among {n} cases")
    shown, method = f"{name}, not inferior by {margin:g}", "Tango score, one-sided"
    level = 1 - 2 * alpha
    if n == 0:
        return undefined_test(shown, "no case to compare", method=method, n=0, level=level)
    statistic = tango_statistic(a_only, b_only, n, -margin)
    low, high = tango_limits(a_only, b_only, n, z=critical(level))
    p_value = normal_cdf(-statistic)
    return Comparison(shown, (a_only - b_only) / n, low, high, level, method, n, statistic, p_value)


def _answer(
    difference: Comparison, name: str, statistic: float, p_value: float, df: float, alpha: float, method: str
) -> Comparison:
    reach = t_quantile(1 - alpha, df) * difference.se
    return replace(
        difference,
        name=name,
        low=difference.value - reach,
        high=difference.value + reach,
        level=1 - 2 * alpha,
        method=f"{method} ({difference.method})",
        statistic=statistic,
        p_value=p_value,
        df=() if math.isinf(df) else (df,),
        chi_squared=False,
    )


def _lacking(difference: Comparison, name: str, alpha: float) -> Comparison | None:
    """What to answer when there is no standard error to work with."""
    if difference.se > 0 and not math.isnan(difference.value):
        return None
    reason = difference.reason or "the difference has no standard error"
    return undefined_test(
        name,
        reason,
        method=difference.method,
        n=difference.n,
        level=1 - 2 * alpha,
        value=difference.value,
        clusters=difference.clusters,
    )


def _df(difference: Comparison) -> float:
    """Denominator degrees of freedom of the test the difference came with; infinite for a normal one."""
    if not difference.df or difference.chi_squared:
        return math.inf
    return difference.df[-1]


def _upper(statistic: float, df: float) -> float:
    half = t_two_sided(statistic, df) / 2
    return half if statistic > 0 else 1 - half


def _check(margin: float, alpha: float) -> None:
    if not margin > 0:
        raise StatisticsError(
            f"margin must be above 0, got {margin}: state the largest acceptable loss as a positive number"
        )
    if not 0 < alpha < 0.5:
        raise StatisticsError(f"alpha must lie between 0 and 0.5, got {alpha}")
