import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesion_core.errors import StatisticsError
from lesion_core.stats import roc


def slow_auc(y, s):
    pairs = [(a, b) for a, t in zip(s, y, strict=True) if t for b, u in zip(s, y, strict=True) if not u]
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


def slow_delong_variance(y, s):
    """DeLong 1988, equations 3 to 5, written out with loops."""
    x = [a for a, t in zip(s, y, strict=True) if t]
    z = [b for b, t in zip(s, y, strict=True) if not t]
    psi = [[(a > b) + 0.5 * (a == b) for b in z] for a in x]
    area = sum(map(sum, psi)) / (len(x) * len(z))
    v10 = [sum(row) / len(z) for row in psi]
    v01 = [sum(row[j] for row in psi) / len(x) for j in range(len(z))]
    s10 = sum((v - area) ** 2 for v in v10) / (len(x) - 1)
    s01 = sum((v - area) ** 2 for v in v01) / (len(z) - 1)
    return s10 / len(x) + s01 / len(z)


def draw(rng, n, *, ties):
    y = np.r_[1, 1, 0, 0, rng.integers(0, 2, n - 4)]
    s = rng.normal(size=n) + y
    return y, np.round(s, 0 if ties else 12)


def test_hand_worked():
    # Pairs: .4 > .1, .4 = .4 (half), .8 > .1, .8 > .4: 3.5 of 4.
    assert roc.auc([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8]) == 0.875
    curve = roc.roc_curve([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8])
    assert curve.thresholds.tolist() == [math.inf, 0.8, 0.4, 0.1]
    assert curve.tpr.tolist() == [0, 0.5, 1, 1]
    assert curve.fpr.tolist() == [0, 0, 0.5, 1]
    # V10 = (.75, 1), V01 = (1, .75): both variances 1/32, halves of them added.
    assert roc.auc_variance([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8])[1] == pytest.approx(1 / 32, abs=1e-15)


@pytest.mark.parametrize("ties", [False, True])
def test_against_slow_implementations(ties):
    rng = np.random.default_rng(11)
    for n in (5, 8, 23, 60):
        y, s = draw(rng, n, ties=ties)
        area, variance = roc.auc_variance(y, s)
        assert area == pytest.approx(slow_auc(y, s), abs=1e-14)
        assert variance == pytest.approx(slow_delong_variance(y, s), abs=1e-14)
        curve = roc.roc_curve(y, s)
        for threshold, tpr, fpr in zip(curve.thresholds, curve.tpr, curve.fpr, strict=True):
            assert tpr == np.mean(s[y == 1] >= threshold)
            assert fpr == np.mean(s[y == 0] >= threshold)
        assert np.trapezoid(curve.tpr, curve.fpr) == pytest.approx(area, abs=1e-14)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=40).filter(
        lambda rows: 0 < sum(t for t, _ in rows) < len(rows)
    )
)
def test_turned_score_turns_the_area(rows):
    y, s = [int(t) for t, _ in rows], np.array([v for _, v in rows], dtype=float)
    assert roc.auc(y, -s) == pytest.approx(1 - roc.auc(y, s), abs=1e-15)
    assert 0 <= roc.auc(y, s) <= 1
    assert roc.auc(y, np.exp(s)) == roc.auc(y, s)


def test_float32_scores_stay_exact():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 3000)
    s = rng.random(3000).astype(np.float32)
    assert roc.auc_variance(y, s) == roc.auc_variance(y, s.astype(np.float64))


def test_one_class_is_undefined():
    assert math.isnan(roc.auc([1, 1], [0.1, 0.2]))
    assert math.isnan(roc.auc([], []))
    assert math.isnan(roc.auc([0], [0.3]))
    curve = roc.roc_curve([0, 0], [0.1, 0.2])
    assert "0 positive and 2 negative" in curve.reason
    assert np.isnan(curve.tpr).all()
    assert curve.fpr.tolist() == [0, 0.5, 1]
    for point in (
        roc.youden_point([0, 0], [0.1, 0.2]),
        roc.point_at_sensitivity([0, 0], [0.1, 0.2]),
        roc.point_at_specificity([1, 1], [0.1, 0.2]),
        roc.cost_point([1], [0.1], prevalence=0.1, false_negative_cost=5),
    ):
        assert math.isnan(point.threshold)
        assert "undefined" in point.sentence()
        assert "both classes" in point.reason


def test_single_case_of_a_class_has_an_area_but_no_variance():
    area, variance = roc.auc_variance([1, 0, 0], [0.5, 0.1, 0.9])
    assert area == 0.5
    assert math.isnan(variance)


def test_all_tied_and_perfect():
    assert roc.auc_variance([0, 1, 1], [0.3, 0.3, 0.3])[0] == 0.5
    assert roc.auc_variance([0, 0, 1, 1], [7, 7, 7, 7]) == (0.5, 0.0)
    assert roc.auc_variance([0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.8]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("y", "s", "message"),
    [
        ([0, 1], [0.1], "2 values and y_score has 1"),
        ([0, 1], [0.1, math.nan], "finite, got nan in row 1"),
        ([0, 1], [0.1, math.inf], "finite"),
        (["benign", "malignant"], [0.1, 0.2], "got 'benign', 'malignant': map the labels"),
        ([0, 2], [0.1, 0.2], "must be 0 or 1"),
        ([0, math.nan], [0.1, 0.2], "must be 0 or 1"),
        ([0, 1], ["a", "b"], "must be numbers"),
        ([[0, 1]], [0.1, 0.2], "one-dimensional"),
        ([0, 1], [[0.1, 0.2]], "one-dimensional"),
    ],
)
def test_unusable_input(y, s, message):
    with pytest.raises(StatisticsError, match=message):
        roc.auc(y, s)


def test_youden_prefers_the_sensitive_of_equal_points():
    # J = 0.5 at both threshold 3 (1/2, 1) and threshold 1 (1, 1/2).
    point = roc.youden_point([0, 1, 0, 1], [0, 3, 2, 1])
    assert (point.threshold, point.sensitivity, point.specificity) == (1, 1.0, 0.5)
    assert (point.tp, point.fn, point.tn, point.fp) == (2, 0, 1, 1)


def test_points_by_trying_every_threshold():
    rng = np.random.default_rng(5)
    for _ in range(30):
        y, s = draw(rng, 37, ties=True)
        tries = [roc.point_at_threshold(y, s, t) for t in [math.inf, *sorted(set(s), reverse=True)]]
        best = max(p.sensitivity + p.specificity for p in tries)
        youden = roc.youden_point(y, s)
        assert youden.sensitivity + youden.specificity == pytest.approx(best, abs=1e-12)
        for target in (0.0, 0.5, 0.8, 0.95, 1.0):
            sensitive = roc.point_at_sensitivity(y, s, target)
            assert sensitive.specificity == max(p.specificity for p in tries if p.sensitivity >= target)
            specific = roc.point_at_specificity(y, s, target)
            assert specific.sensitivity == max(p.sensitivity for p in tries if p.specificity >= target)
        cost = roc.cost_point(y, s, prevalence=0.2, false_negative_cost=7, false_positive_cost=2)
        paid = [0.2 * 7 * (1 - p.sensitivity) + 0.8 * 2 * (1 - p.specificity) for p in tries]
        assert 0.2 * 7 * (1 - cost.sensitivity) + 0.8 * 2 * (1 - cost.specificity) == pytest.approx(min(paid))


def test_fixed_sensitivity_is_not_lost_to_rounding():
    # 19/20 is 0.95 but 0.95 * 20 may come out above 19 in floating point.
    y = np.r_[np.ones(20, int), np.zeros(5, int)]
    s = np.r_[np.arange(20) + 10, np.zeros(5)]
    point = roc.point_at_sensitivity(y, s, 0.95)
    assert (point.tp, point.threshold) == (19, 11)


def test_bad_targets():
    with pytest.raises(StatisticsError, match="sensitivity must lie"):
        roc.point_at_sensitivity([0, 1], [0, 1], 1.2)
    with pytest.raises(StatisticsError, match="prevalence must lie"):
        roc.cost_point([0, 1], [0, 1], prevalence=-0.1, false_negative_cost=1)
    with pytest.raises(StatisticsError, match="costs"):
        roc.cost_point([0, 1], [0, 1], prevalence=0.1, false_negative_cost=-1)


def test_point_sentence():
    text = roc.youden_point([0, 1, 0, 1], [0, 3, 2, 1]).sentence()
    assert text == "threshold 1 (largest Youden index): sensitivity 1.000 (2/2), specificity 0.500 (1/2)"
