import itertools
import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.mcnemar import compare_calls
from lesion_core.stats.overlaps import overlap_bounds, p_range
from lesion_core.stats.paired import delong_test
from lesion_core.stats.point import Point


def every_pairing(a, b):
    """All ways two sets of calls with these counts may fall on the same cases, as labels and calls."""
    y = np.r_[np.ones(a.positives, int), np.zeros(a.negatives, int)]
    for x in set(itertools.permutations([1] * b.tp + [0] * (b.positives - b.tp))):
        for z in set(itertools.permutations([0] * b.tn + [1] * (b.negatives - b.tn))):
            first = [1] * a.tp + [0] * (a.positives - a.tp) + [0] * a.tn + [1] * (a.negatives - a.tn)
            yield y, np.array(first), np.array([*x, *z])


@pytest.mark.parametrize(("a", "b"), [(Point(3, 4, 4, 5), Point(1, 4, 3, 5)), (Point(2, 5, 1, 4), Point(4, 5, 3, 4))])
def test_against_every_pairing(a, b):
    tests = {"delong": [], "sensitivity": [], "specificity": [], "accuracy": []}
    for y, first, second in every_pairing(a, b):
        tests["delong"].append(delong_test(y, first, second).p_value)
        for rate in ("sensitivity", "specificity", "accuracy"):
            tests[rate].append(compare_calls(y, first, second, rate=rate, method="exact").p_value)
    for test, values in tests.items():
        found = p_range(a, b, test=test, method="exact")
        assert found.lowest == pytest.approx(np.nanmin(values), abs=1e-12)
        assert found.highest == pytest.approx(np.nanmax(values), abs=1e-12)


def test_bounds():
    assert list(overlap_bounds(38, 31, 45)) == list(range(24, 32))
    assert list(overlap_bounds(0, 3, 4)) == [0]
    assert list(overlap_bounds(4, 4, 4)) == [4]
    with pytest.raises(StatisticsError, match="from 0 to 4"):
        overlap_bounds(5, 1, 4)


def test_range_allows():
    found = p_range(Point(38, 45, 50, 57), Point(31, 45, 47, 57))
    assert found.allows(found.lowest)
    assert found.allows(0.0008)
    assert not found.allows(0.0004)
    assert "over 64 possible overlaps" in found.sentence()


def test_edges():
    same = p_range(Point(4, 4, 5, 5), Point(4, 4, 5, 5))
    assert (same.lowest, same.highest) == (1, 1)
    apart = p_range(Point(4, 4, 5, 5), Point(0, 4, 5, 5))
    assert math.isnan(apart.lowest)
    assert "undefined" in apart.sentence()
    assert p_range(Point(1, 1, 2, 2), Point(0, 1, 1, 2)).reason
    with pytest.raises(StatisticsError, match="same cases"):
        p_range(Point(1, 2, 3, 4), Point(1, 3, 3, 4))
    with pytest.raises(StatisticsError, match="no test named"):
        p_range(Point(1, 2, 3, 4), Point(1, 2, 3, 4), test="t")
