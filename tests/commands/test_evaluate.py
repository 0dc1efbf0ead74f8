from dataclasses import replace

import pytest

from lesion_core.cases.table import read_cases, write_cases
from lesion_core.errors import CheckpointError, InputError, TableError
from lesion_core.model.card import read_card
from lesion_core.results.ledger import read_ledger
from lesion_core.results.performance import performance
from lesion_core.results.scores import read_scores, write_scores
from tests.commands.conftest import command
from tests.training.phantom_set import make_set


def evaluate(cases, out, *options, model="bnet"):
    return command("evaluate", model, "--cases", cases, "--out", out, *options)


def test_an_external_set_is_scored_printed_and_entered_every_time(workshop, tmp_path):
    for times in (1, 2):
        result = evaluate(workshop.external, tmp_path / "out")
        assert result.exit_code == 0
        assert f"this set was opened {times} time(s) by bnet" in result.output
        assert len(read_ledger(workshop.models / "ledger.csv")) == times
    scores = read_scores(tmp_path / "out" / "scores.csv")
    card = read_card(workshop.models / "bnet")
    assert [row.case_id for row in scores.rows] == [case.case_id for case in read_cases(workshop.external).cases]
    assert {(row.run, row.model, row.fold) for row in scores.rows} == {("out", "bnet", None)}
    for unit in ("patient", "image"):
        for line in performance(scores, card.operating_point.threshold, unit=unit).lines():
            assert line in result.output
    assert f"BNet {card.version} on 6 cases, label: mixed" in result.output
    opening = read_ledger(workshop.models / "ledger.csv")[0]
    assert (opening.dataset, opening.n, opening.weights_sha256) == ("OTHERS", 6, card.weights_sha256)
    assert opening.auc == pytest.approx(performance(scores, 0.5, unit="image").auc.value, abs=1e-6)
    assert not any(metric.protocol == "external" for metric in card.metrics)


def test_record_keeps_scores_and_figures_with_the_model(workshop, tmp_path):
    before = read_card(workshop.models / "bnet")
    result = evaluate(workshop.external, tmp_path / "out", "--record")
    assert "kept with the model: scores and 2 x 3 figures" in result.output
    after = read_card(workshop.models / "bnet")
    added = [metric for metric in after.metrics if metric.protocol == "external"]
    assert [(metric.unit, metric.name) for metric in added] == [
        (unit, name) for unit in ("patient", "image") for name in ("AUC", "sensitivity", "specificity")
    ]
    assert after.metrics[: len(before.metrics)] == before.metrics
    assert replace(after, metrics=before.metrics) == before
    kept = read_scores(workshop.models / "bnet" / "scores" / "others-external.csv")
    assert kept == read_scores(tmp_path / "out" / "scores.csv")


def test_record_says_when_parts_of_earlier_scores_are_gone(workshop, tmp_path):
    assert "apart" not in evaluate(workshop.external, tmp_path / "out", "--record").output
    kept = workshop.models / "bnet" / "scores" / "others-external.csv"
    part = workshop.models / "bnet-image-only" / "scores" / kept.name
    part.parent.mkdir(parents=True)
    part.write_bytes(kept.read_bytes())
    assert "apart" not in evaluate(workshop.external, tmp_path / "out", "--record").output
    assert part.is_file()
    other = [replace(row, score=round(1 - row.score, 6)) for row in read_scores(kept).rows]
    write_scores(other, kept)
    result = evaluate(workshop.external, tmp_path / "out", "--record")
    assert "the parts of its earlier scores are gone: run `python -m lesion_core apart bnet` again" in result.output
    assert not part.exists()


def test_development_data_is_never_entered_and_known_data_is_said(workshop, tmp_path):
    result = evaluate(workshop.cases, tmp_path / "out")
    assert "note: 24 cases are of data the model was trained on: the figures flatter" in result.output
    assert "ledger" not in result.output
    assert not (workshop.models / "ledger.csv").exists()
    with pytest.raises(InputError, match="--record keeps the figures of an external set"):
        evaluate(workshop.cases, tmp_path / "more", "--record")
    assert not (tmp_path / "more").exists()


def test_training_data_that_is_marked_external_is_no_external_set(workshop, tmp_path):
    marked = workshop.cases.with_name("marked.csv")
    write_cases([replace(case, split="external") for case in read_cases(workshop.cases).cases], marked)
    try:
        result = evaluate(marked, tmp_path / "out")
        assert "note: 24 cases are of data the model was trained on: the figures flatter" in result.output
        assert "ledger" not in result.output
        with pytest.raises(InputError, match="24 of 24 cases are of data that BNet was trained on: their figures are"):
            evaluate(marked, tmp_path / "more", "--record")
        with pytest.raises(InputError, match=r"24 of 24 cases are not held out: .* \(p0-0"):
            evaluate(marked, tmp_path / "more", "--record", "--held-out")
    finally:
        marked.unlink()
    assert not (tmp_path / "more").exists()
    assert not (workshop.models / "ledger.csv").exists()
    assert not any(metric.protocol == "external" for metric in read_card(workshop.models / "bnet").metrics)


def test_a_part_of_the_training_data_that_was_held_out_is_kept_as_such(workshop, tmp_path):
    make_set(tmp_path / "set", patients=4, views=1, first_seed=500, prefix="h", split="external")
    cases = tmp_path / "set" / "cases.csv"
    assert {case.dataset for case in read_cases(cases).cases} == {"phantoms"}
    with pytest.raises(InputError, match="--held-out says that they are a part it never saw"):
        evaluate(cases, tmp_path / "out", "--record")
    result = evaluate(cases, tmp_path / "out", "--record", "--held-out")
    assert "flatter" not in result.output
    assert "this set was opened 1 time(s) by bnet" in result.output
    added = [metric for metric in read_card(workshop.models / "bnet").metrics if metric.protocol == "external"]
    assert len(added) == 6
    for metric in added:
        assert "a part of Phantoms that was held out: the model was trained on the rest" in metric.note


def test_held_out_says_where_it_is_not_needed_or_could_not_be_checked(workshop, tmp_path):
    result = evaluate(workshop.external, tmp_path / "out", "--held-out")
    assert "note: --held-out is not needed: none of these cases is of data that BNet was trained on" in result.output
    make_set(tmp_path / "set", patients=4, views=1, first_seed=500, prefix="h", split="external")
    held_out = [tmp_path / "set" / "cases.csv", tmp_path / "out", "--record", "--held-out"]
    assert "--held-out" not in evaluate(*held_out).output
    (workshop.models / "bnet" / "scores" / "thirds-3-out-of-fold.csv").unlink()
    said = evaluate(*held_out).output
    assert "note: --held-out was not checked: no out-of-fold scores of Phantoms lie with BNet" in said
    notes = [each.note for each in read_card(workshop.models / "bnet").metrics if each.protocol == "external"]
    assert len(notes) == 6
    assert all("said to be a part of Phantoms that was held out, not checked" in note for note in notes)


def test_of_a_mixed_table_only_the_external_cases_are_scored(workshop, tmp_path):
    table = make_set(tmp_path / "mixed", patients=6, views=1, first_seed=500, prefix="m", dataset="mixed")
    cases = [replace(case, split="external" if at < 4 else "development") for at, case in enumerate(table.cases)]
    write_cases(cases, tmp_path / "mixed" / "cases.csv")
    result = evaluate(tmp_path / "mixed" / "cases.csv", tmp_path / "out")
    assert "left out: 2 cases that are not marked external" in result.output
    assert len(read_scores(tmp_path / "out" / "scores.csv")) == 4
    assert read_ledger(workshop.models / "ledger.csv")[0].n == 4


def test_without_patients_only_images_are_counted(workshop, tmp_path):
    make_set(tmp_path / "set", patients=4, views=1, patient_id="", lesion_id="", dataset="set", split="external")
    result = evaluate(tmp_path / "set" / "cases.csv", tmp_path / "out")
    assert "images are taken as independent: the intervals may be too narrow" in result.output
    assert "per patient" not in result.output
    assert "per image: AUC" in result.output


def test_a_set_of_one_class_has_no_area_and_is_entered_all_the_same(workshop, tmp_path):
    make_set(tmp_path / "set", patients=1, views=3, dataset="set", split="external")
    result = evaluate(tmp_path / "set" / "cases.csv", tmp_path / "out")
    assert "AUC: undefined" in result.output
    assert read_ledger(workshop.models / "ledger.csv")[0].auc is None


def test_no_figure_is_shown_that_is_not_in_the_ledger(workshop, tmp_path):
    (workshop.models / "ledger.csv").write_text("date\n2026-01-01\n")
    with pytest.raises(TableError, match=r"ledger\.csv"):
        evaluate(workshop.external, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damaged_or_missing_models_are_refused(workshop, tmp_path):
    with pytest.raises(CheckpointError, match="no model named 'tnet'; there are: bnet"):
        evaluate(workshop.external, tmp_path / "out", model="tnet")
    file = workshop.models / "bnet" / "weights.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="not the file its card describes"):
        evaluate(workshop.external, tmp_path / "out")
    assert not (workshop.models / "ledger.csv").exists()
