import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.crossvalidated import cross_validated_auc
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.roc import auc, auc_variance

RNG = np.random.default_rng(17)
Y = np.tile([1, 0, 0, 1, 0], 24)
S = np.round(RNG.normal(size=120) + Y, 1)
FOLDS = np.repeat(np.arange(4), 30)


def test_one_fold_is_auc_interval():
    for groups in (None, RNG.integers(0, 40, 120)):
        found = cross_validated_auc(Y, S, np.zeros(120), groups=groups)
        whole = auc_interval(Y, S, groups=groups)
        assert (found.value, found.low, found.high) == pytest.approx((whole.value, whole.low, whole.high), abs=1e-12)


def test_mean_of_folds_and_of_variances():
    found = cross_validated_auc(Y, S, FOLDS)
    parts = [auc_variance(Y[fold == FOLDS], S[fold == FOLDS]) for fold in range(4)]
    assert found.value == pytest.approx(np.mean([area for area, _ in parts]), abs=1e-14)
    assert found.se**2 == pytest.approx(sum(v for _, v in parts) / 16, abs=1e-14)
    assert found.low == pytest.approx(found.value - 1.959963984540054 * found.se)
    assert found.high == pytest.approx(found.value + 1.959963984540054 * found.se)


def test_comes_near_ledell_for_even_folds():
    # LeDell 2015: SE^2 = mean over folds of mean(IC^2) / n, with the class shares of the whole sample.
    n = 4000
    y = np.tile([1, 0, 0, 1, 0], n // 5)
    s = np.random.default_rng(2).normal(size=n) + y
    folds = np.arange(n) // 400
    squares = []
    for fold in range(10):
        p, v = s[(folds == fold) & (y == 1)], s[(folds == fold) & (y == 0)]
        area = auc(y[folds == fold], s[folds == fold])
        ic = np.r_[
            [(np.mean(v < a) - area) / y.mean() for a in p], [(np.mean(p > b) - area) / (1 - y.mean()) for b in v]
        ]
        squares.append(np.mean(ic**2))
    assert cross_validated_auc(y, s, folds).se == pytest.approx(math.sqrt(np.mean(squares) / n), rel=0.01)


def test_scales_of_the_folds_do_not_matter():
    moved = S + 100 * FOLDS
    assert cross_validated_auc(Y, moved, FOLDS).value == cross_validated_auc(Y, S, FOLDS).value
    assert abs(auc(Y, moved) - auc(Y, S)) > 0.05


def test_every_case_twice_keeps_the_clustered_interval():
    y, s, folds = (np.concatenate([part, part]) for part in (Y, S, FOLDS))
    patients = np.tile(np.arange(120), 2)
    once, twice = cross_validated_auc(Y, S, FOLDS), cross_validated_auc(y, s, folds, groups=patients)
    assert twice.se == pytest.approx(once.se, abs=1e-12)
    assert not twice.notes
    # The copies in other folds: the same patient everywhere, and the note tells.
    leaking = cross_validated_auc(y, s, np.r_[FOLDS, (FOLDS + 1) % 4], groups=patients)
    assert "the split leaks" in leaking.notes[0]
    assert leaking.se > cross_validated_auc(y, s, np.r_[FOLDS, (FOLDS + 1) % 4]).se


def test_fold_with_one_class_is_named():
    folds = np.where(Y == 1, FOLDS, FOLDS).astype(str)
    folds[:2] = "odd"
    y = Y.copy()
    y[:2] = 1
    found = cross_validated_auc(y, S, folds)
    assert "fold odd" in found.notes[0]
    assert found.n == 118


def test_edges():
    alone = cross_validated_auc([1, 1, 0], [1, 2, 3], [1, 1, 2])
    assert math.isnan(alone.value)
    assert "no fold" in alone.reason
    assert "no fold" in cross_validated_auc([], [], []).reason
    perfect = cross_validated_auc([1, 1, 0, 0], [3, 4, 1, 2], [1, 1, 1, 1])
    assert (perfect.value, perfect.reason) == (1.0, "SE of 0")
    assert math.isnan(perfect.low)
    single = cross_validated_auc([1, 0, 0], [3, 4, 1], [1, 1, 1])
    assert "fewer than two" in single.reason
    with pytest.raises(StatisticsError, match="one fold per case"):
        cross_validated_auc([1, 0], [3, 4], [1])
