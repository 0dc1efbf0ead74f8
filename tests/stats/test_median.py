import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from lesion_core.errors import StatisticsError
from lesion_core.stats.median import median_interval


def test_the_second_and_the_ninth_of_ten():
    """David and Nagaraja 2003, section 7.1: 97.85 %; their like for 20, 25 and 50."""
    for n, k in ((6, 1), (10, 2), (20, 6), (25, 8), (50, 18)):
        found = median_interval(np.arange(n, 0, -1))
        assert (found.low, found.high, found.value) == (k, n - k + 1, (n + 1) / 2)
        assert found.n == n


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_it_holds_the_median_often_enough_and_no_narrower_one_does(level):
    """Every way in which 9 values can lie below or above the median, counted."""
    n = 9
    found = median_interval(np.arange(1, n + 1), level=level)
    below = np.array([sum(each) for each in product((0, 1), repeat=n)])

    def held(low, high):
        return np.mean((below >= low) & (below < high))

    assert held(found.low, found.high) >= level
    assert held(found.low + 1, found.high - 1) < level


def test_scipy_says_the_same():
    rng = np.random.default_rng(5)
    for n in (7, 12, 33):
        values = rng.lognormal(2, 0.5, n)
        ends = stats.quantile_test(values, q=1, p=0.5).confidence_interval(0.95)
        found = median_interval(values)
        assert (found.low, found.high) == (ends.low, ends.high)


def test_too_few_values():
    five = median_interval([3.0, 1.0, 2.0, 9.0, 5.0])
    assert (five.value, math.isnan(five.low), five.reason) == (
        3.0,
        True,
        "5 values: too few for an interval of a median",
    )
    assert median_interval([4.0]).reason.startswith("1 value:")
    assert not median_interval([]).defined
    for bad in ([1.0, math.nan], [[1.0]]):
        with pytest.raises(StatisticsError, match="finite"):
            median_interval(bad)
