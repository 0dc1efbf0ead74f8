import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.results.review.comparison import compare_runs
from lesion_core.results.review.source import paired
from lesion_core.stats.mcnemar import compare_calls
from lesion_core.stats.paired import delong_test
from lesion_core.stats.roc import auc
from tests.results.review.columns import run

RNG = np.random.default_rng(8)
LABELS = np.tile([0, 1, 1], 20)
A = np.clip(RNG.normal(0.4 + 0.2 * LABELS, 0.2), 0, 1).round(3)
B = np.clip(RNG.normal(0.4 + 0.1 * LABELS, 0.2), 0, 1).round(3)


def test_the_cases_in_common_are_compared_whatever_their_order():
    first = run(LABELS.tolist(), A.tolist())
    order = RNG.permutation(60)[:50]
    second = run(LABELS[order].tolist(), B[order].tolist(), model="other", case_ids=[f"a{i}" for i in order])
    found = compare_runs(first, second, "image", thresholds=(0.5, 0.45))
    kept = np.sort(order)
    expected = delong_test(LABELS[kept], A[kept], B[kept])
    assert (found.n, found.area.value, found.area.p_value) == pytest.approx((50, expected.value, expected.p_value))
    rates = compare_calls(LABELS[kept], A[kept] >= 0.5, B[kept] >= 0.45, rate="sensitivity")
    assert found.sensitivity.value == pytest.approx(rates.value)
    assert "Holm" in found.sensitivity.method


def test_areas_that_pool_folds_stand_beside_the_folds_mean():
    folds = [1 + i // 20 for i in range(60)]
    first, second = (run(LABELS.tolist(), s.tolist(), folds=folds) for s in (A, B))
    note = compare_runs(first, second, "image", thresholds=(0.5, 0.5)).notes[-1]
    means = [np.mean([auc(LABELS[i : i + 20], s[i : i + 20]) for i in (0, 20, 40)]) for s in (A, B)]
    assert note.endswith(f"fold-averaged AUC: A {means[0]:.3f}, B {means[1]:.3f}.")
    final = run(LABELS.tolist(), B.tolist(), model="other")
    assert compare_runs(first, final, "image", thresholds=(0.5, 0.5)).notes[-1].endswith(f"A {means[0]:.3f}.")
    assert compare_runs(final, final, "image", thresholds=(0.5, 0.5)).notes == ()


def test_thresholds_of_cases_follow_their_cases():
    first, second = run(LABELS.tolist(), A.tolist()), run(LABELS.tolist(), B.tolist(), model="other")
    own = np.where(np.arange(60) < 30, 0.3, 0.6)
    found = compare_runs(first, second, "image", thresholds=(own, 0.5))
    expected = compare_calls(LABELS, own <= A, B >= 0.5, rate="specificity")
    assert found.specificity.value == pytest.approx(expected.value)


def test_what_one_could_not_assess_is_left_out_and_counted():
    scores = A.copy()
    scores[:5] = np.nan
    found = compare_runs(
        run(LABELS.tolist(), scores.tolist()), run(LABELS.tolist(), B.tolist()), "image", thresholds=(0.5, 0.5)
    )
    assert (found.n, found.left_out) == (55, 5)


def test_runs_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="no case in common"):
        paired(run([1], [0.5]), run([1], [0.5], case_ids=["other"]))
    with pytest.raises(InputError, match="labels of 1 cases differ"):
        paired(run([1, 0], [0.5, 0.5]), run([1, 1], [0.5, 0.5]))


def test_a_unit_that_both_do_not_have():
    first = run(LABELS.tolist(), A.tolist(), patients=[f"p{i // 3}" for i in range(60)])
    found = compare_runs(first, run(LABELS.tolist(), B.tolist()), "patient", thresholds=(0.5, 0.5))
    assert found.unit == "image"
    assert any("images are counted" in note for note in found.notes)
