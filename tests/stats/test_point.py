import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.accuracy import accuracy, sensitivity, specificity
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.point import POINT_METHODS, Point, point_interval, point_variances

POINTS = [Point(38, 45, 50, 57), Point(31, 45, 47, 57), Point(1, 2, 3, 4), Point(9, 9, 1, 8), Point(0, 5, 6, 7)]


@pytest.mark.parametrize("method", POINT_METHODS)
@pytest.mark.parametrize("point", POINTS)
def test_closed_forms_are_the_intervals_of_the_calls(method, point):
    y, called = point.calls()
    expected = auc_interval(y, called, method=method)
    found = point_interval(point, method=method)
    assert found.value == pytest.approx(expected.value, abs=1e-15)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-13)


def test_rates():
    point = POINTS[0]
    y, called = point.calls()
    assert point.sensitivity == sensitivity(y, called).value
    assert point.specificity == specificity(y, called).value
    assert point.accuracy == accuracy(y, called).value
    assert round(point.balanced_accuracy, 3) == 0.861
    assert math.isnan(Point(0, 0, 1, 2).sensitivity)
    assert math.isnan(Point(1, 2, 0, 0).specificity)
    assert math.isnan(Point(0, 0, 0, 0).accuracy)


def test_many_at_once():
    counts = np.array([[p.tp, p.positives, p.tn, p.negatives] for p in POINTS], dtype=float).T
    for method in POINT_METHODS:
        found = point_variances(*counts, method=method)
        assert found == pytest.approx([point_interval(p, method=method).se ** 2 for p in POINTS], abs=1e-15)


def test_edges():
    perfect = point_interval(Point(5, 5, 6, 6))
    assert (perfect.value, perfect.reason) == (1, "a standard error of 0")
    assert math.isnan(perfect.low)
    assert "single case" in point_interval(Point(1, 1, 3, 6)).reason
    assert "undefined" in point_interval(Point(0, 0, 3, 6)).sentence()
    with pytest.raises(StatisticsError, match="counts do not fit"):
        Point(6, 5, 0, 0)
    with pytest.raises(StatisticsError, match="no interval named"):
        point_interval(POINTS[0], method="wald")
