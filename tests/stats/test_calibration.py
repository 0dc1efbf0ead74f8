import itertools
import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.calibration import brier_score, calibration_line, reliability_curve, spiegelhalter_test
from lesion_core.stats.logistic import expit
from lesion_core.stats.proportions import wilson

RNG = np.random.default_rng(15)
P = np.round(RNG.random(300), 2)
Y = (RNG.random(300) < P).astype(int)


@pytest.fixture
def albumin(sas):
    """Probabilities made from a score, the same ones that R was given."""
    return sas["event"], 1 / (1 + np.exp(-(-3 + 1.1 * sas["albumin"])))


def test_rms_val_prob(albumin):
    """R's rms 6.5-0, val.prob and glm on the same 43 patients."""
    line = calibration_line(*albumin)
    assert line.slope.value == pytest.approx(0.9563877512795, rel=1e-9)
    assert line.slope.se == pytest.approx(0.441763409879, rel=1e-6)
    assert line.intercept.value == pytest.approx(0.4045906512733, rel=1e-9)
    assert line.intercept.se == pytest.approx(0.428369819296, rel=1e-6)
    assert line.in_the_large.value == pytest.approx(0.382576366264, rel=1e-9)
    assert line.in_the_large.se == pytest.approx(0.367633176781, rel=1e-5)  # R stops its iterations early
    assert line.slope.low == pytest.approx(line.slope.value - 1.959963984540054 * line.slope.se)
    assert line.slope.high == pytest.approx(line.slope.value + 1.959963984540054 * line.slope.se)
    assert brier_score(*albumin).score.value == pytest.approx(0.1800604451806, rel=1e-11)
    test = spiegelhalter_test(*albumin)
    assert test.statistic == pytest.approx(-0.5143186035896, rel=1e-10)
    assert test.p_value == pytest.approx(0.6070292570721, rel=1e-10)


def test_brier_by_hand_and_decomposition():
    found = brier_score([0, 1, 1, 0], [0.2, 0.8, 0.8, 0.2], bins=2)
    # Two bins, each exactly 0.2 from what is seen, each 0.5 from the base rate.
    assert found.score.value == pytest.approx(0.04)
    assert (found.reliability, found.resolution, found.uncertainty) == pytest.approx((0.04, 0.25, 0.25))
    assert found.within == pytest.approx(0, abs=1e-15)
    assert found.skill == pytest.approx(1 - 0.04 / 0.25)
    for by in ("count", "width"):
        big = brier_score(Y, P, by=by)
        total = big.reliability - big.resolution + big.uncertainty + big.within
        assert total == pytest.approx(big.score.value, abs=1e-15)
        assert big.score.low < big.score.value < big.score.high


def test_fine_bins_leave_nothing_within():
    found = brier_score(Y, P, bins=300)
    assert found.within == pytest.approx(0, abs=1e-12)


def test_reliability_bins():
    bins = reliability_curve(Y, P, bins=5)
    assert sum(b.observed.n for b in bins) == 300
    assert all(b.low <= b.predicted <= b.high for b in bins)
    assert all(first.high < second.low for first, second in itertools.pairwise(bins))
    chosen = (bins[1].low <= P) & (bins[1].high >= P)
    expected = wilson(int(Y[chosen].sum()), int(chosen.sum()))
    assert (bins[1].observed.low, bins[1].observed.high) == (expected.low, expected.high)
    wide = reliability_curve([0, 1, 1], [0.05, 0.95, 1.0], by="width")
    assert [(b.low, b.high) for b in wide] == [(0.05, 0.05), (0.95, 1.0)]
    tied = reliability_curve([0, 1, 1, 0], [0.5, 0.5, 0.5, 0.9], bins=4)
    assert [b.observed.n for b in tied] == [3, 1]
    grouped = reliability_curve(np.tile(Y, 2), np.tile(P, 2), bins=5, groups=np.tile(np.arange(300), 2))
    assert grouped[0].observed.high - grouped[0].observed.low == pytest.approx(
        bins[0].observed.high - bins[0].observed.low, rel=0.05
    )


def test_patients():
    twice, patients = (np.tile(Y, 2), np.tile(P, 2)), np.tile(np.arange(300), 2)
    line, once = calibration_line(*twice, groups=patients), calibration_line(Y, P, groups=np.arange(300))
    assert line.slope.se == pytest.approx(once.slope.se, rel=1e-9)
    assert calibration_line(*twice).slope.se < 0.8 * line.slope.se
    assert brier_score(*twice, groups=patients).score.se == pytest.approx(brier_score(Y, P).score.se, rel=1e-9)
    test = spiegelhalter_test(*twice, groups=patients)
    assert abs(spiegelhalter_test(*twice).statistic) > abs(test.statistic)
    assert test.statistic == pytest.approx(spiegelhalter_test(Y, P, groups=np.arange(300)).statistic)


def test_true_probabilities_pass_and_distorted_ones_fail():
    rng = np.random.default_rng(3)
    p = rng.random(4000)
    y = rng.random(4000) < p
    right = calibration_line(y, p)
    assert right.slope.low < 1 < right.slope.high
    assert right.in_the_large.low < 0 < right.in_the_large.high
    assert spiegelhalter_test(y, p).p_value > 0.01
    sharp = expit(2 * np.log(p / (1 - p)))
    assert calibration_line(y, sharp).slope.value == pytest.approx(right.slope.value / 2, rel=1e-6)
    assert spiegelhalter_test(y, sharp).p_value < 1e-6


def test_spiegelhalter_holds_its_level():
    rng = np.random.default_rng(9)
    p = rng.beta(2, 5, size=(1000, 60))
    y = rng.random((1000, 60)) < p
    rejected = np.mean([spiegelhalter_test(a, b).p_value < 0.05 for a, b in zip(y, p, strict=True)])
    assert 0.035 < rejected < 0.067


def test_edges():
    nothing = brier_score([], [])
    assert math.isnan(nothing.score.value)
    assert "no case" in spiegelhalter_test([], []).reason
    assert reliability_curve([], []) == ()
    assert "both classes" in calibration_line([], []).slope.reason
    one = brier_score([1, 1], [0.5, 0.75])
    assert math.isnan(one.skill)
    assert "both classes" in calibration_line([1, 1], [0.5, 0.75]).slope.sentence()
    certain = brier_score([0, 1], [0.0, 1.0])
    assert certain.score.value == 0
    assert "standard error of 0" in certain.score.reason
    assert "no variance" in spiegelhalter_test([0, 1], [0.0, 1.0]).reason
    assert "do not vary" in calibration_line([0, 1, 1], [0.4, 0.4, 0.4]).slope.reason
    extreme = calibration_line([0, 1, 0, 1, 1, 0], [0.0, 1.0, 0.3, 0.6, 0.2, 0.7])
    assert "1e-12" in extreme.slope.notes[0]


def test_unusable_input():
    with pytest.raises(StatisticsError, match="from 0 to 1"):
        brier_score([0, 1], [0.2, 1.2])
    with pytest.raises(StatisticsError, match="probability must be finite"):
        calibration_line([0, 1], [0.2, math.nan])
    with pytest.raises(StatisticsError, match="bins must be"):
        reliability_curve([0, 1], [0.2, 0.4], bins=0)
    with pytest.raises(StatisticsError, match="count or width"):
        reliability_curve([0, 1], [0.2, 0.4], by="size")


def test_the_brier_scores_interval_is_cut_at_0_and_1():
    found = brier_score([0, 0, 0, 0, 1, 1], [0.02, 0.03, 0.01, 0.02, 0.05, 0.99]).score
    assert found.low == 0
    assert found.high == pytest.approx(found.value + 1.959963984540054 * found.se)
    wrong = brier_score([0, 0, 0, 0, 1, 1], [0.98, 0.97, 0.99, 0.98, 0.95, 0.01]).score
    assert wrong.high == 1


def test_errors_all_alike_give_no_interval():
    for n in range(2, 12):
        found = brier_score([0] * n, [0.1] * n).score
        assert (math.isnan(found.low), found.reason) == (True, "a standard error of 0")
