import itertools
import math

import numpy as np
import pytest

from lesion_core.stats.standard_errors import hanley_mcneil_variance, newcombe_limits, spss_variance


def test_hanley_mcneil_example():
    assert math.sqrt(hanley_mcneil_variance(0.8931710615, 51, 58)) == pytest.approx(0.0324866, abs=5e-8)


def test_spss_example():
    positive = np.r_[np.ones(45, bool), np.zeros(57, bool)]
    call = np.r_[np.ones(31), np.zeros(14), np.zeros(47), np.ones(10)]
    assert round(math.sqrt(spss_variance(positive, call)), 4) == 0.0502


def test_spss_by_counting_triples():
    rng = np.random.default_rng(5)
    positive = np.arange(13) < 6
    score = np.round(rng.normal(size=13), 0)
    x, y = score[positive], score[~positive]

    def share(first, second):
        """1 where both hold, 1/2 where one is tied, 1/3 where both are."""
        if min(first, second) < 0:
            return 0.0
        return {0: 1.0, 1: 0.5, 2: 1 / 3}[int(first == 0) + int(second == 0)]

    q1 = np.mean([share(np.sign(a - c), np.sign(b - c)) for a, b in itertools.product(x, x) for c in y])
    q2 = np.mean([share(np.sign(c - a), np.sign(c - b)) for a, b in itertools.product(y, y) for c in x])
    area = np.mean([(a > c) + 0.5 * (a == c) for a in x for c in y])
    expected = (area * (1 - area) + 5 * (q1 - area**2) + 6 * (q2 - area**2)) / 42
    assert spss_variance(positive, score) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(("area", "P", "N"), [(1.0, 1, 1), (1.0, 30, 40), (0.0, 5, 9), (0.5, 2, 2), (0.93, 20, 80)])
def test_newcombe_stays_inside_and_is_no_point(area, P, N):
    low, high = newcombe_limits(area, P, N, 1.96)
    assert 0 <= low <= area <= high <= 1
    assert high - low > 0.02
    mirrored = newcombe_limits(1 - area, P, N, 1.96)
    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]), abs=1e-12)


def test_newcombe_by_hand_for_one_pair():
    # P = N = 1: (1 - end)^2 = z^2 end (1 - end), so end = 1 / (1 + z^2).
    assert newcombe_limits(1.0, 1, 1, 1.96) == pytest.approx((1 / (1 + 1.96**2), 1.0), abs=1e-12)
