"""Tails and quantiles. The normal ones need the standard library alone; the rest load scipy.special on first use.

Importing scipy.special takes about 0.3 s and scipy.stats about 1.5 s: the first is put off, the second never needed.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_STANDARD = NormalDist()


def normal_quantile(p: float) -> float:
    """Quantile of the standard normal (Wichura 1988, algorithm AS 241, relative error about 1e-16)."""
    return _STANDARD.inv_cdf(p)


def normal_two_sided(z: float) -> float:
    """P(|Z| >= |z|)."""
    return math.erfc(abs(z) / math.sqrt(2))


def normal_cdf(z: float) -> float:
    """P(Z <= z)."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def critical(level: float) -> float:
    """The z that a two-sided interval at ``level`` reaches out, 1.95996 at 0.95."""
    return normal_quantile(0.5 + level / 2)


def t_quantile(p: float, df: float) -> float:
    """Quantile of Student's t; the normal's for infinite ``df``."""
    if math.isinf(df):
        return normal_quantile(p)
    from scipy.special import stdtrit

    return float(stdtrit(df, p))


def t_two_sided(t: float, df: float) -> float:
    """P(|T| >= |t|); the normal's for infinite ``df``."""
    if math.isinf(df):
        return normal_two_sided(t)
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def f_upper(f: float, df1: float, df2: float) -> float:
    """P(F >= f); chi squared over its df for infinite ``df2``."""
    if math.isinf(df2):
        return chi2_upper(f * df1, df1)
    from scipy.special import fdtrc

    return float(fdtrc(df1, df2, f))


def chi2_upper(chi2: float, df: float) -> float:
    """P(X >= chi2) of chi squared."""
    from scipy.special import chdtrc

    return float(chdtrc(df, chi2))


def beta_quantile(p: float, a: float, b: float) -> float:
    """Quantile of the beta distribution."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, p))


def binomial_cdf(k: int, n: int, p: float = 0.5) -> float:
    """P(X <= k) of the binomial; 0 below 0."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    from scipy.special import bdtr

    return float(bdtr(k, n, p))


def binomial_pmf(k: int, n: int, p: float = 0.5) -> float:
    """P(X = k) of the binomial."""
    if not 0 <= k <= n:
        return 0.0
    if p in (0.0, 1.0):
        return float(k == n * p)
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log + k * math.log(p) + (n - k) * math.log1p(-p))
