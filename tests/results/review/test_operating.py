import numpy as np
import pytest

from lesion_core.results.review.operating import operating
from lesion_core.stats.proportions import wilson
from tests.results.review.columns import run

NAN = float("nan")
VIEW = run([1, 1, 1, 0, 0, 0, 0, 1, 0], [0.9, 0.6, 0.2, 0.1, 0.2, 0.7, 0.3, NAN, NAN]).in_unit("image")


def test_counts_rates_and_predictive_values_by_hand():
    found = operating(VIEW, 0.5, prevalence=0.1)
    counts = found.counts
    assert (counts.tp, counts.fn, counts.fp, counts.tn) == (2, 1, 1, 3)
    assert (counts.unassessed_positive, counts.unassessed_negative, counts.unassessed) == (1, 1, 2)
    assert found.rates.sensitivity.value == pytest.approx(2 / 3)
    assert found.rates.specificity.value == pytest.approx(3 / 4)
    assert found.rates.accuracy.value == pytest.approx(5 / 7)
    assert found.lr_positive.value == pytest.approx((2 / 3) / (1 / 4))
    ppv = 0.1 * 2 / 3 / (0.1 * 2 / 3 + 0.9 / 4)
    assert found.ppv.value == pytest.approx(ppv)
    assert found.npv.value == pytest.approx(0.9 * 0.75 / (0.9 * 0.75 + 0.1 / 3))


def test_per_1000_turns_the_interval_round():
    found = operating(VIEW, 0.5, prevalence=0.1)
    rate = wilson(2, 3)
    assert found.missed_per_1000.value == pytest.approx(100 / 3)
    assert found.missed_per_1000.low == pytest.approx(100 * (1 - rate.high))
    assert found.missed_per_1000.high == pytest.approx(100 * (1 - rate.low))
    assert found.extra_per_1000.value == pytest.approx(900 / 4)


def test_what_could_not_be_assessed_is_counted_both_ways():
    found = operating(VIEW, 0.5, prevalence=0.1)
    assert found.as_wrong is not None
    assert found.as_wrong.sensitivity.value == pytest.approx(2 / 4)
    assert found.as_wrong.specificity.value == pytest.approx(3 / 5)
    assert found.as_wrong.accuracy.value == pytest.approx(5 / 9)
    assert operating(run([1, 0], [0.5, 0.4]).in_unit("image"), 0.5, prevalence=0.1).as_wrong is None


def test_one_class_is_undefined_with_its_reason():
    found = operating(run([0, 0], [0.5, 0.4]).in_unit("image"), 0.5, prevalence=0.1)
    assert not found.rates.sensitivity.defined
    assert found.missed_per_1000.reason == found.rates.sensitivity.reason != ""
    assert found.rates.specificity.value == 0.5


def test_each_unit_may_have_its_own_threshold():
    own = np.array([1.0, 0.5, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    counts = operating(VIEW, own, prevalence=0.1).counts
    assert (counts.tp, counts.fn, counts.fp, counts.tn) == (2, 1, 1, 3)
