import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.proportions import clopper_pearson, proportion_interval, wilson

NEWCOMBE = [
    (81, 263, 0.2553, 0.3662, 0.2527, 0.3676),
    (15, 148, 0.0624, 0.1605, 0.0578, 0.1617),
    (0, 20, 0.0, 0.1611, 0.0, 0.1684),
    (1, 29, 0.0061, 0.1718, 0.0009, 0.1776),
]


@pytest.mark.parametrize(("k", "n", "low", "high", "exact_low", "exact_high"), NEWCOMBE)
def test_newcombe_1998(k, n, low, high, exact_low, exact_high):
    score, exact = wilson(k, n), clopper_pearson(k, n)
    assert (round(score.low, 4), round(score.high, 4)) == (low, high)
    assert (round(exact.low, 4), round(exact.high, 4)) == (exact_low, exact_high)
    assert score.value == exact.value == k / n


@pytest.mark.parametrize("k", [0, 1, 7, 19, 20])
def test_clopper_pearson_by_its_definition(k):
    found = clopper_pearson(k, 20, level=0.9)

    def cdf(j, p):
        return sum(math.comb(20, i) * p**i * (1 - p) ** (20 - i) for i in range(j + 1))

    assert found.low == 0 if k == 0 else 1 - cdf(k - 1, found.low) == pytest.approx(0.05, abs=1e-12)
    assert found.high == 1 if k == 20 else cdf(k, found.high) == pytest.approx(0.05, abs=1e-12)


def test_wilson_mirrors():
    for k in range(13):
        one, other = wilson(k, 12), wilson(12 - k, 12)
        assert one.low == pytest.approx(1 - other.high, abs=1e-15)
        assert 0 <= one.low <= one.value <= one.high <= 1


def test_singletons_are_wilson():
    success = np.r_[np.ones(31, int), np.zeros(14, int)]
    plain, own = wilson(31, 45), proportion_interval(success, groups=np.arange(45))
    assert (own.low, own.high) == pytest.approx((plain.low, plain.high), abs=1e-12)
    assert own.clusters == 45
    assert proportion_interval(success) == plain
    assert proportion_interval(success, method="clopper-pearson") == clopper_pearson(31, 45)


def test_every_case_twice_has_half_the_size():
    success = np.r_[np.ones(31, int), np.zeros(14, int)]
    twice = proportion_interval(np.tile(success, 2), groups=np.tile(np.arange(45), 2))
    naive = wilson(62, 90)
    # Doubled cases carry what 45 do, up to the (n - 1) of the design effect.
    once = wilson(31, 45)
    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=0.01)
    assert twice.high - twice.low > 1.3 * (naive.high - naive.low)


def test_clustered_variance_by_hand():
    # Patients (1, 1), (1, 0), (0): p = 3/5; residuals .8, -.2, -.6; sum of squares 1.04; 3/2 * 1.04 / 25 = .0624.
    # Independent: .24 / 4 = .06; design effect 1.04; size 5 / 1.04.
    found = proportion_interval([1, 1, 1, 0, 0], groups=["a", "a", "b", "b", "c"])
    expected = wilson(0.6 * 5 / 1.04, 5 / 1.04)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert (found.n, found.clusters) == (5, 3)


def test_unanimous_clusters_count_patients():
    found = proportion_interval([1, 1, 1, 1], groups=[1, 1, 2, 2])
    assert (found.low, found.high) == pytest.approx((wilson(2, 2).low, 1.0))
    assert "number of clusters, 2" in found.sentence()
    lone = proportion_interval([1, 0, 1], groups=[7, 7, 7])
    assert lone.high - lone.low > 0.75


@pytest.mark.parametrize("views", [2, 3, 5, 7])
def test_patients_alike_in_their_share_count_every_case(views):
    """One of each patient's views right: nothing between patients varies, D is 1, however the residuals round."""
    hit, patients = np.tile([1] + [0] * (views - 1), 10), np.repeat(np.arange(10), views)
    found, expected = proportion_interval(hit, groups=patients), wilson(10, 10 * views)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert found.notes == ()


def test_no_case_is_undefined():
    for found in (wilson(0, 0), clopper_pearson(0, 0), proportion_interval([]), proportion_interval([], groups=[])):
        assert math.isnan(found.value)
        assert math.isnan(found.low)
        assert found.sentence() == "proportion: undefined (no case to count)"


def test_unusable_input():
    with pytest.raises(StatisticsError, match="0 <= k <= n"):
        wilson(3, 2)
    with pytest.raises(StatisticsError, match="0 <= k <= n"):
        clopper_pearson(-1, 2)
    with pytest.raises(StatisticsError, match="level"):
        wilson(1, 2, level=95)
    with pytest.raises(StatisticsError, match="named 'wald'"):
        proportion_interval([1, 0], method="wald")
    with pytest.raises(StatisticsError, match="use wilson with groups"):
        proportion_interval([1, 0], method="clopper-pearson", groups=[1, 2])
    with pytest.raises(StatisticsError, match="success must be 0 or 1"):
        proportion_interval([1, 3])
