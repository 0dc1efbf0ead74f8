import itertools
import math

import numpy as np
import pytest
from scipy.stats import rankdata

from lesion_core.errors import StatisticsError
from lesion_core.stats.paired import delong_test
from lesion_core.stats.permutation import permutation_test
from lesion_core.stats.roc import auc


def slow_p(y, a, b, groups):
    """Every exchange of whole patients, each with its two areas."""
    a, b = rankdata(a), rankdata(b)
    patients = sorted(set(groups))
    seen = auc(y, a) - auc(y, b)
    far = 0
    for swaps in itertools.product([False, True], repeat=len(patients)):
        swap = np.array([swaps[patients.index(g)] for g in groups])
        difference = auc(y, np.where(swap, b, a)) - auc(y, np.where(swap, a, b))
        far += abs(difference) >= abs(seen) - 1e-12
    return far / 2 ** len(patients)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_exact_against_every_exchange(seed):
    rng = np.random.default_rng(seed)
    y = np.r_[1, 1, 0, 0, rng.integers(0, 2, 5)]
    a, b = np.round(rng.normal(size=(2, 9)) + y * [[1.5], [0.3]], 0)
    found = permutation_test(y, a, b)
    assert found.p_value == pytest.approx(slow_p(y, a, b, list(range(9))), abs=1e-12)
    assert found.value == pytest.approx(auc(y, a) - auc(y, b), abs=1e-14)
    groups = [0, 0, 1, 1, 2, 3, 3, 4, 5]
    grouped = permutation_test(y, a, b, groups=groups)
    assert grouped.p_value == pytest.approx(slow_p(y, a, b, groups), abs=1e-12)
    assert "exact, by patient" in grouped.method


def test_drawn_comes_near_delong():
    rng = np.random.default_rng(12)
    y = rng.integers(0, 2, 300)
    latent = rng.normal(size=300)
    a, b = latent + rng.normal(size=300) + 1.3 * y, latent + rng.normal(size=300) + y
    found = permutation_test(y, a, b, rng=5)
    assert found.p_value == pytest.approx(delong_test(y, a, b).p_value, abs=0.02)
    assert found.p_value == permutation_test(y, a, b, rng=np.random.default_rng(5)).p_value


def test_scales_do_not_matter():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 40)
    a, b = rng.normal(size=(2, 40)) + y
    assert permutation_test(y, a, b, rng=1).p_value == permutation_test(y, np.exp(a) * 100, b, rng=1).p_value


def test_identical_scores():
    assert permutation_test([0, 1, 0, 1], [1, 2, 3, 4], [1, 2, 3, 4]).p_value == 1


def test_edges():
    assert math.isnan(permutation_test([1, 1], [1, 2], [2, 1]).p_value)
    assert "both classes" in permutation_test([], [], []).reason
    with pytest.raises(StatisticsError, match="draws"):
        permutation_test([0, 1], [1, 2], [2, 1], draws=0)
    with pytest.raises(StatisticsError, match="score_b has 3"):
        permutation_test([0, 1], [1, 2], [2, 1, 3])
