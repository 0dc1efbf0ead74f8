"""Pages of models that are not bundled yet, made from BNet's scores: of both organs, measured on the other organ."""

import dataclasses
import shutil

import numpy as np
import pytest
from huggingface_hub import ModelCard

from lesion_core.model.card import model_folder, read_card, write_card
from lesion_core.publish.model import stage_model
from lesion_core.results.performance import cross_fitted_performance, performance, units_known
from lesion_core.results.scores import ScoreTable, read_scores, write_scores
from lesion_core.training.card_figures import metrics_of

TIRADS = "TI-RADS 4 or higher"


@pytest.fixture
def folder(tmp_path):
    """The bundled BNet as it was before it met the other organ."""
    copied = tmp_path / "checkpoints" / "bnet"
    shutil.copytree(model_folder("bnet"), copied)
    for path in (copied / "scores").glob("ddti*"):
        path.unlink()
    card = read_card(copied)
    write_card(dataclasses.replace(card, metrics=tuple(m for m in card.metrics if m.dataset != "DDTI")), copied)
    return copied


def thyroid(table, *, n, shift=0.0):
    """Every second case of a table, n of them, as if they were nodules."""
    return [
        dataclasses.replace(
            row,
            case_id=f"t{at}",
            lesion_id=f"t{at}",
            patient_id=f"t{at}",
            dataset="ddti",
            organ="thyroid",
            target=TIRADS,
            score=float(np.clip(row.score + shift, 0, 1)),
        )
        for at, row in enumerate(table.rows[::2][:n])
    ]


def test_figures_on_the_other_organ_stand_apart_on_the_page_and_in_the_index(folder, tmp_path):
    card = read_card(folder)
    table = read_scores(next((folder / "scores").glob("*external.csv")))
    other = ScoreTable(tuple(thyroid(table, n=120)))
    write_scores(other, folder / "scores" / "ddti-external.csv")
    found = performance(other, card.operating_point.threshold, unit="image")
    added = metrics_of(found, dataset="DDTI", protocol="external", label=TIRADS)
    write_card(dataclasses.replace(card, metrics=(*card.metrics, *added)), folder)
    staged = stage_model(str(folder), tmp_path / "out")
    page = ModelCard.load(staged.folder / "README.md")
    figures, _, rest = page.content.partition("## On the other organ")
    cross = rest.partition("## ")[0]
    auc = f"{added[0].value:.3f} ({added[0].low:.3f}-{added[0].high:.3f})"
    assert auc in cross
    assert f"**DDTI, external**; class 1: {TIRADS}; the ledger lists no scoring" in cross
    assert "No image of this organ (thyroid) was in its training" in cross
    assert "DDTI" not in figures.partition("## Figures")[2]
    read = [each for each in page.data.eval_results if each.dataset_name == "DDTI"]
    assert [each.metric_type for each in read] == ["roc_auc", "recall", "specificity"]
    assert {each.dataset_split for each in read} == {"external, other organ"}
    assert {each.task_name for each in read} == {f"nodule in ultrasound: {TIRADS}"}
    assert [each.metric_value for each in read] == [metric.value for metric in added]
    assert {each.dataset_split for each in page.data.eval_results} == {
        "out of fold",
        "external",
        "external, other organ",
    }


def test_a_model_of_both_organs_is_staged_with_each_organ_shown(folder, tmp_path):
    card = read_card(folder)
    for path in (folder / "scores").glob("*external.csv"):
        path.unlink()
    (path,) = (folder / "scores").glob("*out-of-fold.csv")
    first = read_scores(path)
    both = ScoreTable(
        tuple(dataclasses.replace(row, model="tbnet") for row in (*first.rows, *thyroid(first, n=300, shift=0.05)))
    )
    write_scores(both, path)
    metrics = [
        metric
        for unit in units_known(both)
        for metric in metrics_of(
            cross_fitted_performance(both, wanted_sensitivity=0.95, unit=unit),
            dataset="BUS-BRA, DDTI",
            protocol="out of fold (5 folds by patient, both-5)",
            label="mixed",
        )
    ]
    data = dataclasses.replace(card.training[0], dataset="DDTI", organ="thyroid", label_source="tirads")
    write_card(
        dataclasses.replace(
            card,
            name="tbnet",
            title="TBNet",
            organs=("breast", "thyroid"),
            target="mixed",
            training=(*card.training, data),
            metrics=tuple(metrics),
        ),
        folder,
    )
    page = ModelCard.load(stage_model(str(folder), tmp_path / "out").folder / "README.md")
    assert "Scores a lesion that a person has outlined in an ultrasound image (breast and thyroid)" in page.content
    assert "| BUS-BRA, DDTI | Organ: breast |" in page.content
    assert "| BUS-BRA, DDTI | Organ: thyroid |" in page.content
    assert "It was trained on both organs; figures and subgroups show each of them." in page.content
    assert {"breast", "thyroid"} <= set(page.data.tags)
    assert page.data.model_name == "TBNet"
    assert {each.task_name for each in page.data.eval_results} == {"lesion in ultrasound: mixed"}
    assert [each.metric_value for each in page.data.eval_results] == [metric.value for metric in metrics]
