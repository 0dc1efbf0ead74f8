import math

import numpy as np
import pytest

from lesion_core.stats.clustered import cluster_sums, clustered_auc_covariance, clustered_proportion_variance
from lesion_core.stats.placements import placements


def slow_obuchowski(positive, codes, a, b):
    """Obuchowski 1997 with loops over patients."""

    def sums(score):
        x, y = score[positive], score[~positive]
        area = np.mean([[(i > j) + 0.5 * (i == j) for j in y] for i in x])
        ten, one = [], []
        for k in sorted(set(codes)):
            mine = codes == k
            ten.append(sum(np.mean((s > y) + 0.5 * (s == y)) - area for s in score[mine & positive]))
            one.append(sum(np.mean((x > s) + 0.5 * (x == s)) - area for s in score[mine & ~positive]))
        return np.array(ten, dtype=float), np.array(one, dtype=float)

    m, n, k = positive.sum(), (~positive).sum(), len(set(codes))
    k10 = len(set(codes[positive]))
    k01 = len(set(codes[~positive]))
    (ten_a, one_a), (ten_b, one_b) = sums(a), sums(b)
    s10 = k10 / ((k10 - 1) * m) * sum(ten_a * ten_b)
    s01 = k01 / ((k01 - 1) * n) * sum(one_a * one_b)
    s11 = k / (k - 1) * sum(ten_a * one_b)
    s11_turned = k / (k - 1) * sum(ten_b * one_a)
    return s10 / m + s01 / n + (s11 + s11_turned) / (m * n)


def test_against_loops():
    rng = np.random.default_rng(7)
    for _ in range(5):
        codes = rng.integers(0, 14, 45)
        codes = np.unique(codes, return_inverse=True)[1]
        positive = rng.random(45) < 0.45
        a, b = np.round(rng.normal(size=(2, 45)) + positive, 0)
        first, second = placements(positive, a), placements(positive, b)
        assert clustered_auc_covariance(positive, codes, first, second) == pytest.approx(
            slow_obuchowski(positive, codes, a, b), abs=1e-14
        )
        assert clustered_auc_covariance(positive, codes, first) == pytest.approx(
            slow_obuchowski(positive, codes, a, a), abs=1e-14
        )


def test_too_few_clusters():
    positive = np.array([True, True, False, False])
    parts = placements(positive, np.array([3.0, 1.0, 2.0, 0.0]))
    assert math.isnan(clustered_auc_covariance(positive, np.array([0, 0, 1, 2]), parts))
    assert math.isnan(clustered_auc_covariance(positive, np.array([0, 1, 2, 2]), parts))
    assert math.isnan(clustered_proportion_variance(positive, np.array([3, 3, 3, 3])))


def test_proportion():
    # Patients (1, 1), (1, 0), (0): residuals .8, -.2, -.6.
    success = np.array([True, True, True, False, False])
    assert clustered_proportion_variance(success, np.array([4, 4, 9, 9, 2])) == pytest.approx(1.5 * 1.04 / 25)
    own = clustered_proportion_variance(success, np.arange(5))
    assert own == pytest.approx(0.6 * 0.4 / 4)


def test_sums_in_order_of_codes():
    assert cluster_sums(np.array([1.0, 2.0, 4.0]), np.array([8, 3, 8])).tolist() == [2, 5]
