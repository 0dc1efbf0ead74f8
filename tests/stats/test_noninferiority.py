import math

import numpy as np
import pytest
from scipy import stats

from lesion_core.errors import StatisticsError
from lesion_core.stats.estimate import Comparison
from lesion_core.stats.mcnemar import compare_calls, mcnemar
from lesion_core.stats.noninferiority import equivalence, noninferiority, noninferiority_of_proportions
from lesion_core.stats.paired import delong_test
from lesion_core.stats.readers import obuchowski_rockette
from lesion_core.stats.wald import difference_test

DIFFERENCE = Comparison("AUC, A minus B", -0.01, -0.05, 0.03, 0.95, "DeLong, paired", 200, -0.5, 0.6, se=0.02)


def test_noninferiority_by_hand():
    # (-0.01 + 0.05) / 0.02 = 2, upper tail 0.02275; 90 % interval -0.01 -+ 1.644854 x 0.02.
    found = noninferiority(DIFFERENCE, 0.05)
    assert found.statistic == pytest.approx(2)
    assert found.p_value == pytest.approx(0.0227501, abs=5e-8)
    assert (found.low, found.high) == pytest.approx((-0.0428971, 0.0228971), abs=5e-8)
    assert found.level == pytest.approx(0.9)
    assert (found.p_value < 0.05) == (found.low > -0.05)


def test_equivalence_is_the_worse_of_two_tests():
    found = equivalence(DIFFERENCE, 0.05)
    lower = stats.norm.sf((-0.01 + 0.05) / 0.02)
    upper = stats.norm.sf((0.05 + 0.01) / 0.02)
    assert found.p_value == pytest.approx(max(lower, upper), abs=1e-12)
    assert equivalence(DIFFERENCE, 0.005).p_value > 0.5


def test_students_t_is_kept():
    reader = Comparison("AUC", -0.01, -0.05, 0.03, 0.95, "OR", 100, 0.25, 0.6, df=(1.0, 7.5), se=0.02)
    assert noninferiority(reader, 0.05).p_value == pytest.approx(stats.t.sf(2, 7.5), abs=1e-12)
    assert noninferiority(reader, 0.05).df == (7.5,)


def test_chi_squared_of_mcnemar_is_no_t():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 80)
    a, b = (rng.random((2, 80)) < 0.8) == y
    test = compare_calls(y, a, b, rate="accuracy", groups=np.arange(80))
    assert noninferiority(test, 0.1).p_value == pytest.approx(stats.norm.sf((test.value + 0.1) / test.se), abs=1e-12)


def test_proportions():
    found = noninferiority_of_proportions(12, 15, 200, 0.1)
    assert (found.p_value < 0.05) == (found.low > -0.1)
    assert found.p_value == pytest.approx(stats.norm.sf(found.statistic), abs=1e-12)
    wide = mcnemar(12, 15, 200, level=0.9)
    assert (found.low, found.high) == (wide.low, wide.high)
    # At a margin equal to minus the lower end, p is alpha.
    assert noninferiority_of_proportions(12, 15, 200, -found.low).p_value == pytest.approx(0.05, abs=1e-9)


def test_without_standard_error():
    same = delong_test([0, 1, 0, 1], [1, 2, 3, 4], [1, 2, 3, 4])
    for found in (noninferiority(same, 0.1), equivalence(same, 0.1), noninferiority(mcnemar(1, 2, 9), 0.1)):
        assert math.isnan(found.p_value)
        assert found.reason
    assert "no case" in noninferiority_of_proportions(0, 0, 0, 0.1).reason


def test_unusable_settings():
    with pytest.raises(StatisticsError, match="margin must be above 0"):
        noninferiority(DIFFERENCE, -0.05)
    with pytest.raises(StatisticsError, match="alpha"):
        equivalence(DIFFERENCE, 0.05, alpha=0.6)
    with pytest.raises(StatisticsError, match="counts do not fit"):
        noninferiority_of_proportions(5, 5, 9, 0.1)


def test_chi_squared_of_fixed_readers_is_no_t():
    rng = np.random.default_rng(5)
    y = np.repeat([0, 1], 60)
    readings = rng.normal(size=(2, 5, 120)) + 1.2 * y
    analysis = obuchowski_rockette(y, readings).fixed_readers
    assert analysis.test.df == (1.0,)
    for asked in (noninferiority, equivalence):
        found, normal = asked(analysis.test, 0.1), asked(analysis.differences[0], 0.1)
        assert (found.low, found.high, found.p_value) == (normal.low, normal.high, normal.p_value)
        assert (found.df, found.chi_squared) == ((), False)


def test_one_df_of_students_t_is_kept():
    # t of 1 df is Cauchy's: the upper tail of (-0.01 + 0.05) / 0.02 = 2 is 1 / 2 - arctan(2) / pi.
    found = noninferiority(difference_test("AUC", -0.01, 0.0004, method="t", n=9, df=1.0), 0.05)
    assert found.p_value == pytest.approx(0.5 - math.atan(2) / math.pi, abs=1e-12)
    assert found.df == (1.0,)
