import math

import numpy as np
import pytest
from scipy import stats

from lesion_core.errors import StatisticsError
from lesion_core.stats.paired import delong_test
from lesion_core.stats.planning import (
    area_variance_function,
    auc_power,
    auc_precision,
    auc_sample_size,
    paired_auc_power,
    paired_auc_sample_size,
)
from lesion_core.stats.roc import auc_variance


def test_proc_variances_of_binormal_parameters():
    """R's pROC 1.18: var.params.obuchowski and cov.params.obuchowski at A for 0.8 and 0.88, B = 1, kappa 1.5."""
    assert area_variance_function(0.8, 1.5) == pytest.approx(0.104640586163, rel=1e-11)
    from lesion_core.stats.planning import _paired_variance

    total = area_variance_function(0.8, 1.5) + area_variance_function(0.88, 1.5)
    covariance = (total - _paired_variance(0.8, 0.88, (0.6, 0.4), 1.5, "ratings")) / 2
    assert covariance == pytest.approx(0.0274988787975, rel=1e-11)


def test_proc_power():
    """pROC's power.roc.test rounds the constants to 0.0099 and 1.414: 40.2137 cases, power 0.99995."""
    plan = auc_sample_size(0.7, power=0.9)
    assert (plan.positives, plan.negatives) == (41, 41)
    assert auc_power(0.8, positives=41, negatives=72) == pytest.approx(0.999950983, abs=1e-5)


def test_variance_function_against_simulated_areas():
    rng = np.random.default_rng(2)
    y = np.arange(150) < 60
    areas = [auc_variance(y, rng.normal(size=150) + 1.5 * y)[0] for _ in range(1500)]
    area = stats.norm.cdf(1.5 / math.sqrt(2))
    assert area_variance_function(area, 1.5, data="continuous") / 60 == pytest.approx(np.var(areas), rel=0.1)
    # The published function is cautious for continuous scores, by the factor the module states.
    assert 1.3 < area_variance_function(area, 1.5) / 60 / np.var(areas) < 1.6


def test_power_against_simulated_tests():
    rng = np.random.default_rng(5)
    y = np.arange(160) < 80
    rejected = 0
    for _ in range(600):
        shared = rng.normal(size=160)
        a, b = (math.sqrt(0.5) * (shared + rng.normal(size=160)) + gap * y for gap in (1.3, 0.8))
        rejected += delong_test(y, a, b).p_value < 0.05
    areas = [stats.norm.cdf(gap / math.sqrt(2)) for gap in (1.3, 0.8)]
    power = paired_auc_power(*areas, positives=80, negatives=80, data="continuous")
    assert power == pytest.approx(rejected / 600, abs=0.05)
    assert paired_auc_power(*areas, positives=80, negatives=80) < power


def test_the_same_score_twice_never_differs():
    from lesion_core.stats.planning import _paired_variance

    assert _paired_variance(0.8, 0.8, (1.0, 1.0), 1.5, "continuous") == pytest.approx(0, abs=1e-15)


def test_plans_reach_what_they_promise_and_no_less_would():
    plan = auc_sample_size(0.85, null=0.75, ratio=2, power=0.8)
    assert plan.negatives == 2 * plan.positives
    assert plan.power >= 0.8
    assert auc_power(0.85, null=0.75, positives=plan.positives - 1, negatives=2 * plan.positives - 2) < 0.8
    paired = paired_auc_sample_size(0.8, 0.88, power=0.9)
    assert paired.power >= 0.9
    assert paired_auc_power(0.8, 0.88, positives=paired.positives - 1, negatives=paired.positives - 1) < 0.9
    tight = paired_auc_sample_size(0.8, 0.88, correlation_positive=0.8, correlation_negative=0.8, power=0.9)
    assert tight.n < paired.n
    width = auc_precision(0.86, width=0.1)
    assert width.width <= 0.1
    assert "interval 0.100 wide" in width.sentence()
    assert plan.sentence().startswith(f"{plan.n} cases")


def test_same_areas():
    for plan in (auc_sample_size(0.8, null=0.8), paired_auc_sample_size(0.8, 0.8)):
        assert plan.n == 0
        assert "nothing to show" in plan.sentence()
    assert auc_power(0.8, null=0.8, positives=50, negatives=50) == pytest.approx(0.05)


@pytest.mark.parametrize(
    "call",
    [
        lambda: area_variance_function(1.0, 1),
        lambda: area_variance_function(0.4, 1),
        lambda: area_variance_function(0.8, 0),
        lambda: auc_power(0.8, positives=0, negatives=9),
        lambda: auc_sample_size(0.8, power=1.0),
        lambda: auc_sample_size(0.8, alpha=0.0),
        lambda: auc_precision(0.8, width=0),
        lambda: paired_auc_power(0.8, 0.9, positives=9, negatives=9, correlation_positive=1.2),
        lambda: area_variance_function(0.8, 1, data="ranks"),
    ],
)
def test_outside_the_ranges(call):
    with pytest.raises(StatisticsError):
        call()
