from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.readings import Reading
from lesion_core.errors import InputError
from lesion_core.results.observers.panel import panel_of
from lesion_core.results.observers.reader_column import rank_categories
from tests.results.observers.made import calls_of, random_study, ratings_of, run_of, source_of

LABELS = [1, 1, 0, 0]


def test_calls_and_cannot_assess_both_ways():
    source = source_of(run_of(LABELS, [0.9, 0.2, 0.1, 0.7]), readings=calls_of("R1", [1, "?", "?", None]))
    panel = panel_of(source, ["bnet@r"], unit="image")
    reader = panel.reader("R1")
    assert reader.read.tolist() == [True, True, True, False]
    assert reader.assessable.tolist() == [True, False, False, False]
    assert reader.unassessed == 2
    left = panel.counted("left out").reader("R1")
    assert left.read.tolist() == [True, False, False, False]
    wrong = panel.counted("counted as wrong").reader("R1")
    assert wrong.read.tolist() == [True, True, True, False]
    assert wrong.called.tolist()[:3] == [True, False, True]
    with pytest.raises(InputError, match="choose left out or counted as wrong"):
        panel.counted("ignored")


def test_a_model_that_could_not_assess_is_counted_both_ways():
    panel = panel_of(source_of(run_of(LABELS, [np.nan, 0.2, np.nan, 0.7])), ["bnet@r"], unit="image")
    assert panel.counted("left out").models[0].assessed.tolist() == [False, True, False, True]
    wrong = panel.counted("counted as wrong").models[0]
    assert wrong.score.tolist() == [0.0, 0.2, 1.0, 0.7]
    assert wrong.called.tolist() == [False, False, True, True]


def test_categories_are_cut_and_bi_rads_0_cannot_be_assessed():
    source = source_of(run_of(LABELS, [0.9, 0.2, 0.1, 0.7]), readings=ratings_of("R", ["4b", "3", "0", "4A"]))
    panel = panel_of(source, ["bnet@r"], unit="image")
    reader = panel.reader("R")
    assert reader.categories == ("3", "4a", "4b")
    assert reader.called.tolist() == [True, False, False, True]
    assert reader.assessable.tolist() == [True, True, False, True]
    assert reader.cut == "called from category 4 on"
    assert reader.ordinal
    higher = panel_of(source, ["bnet@r"], unit="image", first_called="4b").reader("R")
    assert higher.called.tolist() == [True, False, False, False]
    wrong = panel.counted("counted as wrong").reader("R")
    assert wrong.rating.tolist() == [2.0, 0.0, 2.0, 1.0]


def test_numbers_are_ordered_by_size_and_words_are_refused():
    assert rank_categories(["10", "9", "55.5", ""]) == ("9", "10", "55.5")
    assert rank_categories(["5", "4c", "4", "2"]) == ("2", "4", "4c", "5")
    with pytest.raises(InputError, match="'likely' has no place in an order"):
        rank_categories(["likely", "3"])


def test_per_patient_mean_score_and_most_suspicious_answer():
    run = run_of([1, 1, 0, 0], [0.2, 0.6, 0.1, 0.3], patients=["p", "p", "q", "s"])
    source = source_of(run, readings=ratings_of("R", ["3", "4a", "2", "5"]))
    panel = panel_of(source, ["bnet@r"], unit="patient")
    assert panel.ids.tolist() == ["p", "q", "s"]
    assert panel.members == (("c0", "c1"), ("c2",), ("c3",))
    assert panel.models[0].score == pytest.approx([0.4, 0.1, 0.3])
    assert panel.reader("R").called.tolist() == [True, False, True]
    assert panel.reader("R").rating.tolist() == [2.0, 0.0, 3.0]


def test_models_are_joined_on_the_cases_both_scored():
    one, two = run_of(LABELS, [0.9, 0.2, 0.1, 0.7]), run_of([1, 1, 0], [0.3, 0.4, 0.5], model="tnet")
    panel = panel_of(source_of(one, two), ["bnet@r", "tnet@r"], unit="image")
    assert panel.ids.tolist() == ["c0", "c1", "c2"]
    assert panel.model("tnet").score.tolist() == [0.3, 0.4, 0.5]
    assert not panel.model("tnet").stated
    assert any("left out" in note for note in panel.notes)
    with pytest.raises(InputError, match="no model is chosen"):
        panel_of(source_of(one), [], unit="image")
    with pytest.raises(InputError, match="no reader named 'X'"):
        panel.reader("X")


def test_out_of_fold_thresholds_are_taught_by_the_other_folds():
    labels = [1, 1, 0, 0] * 3
    scores = np.linspace(0.05, 0.95, 12).round(3)
    folds = [1] * 4 + [2] * 4 + [3] * 4
    run = run_of(labels, scores, folds=folds)
    model = panel_of(source_of(run), ["bnet@r"], unit="image").models[0]
    for fold in (1, 2, 3):
        others = [s for s, label, f in zip(scores, labels, folds, strict=True) if f != fold and label == 1]
        assert set(model.threshold[np.array(folds) == fold]) == {min(others)}
    assert model.origin.startswith("cross-fitted: 95% sensitivity")


def test_a_reader_of_other_cases_is_no_reader_of_this_set():
    source = source_of(run_of(LABELS, [0.9, 0.2, 0.1, 0.7]), readings=[Reading("R", "elsewhere", call=1)])
    assert panel_of(source, ["bnet@r"], unit="image").readers == ()


def test_some_rows():
    panel = panel_of(random_study(), ["bnet@r"], unit="image")
    rows = np.arange(panel.n) < 10
    some = panel.at(rows)
    assert some.n == 10
    assert some.reader("R2").called.tolist() == panel.reader("R2").called[:10].tolist()
    assert some.members == panel.members[:10]
    assert [each.name for each in panel.chosen(["R3", "R1"]).readers] == ["R1", "R3"]


def test_what_intervals_are_clustered_by_without_patient_ids_is_said():
    def noted(run):
        return [note for note in panel_of(source_of(run), ["bnet@r"], unit="image").notes if "patient ids" in note]

    known = run_of([1, 1, 0, 0], [0.9, 0.6, 0.4, 0.1])
    assert noted(known) == []  # one image each: independent, and known to be
    nameless = replace(known, patient_ids=np.full(4, ""))
    assert noted(nameless) == ["Without patient ids images are taken as independent: the intervals may be too narrow."]
    views = replace(nameless, lesion_ids=np.array(["a", "a", "b", "b"]))
    assert noted(views) == ["Without patient ids images are clustered by lesion: the intervals may be too narrow."]
    assert views.in_unit("image").clusters_are == "lesions"
    assert known.in_unit("image").clusters_are == ""
    assert replace(known, patient_ids=views.lesion_ids).in_unit("image").clusters_are == "patients"
