import math
from statistics import NormalDist

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.binormal import binormal_fit

# Hanley and McNeil 1982: 58 normal and 51 abnormal CT readings, rated 1 to 5.
Y = np.r_[np.zeros(58, int), np.ones(51, int)]
RATING = np.r_[np.repeat(range(1, 6), [33, 6, 6, 11, 2]), np.repeat(range(1, 6), [3, 2, 2, 11, 33])]


def test_stata_rocfit():
    """The example of Stata's manual, [R] rocfit."""
    fit = binormal_fit(Y, RATING)
    assert (fit.a, fit.b) == pytest.approx((1.656782, 0.713002), abs=5e-7)
    assert (fit.se_a, fit.se_b) == pytest.approx((0.310456, 0.215882), abs=5e-7)
    assert fit.cuts == pytest.approx([0.169768, 0.463215, 0.766860, 1.797938], abs=5e-7)
    assert fit.log_likelihood == pytest.approx(-123.64855, abs=5e-6)
    assert fit.area.value == pytest.approx(0.911331, abs=5e-7)
    assert fit.area.se == pytest.approx(0.029506, abs=5e-7)
    assert fit.area.low == pytest.approx(fit.area.value - 1.959963984540054 * fit.area.se)
    assert fit.area.high == pytest.approx(fit.area.value + 1.959963984540054 * fit.area.se)


def test_no_neighbour_is_likelier():
    """The likelihood written out, at the fit and around it."""
    fit, phi = binormal_fit(Y, RATING), NormalDist().cdf
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]

    def log_likelihood(a, b, cuts):
        edges = [-math.inf, *cuts, math.inf]
        total = 0.0
        for k in range(5):
            total += normal[k] * math.log(phi(edges[k + 1]) - phi(edges[k]))
            total += abnormal[k] * math.log(phi(b * edges[k + 1] - a) - phi(b * edges[k] - a))
        return total

    best = log_likelihood(fit.a, fit.b, fit.cuts)
    assert best == pytest.approx(fit.log_likelihood, abs=1e-9)
    rng = np.random.default_rng(1)
    for _ in range(200):
        step = rng.normal(size=6) * 0.01
        assert log_likelihood(fit.a + step[0], fit.b + step[1], fit.cuts + step[2:]) < best


def test_curve():
    fit = binormal_fit(Y, RATING)
    assert fit.tpr([0, 1]).tolist() == [0, 1]
    grid = np.linspace(0, 1, 20_001)
    assert np.trapezoid(fit.tpr(grid), grid) == pytest.approx(fit.area.value, abs=1e-5)


def test_recovers_the_truth():
    areas = []
    rng = np.random.default_rng(8)
    truth = NormalDist().cdf(1.5 / math.sqrt(1 + 0.8**2))
    for _ in range(25):
        y = np.arange(400) < 200
        latent = rng.normal(size=400) * np.where(y, 1 / 0.8, 1) + 1.5 / 0.8 * y
        areas.append(binormal_fit(y, np.digitize(latent, [-0.5, 0.3, 0.9, 1.6])).area)
    assert np.mean([area.value for area in areas]) == pytest.approx(truth, abs=0.01)
    assert sum(area.low <= truth <= area.high for area in areas) >= 21
    assert np.std([area.value for area in areas]) == pytest.approx(np.mean([area.se for area in areas]), rel=0.4)


def test_patients():
    once = binormal_fit(Y, RATING, groups=np.arange(109))
    twice = binormal_fit(np.tile(Y, 2), np.tile(RATING, 2), groups=np.tile(np.arange(109), 2))
    assert twice.area.value == pytest.approx(once.area.value, abs=1e-9)
    assert twice.area.se == pytest.approx(once.area.se, rel=1e-6)
    assert twice.area.clusters == 109
    # Where the model holds, the sandwich is near the information matrix.
    assert once.area.se == pytest.approx(binormal_fit(Y, RATING).area.se, rel=0.15)
    assert binormal_fit(np.tile(Y, 2), np.tile(RATING, 2)).area.se < 0.75 * twice.area.se


def test_scores_are_binned():
    rng = np.random.default_rng(2)
    y = np.arange(300) < 120
    fit = binormal_fit(y, rng.normal(size=300) + 1.2 * y)
    assert fit.categories == 20
    assert fit.area.value == pytest.approx(NormalDist().cdf(1.2 / math.sqrt(2)), abs=0.06)


@pytest.mark.parametrize(
    ("y", "rating", "reason"),
    [
        ([0, 0, 1, 1], [1, 2, 3, 4], "degenerate"),
        ([0, 1, 0, 1], [0, 1, 1, 0], "3 or more"),
        ([1, 1], [1, 2], "both classes"),
        ([], [], "both classes"),
        ([0, 0, 0, 1, 1, 1], [1, 1, 2, 2, 3, 3], "degenerate"),
    ],
)
def test_no_fit(y, rating, reason):
    fit = binormal_fit(y, rating)
    assert reason in fit.reason
    assert math.isnan(fit.area.value)
    assert "undefined" in fit.area.sentence()
    assert np.isnan(fit.tpr([0.5])).all()


def test_unusable_input():
    with pytest.raises(StatisticsError, match="finite"):
        binormal_fit([0, 1], [math.nan, 1])
