import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.accuracy import accuracy, sensitivity, specificity
from lesion_core.stats.proportions import proportion_interval, wilson

Y = np.r_[np.ones(45, int), np.zeros(57, int)]
CALL = np.r_[np.ones(38, int), np.zeros(7, int), np.zeros(50, int), np.ones(7, int)]


def test_published_operating_point():
    assert round(100 * sensitivity(Y, CALL).value, 1) == 84.4
    assert round(100 * specificity(Y, CALL).value, 1) == 87.7
    assert round(100 * accuracy(Y, CALL).value, 1) == 86.3
    assert (sensitivity(Y, CALL).low, sensitivity(Y, CALL).high) == (wilson(38, 45).low, wilson(38, 45).high)
    assert [rate(Y, CALL).n for rate in (sensitivity, specificity, accuracy)] == [45, 57, 102]


def test_groups_are_those_of_the_class():
    rng = np.random.default_rng(8)
    patients = rng.integers(0, 30, Y.size)
    found = specificity(Y, CALL, groups=patients)
    expected = proportion_interval(CALL[Y == 0] == 0, groups=patients[Y == 0])
    assert (found.low, found.high, found.clusters) == (expected.low, expected.high, expected.clusters)


def test_missing_class_is_undefined():
    assert math.isnan(sensitivity([0, 0], [1, 0]).value)
    assert "no case to count" in sensitivity([0, 0], [1, 0], groups=[1, 2]).sentence()
    assert specificity([0, 0], [1, 0]).value == 0.5


def test_unusable_input():
    with pytest.raises(StatisticsError, match="y_call must be 0 or 1"):
        sensitivity([0, 1], [0.2, 0.7])
    with pytest.raises(StatisticsError, match="y_true has 2 values and y_call has 1"):
        specificity([0, 1], [1])
    with pytest.raises(StatisticsError, match="groups has 1"):
        accuracy([0, 1], [1, 0], groups=[1])
