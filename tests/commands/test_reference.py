import numpy as np

from lesion_core.cases.table import read_cases
from lesion_core.model.card import FOLDER_VARIABLE
from lesion_core.results.ledger import read_ledger
from lesion_core.results.scores import read_scores
from lesion_core.training import reference_models
from tests.commands.conftest import command
from tests.training.phantom_set import by_patient, make_set, write_scheme


def test_scores_of_both_models_out_of_fold_and_external(tmp_path, monkeypatch):
    table = make_set(tmp_path / "set", patients=12, views=2)
    write_scheme(table, by_patient(table))
    make_set(tmp_path / "other", patients=6, views=1, first_seed=500, prefix="q", dataset="other", split="external")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    # Phantoms of the two labels have shapes that a line separates: measured with noise they do not.
    rng = np.random.default_rng(1)
    monkeypatch.setattr(reference_models, "measure", lambda cases: rng.standard_normal((len(cases), 3)))
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
        assert (folder / "reference.json").is_file()
    ledger = read_ledger(tmp_path / "models" / "ledger.csv")
    assert [(each.model, each.dataset) for each in ledger] == [("size-only", "OTHER"), ("shape-only", "OTHER")]
