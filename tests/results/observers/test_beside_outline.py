from dataclasses import replace

import numpy as np
import pytest

from lesion_core.results.observers.beside_outline import beside_outline
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import delong_test
from tests.results.observers.made import run_of, source_of

LABELS = [0, 1] * 40
RNG = np.random.default_rng(5)


def scores(signal):
    return 1 / (1 + np.exp(-(signal * (2 * np.array(LABELS) - 1) + RNG.standard_normal(80))))


def test_the_models_own_part_is_taken_before_the_shape_and_the_network_is_told():
    runs = [run_of(LABELS, scores(1), model=f"tnet{end}") for end in ("", "-outline-only", "-image-only")]
    source = source_of(*runs, run_of(LABELS, scores(1), model="shape-only"))
    (found,) = beside_outline(source, [run.key for run in source.runs], "patient")
    own, outline, network = (auc_interval(LABELS, run.scores) for run in runs)
    assert (found.reference, found.own, found.outline, found.network) == ("tnet-outline-only", own, outline, network)
    test = delong_test(LABELS, runs[0].scores, runs[1].scores)
    assert (found.test.value, found.test.low, found.test.high) == pytest.approx((test.value, test.low, test.high))
    assert found.sentence() == (
        f"tnet has AUC {own.value:.3f} ({own.low:.3f} to {own.high:.3f}) per patient, the outline alone "
        f"(tnet-outline-only: no pixel of the image) {outline.value:.3f} ({outline.low:.3f} to {outline.high:.3f}), "
        f"its network alone {network.value:.3f} ({network.low:.3f} to {network.high:.3f}). tnet minus outline: "
        f"{test.value:+.3f} ({test.low:+.3f} to {test.high:+.3f}), {found.verdict}."
    )


@pytest.mark.parametrize(
    ("model", "outline", "adds", "verdict"),
    [
        (3, 0, True, "more than shape-only gives, which measures the outline in other terms than bnet does"),
        (0, 3, False, "less than shape-only gives"),
        (1, 1, False, "not shown to be more than shape-only gives"),
    ],
)
def test_the_verdict_is_that_of_the_interval(model, outline, adds, verdict):
    runs = [run_of(LABELS, scores(model)), run_of(LABELS, scores(outline), model="shape-only")]
    (found,) = beside_outline(source_of(*runs), [runs[0].key], "patient")
    assert (found.adds, found.verdict, found.network) == (adds, verdict, None)
    assert found.marked() == (found.sentence() if adds else f"**{found.sentence()}**")


def test_no_outline_on_the_same_cases_and_folds_says_nothing():
    folds = [1, 1, 2, 2] * 20
    own = run_of(LABELS, scores(1), folds=folds)
    shape = run_of(LABELS, scores(1), model="shape-only", folds=folds)
    moved = replace(shape, folds=np.array([2, 2, 1, 1] * 20))
    fewer = run_of(LABELS[:40], scores(1)[:40], model="shape-only", folds=folds[:40])
    for other in (moved, fewer, replace(shape, model="size-only")):
        assert beside_outline(source_of(own, other), [own.key], "patient") == ()
    (found,) = beside_outline(source_of(own, replace(moved, name="m"), shape), [own.key], "patient")
    assert found.outline.value == auc_interval(LABELS, shape.scores).value
    assert beside_outline(source_of(own, shape), [shape.key], "patient") == ()


def test_one_class_has_no_verdict():
    runs = [run_of([0] * 80, scores(1)), run_of([0] * 80, scores(1), model="shape-only")]
    (found,) = beside_outline(source_of(*runs), [runs[0].key], "patient")
    assert found.verdict.startswith("the difference has no test: ")
    assert "undefined (" in found.sentence()
