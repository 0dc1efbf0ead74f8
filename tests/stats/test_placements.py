import math

import numpy as np
import pytest

from lesion_core.stats.placements import delong_moments, placements


def test_by_pairs():
    rng = np.random.default_rng(1)
    positive = rng.random(40) < 0.4
    score = np.round(rng.normal(size=40), 0)
    found = placements(positive, score)
    x, y = score[positive], score[~positive]
    psi = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    assert found.v10 == pytest.approx(psi.mean(axis=1), abs=1e-15)
    assert found.v01 == pytest.approx(psi.mean(axis=0), abs=1e-15)
    assert found.auc == pytest.approx(psi.mean(), abs=1e-15)
    area, variance = delong_moments(positive, score)
    assert area == pytest.approx(psi.mean(), abs=1e-15)
    expected = found.v10.var(ddof=1) / x.size + found.v01.var(ddof=1) / y.size
    assert variance == pytest.approx(expected, abs=1e-15)


def test_no_spread_is_exactly_0():
    rng = np.random.default_rng(2)
    positive = np.arange(77) < 31
    for score in (np.where(positive, 1.0, 0.0) + rng.random(77) / 2, np.full(77, 0.1), -1.0 * positive):
        assert delong_moments(positive, score)[1] == 0
    assert math.isnan(delong_moments(np.array([True, False, False]), np.arange(3.0))[1])
