"""The released cards against the scores beside them, and what a card says of figures that also served to choose."""

import csv
import json
import re
import shutil
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.model.card import model_folder, read_card
from lesion_core.training.figures import with_figures

RELEASED = ("bnet", "tnet", "tbnet")


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_card_is_what_its_scores_give(name):
    folder = model_folder(name)
    card = read_card(folder)
    assert with_figures(card, folder) == card


def counted(rows, organ):
    """Sensitivity and specificity per image of one organ, thresholds of 95 % from the other folds of both organs."""
    hits = defaultdict(list)
    for fold in {row["fold"] for row in rows}:
        taught = sorted(float(row["score"]) for row in rows if row["fold"] != fold and row["label"] == "1")
        limit = max(each for each in taught if sum(score >= each for score in taught) >= 0.95 * len(taught))
        for row in rows:
            if row["fold"] == fold and row["organ"] == organ:
                hits[row["label"]].append(float(row["score"]) >= limit)
    return np.mean(hits["1"]), 1 - np.mean(hits["0"])


def test_the_model_of_both_organs_has_rates_and_figures_of_each():
    folder = model_folder("tbnet")
    card = read_card(folder)
    (path,) = folder.glob("scores/*-out-of-fold.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [each.organ for each in card.operating_point.organs] == ["breast", "thyroid"]
    for rates in card.operating_point.organs:
        sensitivity, specificity = counted(rows, rates.organ)
        assert rates.sensitivity == pytest.approx(sensitivity, abs=5e-5)
        assert rates.specificity == pytest.approx(specificity, abs=5e-5)
    assert sum(each.n for each in card.operating_point.organs) == len(rows)
    areas = {m.dataset: m.value for m in card.metrics if (m.name, m.unit) == ("AUC", "patient")}
    assert list(areas) == ["BUS-BRA, DDTI", "BUS-BRA", "DDTI"]
    assert areas["DDTI"] < 0.8 < 0.9 < areas["BUS-BRA"]


@pytest.mark.parametrize("name", RELEASED)
def test_figures_that_also_served_to_choose_say_so(name):
    for metric in read_card(model_folder(name)).metrics:
        if metric.protocol.startswith("out of fold"):
            assert "optimistic: compared on out-of-fold scores were" in metric.note
            outlines = "26 settings and 25 sets of outline measurements on those of BUS-BRA"
            assert (outlines in metric.note) == ("BUS-BRA" in metric.dataset), metric
            assert ("6 protocols on those of DDTI" in metric.note) == ("DDTI" in metric.dataset), metric
        elif metric.dataset == "BUSI":
            assert "external to the training, not to that choice" in metric.note
        else:
            assert "optimistic" not in metric.note


def test_figures_made_anew_say_where_n_counts_outlines():
    folder = model_folder("bnet")
    for metric in with_figures(read_card(folder), folder).metrics:
        by_outline = metric.dataset == "DDTI" and metric.label != "TI-RADS 4 or higher"
        counted = "n counts outlines: 449 of 348 images, all of one patient with one label" in metric.note
        assert counted == (by_outline and metric.unit == "image"), metric
        assert ("mean over all outlines" in metric.note) == (by_outline and metric.unit == "patient"), metric


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_card_says_what_its_folds_were_trained_on(name):
    folder = model_folder(name)
    folds = json.loads((folder / "scores" / "run.json").read_text())["folds"].values()
    (device,) = {fold["device"] for fold in folds}
    assert read_card(folder).architecture.trained.endswith(f"folds on {device})")


def test_scores_that_do_not_fit_the_card_are_refused(tmp_path):
    folder = tmp_path / "tnet"
    shutil.copytree(model_folder("tnet"), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    card = read_card(folder)
    taught, point = card.operating_point.threshold, replace(card.operating_point, threshold=0.5)
    with pytest.raises(InputError, match=rf"teach the threshold {re.escape(str(taught))}, its card has 0\.5"):
        with_figures(replace(card, operating_point=point), folder)
    with pytest.raises(InputError, match="names no sensitivity"):
        with_figures(replace(card, operating_point=replace(point, rule="by eye")), folder)
    next(folder.glob("scores/*-out-of-fold.csv")).unlink()
    with pytest.raises(InputError, match="0 files of out-of-fold scores"):
        with_figures(card, folder)
