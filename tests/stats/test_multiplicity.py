import math

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from lesion_core.errors import StatisticsError
from lesion_core.stats.multiplicity import holm, holm_tests
from lesion_core.stats.paired import delong_test


def test_hand_worked():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([]) == ()
    assert holm([0.9, 0.8]) == (1.0, 1.0)


def test_against_statsmodels():
    rng = np.random.default_rng(1)
    for k in (1, 2, 5, 20):
        p = rng.random(k) ** 3
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-14)


def test_undefined_tests_are_not_counted():
    corrected = holm([0.02, math.nan, 0.5])
    assert corrected[0] == pytest.approx(0.04)
    assert math.isnan(corrected[1])


def test_records():
    y = [0, 1, 0, 1, 1, 0]
    tests = [delong_test(y, [1, 2, 3, 4, 5, 6], [2, 3, 1, 6, 5, 4]), delong_test([1], [1], [1])]
    corrected = holm_tests(tests)
    assert corrected[0].p_value == tests[0].p_value
    assert "for 1 comparisons" in corrected[0].sentence()
    assert corrected[1] is tests[1]


def test_unusable():
    with pytest.raises(StatisticsError, match="from 0 to 1"):
        holm([0.2, 1.3])
