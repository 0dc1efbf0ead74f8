import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.netbenefit import decision_curve, treat_all_benefit

RNG = np.random.default_rng(33)
P = RNG.random(200)
Y = (RNG.random(200) < P).astype(int)


def test_dcurves_treat_all():
    """R's dcurves: n = 750, prevalence 0.14."""
    expected = {0.01: 0.1313131, 0.02: 0.1224490, 0.03: 0.1134021, 0.04: 0.1041667}
    y = np.r_[np.ones(105, int), np.zeros(645, int)]
    points = decision_curve(y, np.full(750, 0.5), list(expected))
    for (threshold, benefit), point in zip(expected.items(), points, strict=True):
        assert treat_all_benefit(0.14, threshold) == pytest.approx(benefit, abs=5e-8)
        assert point.treat_all.value == pytest.approx(benefit, abs=5e-8)


def test_by_counting():
    for t in (0.0, 0.1, 0.37, 0.8):
        point = decision_curve(Y, P, [t])[0]
        called = t <= P
        tp, fp = (called & (Y == 1)).sum(), (called & (Y == 0)).sum()
        assert point.model.value == pytest.approx(tp / 200 - fp / 200 * t / (1 - t))
        best = max(0.0, treat_all_benefit(Y.mean(), t))
        assert point.over_best.value == pytest.approx(point.model.value - best)


def test_interval_is_that_of_a_mean():
    t = 0.3
    worth = (t <= P) * np.where(Y == 1, 1, -t / (1 - t))
    found = decision_curve(Y, P, [t])[0].model
    se = worth.std(ddof=1) / math.sqrt(200)
    assert found.se == pytest.approx(se)
    assert (found.low, found.high) == pytest.approx(
        (worth.mean() - 1.959963984540054 * se, worth.mean() + 1.959963984540054 * se)
    )


def test_stated_prevalence():
    t, share = 0.2, 0.05
    found = decision_curve(Y, P, [t], prevalence=share)[0]
    called = t <= P
    sensitivity, alarms = called[Y == 1].mean(), called[Y == 0].mean()
    expected = share * sensitivity - (1 - share) * alarms * t / (1 - t)
    assert found.model.value == pytest.approx(expected)
    own = decision_curve(Y, P, [t], prevalence=float(Y.mean()))[0]
    assert own.model.value == pytest.approx(decision_curve(Y, P, [t])[0].model.value)
    assert own.treat_all.value == pytest.approx(treat_all_benefit(Y.mean(), t))


def test_patients():
    once = decision_curve(Y, P, [0.3], groups=np.arange(200))[0].model
    twice = decision_curve(np.tile(Y, 2), np.tile(P, 2), [0.3], groups=np.tile(np.arange(200), 2))[0].model
    assert twice.se == pytest.approx(once.se, rel=1e-9)
    assert twice.clusters == 200


def test_edges():
    nothing = decision_curve([], [], [0.2])[0]
    assert "no case" in nothing.model.reason
    assert "both classes" in decision_curve([1, 1], [0.2, 0.4], [0.1], prevalence=0.3)[0].model.reason
    none_called = decision_curve(Y, P / 2, [0.9])[0]
    assert none_called.model.value == 0
    assert "standard error of 0" in none_called.model.reason
    for bad in (1.0, -0.1, math.nan):
        with pytest.raises(StatisticsError, match="decision threshold"):
            decision_curve(Y, P, [bad])
    with pytest.raises(StatisticsError, match="prevalence"):
        treat_all_benefit(1.4, 0.2)
    with pytest.raises(StatisticsError, match="from 0 to 1"):
        decision_curve(Y, P + 1, [0.2])
