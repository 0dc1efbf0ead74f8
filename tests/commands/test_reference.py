import json
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.folds import write_folds
from lesion_core.cases.table import read_cases
from lesion_core.errors import InputError
from lesion_core.model.card import FOLDER_VARIABLE
from lesion_core.results.ledger import read_ledger
from lesion_core.results.scores import read_scores
from lesion_core.training import reference_models
from tests.commands.conftest import command
from tests.training.phantom_set import by_patient, make_set, write_scheme


@pytest.fixture
def noise(monkeypatch):
    """Phantoms of the two labels have shapes that a line separates: measured with noise they do not."""
    monkeypatch.setattr(
        reference_models, "measure", lambda cases: np.random.default_rng(1).standard_normal((len(cases), 3))
    )


def test_scores_of_both_models_out_of_fold_and_external(noise, tmp_path, monkeypatch):
    table = make_set(tmp_path / "set", patients=12, views=2)
    write_scheme(table, by_patient(table))
    make_set(tmp_path / "other", patients=6, views=1, first_seed=500, prefix="q", dataset="other", split="external")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    done = command(
        "reference", table.folder / "cases.csv", "--scheme", "thirds-3", "--out", tmp_path / "models",
        "--external", tmp_path / "other" / "cases.csv",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    for name in ("size-only", "shape-only"):
        folder = tmp_path / "models" / name
        scores = read_scores(folder / "scores" / "thirds-3-out-of-fold.csv")
        assert len(scores) == len(table)
        assert (scores.folds > 0).all()
        outside = read_scores(folder / "scores" / "other-external.csv")
        assert [row.case_id for row in outside.rows] == [
            c.case_id for c in read_cases(tmp_path / "other/cases.csv").cases
        ]
        assert (folder / "reference-thirds-3.json").is_file()
    ledger = read_ledger(tmp_path / "models" / "ledger.csv")
    assert [(each.model, each.dataset) for each in ledger] == [("size-only", "OTHER"), ("shape-only", "OTHER")]
    assert "size-only, phantoms, out of fold, per patient: AUC" in done.output


def test_a_set_that_another_fit_scored_is_not_overwritten(noise, tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    make_set(tmp_path / "other", patients=6, views=1, first_seed=500, prefix="q", dataset="other", split="external")
    words = ["--scheme", "thirds-3", "--out", tmp_path / "models", "--external", tmp_path / "other" / "cases.csv"]
    tables = [make_set(tmp_path / name, patients=12, views=1, first_seed=at) for at, name in ((0, "a"), (90, "b"))]
    for table in tables:
        write_scheme(table, by_patient(table))
    assert command("reference", tables[0].folder / "cases.csv", *words).exit_code == 0
    assert command("reference", tables[0].folder / "cases.csv", *words).exit_code == 0
    kept = (tmp_path / "models" / "size-only" / "scores" / "other-external.csv").read_text()
    write_folds([replace(by_patient(tables[1]), name="halves")], tables[1].folder / "folds.csv")
    words[1] = "halves"
    with pytest.raises(InputError, match="holds scores by another fit than that of halves"):
        command("reference", tables[1].folder / "cases.csv", *words)
    assert (tmp_path / "models" / "size-only" / "scores" / "other-external.csv").read_text() == kept
    assert len(read_ledger(tmp_path / "models" / "ledger.csv")) == 4


def test_nothing_is_written_or_entered_where_one_of_the_models_is_refused(noise, tmp_path, monkeypatch):
    """The ledger counts openings: the first model's would stand there for a command that failed."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    table = make_set(tmp_path / "set", patients=12, views=1)
    write_scheme(table, by_patient(table))
    make_set(tmp_path / "other", patients=6, views=1, first_seed=500, prefix="q", dataset="other", split="external")
    kept = tmp_path / "models" / "shape-only" / "scores" / "other-external.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text("by another fit")
    words = ["--scheme", "thirds-3", "--out", tmp_path / "models", "--external", tmp_path / "other" / "cases.csv"]
    with pytest.raises(InputError, match="by another fit"):
        command("reference", table.folder / "cases.csv", *words)
    assert not (tmp_path / "models" / "size-only").exists()
    assert read_ledger(tmp_path / "models" / "ledger.csv") == ()


def test_two_tables_are_joined_on_the_folds_of_a_run(noise, tmp_path):
    tables = [
        make_set(tmp_path / name, patients=12, views=1, first_seed=at, prefix=name, dataset=name, organ=organ)
        for at, name, organ in ((0, "a", "breast"), (90, "b", "thyroid"))
    ]
    paths = [table.folder / "cases.csv" for table in tables]
    schemes = [by_patient(table) for table in tables]
    fold = {case_id: number for scheme in schemes for case_id, number in scheme.fold.items()}
    write_folds([replace(schemes[0], name="a+b", fold=fold)], tmp_path / "folds.csv")
    words = ["reference", *paths, "--scheme", "a+b", "--out", tmp_path / "models"]
    with pytest.raises(InputError, match=r"2 tables have no folds\.csv in common: name one with --folds"):
        command(*words)
    done = command(*words, "--folds", tmp_path / "folds.csv")
    assert done.exit_code == 0, done.output
    for name in ("size-only", "shape-only"):
        scores = read_scores(tmp_path / "models" / name / "scores" / "a+b-out-of-fold.csv")
        assert {row.case_id: row.fold for row in scores.rows} == fold
        about = json.loads((tmp_path / "models" / name / "reference-a+b.json").read_text())
        assert (about["dataset"], about["images"]) == ("a, b", 24)
        for dataset in ("a, b", "a", "b"):
            assert f"{name}, {dataset}, out of fold, per patient: AUC" in done.output
