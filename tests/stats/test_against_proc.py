"""This code beside R's pROC on 200 random data sets with ties; runs where Rscript and pROC are installed."""

import math

import pytest

from lesion_core.bench import proc
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import delong_test
from lesion_core.stats.partial import partial_auc
from lesion_core.stats.roc import auc_variance

SEED = 20260314


@pytest.fixture(scope="module")
def pairs():
    reason = proc.why_not()
    if reason:
        pytest.skip(reason)
    sets = proc.random_sets(200, SEED)
    return list(zip(sets, proc.agree(sets), strict=True))


def test_the_sets_are_as_stated():
    sets = proc.random_sets(200, SEED)
    sizes = [each.y.size for each in sets]
    assert min(sizes) <= 8
    assert 300 < max(sizes) <= 500
    assert min(sizes) >= 5
    assert all(2 <= each.y.sum() <= each.y.size - 2 for each in sets)
    assert sum(len(set(each.a)) < each.a.size for each in sets) > 150


def test_area_variance_and_interval(pairs):
    points = 0
    for each, theirs in pairs:
        area, variance = auc_variance(each.y, each.a)
        assert area == pytest.approx(theirs.area, abs=1e-9)
        assert variance == pytest.approx(theirs.variance, abs=1e-9)
        ours = auc_interval(each.y, each.a)
        if variance:
            assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
        else:  # pROC gives a point here, this code refuses to
            points += 1
            assert theirs.low == theirs.high == ours.value
            assert ours.low < theirs.low
            assert ours.method == "Newcombe score"
    assert points < 20


def test_paired_p(pairs):
    compared = 0
    for each, theirs in pairs:
        ours = delong_test(each.y, each.a, each.b)
        if math.isnan(ours.p_value):
            assert "standard error of 0" in ours.reason
            continue
        assert ours.p_value == pytest.approx(theirs.p_value, abs=1e-9)
        compared += 1
    assert compared >= 195


def test_partial_area(pairs):
    for each, theirs in pairs:
        assert partial_auc(each.y, each.a, correct=False) == pytest.approx(theirs.partial, abs=1e-9)
        assert partial_auc(each.y, each.a) == pytest.approx(theirs.corrected, abs=1e-9)
        sensitive = partial_auc(each.y, each.a, correct=False, focus="sensitivity")
        assert sensitive == pytest.approx(theirs.sensitive, abs=1e-9)
