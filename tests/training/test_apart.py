import shutil
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.model.card import FOLDER_VARIABLE, model_folder, read_card, write_card
from lesion_core.model.outline import OutlinePart
from lesion_core.model.predictor import LesionPredictor
from lesion_core.results.performance import performance
from lesion_core.results.scores import ScoreTable, read_scores, write_scores
from lesion_core.stats.logistic import expit
from lesion_core.training.apart import forget_parts, keep_parts, take_apart
from lesion_core.training.external import keep_with_model, score_cases
from lesion_core.training.outline import measure
from tests.model.stand_in import card, cheap_vgg19, opinionated
from tests.training.phantom_set import make_set

PART = OutlinePart(0.3, 0.7, (12.0, -1.5), (0.03, 0.3), "here", 10)
CARD = card(outline=PART)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apart")
    return make_set(folder, patients=4, views=1, first_seed=100, dataset="others", split="external")


@pytest.fixture(scope="module")
def scored(table):
    """The same cases by the model and by its network alone."""
    network = opinionated(cheap_vgg19(normalisation="power"))
    return tuple(score_cases(LesionPredictor(network, made), table, run="r") for made in (CARD, card()))


@pytest.fixture
def folder(tmp_path, monkeypatch, scored):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "bnet" / "scores").mkdir(parents=True)
    write_card(CARD, tmp_path / "bnet")
    write_scores(scored[0], tmp_path / "bnet" / "scores" / "others-external.csv")
    return tmp_path / "bnet"


def test_the_networks_part_is_what_the_network_says_alone(table, scored):
    whole, alone = scored
    parts = take_apart(CARD, whole, measure(table))
    assert parts.network.scores == pytest.approx(alone.scores, abs=2e-5)
    assert np.ptp(alone.scores) > 0.01
    odds = PART.intercept + measure(table) @ np.array(PART.coefficients)
    assert parts.outline.scores == pytest.approx(expit(odds), abs=1e-6)
    assert {(row.run, row.model, row.fold) for row in parts.outline.rows} == {
        ("r-outline-only", "bnet-outline-only", None)
    }
    assert [row.case_id for row in parts.network.rows] == [row.case_id for row in whole.rows]


def test_what_cannot_be_taken_apart(table, scored):
    whole, measured = scored[0], measure(table)
    with pytest.raises(InputError, match="BNet is its network alone"):
        take_apart(card(), whole, measured)
    with pytest.raises(InputError, match="each fold has its own coefficients"):
        take_apart(CARD, ScoreTable(tuple(replace(row, fold=1) for row in whole.rows)), measured)
    with pytest.raises(InputError, match="exactly 0 or 1"):
        take_apart(CARD, ScoreTable((replace(whole.rows[0], score=1.0), *whole.rows[1:])), measured)


def test_parts_lie_beside_the_model_until_the_set_is_scored_anew(folder, table, scored):
    parts = keep_parts(folder, table)
    for suffix, part in (("image-only", parts.network), ("outline-only", parts.outline)):
        assert read_scores(folder.with_name(f"bnet-{suffix}") / "scores" / "others-external.csv") == part
    assert keep_with_model(folder, table, scored[1], [performance(scored[1], 0.5, unit="image")])
    assert not list(folder.parent.glob("bnet-*/scores/*.csv"))
    assert not forget_parts(folder, "others-external.csv")


def test_parts_stay_where_the_same_scores_are_kept_again(folder, table, scored):
    keep_parts(folder, table)
    there = {path: path.read_bytes() for path in folder.parent.glob("bnet-*/scores/*.csv")}
    again = ScoreTable(tuple(replace(row, run="another") for row in scored[0].rows))
    assert not keep_with_model(folder, table, again, [performance(again, 0.5, unit="image")])
    assert len(there) == 2
    assert {path: path.read_bytes() for path in folder.parent.glob("bnet-*/scores/*.csv")} == there


def test_cut_off_before_other_scores_are_written_no_part_is_of_others(folder, table, scored, monkeypatch):
    keep_parts(folder, table)

    def full(*arguments):
        raise InputError("the disk is full")

    monkeypatch.setattr("lesion_core.training.external.write_scores", full)
    with pytest.raises(InputError, match="the disk is full"):
        keep_with_model(folder, table, scored[1], [performance(scored[1], 0.5, unit="image")])
    assert not list(folder.parent.glob("bnet-*/scores/*.csv"))
    assert read_scores(folder / "scores" / "others-external.csv") == scored[0]


def test_other_cases_or_labels_are_not_taken_apart(folder, table):
    case = table.cases[0]
    for other in (replace(table, cases=table.cases[1:]), replace(table, cases=(replace(case, label=1 - case.label),))):
        with pytest.raises(InputError, match=r"none of the external scores in .*bnet \(others-external.csv\)"):
            keep_parts(folder, other)
    shutil.rmtree(folder / "scores")
    with pytest.raises(InputError, match=r"\(none\) is of exactly"):
        keep_parts(folder, table)


def test_the_bundled_parts_give_the_score_back():
    models = model_folder("tnet").parent
    there = sorted(models.glob("*-outline-only/scores/*.csv"))
    assert there
    for path in there:
        name = path.parents[1].name.removesuffix("-outline-only")
        whole, network, outline = (
            read_scores(models / each / "scores" / path.name)
            for each in (name, f"{name}-image-only", path.parents[1].name)
        )
        part = read_card(models / name).outline
        odds = part.network * np.log(network.scores / (1 - network.scores))
        odds += np.log(outline.scores / (1 - outline.scores))
        assert expit(odds) == pytest.approx(whole.scores, abs=1e-5)
        keys = [[(row.case_id, row.label, row.patient_id) for row in each.rows] for each in (whole, network, outline)]
        assert keys[0] == keys[1] == keys[2]
