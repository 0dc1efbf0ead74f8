from dataclasses import replace

import numpy as np
import pytest

from dashboards.review.wording import with_interval
from lesion_core.errors import StatisticsError, TableError
from lesion_core.model.card import read_card
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
    path.write_text("\n".join(line.rsplit(",", 2)[0] for line in path.read_text().splitlines()) + "\n")
    found = read_fold_scores(path)
    assert found.reproduced_to == ()
    assert found.folds_of_run is None
    assert not found.partly
    assert "not recorded" in found.reproduction
    np.testing.assert_allclose(found.scores, FOLDS, atol=1e-6)


def test_a_part_of_a_runs_folds_is_named(tmp_path):
    path = tmp_path / "busi.csv"
    write_fold_scores(replace(FOUND, folds=(1, 4, 5), folds_of_run=10), path)
    assert read_fold_scores(path).partly == "3 of 10 folds (1, 4, 5)"
    write_fold_scores(replace(FOUND, folds_of_run=3), path)
    assert read_fold_scores(path).partly == ""


def test_fold_models_that_came_out_otherwise_are_other_networks():
    assert "other networks" not in FOUND.reproduction
    assert "at most 0.700000: so they are other networks" in replace(FOUND, reproduced_to=(0, 0.7, 0)).reproduction


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
        (lambda lines: [lines[0], *(f"{line}2" for line in lines[1:])], "folds_of_run is one number, at least 3"),
        (lambda lines: [*lines[:-1], f"{lines[-1]}3"], "folds_of_run is one number"),
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


@pytest.mark.parametrize(("model", "folds"), [("bnet", 10), ("tnet", 10), ("tbnet", 6)])
def test_decisions_and_readme_say_what_the_bundled_tables_give(model, folds):
    (found,) = bundled_shifts(ROOT / "checkpoints", model)
    assert (len(found.folds), found.folds_of_run) == (folds, 10)
    shift = summarise_shift(found, read_card(ROOT / "checkpoints" / model).operating_point.threshold)
    change = with_interval(shift.change)
    low, high = min(shift.above_folds), max(shift.above_folds)
    noted = " ".join((ROOT / "DECISIONS.md").read_text(encoding="utf-8").split())
    for said in (change, f"{shift.distance:.3f} in size, one fold model from the others {shift.between:.3f}"):
        assert said in noted
    assert f"{100 * shift.above:.1f} %" in noted
    assert f"by the fold models {100 * low:.1f} to {100 * high:.1f} %" in noted
    assert change in (ROOT / "README.md").read_text(encoding="utf-8")
