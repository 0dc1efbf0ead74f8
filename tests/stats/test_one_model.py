import math

import numpy as np
import pytest
from scipy import stats

from lesion_core.errors import StatisticsError
from lesion_core.stats.multiplicity import holm
from lesion_core.stats.one_model import against_published_readers, model_against_readers
from lesion_core.stats.paired import delong_test
from lesion_core.stats.roc import auc

# Nine radiologists and a CAD system as published with RJafroc (Chakraborty 2017).
READERS = [0.8415625, 0.84119792, 0.89973958, 0.838125, 0.85635417, 0.87869792, 0.85838542, 0.79703125, 0.826875]
CAD = 0.81692708

RNG = np.random.default_rng(19)
TRUTH = np.r_[np.ones(30, int), np.zeros(40, int)]
_CASE = RNG.normal(size=70)
MODEL = _CASE + 0.7 * RNG.normal(size=70) + 1.2 * TRUTH
RATINGS = np.round(_CASE + RNG.normal(size=(4, 70)) + np.array([[1.0], [1.2], [1.6], [1.3]]) * TRUTH, 0)


def slow_random(y, model, ratings):
    """One-treatment Obuchowski-Rockette on the differences, its covariances from leaving out each case."""
    r, n = ratings.shape

    def differences(keep):
        return np.array([auc(y[keep], model[keep]) - auc(y[keep], row[keep]) for row in ratings])

    d = differences(np.ones(n, bool))
    left = np.array([differences(np.arange(n) != k) for k in range(n)]).T
    c = (n - 1) ** 2 / n * np.cov(left)
    cov2 = np.mean([c[i, j] for i in range(r) for j in range(r) if i != j])
    error = d.var(ddof=1) + r * max(cov2, 0)
    df = error**2 / (d.var(ddof=1) ** 2 / (r - 1))
    t = d.mean() / math.sqrt(error / r)
    return t, df, 2 * stats.t.sf(abs(t), df), c.sum() / r**2


def test_published_figures():
    # Printed with eight digits; 80 x 120 cases make every area a multiple of 1 / 19,200, which gives the rest back.
    model, readers = np.round(CAD * 19_200) / 19_200, np.round(np.array(READERS) * 19_200) / 19_200
    assert readers == pytest.approx(READERS, abs=5e-9)
    found = against_published_readers(float(model), readers, n=200)
    assert found.value == pytest.approx(-0.03173611, abs=5e-9)
    assert found.statistic == pytest.approx(-3.21350501, abs=5e-9)
    assert found.df == (8,)
    assert found.p_value == pytest.approx(0.01235909, abs=5e-9)
    assert "these very cases" in found.sentence()


def test_against_slow():
    found = model_against_readers(TRUTH, MODEL, RATINGS)
    t, df, p, fixed = slow_random(TRUTH, MODEL, RATINGS)
    assert found.random.statistic == pytest.approx(t, rel=1e-9)
    assert found.random.df == pytest.approx((df,), rel=1e-9)
    assert found.random.p_value == pytest.approx(p, rel=1e-9)
    assert found.fixed_readers.se**2 == pytest.approx(fixed, rel=1e-9)
    d = found.model - found.readers
    published = against_published_readers(found.model, found.readers, n=70)
    assert (found.fixed_cases.statistic, found.fixed_cases.p_value) == (published.statistic, published.p_value)
    assert found.fixed_cases.p_value == pytest.approx(stats.ttest_1samp(d, 0).pvalue)


def test_cases_as_a_sample_widen_the_interval():
    found = model_against_readers(TRUTH, MODEL, RATINGS)
    assert found.random.se > found.fixed_cases.se
    assert found.random.high - found.random.low > found.fixed_cases.high - found.fixed_cases.low
    text = found.sentence()
    assert "readers and cases" in text
    assert "result for readers," in text


def test_each_reader_is_delong_with_holm():
    found = model_against_readers(TRUTH, MODEL, RATINGS, covariance="delong")
    raw = [delong_test(TRUTH, MODEL, row) for row in RATINGS]
    assert [test.p_value for test in found.each] == pytest.approx(holm([test.p_value for test in raw]), rel=1e-9)
    assert [test.low for test in found.each] == pytest.approx([test.low for test in raw], rel=1e-9)
    assert "Holm" in found.each[0].sentence()


def test_calls():
    calls, model = (RATINGS > 0.5).astype(int), (MODEL > 0.4).astype(int)
    found = model_against_readers(TRUTH, model, calls, figure="sensitivity", covariance="delong")
    assert found.model == model[:30].mean()
    assert found.readers == pytest.approx(calls[:, :30].mean(axis=1))
    assert not found.random.notes
    noted = model_against_readers(TRUTH, MODEL, calls)
    assert "balanced accuracy" in noted.random.notes[0]


def test_patients():
    plain = model_against_readers(TRUTH, MODEL, RATINGS, covariance="delong")
    twice = model_against_readers(
        np.tile(TRUTH, 2),
        np.tile(MODEL, 2),
        np.tile(RATINGS, 2),
        groups=np.tile(np.arange(70), 2),
        covariance="delong",
    )
    assert twice.random.p_value == pytest.approx(plain.random.p_value, rel=1e-9)


def test_fewer_than_three_readers():
    found = model_against_readers(TRUTH, MODEL, RATINGS[:2])
    for test in (found.random, found.fixed_cases, against_published_readers(0.8, [0.7, 0.9], n=70)):
        assert math.isnan(test.p_value)
        assert "fewer than 3 readers" in test.reason
    assert 0 < found.fixed_readers.p_value <= 1


def test_edges():
    nothing = model_against_readers(np.ones(70, int), MODEL, RATINGS)
    assert math.isnan(nothing.random.p_value)
    assert nothing.random.reason
    assert math.isnan(against_published_readers(0.8, [], n=0).p_value)
    with pytest.raises(StatisticsError, match="no reader"):
        model_against_readers(TRUTH, MODEL, np.empty((0, 70)))
    with pytest.raises(StatisticsError, match="finite figures"):
        against_published_readers(0.8, [0.7, math.nan, 0.9], n=70)
