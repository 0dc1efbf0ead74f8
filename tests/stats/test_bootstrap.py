import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.bootstrap import bootstrap_aucs, bootstrap_counts, bootstrap_interval, percentile_estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.roc import auc

RNG = np.random.default_rng(31)
Y = np.r_[1, 1, 0, 0, RNG.integers(0, 2, 56)].astype(bool)
S = np.round(RNG.normal(size=60) + Y, 0)
PATIENTS = RNG.integers(0, 25, 60)


@pytest.mark.parametrize("codes", [None, PATIENTS])
def test_quick_areas_are_the_areas_of_the_samples(codes):
    areas = bootstrap_aucs(Y, [S, -S], codes, draws=50, rng=4)
    samples = np.concatenate(list(bootstrap_counts(Y, codes, draws=50, rng=4)))
    assert samples.shape == (50, 60)
    for row, area, turned in zip(samples, *areas, strict=True):
        drawn = np.repeat(np.arange(60), row)
        assert area == pytest.approx(auc(Y[drawn], S[drawn]), abs=1e-14)
        assert turned == pytest.approx(1 - area, abs=1e-14)


def test_strata_keep_their_sizes():
    for counts in bootstrap_counts(Y, None, draws=20, rng=1):
        assert (counts[:, Y].sum(axis=1) == Y.sum()).all()
        assert (counts[:, ~Y].sum(axis=1) == (~Y).sum()).all()


def test_patients_stay_whole():
    for counts in bootstrap_counts(Y, PATIENTS, draws=20, rng=1):
        for patient in set(PATIENTS):
            assert (np.ptp(counts[:, patient == PATIENTS], axis=1) == 0).all()
        assert (counts[:, Y].sum(axis=1) > 0).all()
        assert (counts[:, ~Y].sum(axis=1) > 0).all()


def test_blocks_do_not_show(monkeypatch):
    whole = bootstrap_aucs(Y, [S], None, draws=40, rng=2)
    monkeypatch.setattr("lesion_core.stats.bootstrap.CHUNK", 60 * 7)
    assert bootstrap_aucs(Y, [S], None, draws=40, rng=2).shape == whole.shape


def test_spread_comes_near_delong():
    y = np.arange(300) < 120
    s = np.random.default_rng(1).normal(size=300) + y
    found, delong = auc_interval(y, s, method="bootstrap", draws=4000), auc_interval(y, s)
    assert found.value == delong.value
    assert found.se == pytest.approx(delong.se, rel=0.05)
    assert (found.low, found.high) == pytest.approx((delong.low, delong.high), abs=0.006)
    assert found.method == "stratified bootstrap, 4,000 draws"
    assert auc_interval(y, s, method="bootstrap", draws=50, rng=7) == auc_interval(
        y, s, method="bootstrap", draws=50, rng=np.random.default_rng(7)
    )


def test_any_statistic():
    found = bootstrap_interval(lambda rows: float(S[rows].mean()), Y, None, value=S.mean(), name="mean", draws=400)
    assert found.low < S.mean() < found.high
    partly = bootstrap_interval(
        lambda rows: math.nan if rows[0] else float(S[rows].mean()), Y, PATIENTS, value=S.mean(), name="m", draws=100
    )
    assert "had no value" in partly.notes[0]
    assert partly.clusters == np.unique(PATIENTS).size


def test_quantiles_by_hand():
    found = percentile_estimate(np.arange(101.0), None, value=50.0, name="x", level=0.9, n=5)
    assert (found.low, found.high) == pytest.approx((5, 95))
    nothing = percentile_estimate(np.full(9, math.nan), None, value=0.5, name="x", level=0.9, n=5)
    assert math.isnan(nothing.low)
    assert "undefined" in nothing.reason


def test_too_few_draws():
    with pytest.raises(StatisticsError, match="draws must be at least 2"):
        auc_interval(Y, S, method="bootstrap", draws=1)
