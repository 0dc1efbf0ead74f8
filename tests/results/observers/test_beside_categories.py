from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import InputError, StatisticsError
from lesion_core.results.observers.beside_categories import beside_categories, cross_fitted_calls, cut_like
from lesion_core.results.observers.panel import panel_of
from lesion_core.stats.mcnemar import mcnemar
from tests.results.observers.made import calls_of, ratings_of, run_of, source_of


def study(n=300, *, seed=3, patients=None, folds=5):
    """A model and a reader with categories 2 to 5, both better than chance."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.4).astype(int)
    score = 1 / (1 + np.exp(-(rng.normal(size=n) + 1.5 * labels)))
    ratings = [str(each) for each in np.digitize(rng.normal(size=n) + 1.8 * labels, [-0.5, 0.8, 2.2]) + 2]
    run = run_of(labels, score, patients=patients, folds=np.arange(n) // 2 % folds + 1)
    return source_of(run, readings=ratings_of("R", ratings), thresholds=()), run


def compared(source, run, unit="image", **how):
    panel = panel_of(source, [run.key], unit=unit)
    return panel, beside_categories(panel, run, "bnet", "R", draws=40, **how)


def test_levels_have_the_sizes_of_the_ratings():
    rating = np.array([0, 0, 1, 2, 2, 2.0])
    score = np.array([0.9, 0.1, 0.8, 0.2, 0.3, 0.7])
    assert cut_like(score, rating).tolist() == [2, 0, 2, 0, 1, 2]
    assert cut_like(np.array([0.5, 0.5, 0.5, 0.9, 0.9, 1.0]), rating).tolist() == [0, 0, 0, 2, 2, 2]
    assert cut_like(score, np.zeros(6)).tolist() == [0] * 6


def test_levels_need_no_label_and_only_the_order_of_the_scores():
    rng = np.random.default_rng(0)
    score, rating = rng.random(200), rng.integers(0, 4, 200).astype(float)
    found = cut_like(score, rating)
    assert np.array_equal(np.bincount(found.astype(int)), np.bincount(rating.astype(int)))
    assert np.array_equal(found, cut_like(score**3, rating))


@pytest.mark.parametrize("kept", ["sensitivity", "specificity"])
def test_a_folds_threshold_is_taught_by_the_others(kept):
    _, run = study()
    y, folds = run.labels == 1, run.folds
    called = np.random.default_rng(1).random(y.size) < np.where(y, 0.9, 0.3)
    found = cross_fitted_calls(y, run.scores, called, folds, kept)
    for fold in range(1, 6):
        rest, here = folds != fold, folds == fold
        wanted = called[rest & y].mean() if kept == "sensitivity" else (~called[rest & ~y]).mean()
        candidates = []
        for threshold in np.unique(run.scores[rest]):
            calls = run.scores[rest] >= threshold
            rate = calls[y[rest]].mean() if kept == "sensitivity" else (~calls[~y[rest]]).mean()
            if rate >= wanted - 1e-12:
                candidates.append(threshold)
        best = max(candidates) if kept == "sensitivity" else min(candidates)
        assert np.array_equal(found[here], run.scores[here] >= best)
        other = np.where(here, ~y, y)
        assert np.array_equal(cross_fitted_calls(other, run.scores, called, folds, kept)[here], found[here])


def test_rates_and_test_by_hand():
    source, run = study()
    panel, found = compared(source, run)
    reader = panel.reader("R")
    raw = []
    for at, kept in zip(found.at_rates, ("specificity", "sensitivity"), strict=True):
        calls = cross_fitted_calls(panel.labels, run.scores, reader.called, run.folds, kept)
        chosen = panel.labels if at.rate == "sensitivity" else ~panel.labels
        right, other = (calls == panel.labels)[chosen], (reader.called == panel.labels)[chosen]
        assert at.model.value == pytest.approx(right.mean())
        assert at.reader.value == pytest.approx(other.mean())
        assert at.kept_model.value == pytest.approx((calls == panel.labels)[~chosen].mean())
        assert at.test.value == pytest.approx(right.mean() - other.mean())
        raw.append(mcnemar(int((right & ~other).sum()), int((other & ~right).sum()), int(chosen.sum())).p_value)
        assert at.not_inferior.level == pytest.approx(0.9)
        assert at.not_inferior.p_value < 0.05 or at.not_inferior.low < -0.05
        assert at.post_hoc.refitted.low < at.post_hoc.refitted.value < at.post_hoc.refitted.high
    small, large = sorted(raw)
    assert sorted(at.test.p_value for at in found.at_rates) == pytest.approx([2 * small, max(2 * small, large)])
    assert found.area.value > found.levels.value
    assert found.binormal.value > found.reader_area.value
    assert found.levels_minus_reader.value == pytest.approx(found.levels.value - found.reader_area.value)


def test_within_a_category():
    source, run = study()
    panel, found = compared(source, run)
    assert [each.category for each in found.within] == ["2", "3", "4", "5"]
    assert sum(each.n for each in found.within) == found.n == 300
    assert sum(each.positives for each in found.within) == found.positives == run.labels.sum()
    own = panel.reader("R").rating == 2
    y, score = run.labels[own], run.scores[own]
    pairs = [(a > b) + 0.5 * (a == b) for a in score[y == 1] for b in score[y == 0]]
    assert found.within[2].area.value == pytest.approx(np.mean(pairs))


def test_a_model_that_says_what_the_reader_says_does_not_differ():
    source, run = study()
    ratings = np.array([float(each) for each in source.readers[0].ratings])
    same = replace(run, scores=ratings / 10)
    _, found = compared(replace(source, runs=(same,)), same)
    assert [at.test.value for at in found.at_rates] == [0, 0]
    assert {at.verdict for at in found.at_rates} == {"does not differ significantly"}
    assert all(at.not_inferior.p_value < 0.05 for at in found.at_rates)
    assert found.area.value == found.levels.value == found.reader_area.value


def test_a_model_that_is_chance_differs_and_says_so():
    source, run = study()
    blind = replace(run, scores=np.random.default_rng(9).random(len(run)))
    _, found = compared(replace(source, runs=(blind,)), blind)
    assert all(at.verdict == "differs" and at.not_inferior.p_value > 0.5 for at in found.at_rates)
    text = "\n".join(found.lines())
    assert text.count("the model differs from these recorded categories") == 2
    assert text.count("-> not shown") == 2


def test_views_of_a_patient_are_clustered_per_image_and_joined_per_patient():
    patients = [f"p{at // 2}" for at in range(300)]
    source, run = study(patients=patients)
    _, images = compared(source, run)
    assert images.area.clusters == 150
    assert all("clustered" in at.test.method.lower() for at in images.at_rates)
    assert all(at.not_inferior.defined for at in images.at_rates)
    _, whole = compared(source, run, unit="patient")
    assert (whole.n, whole.area.clusters) == (150, None)


def test_what_cannot_be_compared():
    source, run = study()
    panel = panel_of(source, [run.key], unit="image")
    with pytest.raises(InputError, match="not out of fold"):
        beside_categories(panel, replace(run, folds=np.zeros_like(run.folds)), "bnet", "R")
    with pytest.raises(StatisticsError, match="margin"):
        compared(source, run, margin=0)
    calls = source_of(run, readings=calls_of("R", run.labels.tolist()), thresholds=())
    with pytest.raises(InputError, match="only readers with categories"):
        compared(calls, run)
    ones = source_of(run, readings=ratings_of("R", [("4" if label else None) for label in run.labels]), thresholds=())
    with pytest.raises(InputError, match="one class only"):
        compared(ones, run)
