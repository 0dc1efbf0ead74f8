import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.figures import check_readings, figure_covariance, figure_values
from lesion_core.stats.roc import auc

RNG = np.random.default_rng(23)
POSITIVE = np.r_[np.ones(14, bool), np.zeros(16, bool)]
RATINGS = np.clip(np.round(RNG.normal(size=(3, 30)) + 1.2 * POSITIVE + 2), 1, 5)
CALLS = (RATINGS >= 3).astype(float)
CODES = np.r_[np.arange(10), np.arange(10), np.arange(10)]


def rate(positive, calls, figure):
    chosen = {"sensitivity": positive, "specificity": ~positive, "accuracy": positive | ~positive}[figure]
    return np.mean((calls == positive)[chosen])


@pytest.mark.parametrize("figure", ["auc", "sensitivity", "specificity", "accuracy"])
def test_values_and_jackknife_by_leaving_out(figure):
    readings = RATINGS if figure == "auc" else CALLS

    def value(keep, row):
        return (
            auc(POSITIVE[keep], row[keep]) if figure == "auc" else rate(POSITIVE[keep], row[keep].astype(bool), figure)
        )

    everything = np.ones(30, bool)
    assert figure_values(POSITIVE, readings, figure) == pytest.approx([value(everything, row) for row in readings])
    for codes in (None, CODES):
        units = np.arange(30) if codes is None else codes
        left = np.array([[value(units != unit, row) for unit in sorted(set(units))] for row in readings])
        k = left.shape[1]
        expected = (k - 1) ** 2 / k * np.cov(left)
        found = figure_covariance(POSITIVE, readings, figure, method="jackknife", codes=codes)
        assert found == pytest.approx(expected, abs=1e-13)


def test_delong_and_jackknife_are_near():
    positive = np.arange(400) < 180
    readings = np.random.default_rng(5).normal(size=(2, 400)) + positive
    near = figure_covariance(positive, readings, "auc", method="jackknife")
    assert figure_covariance(positive, readings, "auc") == pytest.approx(near, rel=0.02, abs=3e-6)


def test_covariance_of_proportions():
    found = figure_covariance(POSITIVE, CALLS, "sensitivity")
    assert found == pytest.approx(np.cov(CALLS[:, POSITIVE]) / 14, abs=1e-15)
    own = figure_covariance(POSITIVE, CALLS, "sensitivity", codes=np.arange(30))
    assert own == pytest.approx(found, abs=1e-15)
    twice = figure_covariance(np.tile(POSITIVE, 2), np.tile(CALLS, 2), "sensitivity", codes=np.tile(np.arange(30), 2))
    assert twice == pytest.approx(found, abs=1e-15)


def test_missing_class():
    one = np.ones(4, bool)
    assert np.isnan(figure_values(one, np.ones((2, 4)), "auc")).all()
    assert np.isnan(figure_values(one, np.ones((2, 4)), "specificity")).all()
    assert np.isnan(figure_covariance(one, np.ones((2, 4)), "specificity")).all()
    single = np.array([True, False, False])
    assert np.isnan(figure_covariance(single, np.arange(3.0)[None], "auc")).all()
    assert math.isnan(figure_covariance(single, np.arange(3.0)[None], "auc", method="jackknife")[0, 0])


def test_unusable_input():
    with pytest.raises(StatisticsError, match="no figure of merit named 'f1'"):
        check_readings([[1, 0]], 2, "f1")
    with pytest.raises(StatisticsError, match=r"readings must be \(readings, 3\)"):
        check_readings([[1, 0]], 3, "auc")
    with pytest.raises(StatisticsError, match="reading 2 must be finite, got nan in row 0"):
        check_readings([[1, 0], [math.nan, 1]], 2, "auc")
    with pytest.raises(StatisticsError, match="reading 1 must be 0 or 1"):
        check_readings([[3, 0]], 2, "sensitivity")
    with pytest.raises(StatisticsError, match="no covariance named"):
        figure_covariance(POSITIVE, RATINGS, "auc", method="bootstrap")
