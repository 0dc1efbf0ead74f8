import math

import pytest
from scipy import stats

from lesion_core.stats.wald import difference_test


def test_normal():
    found = difference_test("d", 0.1, 0.0025, method="m", n=9)
    assert found.statistic == pytest.approx(2)
    assert found.p_value == pytest.approx(0.0455003, abs=5e-8)
    assert (found.low, found.high) == pytest.approx((0.1 - 1.959964 * 0.05, 0.1 + 1.959964 * 0.05), abs=1e-7)
    assert found.df == ()


def test_students_t():
    found = difference_test("d", 0.1, 0.0025, method="m", n=9, df=4.5, level=0.9)
    assert found.p_value == pytest.approx(2 * stats.t.sf(2, 4.5), abs=1e-12)
    assert found.low == pytest.approx(0.1 - stats.t.ppf(0.95, 4.5) * 0.05, abs=1e-12)
    assert found.df == (4.5,)


def test_ends_are_cut():
    assert difference_test("d", 0.9, 1.0, method="m", n=9).high == 1
    assert difference_test("d", 5.0, 1.0, method="m", n=9, limits=(-math.inf, math.inf)).high > 6


def test_without_variance():
    equal = difference_test("d", 0.0, 0.0, method="m", n=9)
    assert (equal.p_value, equal.statistic, equal.se) == (1, 0, 0)
    assert math.isnan(equal.low)
    noise = difference_test("d", 3e-17, 1e-33, method="m", n=9)
    assert (noise.value, noise.p_value) == (0, 1)
    for value, variance in ((0.2, 0.0), (0.2, math.nan), (math.nan, 0.1)):
        found = difference_test("d", value, variance, method="m", n=9)
        assert math.isnan(found.p_value)
        assert found.reason
