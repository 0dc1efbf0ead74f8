import math
from functools import partial

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa as statsmodels_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from lesion_core.errors import StatisticsError
from lesion_core.stats.agreement import cohen_kappa, fleiss_kappa, gwet_ac1

# The examples of Gwet's R package irrCAC 1.0 (vignette "overview").
TABLE = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
FIRST = np.repeat(np.arange(3), TABLE.sum(axis=1))
SECOND = np.concatenate([np.repeat(np.arange(3), row) for row in TABLE])
SIX = np.array(
    [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
    ]
)
SIX_RATINGS = np.array([np.repeat(np.arange(5), row) for row in SIX]).T
N = None
HOLES = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, N],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]


def test_cohen_irrcac():
    found = cohen_kappa(FIRST, SECOND)
    assert found.value == pytest.approx(0.7964094, abs=5e-8)
    assert found.se == pytest.approx(0.05891072, abs=5e-9)
    assert (round(found.low, 2), round(found.high, 3)) == (0.68, 0.913)


def test_gwet_irrcac():
    found = gwet_ac1([FIRST, SECOND])
    assert found.value == pytest.approx(0.8493305, abs=5e-8)
    # The function for tables divides by n, the others by n - 1.
    assert found.se * math.sqrt(99 / 100) == pytest.approx(0.04321747, abs=5e-9)
    six = gwet_ac1(SIX_RATINGS)
    assert six.value == pytest.approx(0.4448007, abs=5e-8)
    assert six.se == pytest.approx(0.08418757, abs=5e-9)
    assert (round(six.low, 3), round(six.high, 3)) == (0.264, 0.625)
    assert gwet_ac1(HOLES).value == pytest.approx(0.77544, abs=5e-6)


def test_fleiss_irrcac():
    six = fleiss_kappa(SIX_RATINGS)
    assert six.value == pytest.approx(0.4139265, abs=5e-8)
    assert six.se == pytest.approx(0.08119291, abs=5e-9)
    assert (round(six.low, 2), round(six.high, 3)) == (0.24, 0.588)
    assert fleiss_kappa(HOLES).value == pytest.approx(0.76117, abs=5e-6)


def test_against_statsmodels():
    for ours, theirs in (("none", None), ("linear", "linear"), ("quadratic", "quadratic")):
        expected = statsmodels_kappa(TABLE, wt=theirs)
        found = cohen_kappa(FIRST, SECOND, weights=ours)
        assert found.value == pytest.approx(expected.kappa, abs=1e-12)
        assert found.se == pytest.approx(expected.std_kappa, abs=1e-12)
    assert fleiss_kappa(SIX_RATINGS).value == pytest.approx(statsmodels_fleiss(SIX), abs=1e-12)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
@pytest.mark.parametrize(("coefficient", "by_chance"), [(fleiss_kappa, "fleiss"), (gwet_ac1, "gwet")])
def test_weighted_by_pairs_of_readers(coefficient, by_chance, weights):
    """Gwet 2014, chapter 4, in loops: the credit of every pair of readings, and of two drawn by chance."""
    q = 5
    power = {"none": None, "linear": 1, "quadratic": 2}[weights]

    def credit(a, b):
        return float(a == b) if power is None else 1 - (abs(a - b) / (q - 1)) ** power

    cases = [[value - 1 for value in case if value is not None] for case in zip(*HOLES, strict=True)]
    pairs = [
        np.mean([credit(a, b) for i, a in enumerate(case) for j, b in enumerate(case) if i != j])
        for case in cases
        if len(case) > 1
    ]
    share = [np.mean([case.count(k) / len(case) for case in cases]) for k in range(q)]
    if by_chance == "fleiss":
        chance = sum(share[a] * share[b] * credit(a, b) for a in range(q) for b in range(q))
    else:
        total = sum(credit(a, b) for a in range(q) for b in range(q))
        chance = total / (q * (q - 1)) * sum(each * (1 - each) for each in share)
    found = coefficient(HOLES, weights=weights, categories=range(1, q + 1))
    assert found.value == pytest.approx((np.mean(pairs) - chance) / (1 - chance), abs=1e-12)
    assert found.name.endswith("quadratic weights") == (weights == "quadratic")


def test_quadratic_weights_of_two_readers_are_the_concordance():
    """Krippendorff 1970: with common margins the weighted kappa is the intraclass correlation of the steps."""
    rng = np.random.default_rng(8)
    first = rng.integers(0, 101, 60)
    second = np.clip(first + rng.integers(-20, 21, 60), 0, 100)
    both = np.r_[first, second]
    intraclass = np.mean((first - both.mean()) * (second - both.mean())) / both.var()
    found = fleiss_kappa([first, second], weights="quadratic", categories=range(101))
    assert found.value == pytest.approx(intraclass, abs=1e-12)


@pytest.mark.parametrize(
    "coefficient",
    [
        fleiss_kappa,
        gwet_ac1,
        partial(fleiss_kappa, weights="quadratic"),
        partial(gwet_ac1, weights="quadratic"),
    ],
)
def test_standard_error_is_near_the_jackknife(coefficient):
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 150)
    ratings = np.where(rng.random((4, 150)) < 0.75, truth, rng.integers(0, 3, (4, 150))).astype(object)
    ratings[rng.random((4, 150)) < 0.3] = None
    whole = coefficient(list(ratings))
    left = [coefficient(list(np.delete(ratings, k, axis=1))).value for k in range(150)]
    assert whole.se == pytest.approx(math.sqrt(149**2 / 150 * np.var(left, ddof=1)), rel=0.03)


def test_patients():
    once, twice = np.tile(FIRST, 2), np.tile(SECOND, 2)
    patients = np.tile(np.arange(100), 2)
    expected = cohen_kappa(FIRST, SECOND).se * math.sqrt(100 / 99)
    assert cohen_kappa(once, twice, groups=patients).se == pytest.approx(expected, rel=1e-9)
    assert cohen_kappa(once, twice).se < 0.75 * expected
    found = gwet_ac1([once, twice], groups=patients)
    assert found.se == pytest.approx(gwet_ac1([FIRST, SECOND]).se, rel=1e-9)
    assert found.clusters == 100


def test_words_and_numbers_alike():
    words = np.array(["x", "y", "z"])
    assert cohen_kappa(words[FIRST], words[SECOND]).value == cohen_kappa(FIRST, SECOND).value
    unused = cohen_kappa(FIRST, SECOND, categories=[0, 1, 2, 3])
    assert unused.value == pytest.approx(cohen_kappa(FIRST, SECOND).value)
    assert gwet_ac1([FIRST, SECOND], categories=[0, 1, 2, 3]).value > gwet_ac1([FIRST, SECOND]).value


def test_imbalance_where_kappa_collapses():
    first, second = np.r_[1, 0, np.ones(98)], np.r_[0, 1, np.ones(98)]
    assert cohen_kappa(first, second).value < 0
    assert gwet_ac1([first, second]).value > 0.97


def test_undefined():
    same = cohen_kappa([1, 1, 1], [1, 1, 1])
    assert math.isnan(same.value)
    assert "one category" in same.reason
    assert "one category" in gwet_ac1([[1, 1], [1, 1]]).reason
    assert gwet_ac1([[1, 1], [1, 1]], categories=[0, 1]).value == 1
    full = cohen_kappa([0, 1, 1], [0, 1, 1])
    assert (full.value, full.reason) == (1, "a standard error of 0")
    assert "no case" in cohen_kappa([], []).reason
    assert "two readers" in fleiss_kappa([[1, N], [N, 2]]).reason
    assert "fewer than two" in cohen_kappa([0, 1], [0, 0], groups=[5, 5]).reason


def test_unusable_input():
    with pytest.raises(StatisticsError, match="rated every case"):
        cohen_kappa([1, None], [1, 2])
    with pytest.raises(StatisticsError, match="one rating per case"):
        cohen_kappa([1, 2], [1])
    with pytest.raises(StatisticsError, match="not among the categories"):
        cohen_kappa([1, 7], [1, 2], categories=[1, 2])
    with pytest.raises(StatisticsError, match="weights must be"):
        cohen_kappa([1, 2], [1, 2], weights="cubic")
    with pytest.raises(StatisticsError, match="at least 2 readers"):
        fleiss_kappa([[1, 2]])
    with pytest.raises(StatisticsError, match="groups has 1"):
        gwet_ac1([[1, 2], [1, 2]], groups=[1])
