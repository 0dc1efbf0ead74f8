import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.predictive import likelihood_ratios, predictive_values


def calls(tp, P, tn, N):
    y = np.r_[np.ones(P, int), np.zeros(N, int)]
    return y, np.r_[np.ones(tp, int), np.zeros(P - tp + tn, int), np.ones(N - tn, int)]


Y, CALL = calls(38, 45, 50, 57)


def test_likelihood_ratios_by_hand():
    found = likelihood_ratios(Y, CALL)
    # Simel 1991: var log LR+ = (1 - se) / TP + sp / FP, var log LR- = se / FN + (1 - sp) / TN.
    se, sp = 38 / 45, 50 / 57
    spread = 1.959963984540054 * math.sqrt((1 - se) / 38 + sp / 7)
    assert found.positive.value == pytest.approx(se / (1 - sp))
    assert found.positive.low == pytest.approx(se / (1 - sp) * math.exp(-spread))
    assert found.positive.high == pytest.approx(se / (1 - sp) * math.exp(spread))
    spread = 1.959963984540054 * math.sqrt(se / 7 + (1 - sp) / 50)
    assert found.negative.value == pytest.approx((1 - se) / sp)
    assert found.negative.low == pytest.approx((1 - se) / sp * math.exp(-spread))
    assert found.negative.high == pytest.approx((1 - se) / sp * math.exp(spread))


def test_epir():
    """R's epiR 2.0.57: epi.tests(c(38, 7, 7, 50))."""
    found = likelihood_ratios(Y, CALL)
    plus, minus = found.positive, found.negative
    assert (plus.value, plus.low, plus.high) == pytest.approx(
        (6.876190476190, 3.3973772492352, 13.917204948463), rel=1e-11
    )
    assert (minus.value, minus.low, minus.high) == pytest.approx(
        (0.177333333333, 0.0891562864458, 0.352718942934), rel=1e-11
    )


def test_predictive_values_follow_bayes():
    # At the sample's own prevalence PPV is TP / (TP + FP) and NPV TN / (TN + FN).
    own = predictive_values(Y, CALL, prevalence=45 / 102)
    assert own.positive.value == pytest.approx(38 / 45)
    assert own.negative.value == pytest.approx(50 / 57)
    rare = predictive_values(Y, CALL, prevalence=0.05)
    assert rare.positive.value == pytest.approx(0.05 * 38 / 45 / (0.05 * 38 / 45 + 0.95 * 7 / 57))
    assert rare.positive.value < 0.5 < 0.98 < rare.negative.value
    for estimate in (rare.positive, rare.negative):
        assert 0 < estimate.low < estimate.value < estimate.high < 1


def test_predictive_interval_by_mercaldo():
    # logit PPV +- z sqrt((1 - se) / se / P + sp / (1 - sp) / N).
    found = predictive_values(Y, CALL, prevalence=0.1).positive
    se, sp = 38 / 45, 50 / 57
    logit = math.log(se * 0.1 / ((1 - sp) * 0.9))
    spread = 1.959963984540054 * math.sqrt((1 - se) / se / 45 + sp / (1 - sp) / 57)
    assert found.low == pytest.approx(1 / (1 + math.exp(-(logit - spread))))
    assert found.high == pytest.approx(1 / (1 + math.exp(-(logit + spread))))


def test_clustered():
    own = likelihood_ratios(Y, CALL, groups=np.arange(102)).positive
    plain = likelihood_ratios(Y, CALL).positive
    assert (own.low, own.high) == pytest.approx((plain.low, plain.high), rel=0.02)
    twice = likelihood_ratios(np.tile(Y, 2), np.tile(CALL, 2), groups=np.tile(np.arange(102), 2)).positive
    assert twice.se == pytest.approx(own.se, rel=1e-12)
    # A patient with one positive and one negative, both called alike: errors go together.
    y, call = np.tile([1, 0], 40), np.repeat(np.arange(40) % 4 > 0, 2).astype(int)
    bound = likelihood_ratios(y, call, groups=np.repeat(np.arange(40), 2)).positive
    assert bound.value == 1
    assert "standard error of 0" in bound.reason or bound.se < 1e-6


def test_edges():
    perfect_y, perfect = calls(9, 9, 8, 8)
    ratios = likelihood_ratios(perfect_y, perfect)
    assert math.isinf(ratios.positive.value)
    assert math.isnan(ratios.positive.low)
    assert "over 0" in ratios.positive.reason
    assert ratios.negative.value == 0
    values = predictive_values(perfect_y, perfect, prevalence=0.3)
    assert (values.positive.value, values.negative.value) == (1, 1)
    assert math.isnan(values.negative.low)
    never_y, never = calls(0, 9, 8, 8)
    assert "0 over 0" in likelihood_ratios(never_y, never).positive.reason
    assert "undefined" in predictive_values(never_y, never, prevalence=0.2).positive.sentence()
    for found in (likelihood_ratios([1, 1], [1, 0]).positive, likelihood_ratios([], []).negative):
        assert math.isnan(found.value)
        assert "both classes" in found.reason
    assert predictive_values(Y, CALL, prevalence=0).positive.value == 0
    assert math.isnan(predictive_values(perfect_y, perfect, prevalence=0).positive.value)
    with pytest.raises(StatisticsError, match="prevalence"):
        predictive_values(Y, CALL, prevalence=10)
