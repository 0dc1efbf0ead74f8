from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError, TableError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.read import read_image
from lesion_core.model.card import FOLDER_VARIABLE, model_folder, read_card, write_card
from lesion_core.model.predictor import LesionPredictor
from lesion_core.model.training_data import FurtherData
from lesion_core.results.ledger import read_ledger
from lesion_core.results.performance import performance
from lesion_core.results.scores import as_written, read_scores, score_rows, write_scores
from lesion_core.training.external import (
    check_held_out,
    count_trained_on,
    enter_in_ledger,
    external_metrics,
    keep_with_model,
    score_cases,
)
from lesion_core.training.run_record import fingerprint_of
from tests.model.stand_in import card, cheap_vgg19, opinionated
from tests.training.phantom_set import make_set


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("external")
    return make_set(folder, patients=4, views=1, first_seed=100, dataset="others", split="external")


@pytest.fixture(scope="module")
def predictor():
    return LesionPredictor(opinionated(cheap_vgg19(normalisation="power")), card())


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "bnet").mkdir()
    write_card(card(), tmp_path / "bnet")
    return tmp_path


def test_cases_are_scored_as_the_page_would(table, predictor):
    told = []
    scores = score_cases(predictor, table, run="r", tell=lambda: told.append(1))
    assert len(told) == 4
    assert (scores.rows[0].run, scores.rows[0].model, scores.rows[0].fold) == ("r", "bnet", None)
    for case, row in zip(table.cases, scores.rows, strict=True):
        image = read_image(table.image_path(case))
        expected = predictor.predict(image.pixels, read_border(table.border_path(case), image.size)).score
        assert (row.case_id, row.label, row.dataset) == (case.case_id, case.label, "others")
        assert row.score == as_written(expected)
    assert np.ptp(scores.scores) > 0.01


def test_all_unusable_cases_are_listed(table, predictor):
    bad = (
        replace(table.cases[0], border=""),
        table.cases[1],
        replace(table.cases[2], image="none.png"),
        replace(table.cases[3], border="none.json"),
    )
    with pytest.raises(TableError) as caught:
        score_cases(predictor, CaseTable(bad, table.folder), run="r")
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["case p0-0", "case p2-0", "case p3-0"]


def test_cases_of_the_training_data_are_counted(table):
    known = CaseTable((replace(table.cases[0], dataset="busbra"), *table.cases[1:]), table.folder)
    assert count_trained_on(card(), known) == 1
    assert count_trained_on(card(), table) == 0
    assert count_trained_on(card(training=(replace(card().training[0], dataset="others"),)), table) == 4


def test_what_it_was_trained_on_is_never_called_external_to_the_training():
    bundled = read_card(model_folder("bnet"))
    scores = read_scores(model_folder("tnet") / "scores" / "busbra-external.csv")
    found = external_metrics(bundled, model_folder("bnet"), scores, [performance(scores, 0.5, unit="image")])
    assert all("external to the training" not in each.note for each in found)
    assert all("a part of BUS-BRA that was held out" in each.note for each in found)


def test_what_nothing_could_be_checked_against_is_called_unchecked(tmp_path):
    bundled, scores = read_card(model_folder("bnet")), read_scores(model_folder("tnet") / "scores/busbra-external.csv")
    found = external_metrics(bundled, tmp_path / "bnet", scores, [performance(scores, 0.5, unit="image")])
    assert all("said to be a part of BUS-BRA that was held out, not checked: no out-of" in each.note for each in found)


def test_a_patient_with_images_on_both_sides_is_not_held_out(table, models):
    trained = [
        replace(case, dataset="busbra", case_id=f"t{case.case_id}", patient_id=f"t{at}")
        for at, case in enumerate(table.cases[:2])
    ]
    rows = score_rows(trained, [0.2, 0.7], run="r", model="bnet", folds=[1, 2])
    write_scores(rows, models / "bnet" / "scores" / "ten-out-of-fold.csv")
    fresh = [replace(case, dataset="busbra") for case in table.cases]
    bnet = read_card(model_folder("bnet"))
    check_held_out(bnet, models / "bnet", CaseTable(tuple(fresh), table.folder))
    more = FurtherData(
        dataset="BUS-BRA", organ="breast", images=4, patients=4, benign=2, malignant=2,
        licence="free", citation="who", labelled="grades",
    )  # fmt: skip
    learnt = replace(bnet, further=(more,))
    with pytest.raises(
        InputError, match=r"also learnt from further cases of BUS-BRA.*; leave out --held-out .*, or score"
    ):
        check_held_out(learnt, models / "bnet", CaseTable(tuple(fresh), table.folder))
    fresh[2] = replace(fresh[2], patient_id=trained[1].patient_id)
    with pytest.raises(InputError, match=r"1 of 4 cases are not held out: .* \(p2-0\); take them out of --cases, or"):
        check_held_out(bnet, models / "bnet", CaseTable(tuple(fresh), table.folder))


def test_every_scoring_is_entered(table, models):
    assert enter_in_ledger("bnet", "ab" * 32, table, 0.75) == 1
    assert enter_in_ledger("bnet", "cd" * 32, table, float("nan")) == 2
    first, second = read_ledger(models / "ledger.csv")
    assert (first.model, first.dataset, first.target, first.n, first.auc) == ("bnet", "OTHERS", "mixed", 4, 0.75)
    assert first.cases_sha256 == fingerprint_of(table)
    assert second.auc is None
    assert (first.weights_sha256, second.weights_sha256) == ("ab" * 32, "cd" * 32)


def test_figures_of_a_set_replace_earlier_ones_of_that_set_alone(table, predictor, models):
    scores = score_cases(predictor, table, run="r")
    figures = [performance(scores, threshold, unit="image") for threshold in (0.9, 0.1)]
    keep_with_model(models / "bnet", table, scores, figures[:1])
    keep_with_model(models / "bnet", table, scores, figures[1:])
    found = read_card(models / "bnet").metrics
    assert found[0] == card().metrics[0]
    assert [(metric.name, metric.dataset, metric.protocol) for metric in found[1:]] == [
        (name, "OTHERS", "external") for name in ("AUC", "sensitivity", "specificity")
    ]
    assert found[2].value == round(figures[1].sensitivity.value, 4)
    assert found[1].label == "mixed"
    assert "no patient ids" not in found[1].note
    kept = read_scores(models / "bnet" / "scores" / "others-external.csv")
    assert kept.scores == pytest.approx(scores.scores, abs=1e-6)
    other = CaseTable(tuple(replace(case, dataset="second") for case in table.cases), table.folder)
    keep_with_model(models / "bnet", other, scores, figures[:1])
    assert len(read_card(models / "bnet").metrics) == 7


def test_a_set_with_a_title_of_its_own_is_recorded_once_however_often(table, predictor, models):
    known = CaseTable(tuple(replace(case, dataset="busbra") for case in table.cases), table.folder)
    scores = score_cases(predictor, known, run="r")
    first, second = (performance(scores, threshold, unit="image") for threshold in (0.9, 0.1))
    keep_with_model(models / "bnet", known, scores, [first])
    keep_with_model(models / "bnet", known, scores, [second])
    found = read_card(models / "bnet").metrics[1:]
    assert [(metric.name, metric.dataset) for metric in found] == [
        (name, "BUS-BRA") for name in ("AUC", "sensitivity", "specificity")
    ]
    assert found[1].value == round(second.sensitivity.value, 6)
    assert [path.name for path in (models / "bnet" / "scores").iterdir()] == ["busbra-external.csv"]


def test_unknown_patients_are_noted_at_every_figure(table, predictor, models):
    nobody = CaseTable(tuple(replace(case, patient_id="") for case in table.cases), table.folder)
    scores = score_cases(predictor, nobody, run="r")
    keep_with_model(models / "bnet", nobody, scores, [performance(scores, 0.5, unit="image")])
    assert all("interval is too narrow" in metric.note for metric in read_card(models / "bnet").metrics[1:])


def test_several_sets_at_once_make_one_plain_file_name(table, predictor, models):
    two = CaseTable((replace(table.cases[0], dataset="a"), *table.cases[1:]), table.folder)
    scores = score_cases(predictor, two, run="r")
    keep_with_model(models / "bnet", two, scores, [performance(scores, 0.5, unit="image")])
    assert (models / "bnet" / "scores" / "a-others-external.csv").is_file()


def test_each_label_rule_of_a_set_has_figures_and_a_file_of_its_own(table, predictor, models):
    for target in ("TI-RADS 4a or higher", "TI-RADS 4b or higher", "TI-RADS 4a or higher"):
        ruled = CaseTable(tuple(replace(case, dataset="ddti", target=target) for case in table.cases), table.folder)
        scores = score_cases(predictor, ruled, run="r")
        keep_with_model(models / "bnet", ruled, scores, [performance(scores, 0.5, unit="image")])
    labels = [metric.label for metric in read_card(models / "bnet").metrics[1:] if metric.name == "AUC"]
    assert labels == ["TI-RADS 4b or higher", "TI-RADS 4a or higher"]
    kept = sorted(path.name for path in (models / "bnet" / "scores").glob("ddti*"))
    assert kept == ["ddti-2015-4a-external.csv", "ddti-2015-4b-external.csv"]


def test_the_set_that_the_outline_was_chosen_on_is_external_to_the_training_alone():
    bundled = read_card(model_folder("tnet"))
    scores = read_scores(model_folder("tnet") / "scores" / "busbra-external.csv")
    figures = [performance(scores, bundled.operating_point.threshold, unit="image")]
    found = external_metrics(bundled, model_folder("tnet"), scores, figures)
    assert {each.dataset for each in found} == {"BUS-BRA"}
    assert all("external to the training, not to the choice: 26 settings and 25 sets" in each.note for each in found)
    kept = [each for each in bundled.metrics if each.dataset == "BUS-BRA" and each.unit == "image"]
    assert kept == found
    plain = external_metrics(replace(bundled, outline=None), model_folder("tnet"), scores, figures)
    assert all("25 sets" not in each.note for each in plain)
