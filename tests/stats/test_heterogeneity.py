import math

import numpy as np
import pytest

from lesion_core.stats.estimate import Estimate
from lesion_core.stats.heterogeneity import heterogeneity
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import delong_test_unpaired


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
