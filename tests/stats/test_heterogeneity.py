import math

import numpy as np
import pytest

from lesion_core.stats.estimate import Estimate
from lesion_core.stats.heterogeneity import heterogeneity, heterogeneity_of_rates
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import delong_test_unpaired
from lesion_core.stats.proportions import proportion_interval, wilson


def estimate(value, se, n=10):
    return Estimate("x", value, math.nan, math.nan, 0.95, "m", n, se=se)


def test_by_hand():
    found = heterogeneity([estimate(0.8, 0.1), estimate(0.9, 0.05), estimate(0.6, 0.2)])
    w = [100, 400, 25]
    mean = (80 + 360 + 15) / 525
    q = sum(a * (x - mean) ** 2 for a, x in zip(w, (0.8, 0.9, 0.6), strict=True))
    assert found.statistic == pytest.approx(q)
    assert found.df == (2.0,)
    assert found.p_value == pytest.approx(math.exp(-q / 2))  # chi squared with two degrees of freedom
    assert found.value == pytest.approx(0.3)


def test_two_subgroups_are_the_unpaired_test():
    rng = np.random.default_rng(4)
    y = [rng.integers(0, 2, 60) for _ in range(2)]
    s = [rng.normal(each * shift, 1) for each, shift in zip(y, (0.5, 1.5), strict=True)]
    areas = [auc_interval(a, b) for a, b in zip(y, s, strict=True)]
    expected = delong_test_unpaired(y[0], s[0], y[1], s[1])
    found = heterogeneity(areas)
    assert found.statistic == pytest.approx(expected.statistic**2)
    assert found.p_value == pytest.approx(expected.p_value)


def test_statsmodels_agrees():
    combine = pytest.importorskip("statsmodels.stats.meta_analysis").combine_effects
    values, errors = np.array([0.7, 0.75, 0.9, 0.8]), np.array([0.05, 0.08, 0.03, 0.06])
    found = heterogeneity([estimate(v, e) for v, e in zip(values, errors, strict=True)])
    assert found.statistic == pytest.approx(combine(values, errors**2).q)


def test_what_cannot_be_tested_is_said():
    assert "at least two" in heterogeneity([estimate(0.5, 0.1)]).reason
    assert "standard error of 0" in heterogeneity([estimate(0.5, 0.1), estimate(1.0, 0.0)]).reason
    left = heterogeneity([estimate(0.5, 0.1), estimate(0.7, 0.1), estimate(math.nan, math.nan)])
    assert left.df == (1.0,)
    assert "1 subgroup(s)" in left.notes[0]


def test_rates_are_pearsons_chi_squared():
    from scipy.stats import chi2_contingency

    counts = [(40, 50), (12, 30), (20, 20)]  # the last one has all: no standard error of its own
    found = heterogeneity_of_rates([wilson(k, n) for k, n in counts])
    expected = chi2_contingency([[k, n - k] for k, n in counts], correction=False)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.df, found.n) == ((2.0,), 100)
    assert found.value == pytest.approx(0.6)
    assert found.notes == ()
    assert "Expected counts below 5" in heterogeneity_of_rates([wilson(4, 5), wilson(3, 10)]).notes[0]


def test_clustered_rates_enter_with_their_effective_size():
    """Every case twice, as a cluster of two, says no more than every case once."""
    rng = np.random.default_rng(5)
    single = [rng.random(40) < p for p in (0.3, 0.6)]
    once = heterogeneity_of_rates([proportion_interval(each) for each in single])
    twice = heterogeneity_of_rates(
        [proportion_interval(np.repeat(each, 2), groups=np.repeat(np.arange(40), 2)) for each in single]
    )
    assert twice.clusters == 80
    assert twice.statistic == pytest.approx(once.statistic, rel=0.03)
    all_same = proportion_interval(np.ones(20), groups=np.repeat(np.arange(10), 2))
    mixed = proportion_interval([1, 0] * 10)
    expected = 10 * (1 - 2 / 3) ** 2 + 20 * (0.5 - 2 / 3) ** 2
    assert heterogeneity_of_rates([all_same, mixed]).statistic == pytest.approx(expected / (2 / 9))


def test_equal_rates_are_rejected_as_often_as_said():
    """Sensitivity 0.95 in two subgroups of 60; with each one's own standard error the test rejects half as often."""
    rng = np.random.default_rng(6)
    hits = rng.binomial(60, 0.95, (2000, 2))
    rates = [[wilson(int(a), 60), wilson(int(b), 60)] for a, b in hits]
    p = np.array([[test(each).p_value for test in (heterogeneity_of_rates, heterogeneity)] for each in rates])
    pooled, own = np.mean(np.nan_to_num(p, nan=1.0) < 0.05, axis=0)
    assert 0.035 < pooled < 0.07
    assert own < 0.03


def test_rates_that_cannot_be_tested_are_said():
    assert "at least two" in heterogeneity_of_rates([wilson(1, 2)]).reason
    assert "rate is 1 in every subgroup" in heterogeneity_of_rates([wilson(5, 5), wilson(9, 9)]).reason
    assert heterogeneity_of_rates([wilson(1, 4), wilson(3, 4), wilson(0, 0)]).notes[0].startswith("1 subgroup(s)")
