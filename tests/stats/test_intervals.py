import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.intervals import AUC_METHODS, auc_interval


def one_point(tp, P, tn, N):
    """Labels and 0/1 calls with these counts."""
    y = np.r_[np.ones(P, int), np.zeros(N, int)]
    return y, np.r_[np.ones(tp), np.zeros(P - tp), np.zeros(tn), np.ones(N - tn)]


RATING_Y = np.r_[np.zeros(58, int), np.ones(51, int)]
RATING_S = np.r_[np.repeat(range(1, 6), [33, 6, 6, 11, 2]), np.repeat(range(1, 6), [3, 2, 2, 11, 33])]


@pytest.mark.parametrize(
    ("method", "counts", "area", "low", "high"),
    [
        # Published for a network and three radiologists (Zhu et al., Table 4), each by the method named here.
        ("delong", (38, 45, 50, 57), 0.861, 0.792, 0.929),
        ("spss", (31, 45, 47, 57), 0.757, 0.658, 0.855),
        ("spss", (39, 45, 48, 57), 0.854, 0.775, 0.934),
        ("spss", (36, 45, 49, 57), 0.830, 0.744, 0.916),
        ("spss", (46, 47, 44, 57), 0.875, 0.804, 0.947),
    ],
)
def test_published_intervals(method, counts, area, low, high):
    found = auc_interval(*one_point(*counts), method=method)
    assert (round(found.value, 3), round(found.low, 3), round(found.high, 3)) == (area, low, high)


def test_hanley_mcneil_1982():
    found = auc_interval(RATING_Y, RATING_S, method="hanley-mcneil")
    assert found.value == pytest.approx(0.8931710615, abs=1e-10)
    assert found.se == pytest.approx(0.0324866, abs=5e-8)
    assert auc_interval(RATING_Y, RATING_S).se == pytest.approx(0.0307244, abs=5e-8)


def test_spss_se():
    assert round(auc_interval(*one_point(31, 45, 47, 57), method="spss").se, 4) == 0.0502


def test_ends_are_cut():
    found = auc_interval([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6])
    assert found.high == 1.0
    assert 0 < found.low < found.value == pytest.approx(8 / 9)


def test_logit_ends():
    found = auc_interval(RATING_Y, RATING_S, method="logit-delong")
    spread = 1.959963984540054 * found.se / (found.value * (1 - found.value))
    logit = math.log(found.value / (1 - found.value))
    assert found.low == pytest.approx(1 / (1 + math.exp(-(logit - spread))), abs=1e-12)
    assert found.high == pytest.approx(1 / (1 + math.exp(-(logit + spread))), abs=1e-12)


@pytest.mark.parametrize("method", AUC_METHODS)
@pytest.mark.parametrize("scores", [[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]])
def test_perfect_separation_never_gives_a_point(method, scores):
    found = auc_interval([0, 0, 0, 1, 1, 1], scores, method=method)
    assert found.value in (0.0, 1.0)
    assert found.high - found.low > 0.3
    assert found.method == "Newcombe score"
    assert (method == "newcombe") == (not found.notes)
    if found.notes:
        assert "standard error of 0" in found.sentence()


def test_all_tied_falls_back():
    found = auc_interval([0, 0, 1, 1], [3, 3, 3, 3])
    assert (found.value, found.method) == (0.5, "Newcombe score")
    assert found.low == pytest.approx(1 - found.high)
    assert found.high - found.low > 0.6


def test_single_case_of_a_class_falls_back():
    found = auc_interval([1, 0, 0, 0], [5, 1, 2, 9])
    assert "fewer than two cases" in found.notes[0]
    assert 0 < found.low < found.value < found.high < 1


@pytest.mark.parametrize("y", [[], [1], [0, 0, 0]])
def test_one_class_is_undefined(y):
    for groups in (None, list(range(len(y)))):
        found = auc_interval(y, [0.5] * len(y), groups=groups)
        assert math.isnan(found.value)
        assert "both classes are needed" in found.reason
        assert "undefined" in found.sentence()


def test_newcombe_ends_solve_the_equation():
    found = auc_interval(*one_point(38, 45, 50, 57), method="newcombe")
    P, N = 45, 57
    s = (P + N) / 2 - 1
    for end in (found.low, found.high):
        variance = end * (1 - end) * (1 + s * (1 - end) / (2 - end) + s * end / (1 + end)) / (P * N)
        assert (found.value - end) ** 2 == pytest.approx(1.959963984540054**2 * variance, rel=1e-9)


def test_own_patient_each_is_delong():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 80)
    s = np.round(rng.normal(size=80) + y, 1)
    plain, own = auc_interval(y, s), auc_interval(y, s, groups=rng.permutation(80))
    assert own.clusters == 80
    assert (own.value, own.low, own.high) == pytest.approx((plain.value, plain.low, plain.high), abs=1e-13)


def test_every_case_twice_keeps_the_clustered_interval():
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 80)
    s = rng.normal(size=80) + y
    once = auc_interval(y, s)
    twice = auc_interval(np.tile(y, 2), np.tile(s, 2), groups=np.tile(np.arange(80), 2))
    naive = auc_interval(np.tile(y, 2), np.tile(s, 2))
    assert twice.se == pytest.approx(once.se, abs=1e-12)
    assert naive.se < 0.75 * once.se


def test_sentence():
    text = auc_interval(*one_point(38, 45, 50, 57)).sentence()
    assert text == "AUC 0.861 (95 % CI 0.792 to 0.929, DeLong, n = 102)"
    grouped = auc_interval([0, 0, 1, 1, 0, 1], [1, 2, 3, 4, 5, 6], groups=list("abcdef"), name="AUC of BNet").sentence()
    assert grouped.startswith("AUC of BNet 0.778 (95 % CI")
    assert grouped.endswith("DeLong, clustered, n = 6 in 6 clusters)")


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"method": "wald"}, "no AUC interval named 'wald'"),
        ({"level": 1.0}, "level must lie"),
        ({"groups": [1, 2]}, "groups has 2"),
        ({"groups": ["a", "", "b", "c"]}, "no id in row 1"),
        ({"groups": [1.0, math.nan, 2.0, 3.0]}, "no id in row 1"),
        ({"groups": ["a", None, "b", "c"]}, "no id in row 1"),
        ({"groups": [1, 1, 2, 2], "method": "spss"}, "takes cases as independent"),
    ],
)
def test_unusable_settings(keywords, message):
    with pytest.raises(StatisticsError, match=message):
        auc_interval([0, 1, 0, 1], [1, 2, 3, 4], **keywords)
