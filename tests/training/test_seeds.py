import json
import shutil
from dataclasses import replace

import pytest

from lesion_core.errors import InputError
from lesion_core.model.card import model_folder
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.scores import ScoreTable, read_scores, write_scores
from lesion_core.training.run_record import read_run
from lesion_core.training.seeds import Seeds, seed_notes
from tests.test_readme import ROOT

MODELS = ROOT / "checkpoints"


@pytest.fixture
def folder(tmp_path):
    for path in MODELS.glob("tnet-compact*/scores"):
        shutil.copytree(path, tmp_path / path.parent.name / "scores")
    return tmp_path / "tnet-compact"


def areas(name, unit):
    scores = read_scores(MODELS / name / "scores" / "patient-10-out-of-fold.csv")
    return cross_fitted_performance(scores, wanted_sensitivity=0.95, unit=unit).auc.value


def test_three_seeds_are_kept_that_differ_in_nothing_else():
    names = ("tnet-compact", "tnet-compact-seed-1", "tnet-compact-seed-2")
    records = [read_run(MODELS / name / "scores") for name in names]
    assert [each.settings["candidates"][0]["seed"] for each in records] == [0, 1, 2]
    assert len({each.cases_sha256 for each in records}) == 1
    assert len({each.folds_sha256 for each in records}) == 3


@pytest.mark.parametrize("unit", ["patient", "image"])
def test_the_list_of_models_says_where_the_first_seed_stands(unit):
    names = ("tnet-compact", "tnet-compact-seed-1", "tnet-compact-seed-2")
    own, *others = (areas(name, unit) for name in names)
    alone, *lone = (areas(f"{name}-image-only", unit) for name in names)
    highest = own > max(others)
    luckiest = alone > max(lone)
    seeds = "highest of 3 seeds of folds and weights"
    expected = (
        f"{'the' if highest else 'not the'} {seeds}"
        f"{', so optimistic' if highest else ''} (others {others[0]:.3f} and {others[1]:.3f}); "
        f"the network alone, {alone:.3f}, is {'the' if luckiest else 'not the'} {seeds}"
        f"{', so optimistic' if luckiest else ''} (others {lone[0]:.3f} and {lone[1]:.3f})"
    )
    assert seed_notes(MODELS / "tnet-compact")[unit] == expected
    listed = (MODELS / "README.md").read_text(encoding="utf-8")
    for area in (own, *others, alone, *lone):
        assert f"{area:.3f}" in listed.partition("three seeds")[2].partition("\n\n")[0]


def test_the_highest_of_several_is_called_optimistic():
    table = read_scores(MODELS / "tnet-compact" / "scores" / "patient-10-out-of-fold.csv")
    worse = ScoreTable(tuple(replace(row, score=round(1 - row.score, 6)) for row in table.rows))
    assert Seeds(table, (worse,)).sentence("image") == (
        "the highest of 2 seeds of the weights, on the same folds, so optimistic (others 0.346)"
    )
    assert Seeds(worse, (table,), "it").sentence("image") == (
        "it, 0.346, is not the highest of 2 seeds of the weights, on the same folds (others 0.654)"
    )
    assert Seeds(table, (table,)).sentence("image").startswith("not the highest")


def test_folds_that_were_given_differ_by_no_seed():
    assert (
        "not the highest of 3 seeds of the weights, on the same folds" in seed_notes(MODELS / "bnet-compact")["patient"]
    )
    table = read_scores(MODELS / "tnet-compact" / "scores" / "patient-10-out-of-fold.csv")
    moved = ScoreTable((replace(table.rows[0], fold=1 + (table.rows[0].fold or 0) % 10), *table.rows[1:]))
    assert "seeds of folds and weights" in Seeds(table, (table, moved)).sentence("image")


def test_a_model_without_other_seeds_has_no_note():
    assert seed_notes(model_folder("tbnet")) == {}


def test_the_network_alone_is_told_where_the_outline_enters_every_seed(folder):
    assert "the network alone" in seed_notes(folder)["patient"]
    for path in folder.parent.glob("*-image-only"):
        shutil.rmtree(path)
    assert "the network alone" not in seed_notes(folder)["patient"]


def test_emptied_folders_of_the_networks_alone_are_no_outline(folder):
    for path in folder.parent.glob("*-image-only/scores/*"):
        path.unlink()
    assert "the network alone" not in seed_notes(folder)["patient"]


@pytest.mark.parametrize("bare", ["tnet-compact", "tnet-compact-seed-2"])
def test_scores_with_and_without_the_outline_are_not_compared(folder, bare):
    shutil.rmtree(folder.with_name(f"{bare}-image-only"))
    with pytest.raises(InputError, match=rf"the outline enters the scores of some and not of {bare};"):
        seed_notes(folder)


def test_the_network_alone_of_another_run_is_refused(folder):
    """Kept again from another run without the outline, its partner would be what was there before."""
    names = ("tnet-compact-seed-1-image-only", "tnet-compact-seed-2-image-only")
    first, second = (folder.with_name(name) / "scores" / "patient-10-out-of-fold.csv" for name in names)
    shutil.copyfile(second, first)
    with pytest.raises(InputError, match="tnet-compact-seed-1-image-only holds other cases or folds"):
        seed_notes(folder)


@pytest.mark.parametrize("change", ["rate", "cases"])
def test_another_protocol_or_other_cases_are_no_seed(folder, change):
    path = folder.with_name("tnet-compact-seed-1") / "scores" / "run.json"
    record = json.loads(path.read_text())
    if change == "rate":
        record["settings"]["candidates"][0]["rate"] = 1.0
    else:
        record["cases_sha256"] = "0" * 64
    path.write_text(json.dumps(record))
    with pytest.raises(
        InputError, match=r"tnet-compact-seed-1 is no other seed of tnet-compact: its run\.json names other"
    ):
        seed_notes(folder)


def test_a_tie_is_not_called_highest(folder):
    own = read_scores(folder / "scores" / "patient-10-out-of-fold.csv")
    for name in ("tnet-compact-seed-1", "tnet-compact-seed-1-image-only"):
        write_scores(own, folder.with_name(name) / "scores" / "patient-10-out-of-fold.csv")
    assert seed_notes(folder)["patient"].startswith("not the highest")
