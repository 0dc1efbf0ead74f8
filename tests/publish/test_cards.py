import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from huggingface_hub import ModelCard

from lesion_core.errors import PublishError
from lesion_core.model.card import model_folder, read_card
from lesion_core.model.compression import Compression, ScoreChange
from lesion_core.model.outline import OutlinePart
from lesion_core.model.training_data import FurtherData
from lesion_core.notice import NOTICE
from lesion_core.publish.cards import body, model_page
from lesion_core.publish.measured import check_metrics, measure, same_set
from lesion_core.publish.model import checked_model, stage_model
from lesion_core.publish.model_index import METRICS, front_matter
from lesion_core.publish.simpler_models import of_same_cases, simpler_models
from lesion_core.results.fold_models import FoldScores, write_fold_scores
from lesion_core.results.scores import ScoreTable, read_scores
from lesion_core.stats.roc import auc


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
    read = {
        (each.dataset_name, each.metric_args["label"], each.metric_name, each.metric_type): each
        for each in data.eval_results
    }
    assert len(read) == len(card.metrics)
    for metric in card.metrics:
        found = read[metric.dataset, metric.label, f"{metric.name} per {metric.unit}", METRICS[metric.name]]
        assert found.metric_value == metric.value
        assert found.metric_args["interval"] == [metric.low, metric.high]
        assert (found.metric_args["n"], found.metric_args["label"]) == (metric.n, metric.label)
        assert found.task_type == "image-classification"
        assert found.task_name.endswith(metric.label)
        assert found.dataset_config.endswith(metric.label)


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
    other = page.partition("## On the other organ")[2].partition("## ")[0]
    assert "**DDTI, external**; class 1: TI-RADS 4 or higher" in other
    assert 'LesionPredictor.load("me/bnet@REVISION")' in page
    assert "outperform" not in page


def test_data_that_were_only_learnt_from_have_their_own_row_and_citation(card, folder, measured):
    data = FurtherData(
        dataset="Elsewhere",
        organ="breast",
        labelled="malignant by one reader",
        images=30,
        patients=20,
        benign=10,
        malignant=20,
        licence="open",
        citation="Somebody 2020",
    )
    text = body(replace(card, further=(data,)), folder, measured, address="bnet")
    assert "| Elsewhere, only learnt from | breast | malignant by one reader | 30 | 20 | 10 / 20 | open |" in text
    assert "Somebody 2020" in text


def test_subgroups_are_measured(page):
    assert "| BUS-BRA | Machine: GE Logiq 7 @10-14MHz |" in page
    assert "Machine: largest difference of AUC 0." in page
    assert not re.search(r"\de[+-]\d", page.partition("\n---\n")[2])
    assert "Cochran's Q" in page
    assert "BI-RADS:" not in page


def test_the_front_matter_is_only_what_the_card_says(card):
    text = front_matter(card, ())
    assert "- breast" in text
    assert "- thyroid" not in text


def test_the_licence_is_the_cards(card):
    assert "license: apache-2.0" in front_matter(card, ())
    other = front_matter(replace(card, licence="Ask the authors; no redistribution"), ())
    assert "license: other" in other
    assert "license_name: Ask the authors; no redistribution" in other
    assert "license: cc-by-nc-4.0" in front_matter(replace(card, licence="CC-BY-NC-4.0 for all of it"), ())


def test_what_the_threshold_means_is_counted_from_the_card(card, folder, measured):
    point = replace(
        card.operating_point, threshold=0.25, sensitivity=0.9, specificity=0.5, prevalence=0.2, rule="90 % sensitivity"
    )
    text = body(replace(card, operating_point=point), folder, measured, address="bnet")
    # Of 1000: 200 of class 1, 180 above; 800 others, 400 above. 180 / 580 = 31 %, 20 / 420 = 5 %.
    assert "Threshold 0.250, chosen for 90 % sensitivity" in text
    assert "of 100 images of class 1 about 10 fall below it, and of 100 others about 50 lie above it" in text
    assert "At that share 31 of 100 images above the threshold are, and 5 of 100 below it still are" in text


def test_how_often_an_external_set_was_scored_comes_from_the_ledger(tmp_path, card, folder, measured):
    text = body(card, folder, measured, address="bnet")
    assert re.search(r"\*\*BUSI, external\*\*; class 1: labelled malignant; scored .* with these weights \(20", text)
    shutil.copytree(folder, tmp_path / "bnet")
    alone = body(card, tmp_path / "bnet", measured, address="bnet")
    assert "the ledger lists no scoring with these weights" in alone
    assert "Not measured on the same cases." in alone


REFERENCE_ORDER = ["size-only", "shape-only", "trunk-linear", "bnet-image-only", "tnet-image-only", "tbnet-image-only"]
OUT_OF_FOLD = {"size-only", "shape-only", "trunk-linear"}


@pytest.mark.parametrize(
    ("name", "scheme", "datasets"),
    [
        ("bnet", "busbra-10", ["busbra"]),
        ("tnet", "patient-10", ["ddti"]),
        ("tbnet", "busbra-10+patient-10", ["busbra, ddti", "busbra", "ddti"]),
    ],
)
def test_simpler_models_on_the_same_cases_and_folds_stand_beside_every_model(name, scheme, datasets):
    folder = model_folder(name)
    card = read_card(folder)
    text = body(card, folder, measure(card, folder), address=name)
    found = simpler_models(card, folder)
    names = OUT_OF_FOLD | {f"{name}-image-only"}
    assert [(each.dataset, each.reference) for each in found if not each.external] == [
        (dataset, reference) for dataset in datasets for reference in sorted(names, key=REFERENCE_ORDER.index)
    ]
    sets = ("busi", "busbra") if name == "tnet" else ("busi",)
    own_parts = {(dataset, f"{name}-{part}-only") for dataset in sets for part in ("image", "outline")}
    assert {(each.dataset, each.reference) for each in found if each.external} == {
        ("busi", "size-only"),
        ("busi", "shape-only"),
        *own_parts,
    }
    own = {row.case_id: row for row in read_scores(folder / "scores" / f"{scheme}-out-of-fold.csv").rows}
    for each in found:
        file = f"{each.dataset}-external.csv" if each.external else f"{scheme}-out-of-fold.csv"
        table = read_scores(folder.parent / each.reference / "scores" / file)
        rows = [row for row in table.rows if row.dataset in each.dataset.split(", ")]
        assert each.area.n == len(rows)
        assert each.area.value == pytest.approx(
            auc(np.array([r.label for r in rows]), np.array([r.score for r in rows]))
        )
        assert each.test.value == pytest.approx(each.own.value - each.area.value)
        assert f"| {each.reference} | {each.area.value:.3f} ({each.area.low:.3f}-{each.area.high:.3f})" in text
        assert f"{each.test.value:+.3f} ({each.test.low:+.3f} to {each.test.high:+.3f})" in text
        fitted = "busbra" if each.dataset == "busi" and each.reference in ("size-only", "shape-only") else ""
        assert each.fitted_on == fitted, "BUSI was scored by the fits on BUS-BRA only"
        if not each.external:
            assert all(own[row.case_id].fold == row.fold for row in rows)
    assert text.count("| BUSI, external (reference fitted on BUS-BRA), n = 243 |") == 2


def test_the_outline_alone_stands_at_the_figure_that_it_gives():
    """TNet on BUS-BRA and on BUSI: its own part of the outline."""
    folder = model_folder("tnet")
    card = read_card(folder)
    text = body(card, folder, measure(card, folder), address="tnet")
    figures = {each.partition(",")[0]: each for each in text.partition("## Beside it")[0].split("\n**")}
    whole, outline, network = (
        read_scores(folder.with_name(f"tnet{end}") / "scores" / "busbra-external.csv")
        for end in ("", "-outline-only", "-image-only")
    )
    areas = [auc(each.labels, each.scores) for each in (whole, outline, network)]
    told = figures["BUS-BRA"]
    assert re.search(rf"- (\*\*)?TNet has AUC {areas[0]:.3f} \(", told)
    assert f"the outline alone (tnet-outline-only: no pixel of the image) {areas[1]:.3f} (" in told
    assert f"its network alone {areas[2]:.3f} (" in told
    assert "the outline alone (tnet-outline-only: no pixel of the image)" in figures["BUSI"]


@pytest.mark.parametrize(("name", "sets"), [("bnet", 1), ("tbnet", 3)])
def test_other_models_figures_have_the_shape_beside_them(name, sets):
    """Out of fold (BUS-BRA; and DDTI, both); on BUSI its own part, and none was scored on DDTI beside BNet."""
    folder = model_folder(name)
    card = read_card(folder)
    text = body(card, folder, measure(card, folder), address=name).partition("## Beside it")[0]
    assert text.count("the outline alone (shape-only") == sets


def test_a_reference_in_other_folds_is_none_and_the_one_on_the_same_cases_is_taken():
    whole = read_scores(model_folder("bnet") / "scores" / "busbra-10-out-of-fold.csv")
    part = ScoreTable(whole.rows[:500])
    moved = ScoreTable((replace(whole.rows[0], fold=whole.rows[0].fold % 10 + 1), *whole.rows[1:]))
    assert of_same_cases(part, [whole, part]) is part
    assert of_same_cases(whole, [part, whole]) is whole
    assert of_same_cases(whole, [moved, part]) is part
    assert of_same_cases(whole, [moved]) is None
    assert of_same_cases(ScoreTable(whole.rows[500:]), [part]) is None


def test_what_made_it_smaller_is_told(card, folder, measured):
    change = ScoreChange("BUS-BRA", 9, 3, 0.02, 0.003, 1, None, None, None, None, None, 0.95, "", "")
    smaller = replace(card, compression=Compression("", "low-rank factors", 9, (change,)))
    head = "Made smaller: low-rank factors. Beside its parent"
    alone = ", the network alone (without the outline's part in the score)"
    assert f"{head}{alone}:\n\n- {change.sentence}" in body(smaller, folder, measured, address="bnet")
    bare = replace(smaller, outline=None)
    assert f"{head}:\n\n- {change.sentence}" in body(bare, folder, measured, address="bnet")


def test_the_outlines_part_in_the_score_is_told(card, folder, measured):
    part = OutlinePart(-0.5, 0.9, (1.25, -2.0), (0.1, 0.2), "BUS-BRA, out of fold", 1875)
    text = body(replace(card, outline=part), folder, measured, address="bnet")
    assert "-0.500 + 0.900 × those of the network's score + 1.250 × irregularity + -2.000 × parallelism" in text
    assert "learnt on BUS-BRA, out of fold (n = 1,875)" in text
    assert "the ledger lists no scoring with these weights" in text  # another score than the one that was entered


def test_where_the_code_is(card, folder, measured):
    page = model_page(card, folder, measured, repo="me/bnet", space="me/lesions")
    assert "the code of [this project](https://huggingface.co/spaces/me/lesions/tree/main) (REVISION is" in page
    here = body(card, folder, measured, address="bnet")
    assert 'LesionPredictor.load("bnet")' in here
    assert "REVISION" not in here


def test_names_of_sets():
    assert same_set("BUS-BRA", "busbra")
    assert not same_set("BUSI", "busbra")


def test_a_changed_score_is_found(tmp_path, card, folder):
    shutil.copytree(folder, tmp_path / "bnet")
    scores = tmp_path / "bnet" / "scores" / "busi-external.csv"
    lines = scores.read_text().splitlines(keepends=True)
    lines[1:12] = [line.replace(",0,labelled", ",1,labelled") for line in lines[1:12]]
    scores.write_text("".join(lines))
    with pytest.raises(PublishError, match=r"AUC of BUSI per image \(external\): the card says"):
        checked_model(tmp_path / "bnet")
    scores.write_text(lines[0] + lines[1].replace(",bnet,", ",other,"))
    with pytest.raises(PublishError, match="has scores of other"):
        checked_model(tmp_path / "bnet")
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
        "scores/busbra-10-out-of-fold.csv",
        "scores/busi-external.csv",
        "scores/ddti-reread-4-external.csv",
        *(f"scores/ddti-2015-{grade}-external.csv" for grade in ("4a", "4b", "4c", "5")),
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


def test_the_page_names_the_balanced_threshold_that_no_call_uses(page, card):
    assert card.youden is not None
    assert f"lies at {card.youden.threshold:.3f}" in page
    assert card.youden.threshold != card.operating_point.threshold


def test_the_page_says_how_the_model_differs_from_its_folds(tmp_path, folder, card, measured):
    plain = body(card, tmp_path / "bnet", measured, address="A/b@R")
    assert "fold models; this is one model" not in plain
    assert "fold models that taught this threshold was not measured" in plain
    folds = np.array([[0.05, 0.3], [0.15, 0.5]])
    found = FoldScores("bnet", "busi", ("a", "b"), ("", ""), (1, 2), folds, np.array([0.2, 0.5]), (0.0, 0.004))
    write_fold_scores(found, tmp_path / "bnet" / "shift" / "busi.csv")
    text = body(card, tmp_path / "bnet", measured, address="A/b@R")
    assert (
        "the scores of 2 fold models; this is one model trained on all of their cases. Fold models trained again"
        in text
    )
    assert "on 2 images that none of them saw (BUSI, labels unused)" in text
    assert "by +0.100" in text, text
    assert "was not measured" not in text
    assert "puts 100.0 % of them at or above the threshold, the fold models 50.0 to 100.0 %" in text
    assert "scores of their own cases that differ from those their run kept by at most 0.004000" in text
    assert "No patient ids: images count as independent, so the interval is too narrow." in text
    write_fold_scores(replace(found, folds_of_run=10), tmp_path / "bnet" / "shift" / "busi.csv")
    text = body(card, tmp_path / "bnet", measured, address="A/b@R")
    assert "the scores of 10 fold models; this is" in text
    assert "trained again in the same way, of 2 of 10 folds (1, 2), were compared with it" in text
    write_fold_scores(replace(found, patients=("p", "q")), tmp_path / "bnet" / "shift" / "busi.csv")
    assert "No patient ids: images count" not in body(card, tmp_path / "bnet", measured, address="A/b@R")
