import json
from dataclasses import replace

import pytest

from lesion_core.cases.table import read_cases, write_cases
from lesion_core.errors import InputError
from lesion_core.results.fold_models import read_fold_scores
from lesion_core.results.scores import read_scores
from tests.commands.conftest import command


def run(workshop, out, *, cases=None, on=None):
    options = ["--crossval", workshop.run, "--on", on or workshop.external, "--out", out, "--cache", workshop.cache]
    return command("shift", "bnet", cases or workshop.cases, *options)


def test_the_folds_trained_again_give_their_scores_again_and_score_another_set(workshop, tmp_path):
    out = tmp_path / "shift.csv"
    done = run(workshop, out)
    assert done.exit_code == 0, done.output
    assert "differ from those their run kept by at most 0.00000" in done.output
    assert "final less the mean of the fold models" in done.output
    found = read_fold_scores(out)
    assert found.folds == (1, 2, 3)
    assert len(found.reproduced_to) == 3
    assert max(found.reproduced_to) < 1e-5
    assert found.scores.shape == (3, 6)
    assert found.scores.std(axis=0).max() > 0, "three networks, not one"
    assert command("evaluate", "bnet", "--cases", workshop.external, "--out", tmp_path / "ev").exit_code == 0
    served = {row.case_id: row.score for row in read_scores(tmp_path / "ev" / "scores.csv").rows}
    assert dict(zip(found.case_ids, found.final, strict=True)) == pytest.approx(served, abs=2e-6)


def test_the_sets_labels_are_not_looked_at(workshop, tmp_path):
    assert run(workshop, tmp_path / "before.csv").exit_code == 0
    table = workshop.external.with_name("turned.csv")
    turned = workshop.external.read_text().replace(",1,", ",X,").replace(",0,", ",1,").replace(",X,", ",0,")
    table.write_text(turned)
    assert run(workshop, tmp_path / "after.csv", on=table).exit_code == 0
    assert (tmp_path / "after.csv").read_text() == (tmp_path / "before.csv").read_text()


def test_cases_of_the_run_cannot_be_the_other_set(workshop, tmp_path):
    with pytest.raises(InputError, match="patients or duplicate groups stand in the run"):
        run(workshop, tmp_path / "shift.csv", on=workshop.cases)


def test_a_patient_of_the_run_under_another_data_sets_name_is_refused(workshop, tmp_path):
    one = read_cases(workshop.cases).cases[0].patient_id
    first, *rest = read_cases(workshop.external).cases
    assert first.dataset != read_cases(workshop.cases).cases[0].dataset
    table = workshop.external.with_name("renamed.csv")
    write_cases([replace(first, patient_id=one), *rest], table)
    with pytest.raises(InputError, match="1 patients or duplicate groups stand in the run"):
        run(workshop, tmp_path / "shift.csv", on=table)


def test_a_near_duplicate_of_the_run_is_refused_before_anything_is_scored(workshop, tmp_path, monkeypatch):
    first, *rest = read_cases(workshop.cases).cases
    write_cases([replace(first, group="same-scan"), *rest], workshop.cases.with_name("grouped.csv"))
    other, *others = read_cases(workshop.external).cases
    write_cases([replace(other, group="same-scan"), *others], workshop.external.with_name("grouped.csv"))

    def scored(*arguments, **options):
        raise AssertionError("scored before the overlap was found")

    monkeypatch.setattr("lesion_core.training.external.score_cases", scored)
    on = workshop.external.with_name("grouped.csv")
    with pytest.raises(InputError, match=f"1 patients or duplicate groups .*{other.patient_id}"):
        run(workshop, tmp_path / "shift.csv", cases=workshop.cases.with_name("grouped.csv"), on=on)


def test_a_run_of_other_cases_is_refused(workshop, tmp_path):
    fewer = workshop.cases.with_name("fewer.csv")
    fewer.write_text("".join(workshop.cases.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(InputError, match="cases or folds"):
        run(workshop, tmp_path / "shift.csv", cases=fewer)


def test_a_run_that_did_not_make_the_model_is_refused(workshop, tmp_path):
    """Made of the same cases, folds and settings on another machine: its fold models are others."""
    beside = workshop.models / "bnet" / "scores" / "run.json"
    record = json.loads(beside.read_text())
    record["folds"]["2"]["epoch"] += 1
    beside.write_text(json.dumps(record))
    with pytest.raises(InputError, match="not the run that bnet was made from"):
        run(workshop, tmp_path / "shift.csv")
    assert not (tmp_path / "shift.csv").exists()
