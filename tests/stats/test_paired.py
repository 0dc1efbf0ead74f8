import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import (
    delong_covariance_matrix,
    delong_test,
    delong_test_all,
    delong_test_unpaired,
)
from lesion_core.stats.placements import placements
from lesion_core.stats.roc import auc


def slow_covariance(y, a, b):
    """DeLong 1988, equations 3 to 5, for two scores, with loops."""

    def components(s):
        x, z = s[y == 1], s[y == 0]
        psi = np.array([[1.0 if i > j else 0.5 if i == j else 0.0 for j in z] for i in x])
        return psi.mean(), psi.mean(axis=1), psi.mean(axis=0)

    (area_a, x_a, z_a), (area_b, x_b, z_b) = components(a), components(b)
    s10 = sum((i - area_a) * (j - area_b) for i, j in zip(x_a, x_b, strict=True)) / (x_a.size - 1)
    s01 = sum((i - area_a) * (j - area_b) for i, j in zip(z_a, z_b, strict=True)) / (z_a.size - 1)
    return s10 / x_a.size + s01 / z_a.size


def test_sas_single_scores(sas):
    for name, area, se, low, high in (
        ("albumin", 0.7365591398, 0.0926943, 0.5548816, 0.9182367),
        ("kg", 0.7258064516, 0.1028216, 0.5242798, 0.9273331),
        ("protein", 0.6478494624, 0.1000474, 0.4517602, 0.8439387),
    ):
        found = auc_interval(sas["event"], sas[name])
        assert found.value == pytest.approx(area, abs=5e-11)
        assert (found.se, found.low, found.high) == pytest.approx((se, low, high), abs=5e-8)


def test_sas_differences(sas):
    first = delong_test(sas["event"], sas["albumin"], sas["kg"])
    assert (first.value, first.se) == pytest.approx((0.0107527, 0.0953436), abs=5e-8)
    # SAS's 0.9102064 is 0.91020635 rounded once more: pROC 1.18 gives 0.910206347201 on the same rows.
    assert first.p_value == pytest.approx(0.910206347201, abs=5e-13)
    second = delong_test(sas["event"], sas["protein"], sas["kg"])
    assert (second.value, second.se, second.p_value) == pytest.approx((-0.0779570, 0.1046096, 0.4561397), abs=5e-8)
    assert second.low == pytest.approx(second.value - 1.959963984540054 * second.se, abs=1e-12)
    assert second.high == pytest.approx(second.value + 1.959963984540054 * second.se, abs=1e-12)


def test_sas_all_equal(sas):
    found = delong_test_all(sas["event"], [sas["albumin"], sas["kg"], sas["protein"]])
    assert found.statistic == pytest.approx(2.5339779, abs=5e-8)
    assert found.p_value == pytest.approx(0.2816785, abs=5e-8)
    assert found.df == (2,)


def test_identical_curves(sas):
    found = delong_test(sas["event"], sas["kg"], sas["kg"] * 3 + 1)
    assert (found.value, found.statistic, found.p_value) == (0, 0, 1)
    assert math.isnan(found.low)
    assert "never differ" in found.reason
    assert "p = 1.000" in found.sentence()


def test_two_scores_through_either_door(sas):
    pair = delong_test(sas["event"], sas["protein"], sas["kg"])
    many = delong_test_all(sas["event"], [sas["protein"], sas["kg"]])
    assert many.statistic == pytest.approx(pair.statistic**2, abs=1e-12)
    assert many.p_value == pytest.approx(pair.p_value, abs=1e-12)
    doubled = delong_test_all(sas["event"], [sas["protein"], sas["kg"], sas["kg"]])
    assert doubled.df == (1,)
    assert doubled.p_value == pytest.approx(pair.p_value, abs=1e-9)


def test_against_slow_covariance():
    rng = np.random.default_rng(21)
    for n in (6, 17, 40):
        y = np.r_[1, 1, 0, 0, rng.integers(0, 2, n - 4)]
        a, b = np.round(rng.normal(size=(2, n)) + y, 0)
        variance = slow_covariance(y, a, a) + slow_covariance(y, b, b) - 2 * slow_covariance(y, a, b)
        found = delong_test(y, a, b)
        assert found.value == pytest.approx(auc(y, a) - auc(y, b), abs=1e-14)
        assert found.se**2 == pytest.approx(variance, abs=1e-14)
        matrix = delong_covariance_matrix(y == 1, [placements(y == 1, s) for s in (a, b)])
        assert matrix[0, 1] == pytest.approx(slow_covariance(y, a, b), abs=1e-14)
        assert matrix[1, 1] == pytest.approx(slow_covariance(y, b, b), abs=1e-14)


def test_exchanging_turns_the_sign():
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 50)
    a, b = rng.normal(size=(2, 50)) + y
    there, back = delong_test(y, a, b), delong_test(y, b, a)
    assert there.p_value == pytest.approx(back.p_value, abs=1e-14)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-14)


def test_groups():
    rng = np.random.default_rng(9)
    y = rng.integers(0, 2, 60)
    a, b = np.round(rng.normal(size=(2, 60)) + y, 1)
    plain = delong_test(y, a, b)
    own = delong_test(y, a, b, groups=np.arange(60))
    twice = delong_test(np.tile(y, 2), np.tile(a, 2), np.tile(b, 2), groups=np.tile(np.arange(60), 2))
    assert own.p_value == pytest.approx(plain.p_value, abs=1e-12)
    assert twice.p_value == pytest.approx(plain.p_value, abs=1e-12)
    assert delong_test(np.tile(y, 2), np.tile(a, 2), np.tile(b, 2)).p_value < plain.p_value
    assert twice.clusters == 60
    every = delong_test_all(np.tile(y, 2), [np.tile(a, 2), np.tile(b, 2)], groups=np.tile(np.arange(60), 2))
    assert every.p_value == pytest.approx(plain.p_value, abs=1e-12)


def test_unpaired():
    rng = np.random.default_rng(6)
    y, z = np.r_[np.ones(20, int), np.zeros(30, int)], np.r_[np.ones(25, int), np.zeros(25, int)]
    a, b = rng.normal(size=50) + y, rng.normal(size=50) + 2 * z
    found = delong_test_unpaired(y, a, z, b)
    assert found.se**2 == pytest.approx(slow_covariance(y, a, a) + slow_covariance(z, b, b), abs=1e-14)
    assert found.n == 100
    grouped = delong_test_unpaired(y, a, z, b, groups_a=np.arange(50), groups_b=np.arange(50))
    assert grouped.se == pytest.approx(found.se, rel=1e-12)
    assert grouped.method == "DeLong, unpaired, clustered"
    pairs = delong_test_unpaired(y, a, z, b, groups_a=np.arange(50) // 2)
    own = auc_interval(y, a, groups=np.arange(50) // 2)
    assert pairs.se**2 == pytest.approx(own.se**2 + auc_interval(z, b).se ** 2)


@pytest.mark.parametrize("y", [[], [1], [0, 0, 0]])
def test_one_class_is_undefined(y):
    s = np.arange(len(y), dtype=float)
    for found in (delong_test(y, s, s), delong_test_all(y, [s, s]), delong_test_unpaired(y, s, y, s)):
        assert math.isnan(found.p_value)
        assert "both classes" in found.reason
        assert "test undefined" in found.sentence()


def test_too_few_cases_of_a_class():
    found = delong_test([1, 0, 0], [3, 1, 2], [1, 2, 3])
    assert found.value == 1.0
    assert math.isnan(found.p_value)
    assert "too few" in found.reason
    assert "too few" in delong_test_all([1, 0, 0], [[3, 1, 2], [1, 2, 3]]).reason


def test_difference_without_spread_is_no_proof():
    # One score separates perfectly, the other is all tied: the SE is 0 but nothing was shown about its size.
    found = delong_test([1, 1, 0, 0], [4, 3, 2, 1], [1, 1, 1, 1])
    assert found.value == 0.5
    assert math.isnan(found.p_value)
    assert "standard error of 0" in found.reason
    assert "never differ" in delong_test_all([1, 1, 0, 0], [[4, 3, 2, 1], [4, 3, 2, 1]]).reason


def test_unusable_input():
    with pytest.raises(StatisticsError, match="score_b has 1"):
        delong_test([0, 1], [1, 2], [1])
    with pytest.raises(StatisticsError, match="score_b must be finite"):
        delong_test([0, 1], [1, 2], [1, math.nan])
    with pytest.raises(StatisticsError, match="score_a must be numbers"):
        delong_test([0, 1], ["x", "y"], [1, 2])
    with pytest.raises(StatisticsError, match="k at least 2"):
        delong_test_all([0, 1], [[1, 2]])
