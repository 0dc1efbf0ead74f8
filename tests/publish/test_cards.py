import json
import shutil
from dataclasses import replace

import pytest
from huggingface_hub import ModelCard

from lesion_core.errors import PublishError
from lesion_core.model.card import model_folder, read_card
from lesion_core.notice import NOTICE
from lesion_core.publish.cards import METRICS, front_matter, model_page
from lesion_core.publish.measured import Measured, check_metrics, measure, same_set
from lesion_core.publish.model import stage_model


@pytest.fixture(scope="module")
def folder():
    return model_folder("bnet")


@pytest.fixture(scope="module")
def card(folder):
    return read_card(folder)


@pytest.fixture(scope="module")
def measured(card, folder):
    return measure(card, folder)


@pytest.fixture(scope="module")
def page(model):
    return (model.folder / "README.md").read_text(encoding="utf-8")


def test_the_hubs_own_loader_reads_every_figure_back(model, card):
    data = ModelCard.load(model.folder / "README.md").data
    assert data.model_name == card.title
    assert data.license == "apache-2.0"
    read = {(each.dataset_name, each.metric_name, each.metric_type): each for each in data.eval_results}
    assert len(read) == len(card.metrics)
    for metric in card.metrics:
        found = read[metric.dataset, f"{metric.name} per {metric.unit}", METRICS[metric.name]]
        assert found.metric_value == metric.value
        assert found.metric_args["interval"] == [metric.low, metric.high]
        assert (found.metric_args["n"], found.metric_args["label"]) == (metric.n, metric.label)
        assert found.task_type == "image-classification"


def test_every_figure_is_what_the_scores_give(card, measured):
    check_metrics(card, measured)
    first, *others = card.metrics
    for wrong in (
        replace(first, value=first.value + 0.002),
        replace(first, low=first.low - 0.002),
        replace(first, n=first.n + 1),
        replace(first, dataset="Another set"),
    ):
        with pytest.raises(PublishError, match=f"{wrong.name} of {wrong.dataset} per patient"):
            check_metrics(replace(card, metrics=(wrong, *others)), measured)
    with pytest.raises(PublishError, match="the card has no figures"):
        check_metrics(replace(card, metrics=()), measured)


def test_what_a_reader_needs_stands_on_the_page(page, card):
    for words in (NOTICE, card.target, *card.limits, *card.citations, *card.commands, card.version):
        assert words in page
    for data in card.training:
        assert data.citation in page
        assert f"{data.images:,} | {data.patients:,} | {data.benign:,} / {data.malignant:,}" in page
    for metric in card.metrics:
        assert f"{metric.value:.3f} ({metric.low:.3f}-{metric.high:.3f})" in page
    assert "Not measured: nothing is known of how it does there." in page
    assert 'LesionPredictor.load("me/bnet@REVISION")' in page
    assert "outperform" not in page


def test_subgroups_are_measured(page):
    assert "| BUS-BRA | Machine: GE Logiq 7 @10-14MHz |" in page or "machine: GE Logiq 7 @10-14MHz |" in page.lower()
    assert "Cochran's Q" in page
    assert "BI-RADS:" not in page


def test_scores_on_the_other_organ_are_shown(card, folder, measured):
    from lesion_core.publish.cards import body

    other = [*measured, Measured("x.csv", "ddti", "thyroid", True, measured[-1].figures)]
    assert f"- ddti (thyroid), per image: {measured[-1].figures[0].auc.sentence()}" in body(card, folder, other)


def test_the_front_matter_is_only_what_the_card_says(card):
    text = front_matter(card)
    assert "- breast" in text
    assert "- thyroid" not in text


def test_names_of_sets():
    assert same_set("BUS-BRA", "busbra")
    assert not same_set("BUSI", "busbra")


def test_a_changed_score_is_found(tmp_path, card, folder):
    shutil.copytree(folder, tmp_path / "bnet")
    scores = tmp_path / "bnet" / "scores" / "busi-external.csv"
    lines = scores.read_text().splitlines(keepends=True)
    lines[1:12] = [line.replace(",0,labelled", ",1,labelled") for line in lines[1:12]]
    scores.write_text("".join(lines))
    with pytest.raises(PublishError, match=r"AUC of BUSI per image \(external\): the card says 0\.8990"):
        model_page(card, tmp_path / "bnet")
    scores.write_text(lines[0] + lines[1].replace(",bnet,", ",other,"))
    with pytest.raises(PublishError, match="has scores of other"):
        model_page(card, tmp_path / "bnet")
    shutil.rmtree(tmp_path / "bnet" / "scores")
    with pytest.raises(PublishError, match="has no scores"):
        stage_model(str(tmp_path / "bnet"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_model_is_staged_whole(model, folder):
    assert {file.name for file in model.files} == {
        "README.md",
        "LICENSE",
        "card.json",
        "weights.safetensors",
        "scores/busbra-5-out-of-fold.csv",
        "scores/busi-external.csv",
        "scores/run.json",
    }
    assert json.loads((model.folder / "card.json").read_text()) == json.loads((folder / "card.json").read_text())


def test_weights_that_are_not_the_cards_are_not_staged(tmp_path, folder):
    shutil.copytree(folder, tmp_path / "bnet")
    (tmp_path / "bnet" / "weights.safetensors").write_bytes(b"other")
    with pytest.raises(PublishError, match="is not the file its card describes"):
        stage_model(str(tmp_path / "bnet"), tmp_path / "out")
    (tmp_path / "bnet" / "weights.safetensors").unlink()
    with pytest.raises(PublishError, match=r"no weights\.safetensors"):
        stage_model(str(tmp_path / "bnet"), tmp_path / "out")
