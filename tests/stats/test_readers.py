import math

import numpy as np
import pytest
from scipy import stats

from lesion_core.errors import StatisticsError
from lesion_core.stats.reader_mean import mean_over_readers
from lesion_core.stats.readers import obuchowski_rockette
from lesion_core.stats.roc import auc

# An own small study: 3 modalities, 4 readers, 15 positive and 21 negative cases, ratings 1 to 5.
RNG = np.random.default_rng(77)
TRUTH = np.r_[np.ones(15, int), np.zeros(21, int)]
_CASE, _READER = RNG.normal(size=36), RNG.normal(size=(1, 4, 1)) * 0.4
RATINGS = np.clip(
    np.round(
        2.2
        + (1.1 + np.array([0.0, 0.5, 0.9])[:, None, None] + _READER) * TRUTH
        + 0.6 * _CASE
        + 0.8 * RNG.normal(size=(3, 4, 36))
    ),
    1,
    5,
)


def slow_dbm(y, ratings):
    """Dorfman, Berbaum and Metz 1992 with Hillis's df: mean squares of jackknife pseudovalues, with loops."""
    t, r, n = ratings.shape
    whole = np.array([[auc(y, ratings[i, j]) for j in range(r)] for i in range(t)])
    pseudo = np.empty((t, r, n))
    for k in range(n):
        keep = np.arange(n) != k
        for i in range(t):
            for j in range(r):
                pseudo[i, j, k] = n * whole[i, j] - (n - 1) * auc(y[keep], ratings[i, j][keep])
    m = pseudo.mean()
    i_, j_, k_ = pseudo.mean((1, 2)), pseudo.mean((0, 2)), pseudo.mean((0, 1))
    ij, ik, jk = pseudo.mean(2), pseudo.mean(1), pseudo.mean(0)
    ms_t = r * n * sum((i_ - m) ** 2) / (t - 1)
    ms_tr = n * sum((ij[i, j] - i_[i] - j_[j] + m) ** 2 for i in range(t) for j in range(r)) / ((t - 1) * (r - 1))
    ms_tc = r * sum((ik[i, k] - i_[i] - k_[k] + m) ** 2 for i in range(t) for k in range(n)) / ((t - 1) * (n - 1))
    ms_trc = sum(
        (pseudo[i, j, k] - ij[i, j] - ik[i, k] - jk[j, k] + i_[i] + j_[j] + k_[k] - m) ** 2
        for i in range(t)
        for j in range(r)
        for k in range(n)
    ) / ((t - 1) * (r - 1) * (n - 1))
    error = ms_tr + max(ms_tc - ms_trc, 0)
    df2 = error**2 / (ms_tr**2 / ((t - 1) * (r - 1)))
    return ms_t / error, df2, stats.f.sf(ms_t / error, t - 1, df2)


def slow_components(y, ratings):
    """Means of DeLong covariances, pair by pair."""
    t, r, _ = ratings.shape

    def parts(s):
        x, z = s[y == 1], s[y == 0]
        psi = (x[:, None] > z) + 0.5 * (x[:, None] == z)
        return psi.mean(1), psi.mean(0)

    def covariance(a, b):
        (xa, za), (xb, zb) = parts(a), parts(b)
        return np.cov(xa, xb)[0, 1] / xa.size + np.cov(za, zb)[0, 1] / za.size

    kinds = {"var": [], "cov1": [], "cov2": [], "cov3": []}
    for i in range(t):
        for j in range(r):
            for k in range(t):
                for m in range(r):
                    kind = {(True, True): "var", (False, True): "cov1", (True, False): "cov2"}.get(
                        (i == k, j == m), "cov3"
                    )
                    kinds[kind].append(covariance(ratings[i, j], ratings[k, m]))
    return {kind: float(np.mean(values)) for kind, values in kinds.items()}


def test_components_against_loops():
    parts = obuchowski_rockette(TRUTH, RATINGS).components
    for kind, value in slow_components(TRUTH, RATINGS).items():
        assert getattr(parts, kind) == pytest.approx(value, abs=1e-15)


@pytest.mark.parametrize("modalities", [[0, 1], [0, 1, 2]])
def test_jackknife_is_dbm(modalities):
    ratings = RATINGS[modalities]
    found = obuchowski_rockette(TRUTH, ratings, covariance="jackknife").random.test
    f, df2, p = slow_dbm(TRUTH, ratings)
    assert found.statistic == pytest.approx(f, rel=1e-9)
    assert found.df == pytest.approx((len(modalities) - 1, df2), rel=1e-9)
    assert found.p_value == pytest.approx(p, rel=1e-9)


def test_three_analyses_by_hand():
    study = obuchowski_rockette(TRUTH, RATINGS[:2], modalities=("plain", "new"))
    values, parts = study.values, study.components
    d = values[0] - values[1]
    # Two modalities: other readers on these cases is a paired t over the readers.
    t = stats.ttest_rel(values[0], values[1])
    fixed = study.fixed_cases.test
    assert fixed.statistic == pytest.approx(t.statistic**2)
    assert fixed.p_value == pytest.approx(t.pvalue)
    assert (fixed.low, fixed.high) == pytest.approx(tuple(t.confidence_interval(0.95)))
    assert fixed.name == "mean auc, modality plain minus new"
    # These readers on other cases: the variance of the mean difference.
    variance = 2 / 4 * (parts.var - parts.cov1 + 3 * max(parts.cov2 - parts.cov3, 0))
    same = study.fixed_readers.test
    assert same.statistic == pytest.approx(d.mean() ** 2 / variance)
    assert same.low == pytest.approx(d.mean() - 1.959963984540054 * math.sqrt(variance))
    assert same.p_value == pytest.approx(stats.chi2.sf(d.mean() ** 2 / variance, 1))
    both = study.random.test
    error = parts.ms_interaction + 4 * max(parts.cov2 - parts.cov3, 0)
    assert both.se == pytest.approx(math.sqrt(2 / 4 * error))
    assert both.value == pytest.approx(d.mean())
    reach = stats.t.ppf(0.975, both.df[1]) * both.se
    assert (both.low, both.high) == pytest.approx((d.mean() - reach, d.mean() + reach))
    assert "readers and cases" in both.sentence()


def test_pairwise_differences_of_three_modalities():
    study = obuchowski_rockette(TRUTH, RATINGS)
    assert len(study.random.differences) == 3
    assert study.random.test.df[0] == 2
    assert math.isnan(study.random.test.value)
    last = study.random.differences[-1]
    assert last.value == pytest.approx(study.values[1].mean() - study.values[2].mean())
    assert last.name == "mean auc, modality 2 minus 3"


def test_modality_means():
    study = obuchowski_rockette(TRUTH, RATINGS)
    mean = mean_over_readers(TRUTH, RATINGS[1])
    found = study.random.modalities[1]
    assert (found.value, found.low, found.high) == (mean.value, mean.low, mean.high)
    fixed = study.fixed_cases.modalities[1]
    t = stats.ttest_1samp(study.values[1], 0.5).confidence_interval(0.95)
    assert (fixed.low, fixed.high) == pytest.approx((t.low, min(1, t.high)))


def test_order_of_readers_and_cases_does_not_matter():
    base = obuchowski_rockette(TRUTH, RATINGS).random.test.p_value
    mix = np.random.default_rng(0).permutation(36)
    assert obuchowski_rockette(TRUTH[mix], RATINGS[:, ::-1][:, :, mix]).random.test.p_value == pytest.approx(base)
    assert obuchowski_rockette(TRUTH, np.exp(RATINGS)).random.test.p_value == pytest.approx(base)


def test_patients():
    own = obuchowski_rockette(TRUTH, RATINGS, groups=np.arange(36)).random.test
    plain = obuchowski_rockette(TRUTH, RATINGS).random.test
    assert own.p_value == pytest.approx(plain.p_value, rel=1e-9)
    twice = obuchowski_rockette(
        np.tile(TRUTH, 2), np.tile(RATINGS, 2), groups=np.tile(np.arange(36), 2), covariance="delong"
    ).random.test
    assert twice.p_value == pytest.approx(plain.p_value, rel=1e-9)
    assert twice.clusters == 36


@pytest.mark.data
class TestVanDyke:
    """Van Dyke et al. 1993 as distributed with MRMCaov: 2 modalities, 5 readers, 45 diseased and 69 normal."""

    def test_areas(self, vandyke):
        values = obuchowski_rockette(*vandyke).values
        assert values[0] == pytest.approx([0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066], abs=5e-9)
        assert values[1] == pytest.approx([0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169], abs=5e-9)

    def test_delong_covariances(self, vandyke):
        study = obuchowski_rockette(*vandyke)
        parts, test = study.components, study.random.test
        assert (parts.var, parts.cov1, parts.cov2, parts.cov3) == pytest.approx(
            (0.0007921325, 0.0003420090, 0.0003395265, 0.0002358497), abs=5e-11
        )
        assert test.statistic == pytest.approx(4.484854, abs=5e-7)
        assert test.df == pytest.approx((1, 15.06611), abs=5e-6)
        assert test.p_value == pytest.approx(0.05123303, abs=5e-9)
        assert test.value == pytest.approx(-0.04380032, abs=5e-9)
        assert test.se == pytest.approx(0.0206825, abs=5e-8)
        assert (test.low, test.high) == pytest.approx((-0.0878672, 0.0002666), abs=5e-8)
        fixed = study.fixed_cases.test
        assert fixed.statistic == pytest.approx(8.704, abs=5e-4)
        assert fixed.p_value == pytest.approx(0.04195875, abs=5e-9)

    def test_jackknife_covariances(self, vandyke):
        study = obuchowski_rockette(*vandyke, covariance="jackknife")
        test = study.random.test
        assert (round(test.statistic, 2), round(test.df[1], 2), round(test.p_value, 4)) == (4.46, 15.26, 0.0517)
        assert (round(test.low, 5), round(test.high, 5)) == (-0.08796, 0.00036)
        same = study.fixed_readers.test
        assert same.statistic == pytest.approx(5.475953, abs=5e-7)
        assert same.p_value == pytest.approx(0.01927984, abs=5e-9)
        f, df2, p = slow_dbm(*vandyke)
        assert (test.statistic, test.df[1], test.p_value) == pytest.approx((f, df2, p), rel=1e-9)

    def test_sensitivity_of_calls(self, vandyke):
        truth, ratings = vandyke
        test = obuchowski_rockette(truth, (ratings >= 3).astype(int), figure="sensitivity").random.test
        assert test.statistic == pytest.approx(6.689493, abs=5e-7)
        assert test.df[1] == pytest.approx(15.71732, abs=5e-6)
        assert test.p_value == pytest.approx(0.02008822, abs=5e-9)


def test_fewer_than_three_readers():
    for readers in (1, 2):
        study = obuchowski_rockette(TRUTH, RATINGS[:2, :readers])
        for analysis in (study.random, study.fixed_cases):
            assert math.isnan(analysis.test.p_value)
            assert "fewer than 3 readers" in analysis.test.reason
            assert "fewer than 3 readers" in analysis.modalities[0].reason
            assert analysis.test.value == pytest.approx(study.values[0].mean() - study.values[1].mean())
        # What takes the readers as they are can still be said.
        assert 0 < study.fixed_readers.test.p_value < 1


def test_one_class_is_undefined():
    study = obuchowski_rockette(np.ones(36, int), RATINGS)
    for analysis in (study.random, study.fixed_readers, study.fixed_cases):
        assert math.isnan(analysis.test.p_value)
        assert "a class is missing" in analysis.test.reason
        assert "a class is missing" in analysis.modalities[0].sentence()


def test_identical_modalities():
    study = obuchowski_rockette(TRUTH, RATINGS[[0, 0]])
    assert math.isnan(study.fixed_cases.test.p_value)
    assert "standard error of 0" in study.fixed_cases.test.reason
    assert study.random.test.value == 0
    single = obuchowski_rockette([1, 0, 0], RATINGS[:2, :, :3])
    assert "too few" in single.random.test.reason


def test_unusable_input():
    with pytest.raises(StatisticsError, match="two modalities or more"):
        obuchowski_rockette(TRUTH, RATINGS[:1])
    with pytest.raises(StatisticsError, match="two modalities or more"):
        obuchowski_rockette(TRUTH, RATINGS[0])
    with pytest.raises(StatisticsError, match="2 names for 3"):
        obuchowski_rockette(TRUTH, RATINGS, modalities=("a", "b"))
    holes = RATINGS.copy()
    holes[1, 2, 3] = math.nan
    with pytest.raises(StatisticsError, match="reading 7 must be finite"):
        obuchowski_rockette(TRUTH, holes)
