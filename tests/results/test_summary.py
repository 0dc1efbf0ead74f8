import json
import math
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.model.card import model_folder
from lesion_core.notice import NOTICE
from lesion_core.results.performance import cross_fitted_performance, performance
from lesion_core.results.scores import Score, ScoreTable, read_scores
from lesion_core.results.summary import estimate_record, summary_record
from lesion_core.stats.estimate import undefined


def table(n=40, folds=0, model="m", patients=True):
    rng = np.random.default_rng(3)
    rows = []
    for i in range(n):
        label = i % 2
        rows.append(
            Score(
                run="r",
                model=model,
                case_id=f"c{i}",
                label=label,
                target="mixed",
                score=float(np.clip(rng.normal(0.4 + 0.2 * label, 0.15), 0, 1)),
                patient_id=f"p{i // 2 * 2 + label}" if patients else "",
                fold=i % folds + 1 if folds else None,
            )
        )
    return ScoreTable(tuple(rows))


def test_a_fixed_threshold():
    own = table()
    (run,) = summary_record(own, threshold=0.5)["runs"]
    assert run["threshold"] == "0.5, given by the caller"
    assert [figures["unit"] for figures in run["figures"]] == ["patient", "image"]
    expected = performance(own, 0.5, unit="image")
    assert run["figures"][1]["auc"]["value"] == pytest.approx(expected.auc.value, abs=1e-6)
    assert run["figures"][1]["sensitivity"]["low"] == pytest.approx(expected.sensitivity.low, abs=1e-6)
    assert (run["figures"][1]["n"], run["figures"][1]["positives"]) == (40, 20)


def test_folds_teach_their_threshold():
    own = read_scores(model_folder("bnet") / "scores" / "busbra-10-out-of-fold.csv")
    (run,) = summary_record(own)["runs"]
    assert run["threshold"] == "95 % sensitivity, learnt on the other folds"
    expected = cross_fitted_performance(own, wanted_sensitivity=0.95, unit="patient")
    assert run["figures"][0]["specificity"]["value"] == pytest.approx(expected.specificity.value, abs=1e-6)
    assert run["figures"][0]["mean_of_the_folds_aucs"] == pytest.approx(expected.fold_mean, abs=1e-6)


def test_what_intervals_per_image_are_clustered_by_is_said():
    def noted(own):
        return {each["unit"]: each["note"] for each in summary_record(own, threshold=0.5)["runs"][0]["figures"]}

    nameless = table(patients=False)
    lesions = ScoreTable(tuple(replace(row, lesion_id=f"l{at // 2}") for at, row in enumerate(nameless.rows)))
    assert noted(table()) == {"patient": "", "image": ""}
    assert noted(lesions) == {
        "image": "Without patient ids images are clustered by lesion: the intervals may be too narrow."
    }
    assert noted(nameless) == {
        "image": "Without patient ids images are taken as independent: the intervals may be too narrow."
    }


def test_without_a_threshold_a_final_model_has_an_auc_only():
    (run,) = summary_record(table(patients=False))["runs"]
    (figures,) = run["figures"]
    assert figures["auc"]["value"] is not None
    assert figures["sensitivity"]["value"] is None
    assert figures["sensitivity"]["reason"] == "there is no threshold"
    assert figures["mean_of_the_folds_aucs"] is None


def test_every_model_by_itself_and_json_to_the_end():
    both = ScoreTable((*table().rows, *table(model="n").rows))
    record = summary_record(both, threshold=0.5)
    assert [run["model"] for run in record["runs"]] == ["m", "n"]
    assert record["notice"] == NOTICE
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_one_class_is_null_with_the_reason():
    own = ScoreTable(tuple(row for row in table().rows if row.label))
    figures = summary_record(own, threshold=0.5)["runs"][0]["figures"][-1]
    assert figures["auc"]["value"] is None
    assert figures["auc"]["reason"]
    assert estimate_record(undefined("AUC", "why", method="m", n=0, level=0.95))["low"] is None


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan])
def test_a_threshold_is_a_share(threshold):
    with pytest.raises(InputError, match="is not from 0 to 1"):
        summary_record(table(), threshold=threshold)


def test_rows_that_alternate_between_runs_are_told_apart():
    own = replace(
        table(),
        rows=tuple(row for pair in zip(table(model="a").rows, table(model="b").rows, strict=True) for row in pair),
    )
    runs = summary_record(own, threshold=0.5)["runs"]
    assert [(run["model"], run["figures"][1]["n"]) for run in runs] == [("a", 40), ("b", 40)]
    assert runs[0]["figures"] == summary_record(table(), threshold=0.5)["runs"][0]["figures"]


def test_more_runs_than_a_request_may_take_are_refused():
    (row,) = table(n=1).rows
    many = replace(table(), rows=tuple(replace(row, run=f"r{i}") for i in range(201)))
    assert len(summary_record(replace(many, rows=many.rows[:200]))["runs"]) == 200
    with pytest.raises(InputError, match="has 201 models and runs, at most 200 are summed up at once"):
        summary_record(many)
