import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import read_cases, write_cases
from lesion_core.errors import InputError
from lesion_core.results.fold_models import read_fold_scores
from lesion_core.results.scores import read_scores
from lesion_core.training.shift import FoldsAgain
from tests.commands.conftest import command


@pytest.fixture(autouse=True)
def nothing_kept(workshop):
    """The run's folder is the same in all tests."""
    yield
    for folder in workshop.run.glob("again-*"):
        shutil.rmtree(folder)


def run(workshop, out, *more, cases=None, on=None):
    options = [
        "--crossval",
        workshop.run,
        "--on",
        on or workshop.external,
        "--out",
        out,
        "--cache",
        workshop.cache,
        *more,
    ]
    return command("shift", "bnet", cases or workshop.cases, *options)


def kept_in(workshop):
    return workshop.run / f"again-{read_cases(workshop.external).cases[0].dataset}"


def test_the_folds_trained_again_give_their_scores_again_and_score_another_set(workshop, tmp_path):
    out = tmp_path / "shift.csv"
    done = run(workshop, out)
    assert done.exit_code == 0, done.output
    assert "differ from those their run kept by at most 0.00000" in done.output
    assert "final less the mean of the fold models" in done.output
    found = read_fold_scores(out)
    assert found.folds == (1, 2, 3)
    assert not found.partly
    assert len(found.reproduced_to) == 3
    assert max(found.reproduced_to) < 1e-5
    assert found.scores.shape == (3, 6)
    assert found.scores.std(axis=0).max() > 0, "three networks, not one"
    assert command("evaluate", "bnet", "--cases", workshop.external, "--out", tmp_path / "ev").exit_code == 0
    served = {row.case_id: row.score for row in read_scores(tmp_path / "ev" / "scores.csv").rows}
    assert dict(zip(found.case_ids, found.final, strict=True)) == pytest.approx(served, abs=2e-6)


def test_what_was_trained_is_kept_and_not_trained_again(workshop, tmp_path, monkeypatch):
    first, last = FoldsAgain.fold, 3

    def cut_off(self, number, *arguments, **options):
        if number == last:
            raise InputError("the power went off")
        return first(self, number, *arguments, **options)

    monkeypatch.setattr(FoldsAgain, "fold", cut_off)
    with pytest.raises(InputError, match="the power"):
        run(workshop, tmp_path / "shift.csv")
    kept = kept_in(workshop)
    assert sorted(path.name for path in kept.iterdir()) == ["again-01.json", "again-02.json"]
    trained = []
    monkeypatch.setattr(
        FoldsAgain, "fold", lambda self, number, *a, **o: (trained.append(number), first(self, number, *a, **o))[1]
    )
    done = run(workshop, tmp_path / "shift.csv")
    assert done.exit_code == 0, done.output
    assert trained == [last]
    assert "epoch 1" in done.output
    assert sorted(path.name for path in kept.iterdir()) == [f"again-0{number}.json" for number in (1, 2, 3)]
    assert len(read_fold_scores(tmp_path / "shift.csv").folds) == 3


def test_some_folds_of_a_run_are_said_to_be_some(workshop, tmp_path):
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    assert run(workshop, whole).exit_code == 0
    done = run(workshop, part, "--fold", 3, "--fold", 1)
    assert done.exit_code == 0, done.output
    assert "compared with fold models of 2 of 3 folds (1, 3)" in done.output
    found = read_fold_scores(part)
    assert (found.folds, found.folds_of_run) == ((1, 3), 3)
    np.testing.assert_allclose(found.scores, read_fold_scores(whole).scores[[0, 2]], atol=2e-6)


@pytest.mark.parametrize("folds", [(2,), (1, 4)])
def test_folds_that_cannot_be_compared_are_refused_first(workshop, tmp_path, folds):
    options = [option for fold in folds for option in ("--fold", fold)]
    with pytest.raises(InputError, match="give at least two of 1, 2, 3"):
        run(workshop, tmp_path / "shift.csv", *options)


def test_the_sets_labels_are_not_looked_at(workshop, tmp_path):
    assert run(workshop, tmp_path / "before.csv").exit_code == 0
    table = workshop.external.with_name("turned.csv")
    turned = workshop.external.read_text().replace(",1,", ",X,").replace(",0,", ",1,").replace(",X,", ",0,")
    table.write_text(turned)
    with pytest.raises(InputError, match=r"or for other cases than those of --on: delete it"):
        run(workshop, tmp_path / "after.csv", on=table)
    shutil.rmtree(kept_in(workshop))
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
