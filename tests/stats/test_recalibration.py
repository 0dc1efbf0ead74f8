import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.calibration import calibration_line
from lesion_core.stats.logistic import expit, log_odds
from lesion_core.stats.recalibration import PlattMap, cross_fitted, fit_isotonic, fit_platt

RNG = np.random.default_rng(21)
SCORE = RNG.random(400)
Y = (RNG.random(400) < expit(0.5 * log_odds(SCORE) - 0.4)).astype(int)
FOLDS = np.arange(400) % 5


def slow_isotonic(y, s):
    """Min-max formula: the largest of the smallest means over intervals around each score."""
    knots = sorted(set(s))
    means = {}
    for knot in knots:
        means[knot] = max(
            min(np.mean([t for t, v in zip(y, s, strict=True) if low <= v <= high]) for high in knots if high >= knot)
            for low in knots
            if low <= knot
        )
    return [means[v] for v in s]


def test_platt_mends_slope_and_intercept():
    found = fit_platt(Y, SCORE)
    line = calibration_line(Y, SCORE)
    assert (found.slope, found.intercept) == pytest.approx((line.slope.value, line.intercept.value))
    after = calibration_line(Y, found.apply(SCORE))
    assert (after.slope.value, after.intercept.value) == pytest.approx((1, 0), abs=1e-6)


def test_platt_scales():
    assert PlattMap(0.0, 1.0, "logit").apply([0.2, 0.9]) == pytest.approx([0.2, 0.9])
    raw = fit_platt(Y, 10 * SCORE - 3, scale="raw")
    assert raw.apply(10 * SCORE - 3).mean() == pytest.approx(Y.mean())


def test_smooth_targets_exist_under_separation():
    y, s = [0, 0, 1, 1], [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(StatisticsError, match="no Platt fit"):
        fit_platt(y, s, scale="raw")
    found = fit_platt(y, s, scale="raw", smooth=True)
    # Platt's targets 3/4 and 1/4: the fitted means must match them on average.
    assert found.apply(s).mean() == pytest.approx(0.5)
    assert 0 < found.apply([1.0])[0] < 0.25 < 0.75 < found.apply([4.0])[0] < 1


def test_isotonic_by_its_definition():
    rng = np.random.default_rng(4)
    for _ in range(10):
        s = np.round(rng.random(14), 1)
        y = (rng.random(14) < s).astype(int)
        y[:2] = [0, 1]
        assert fit_isotonic(y, s).apply(s) == pytest.approx(slow_isotonic(y, s), abs=1e-12)


def test_isotonic_shape():
    found = fit_isotonic(Y, SCORE)
    assert (np.diff(found.values) >= 0).all()
    assert found.apply([-5, 5]).tolist() == [found.values[0], found.values[-1]]
    assert found.apply(SCORE).mean() == pytest.approx(Y.mean())
    assert found.knots.size < 60


@pytest.mark.parametrize("kind", ["platt", "isotonic"])
def test_each_fold_uses_the_others_only(kind):
    found = cross_fitted(Y, SCORE, FOLDS, kind=kind)
    for fold in range(5):
        rest, here = fold != FOLDS, fold == FOLDS
        learnt = (fit_platt if kind == "platt" else fit_isotonic)(Y[rest], SCORE[rest])
        assert found[here] == pytest.approx(learnt.apply(SCORE[here]))
    flipped = np.where(FOLDS == 2, 1 - Y, Y)
    same = cross_fitted(flipped, SCORE, FOLDS, kind=kind)[FOLDS == 2]
    assert same == pytest.approx(found[FOLDS == 2])


def test_unusable_input():
    with pytest.raises(StatisticsError, match="at least 2 folds"):
        cross_fitted(Y, SCORE, np.zeros(400))
    with pytest.raises(StatisticsError, match="no recalibration named"):
        cross_fitted(Y, SCORE, FOLDS, kind="beta")
    with pytest.raises(StatisticsError, match="scores from 0 to 1"):
        fit_platt(Y, 3 * SCORE)
    with pytest.raises(StatisticsError, match="logit or raw"):
        fit_platt(Y, SCORE, scale="log")
    with pytest.raises(StatisticsError, match="no isotonic fit: both classes"):
        fit_isotonic([1, 1], [0.1, 0.2])
    with pytest.raises(StatisticsError, match="no Platt fit: both classes"):
        fit_platt([], [])
