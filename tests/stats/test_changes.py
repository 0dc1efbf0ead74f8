import math

import numpy as np
import pytest
from scipy import stats

from lesion_core.errors import StatisticsError
from lesion_core.stats.changes import ONE_SEQUENCE, mean_change, mean_over_sequences


def test_the_mean_over_readers_is_students():
    changes = [0.1, -0.05, 0.2, 0.0]
    expected = stats.ttest_1samp(changes, 0).confidence_interval(0.95)
    found = mean_change(changes)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    ratios = mean_change(np.exp(changes), ratio=True)
    assert (ratios.value, ratios.low, ratios.high) == pytest.approx(
        (math.exp(np.mean(changes)), math.exp(expected.low), math.exp(expected.high)), abs=1e-12
    )


def test_too_few_readers_for_a_mean():
    assert mean_change([0.1, 0.2]).reason.startswith("fewer than 3 readers")
    # Three times 0.1 has a mean of 0.10000000000000002.
    for readers in range(3, 12):
        alike = mean_change([0.1] * readers)
        assert (math.isnan(alike.low), alike.reason) == (True, "a standard error of 0")
    assert mean_change([]).reason == "no reader"
    with pytest.raises(StatisticsError, match="above 0, got 0"):
        mean_change([1.0, 0.0], ratio=True)


def test_the_difference_between_the_halves_of_the_cases_cancels():
    """The course is 0.1; the second half is easier by 0.4 for whoever reads it second. Uneven numbers of readers."""
    found = mean_over_sequences([0.5, 0.55, 0.45], [-0.3])
    assert found.value == pytest.approx(0.1)
    assert found.n == 4


def test_it_is_students_two_sample_t_halved():
    """One sequence minus the other with its sign turned, pooled: scipy's interval of the difference, halved."""
    one, other = [0.1, 0.25, 0.3], [-0.2, 0.0, -0.15, 0.05]
    expected = stats.ttest_ind(one, [-each for each in other]).confidence_interval(0.95)
    found = mean_over_sequences(one, other)
    assert (found.low, found.high) == pytest.approx((expected.low / 2, expected.high / 2), abs=1e-12)
    ratios = mean_over_sequences(np.exp(one), np.exp(other), ratio=True)
    ends = (math.exp(expected.low / 2), math.exp(expected.high / 2))
    assert (ratios.low, ratios.high) == pytest.approx(ends, abs=1e-12)
    assert ratios.value == pytest.approx(math.exp(found.value))


def test_one_sequence_alone_says_nothing():
    found = mean_over_sequences([0.1, 0.2, 0.3], [])
    assert (found.defined, found.reason, found.n) == (False, ONE_SEQUENCE, 3)
    assert mean_over_sequences([], []).reason == "no reader"


def test_too_few_readers_of_two_sequences():
    assert mean_over_sequences([0.1], [0.2]).reason.startswith("fewer than 3 readers")
    assert mean_over_sequences([0.1, 0.1], [0.2]).reason == "a standard error of 0"
    with pytest.raises(StatisticsError, match="above 0, got 0"):
        mean_over_sequences([1.0, 0.0], [1.0], ratio=True)
    for bad in ([math.nan], [[0.1]]):
        with pytest.raises(StatisticsError, match="finite"):
            mean_over_sequences(bad, [0.1])
