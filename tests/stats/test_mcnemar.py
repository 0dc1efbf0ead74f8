import math

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from lesion_core.errors import StatisticsError
from lesion_core.stats.mcnemar import compare_calls, mcnemar, tango_statistic


def test_agresti():
    # Agresti 2002, table 10.1: 794 / 86 / 150 / 570.
    assert mcnemar(86, 150, 1600, method="asymptotic").statistic == pytest.approx(17.355932, abs=5e-7)
    corrected = mcnemar(86, 150, 1600, method="corrected")
    assert corrected.statistic == pytest.approx(16.817797, abs=5e-7)
    assert corrected.p_value == pytest.approx(4.11456e-5, abs=5e-11)
    assert mcnemar(86, 150, 1600, method="exact").p_value == pytest.approx(3.71594e-5, abs=5e-11)


def test_second_table():
    assert mcnemar(121, 59, 314, method="asymptotic").statistic == pytest.approx(21.355556, abs=5e-7)
    assert mcnemar(121, 59, 314, method="corrected").statistic == pytest.approx(20.672222, abs=5e-7)
    assert mcnemar(121, 59, 314, method="exact").p_value == pytest.approx(4.43445e-6, abs=5e-12)


def test_airway_hyper_responsiveness():
    # Fagerland, Lydersen and Laake 2014 (Stat Med 33:2850): 1 / 1 / 7 / 12; Tango's interval -0.517 to -0.026.
    found = mcnemar(1, 7, 21)
    assert (round(found.low, 3), round(found.high, 3)) == (-0.517, -0.026)
    assert found.p_value == pytest.approx(10 / 256, abs=1e-12)
    assert mcnemar(1, 7, 21, method="exact").p_value == pytest.approx(18 / 256, abs=1e-12)
    assert mcnemar(1, 7, 21, method="asymptotic").p_value == pytest.approx(0.0339, abs=5e-5)


@pytest.mark.parametrize(("b", "c"), [(0, 1), (3, 3), (2, 9), (40, 20), (7, 0)])
def test_against_statsmodels(b, c):
    table = [[30, b], [c, 12]]
    exact = statsmodels_mcnemar(table, exact=True)
    assert mcnemar(b, c, 42 + b + c, method="exact").p_value == pytest.approx(exact.pvalue, abs=1e-12)
    for method, correction in (("corrected", True), ("asymptotic", False)):
        theirs = statsmodels_mcnemar(table, exact=False, correction=correction)
        ours = mcnemar(b, c, 42 + b + c, method=method)
        if b != c:  # statsmodels corrects (|b - c| - 1)^2 past 0 where they are equal
            assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-12)
            assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-12)


def test_mid_p_by_its_definition():
    for b, c in ((0, 4), (2, 5), (3, 3), (6, 1)):
        n = b + c
        chance = [math.comb(n, i) / 2**n for i in range(n + 1)]
        further = sum(p for i, p in enumerate(chance) if abs(2 * i - n) > abs(b - c))
        equal = sum(p for i, p in enumerate(chance) if abs(2 * i - n) == abs(b - c))
        assert mcnemar(b, c, 20).p_value == pytest.approx(further + equal / 2, abs=1e-12)


def test_no_disagreement():
    for method in ("mid-p", "exact", "corrected", "asymptotic"):
        found = mcnemar(0, 0, 50, method=method)
        assert (found.value, found.p_value) == (0, 1)
        # Tango's interval at no disagreement: +- z^2 / (n + z^2).
        assert found.high == pytest.approx(1.959963984540054**2 / (50 + 1.959963984540054**2), abs=1e-9)
        assert found.low == pytest.approx(-found.high, abs=1e-9)


def test_tango_ends_solve_their_equation():
    found = mcnemar(12, 3, 40)
    assert tango_statistic(12, 3, 40, found.low) == pytest.approx(1.959963984540054, abs=1e-9)
    assert tango_statistic(12, 3, 40, found.high) == pytest.approx(-1.959963984540054, abs=1e-9)
    assert tango_statistic(12, 3, 40, 0.0) == pytest.approx(9 / math.sqrt(15), abs=1e-12)
    whole = mcnemar(10, 0, 10)
    assert (whole.value, whole.high) == (1.0, 1.0)
    assert 0.4 < whole.low < 1


def test_compare_calls_by_rate():
    y = np.r_[np.ones(10, int), np.zeros(8, int)]
    a = np.r_[np.ones(8), np.zeros(2), np.zeros(5), np.ones(3)]
    b = np.r_[np.ones(5), np.zeros(5), np.ones(2), np.zeros(6)]
    assert compare_calls(y, a, b, rate="sensitivity") == mcnemar(3, 0, 10, name="sensitivity, A minus B")
    assert compare_calls(y, a, b, rate="specificity") == mcnemar(2, 3, 8, name="specificity, A minus B")
    assert compare_calls(y, a, b, rate="accuracy", method="exact") == mcnemar(
        5, 3, 18, method="exact", name="accuracy, A minus B"
    )


def test_clustered():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 60)
    a, b = (rng.random((2, 60)) < 0.7).astype(int) == y
    own = compare_calls(y, a, b, rate="accuracy", groups=np.arange(60))
    plain = compare_calls(y, a, b, rate="accuracy", method="asymptotic")
    assert own.statistic == pytest.approx(plain.statistic, abs=1e-12)
    assert own.p_value == pytest.approx(plain.p_value, abs=1e-12)
    twice = compare_calls(
        np.tile(y, 2), np.tile(a, 2), np.tile(b, 2), rate="accuracy", groups=np.tile(np.arange(60), 2)
    )
    assert twice.p_value == pytest.approx(plain.p_value, abs=1e-12)
    assert (twice.low, twice.high) == pytest.approx((own.low, own.high), abs=1e-12)


def test_clustered_by_hand():
    # Patients' differences 2, 0, -1, 1 over 2, 1, 2, 1 cases: statistic 4 / 6; mean 1/3.
    y = [1, 1, 1, 1, 1, 1]
    a, b = [1, 1, 1, 0, 0, 1], [0, 0, 1, 1, 0, 0]
    found = compare_calls(y, a, b, rate="sensitivity", groups=[1, 1, 2, 3, 3, 4])
    assert found.statistic == pytest.approx(4 / 6)
    assert found.value == pytest.approx(1 / 3)
    residuals = np.array([2 - 2 / 3, -1 / 3, -1 - 2 / 3, 1 - 1 / 3])
    assert found.se == pytest.approx(math.sqrt(4 / 3 * (residuals**2).sum()) / 6)


def test_clustered_edges():
    same = compare_calls([1, 1, 1], [1, 0, 1], [1, 0, 1], rate="sensitivity", groups=[1, 2, 3])
    assert (same.value, same.p_value) == (0, 1)
    assert "standard error of 0" in same.reason
    lone = compare_calls([1, 1], [1, 0], [0, 0], rate="sensitivity", groups=[1, 1])
    assert "fewer than two patients" in lone.reason
    none = compare_calls([1, 1], [1, 0], [0, 0], rate="specificity", groups=[1, 1])
    assert "no case" in none.reason
    assert "no case" in compare_calls([1, 1], [1, 0], [0, 0], rate="specificity").reason


def test_unusable_input():
    with pytest.raises(StatisticsError, match="counts do not fit"):
        mcnemar(3, 4, 6)
    with pytest.raises(StatisticsError, match="named 'wald'"):
        mcnemar(3, 4, 9, method="wald")
    with pytest.raises(StatisticsError, match="no rate named 'f1'"):
        compare_calls([1], [1], [0], rate="f1")
    with pytest.raises(StatisticsError, match="call_b has 2"):
        compare_calls([1], [1], [0, 1], rate="accuracy")
    with pytest.raises(StatisticsError, match="call_a must be 0 or 1"):
        compare_calls([1], [0.4], [0], rate="accuracy")


def test_patients_who_all_differ_alike_are_not_said_to_agree():
    # Four patients of two cases, A right and B wrong everywhere: (sum of d)^2 / sum of d^2 = 64 / 16.
    y, groups = np.ones(8, int), np.repeat([1, 2, 3, 4], 2)
    found = compare_calls(y, y, 1 - y, rate="sensitivity", groups=groups)
    assert (found.value, found.statistic, math.isnan(found.low)) == (1, 4, True)
    assert found.reason == "the patients' differences are all alike: a standard error of 0 gives no interval"


def test_patients_who_differ_alike_by_a_third_have_no_interval():
    """Residuals of thirds are rounding noise, not a standard error."""
    y, groups = np.ones(30, int), np.repeat(np.arange(10), 3)
    found = compare_calls(y, y, np.tile([0, 1, 1], 10), rate="sensitivity", groups=groups)
    assert (math.isnan(found.low), found.se) == (True, 0.0)
