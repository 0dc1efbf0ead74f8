import json

import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.results.scores import read_scores
from lesion_core.training import trunk_linear
from tests.commands.conftest import command
from tests.training.blocks import WEIGHTS, use_blocks
from tests.training.phantom_set import by_patient, make_set, write_scheme


@pytest.fixture
def cheap(monkeypatch, one_thread):
    use_blocks(monkeypatch)
    monkeypatch.setattr(trunk_linear, "STRENGTHS", (1.0, 30.0))
    monkeypatch.setattr(trunk_linear, "INNER_FOLDS", 3)
    monkeypatch.setattr("lesion_core.model.weights.imagenet_weights", lambda source: WEIGHTS)


def test_scores_and_choices_are_kept(cheap, tmp_path):
    table = make_set(tmp_path / "set", patients=12, views=1)
    write_scheme(table, by_patient(table))
    done = command(
        "linear", table.folder / "cases.csv", "--scheme", "thirds-3", "--out", tmp_path / "models",
        "--cache", tmp_path / "cache",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    folder = tmp_path / "models" / "trunk-linear"
    scores = read_scores(folder / "scores" / "thirds-3-out-of-fold.csv")
    assert [row.case_id for row in scores.rows] == [case.case_id for case in table.cases]
    assert {row.run for row in scores.rows} == {"trunk-linear-thirds-3"}
    about = json.loads((folder / "reference-thirds-3.json").read_text())
    assert set(about["chosen"]) == {"1", "2", "3"}
    for fold, areas in about["inner_auc"].items():
        assert about["chosen"][fold] == about["strengths"][int(np.argmax(areas))]
    assert "trunk-linear, phantoms, out of fold, per patient: AUC" in done.output
    assert "n = 12" in done.output


def test_folds_of_a_run_can_be_named(cheap, tmp_path):
    table = make_set(tmp_path / "set", patients=12, views=1)
    write_scheme(table, by_patient(table))
    elsewhere = (table.folder / "folds.csv").rename(tmp_path / "folds.csv")
    words = ["linear", table.folder / "cases.csv", "--out", tmp_path, "--cache", tmp_path / "cache"]
    with pytest.raises(InputError, match="no scheme 'other'"):
        command(*words, "--scheme", "other", "--folds", elsewhere)
    assert command(*words, "--scheme", "thirds-3", "--folds", elsewhere).exit_code == 0
