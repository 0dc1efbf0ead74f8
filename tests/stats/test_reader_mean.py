import math

import numpy as np
import pytest
from scipy import stats

from lesion_core.stats.reader_mean import mean_estimate, mean_over_readers, random_reader_variance

RNG = np.random.default_rng(3)
TRUTH = np.r_[np.ones(20, int), np.zeros(25, int)]
RATINGS = np.round(RNG.normal(size=(4, 45)) + 1.2 * TRUTH + 0.8 * RNG.normal(size=45), 1)


def test_variance_by_hand():
    values = np.array([0.8, 0.9, 0.85])
    covariance = np.array([[4, 1, 2], [1, 4, 3], [2, 3, 4]]) * 1e-4
    # MS(R) = .0025, Cov2 = 2e-4: (.0025 + 3 x 2e-4) / 3 and (.0031)^2 / (.0025^2 / 2).
    variance, df = random_reader_variance(values, covariance)
    assert variance == pytest.approx(0.0031 / 3)
    assert df == pytest.approx(0.0031**2 / (0.0025**2 / 2))
    negative, df = random_reader_variance(values, -covariance)
    assert (negative, df) == pytest.approx((0.0025 / 3, 2))
    assert random_reader_variance(np.array([0.8, 0.8, 0.8]), covariance)[1] == math.inf
    assert all(math.isnan(x) for x in random_reader_variance(values[:1], covariance[:1, :1]))


def test_interval():
    found = mean_over_readers(TRUTH, RATINGS)
    assert 0 < found.low < found.value < found.high < 1
    assert "4 readers" in found.sentence()
    calls = (RATINGS > 0.6).astype(int)
    sensitivity = mean_over_readers(TRUTH, calls, figure="sensitivity", name="mean sensitivity")
    assert sensitivity.value == pytest.approx(calls[:, :20].mean())
    assert sensitivity.name == "mean sensitivity"


def test_estimate_by_hand():
    found = mean_estimate("m", 0.9, 0.01, 4.0, "x", n=9, level=0.95, clusters=None)
    assert found.low == pytest.approx(0.9 - stats.t.ppf(0.975, 4) * 0.1)
    assert found.high == 1


def test_undefined():
    assert "fewer than 3" in mean_over_readers(TRUTH, RATINGS[:2]).reason
    assert mean_over_readers(TRUTH, RATINGS[:2]).value > 0.5
    assert "a class is missing" in mean_over_readers(np.ones(45, int), RATINGS).reason
    assert "no readers" in mean_over_readers(TRUTH, np.empty((0, 45))).reason
    perfect = mean_over_readers(TRUTH, np.tile(TRUTH, (3, 1)))
    assert (perfect.value, perfect.reason) == (1, "a standard error of 0")
    assert math.isnan(perfect.low)
    few = mean_over_readers([1, 0, 0], [[3, 1, 2], [1, 2, 3], [2, 1, 3]])
    assert "too few" in few.reason
