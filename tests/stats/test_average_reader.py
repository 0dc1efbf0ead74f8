import numpy as np
import pytest

from lesion_core.stats.average_reader import average_point, average_reader
from lesion_core.stats.bands import sensitivity_at
from lesion_core.stats.reader_mean import mean_over_readers
from lesion_core.stats.roc import auc, roc_curve

RNG = np.random.default_rng(29)
TRUTH = np.r_[np.ones(25, int), np.zeros(35, int)]
RATINGS = np.round(RNG.normal(size=(3, 60)) + np.array([[0.8], [1.2], [1.6]]) * TRUTH + [[0], [2], [-1]], 1)


def test_averaged_curve():
    found = average_reader(TRUTH, RATINGS, points=2001)
    at = [sensitivity_at(c.fpr, c.tpr, found.fpr) for c in (roc_curve(TRUTH, row) for row in RATINGS)]
    assert found.tpr == pytest.approx(np.mean(at, axis=0))
    mean = np.mean([auc(TRUTH, row) for row in RATINGS])
    assert np.trapezoid(found.tpr, found.fpr) == pytest.approx(mean, abs=1e-3)
    assert found.mean_area.value == pytest.approx(mean)
    expected = mean_over_readers(TRUTH, RATINGS)
    assert (found.mean_area.low, found.mean_area.high) == (expected.low, expected.high)


def test_pooling_readers_with_different_scales_loses_area():
    found = average_reader(TRUTH, RATINGS)
    pooled = np.trapezoid(found.pooled.tpr, found.pooled.fpr)
    assert pooled == pytest.approx(auc(np.tile(TRUTH, 3), RATINGS.ravel()), abs=1e-12)
    lost = found.mean_area.value - pooled
    assert lost > 0.03


def test_points():
    calls = (np.array([[0.5], [2.7], [-0.4]]) < RATINGS).astype(int)
    found = average_point(TRUTH, calls)
    assert found.points[:, 0] == pytest.approx(calls[:, :25].mean(axis=1))
    assert found.points[:, 1] == pytest.approx(1 - calls[:, 25:].mean(axis=1))
    assert found.sensitivity.value == pytest.approx(found.points[:, 0].mean())
    assert found.specificity.low < found.specificity.value < found.specificity.high
    assert found.sensitivity.name == "mean sensitivity of 3 readers"


def test_missing_class():
    found = average_reader(np.ones(60, int), RATINGS)
    assert "both classes" in found.reason
    assert np.isnan(found.tpr).all()
    point = average_point(np.ones(60, int), (RATINGS > 1).astype(int))
    assert np.isnan(point.points[:, 1]).all()
    assert "a class is missing" in point.specificity.reason
