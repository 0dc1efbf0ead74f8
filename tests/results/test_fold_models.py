from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import StatisticsError, TableError
from lesion_core.results.fold_models import (
    FoldScores,
    bundled_shifts,
    read_fold_scores,
    summarise_shift,
    write_fold_scores,
)
from tests.test_readme import ROOT

FOLDS = np.array([[0.1, 0.4, 0.6, 0.9], [0.2, 0.3, 0.7, 0.8], [0.3, 0.8, 0.2, 0.7]])
FOUND = FoldScores(
    "bnet",
    "busi",
    ("a", "b", "c", "d"),
    ("p", "p", "q", "q"),
    (1, 2, 3),
    FOLDS,
    FOLDS.mean(axis=0),
    (0.001, 0.0, 0.025),
)


def test_a_final_model_like_the_mean_of_its_folds_shifts_nothing():
    found = summarise_shift(FOUND, 0.5)
    assert found.change.value == pytest.approx(0)
    assert found.distance == pytest.approx(0)
    assert found.above_folds == (0.5, 0.5, 0.5)


def test_figures_by_hand():
    found = summarise_shift(replace(FOUND, final=np.array([0.6, 0.5, 0.5, 0.9])), 0.5)
    assert found.change.value == pytest.approx((0.4 + 0.0 + 0.0 + 0.1) / 4)
    assert found.change.clusters == 2
    assert found.distance == pytest.approx(0.125)
    # Case a: |.1 - .25|, |.2 - .2|, |.3 - .15|; b: .15, .3, .45; c: .15, .3, .45; d: .15, 0, .15.
    assert found.between == pytest.approx((0.3 + 0.9 + 0.9 + 0.3) / 12)
    assert found.above == 1.0
    assert found.calls == pytest.approx(0.5), "a and b are called by at most one fold model of three"
    assert "another call than most of them in 50.0%" in found.sentence


def test_a_tie_among_the_fold_models_is_no_difference():
    even = replace(
        FOUND, folds=(1, 2), reproduced_to=(), scores=np.array([[0.4, 0.4], [0.6, 0.4]]), case_ids=("a", "b")
    )
    even = replace(even, patients=("", ""), final=np.array([0.6, 0.4]))
    found = summarise_shift(even, 0.5)
    assert found.calls == 0
    assert found.change.clusters is None, "patients are unknown: images count"


def test_one_fold_model_is_no_comparison():
    with pytest.raises(StatisticsError, match="at least 2"):
        summarise_shift(replace(FOUND, folds=(1,), scores=FOLDS[:1]), 0.5)


def test_a_table_comes_back_as_it_was_written(tmp_path):
    write_fold_scores(FOUND, tmp_path / "bnet" / "shift" / "busi.csv")
    (found,) = bundled_shifts(tmp_path, "bnet")
    assert (found.model, found.dataset, found.case_ids, found.patients) == (
        "bnet",
        "busi",
        tuple("abcd"),
        tuple("ppqq"),
    )
    assert found.folds == (1, 2, 3)
    np.testing.assert_allclose(found.scores, FOLDS, atol=1e-6)
    np.testing.assert_allclose(found.final, FOUND.final, atol=1e-6)
    assert found.reproduced_to == (0.001, 0.0, 0.025)
    assert "differ from those their run kept by at most 0.025000" in found.reproduction


def test_a_table_without_the_folds_reproduction_is_read_and_says_so(tmp_path):
    """Such a table was written before the column was there."""
    path = tmp_path / "busi.csv"
    write_fold_scores(FOUND, path)
    path.write_text("\n".join(line.rpartition(",")[0] for line in path.read_text().splitlines()) + "\n")
    found = read_fold_scores(path)
    assert found.reproduced_to == ()
    assert "not recorded" in found.reproduction
    np.testing.assert_allclose(found.scores, FOLDS, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-1], "case d has no score of fold 3"),
        (lambda lines: [*lines, lines[-1]], "scores case d twice"),
        (lambda lines: [line for line in lines if ",0," not in line], "the final model"),
        (lambda lines: [*lines, lines[-1].replace("bnet", "tnet")], "2 pairs"),
        (lambda lines: [*lines[:-1], lines[-1].replace("0.700000", "7")], "score"),
        (lambda lines: [*lines[:-1], lines[-1].replace("0.025", "0.026")], "one number for each fold model"),
        (lambda lines: [line.replace("0.025000", "") for line in lines], "one number for each fold model"),
    ],
)
def test_damaged_tables_are_refused(tmp_path, change, said):
    path = tmp_path / "busi.csv"
    write_fold_scores(FOUND, path)
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
    with pytest.raises(TableError, match=said):
        read_fold_scores(path)


def test_a_table_in_the_wrong_folder_is_refused(tmp_path):
    write_fold_scores(FOUND, tmp_path / "tnet" / "shift" / "busi.csv")
    with pytest.raises(TableError, match="scores of bnet"):
        bundled_shifts(tmp_path, "tnet")


def test_the_bundled_table_says_how_nearly_its_folds_were_made_again():
    (found,) = bundled_shifts(ROOT / "checkpoints", "bnet-compact")
    assert found.folds == tuple(range(1, 11))
    assert len(found.reproduced_to) == 10
    noted = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
    assert f"give their kept\nscores to {max(found.reproduced_to):.3f}" in noted
