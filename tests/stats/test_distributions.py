import math
import subprocess
import sys

import pytest
from scipy import stats

from lesion_core.stats import distributions as d


def test_against_scipy_stats():
    for p in (1e-9, 0.025, 0.3, 0.5, 0.975):
        assert d.normal_quantile(p) == pytest.approx(stats.norm.ppf(p), rel=1e-12, abs=1e-12)
        assert d.t_quantile(p, 4.3) == pytest.approx(stats.t.ppf(p, 4.3), rel=1e-9, abs=1e-12)
        assert d.beta_quantile(p, 3, 9) == pytest.approx(stats.beta.ppf(p, 3, 9), rel=1e-9)
    for x in (-3.2, 0.0, 0.7, 5.0):
        assert d.normal_two_sided(x) == pytest.approx(2 * stats.norm.sf(abs(x)), rel=1e-12)
        assert d.normal_cdf(x) == pytest.approx(stats.norm.cdf(x), rel=1e-12)
        assert d.t_two_sided(x, 6.5) == pytest.approx(2 * stats.t.sf(abs(x), 6.5), rel=1e-10)
        assert d.f_upper(abs(x), 1, 8.2) == pytest.approx(stats.f.sf(abs(x), 1, 8.2), rel=1e-10)
        assert d.chi2_upper(abs(x), 3) == pytest.approx(stats.chi2.sf(abs(x), 3), rel=1e-10)
    for k in range(-1, 9):
        assert d.binomial_cdf(k, 7, 0.3) == pytest.approx(stats.binom.cdf(k, 7, 0.3), abs=1e-12)
        assert d.binomial_pmf(k, 7, 0.3) == pytest.approx(stats.binom.pmf(k, 7, 0.3), abs=1e-12)


def test_limits():
    assert d.critical(0.95) == pytest.approx(1.959963984540054, abs=1e-14)
    assert d.t_quantile(0.975, math.inf) == d.critical(0.95)
    assert d.t_two_sided(1.5, math.inf) == d.normal_two_sided(1.5)
    assert d.f_upper(3.84, 1, math.inf) == pytest.approx(stats.chi2.sf(3.84, 1))
    assert (d.binomial_pmf(0, 3, 0.0), d.binomial_pmf(3, 3, 1.0), d.binomial_pmf(2, 3, 1.0)) == (1, 1, 0)


def test_importing_the_statistics_is_light():
    code = (
        "import sys, lesion_core.stats.roc, lesion_core.stats.intervals, lesion_core.stats.paired; "
        "print([m for m in ('scipy', 'statsmodels', 'pandas', 'torch', 'gradio') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
