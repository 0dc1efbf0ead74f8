import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.bands import mean_roc_band, roc_band, sensitivity_at
from lesion_core.stats.bootstrap import bootstrap_counts
from lesion_core.stats.roc import roc_curve

RNG = np.random.default_rng(41)
Y = np.r_[1, 1, 0, 0, RNG.integers(0, 2, 116)]
S = np.round(RNG.normal(size=120) + Y, 1)


def test_sensitivity_at_a_step():
    fpr, tpr = np.array([0, 0, 0.5, 1.0]), np.array([0, 0.4, 0.8, 1.0])
    assert sensitivity_at(fpr, tpr, np.array([0, 0.25, 0.5, 0.75])) == pytest.approx([0.4, 0.6, 0.8, 0.9])
    assert sensitivity_at(fpr, tpr, np.array([0.0]), top=False).tolist() == [0]
    stairs = np.array([0, 0, 0.5, 0.5, 1, 1]), np.array([0, 0.4, 0.4, 0.8, 0.8, 1])
    grid = np.array([0, 0.25, 0.5, 0.75, 1])
    assert sensitivity_at(*stairs, grid) == pytest.approx([0.4, 0.4, 0.8, 0.8, 1])
    assert sensitivity_at(*stairs, grid, top=False) == pytest.approx([0, 0.4, 0.4, 0.8, 0.8])


@pytest.mark.parametrize("groups", [None, np.arange(120) // 2])
def test_bootstrap_band_from_its_samples(groups):
    found = roc_band(Y, S, points=11, draws=60, rng=5, groups=groups)
    rows = []
    for counts in bootstrap_counts(Y == 1, groups, draws=60, rng=5):
        for row in counts:
            drawn = np.repeat(np.arange(120), row)
            curve = roc_curve(Y[drawn], S[drawn])
            rows.append(sensitivity_at(curve.fpr, curve.tpr, found.fpr))
    assert found.low == pytest.approx(np.quantile(rows, 0.025, axis=0), abs=1e-12)
    assert found.high == pytest.approx(np.quantile(rows, 0.975, axis=0), abs=1e-12)
    assert found.clusters == (None if groups is None else 60)


def test_simultaneous_band_is_wider_and_covers():
    found = roc_band(Y, S, method="simultaneous")
    assert (found.low <= found.tpr).all()
    assert (found.tpr <= found.high).all()
    point = roc_band(Y, S, draws=300)
    assert (found.high - found.low).mean() > (point.high - point.low).mean()
    # Binormal truth: the whole curve must lie inside in at least 95 of 100 draws (the bound is cautious).
    from statistics import NormalDist

    normal = NormalDist()
    truth = np.array([0, *(normal.cdf(1 + normal.inv_cdf(f)) for f in found.fpr[1:-1]), 1])
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(100):
        band = roc_band(Y, rng.normal(size=120) + Y, method="simultaneous")
        inside += bool(((band.low <= truth + 1e-12) & (truth <= band.high + 1e-12)).all())
    assert inside >= 95


def test_edges():
    nothing = roc_band([1, 1], [1, 2])
    assert "both classes" in nothing.reason
    assert np.isnan(nothing.low).all()
    assert math.isnan(roc_band([], []).tpr[0])
    with pytest.raises(StatisticsError, match="no band named"):
        roc_band(Y, S, method="ks")
    with pytest.raises(StatisticsError, match="use bootstrap with groups"):
        roc_band(Y, S, method="simultaneous", groups=np.arange(120))
    with pytest.raises(StatisticsError, match="points"):
        roc_band(Y, S, points=1)


def test_the_mean_of_folds_averages_their_curves_and_never_ranks_across_them():
    rng = np.random.default_rng(5)
    y = np.tile([0, 1], 60)
    folds = np.repeat([1, 2, 3], 40)
    score = rng.normal(y, 1)
    found = mean_roc_band(y, score + 100 * folds, folds, draws=50)
    plain = mean_roc_band(y, score, folds, draws=50)
    np.testing.assert_allclose(found.tpr, plain.tpr)
    np.testing.assert_allclose(found.low, plain.low)
    curves = [roc_curve(y[folds == f], score[folds == f]) for f in (1, 2, 3)]
    np.testing.assert_allclose(found.tpr, np.mean([np.interp(found.fpr, c.fpr, c.tpr) for c in curves], axis=0))


def test_the_mean_of_one_fold_is_the_ordinary_band():
    rng = np.random.default_rng(6)
    y = np.tile([0, 1], 30)
    score = rng.normal(y, 1)
    one, plain = mean_roc_band(y, score, np.ones(60), draws=100), roc_band(y, score, draws=100)
    np.testing.assert_allclose(one.low, plain.low)
    np.testing.assert_allclose(one.high, plain.high)


def test_folds_of_one_class_have_no_mean():
    assert mean_roc_band([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], [1, 1, 2, 2]).reason == "no fold has both classes"
