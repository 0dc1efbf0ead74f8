import shutil
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import read_cases
from lesion_core.errors import CheckpointError, InputError
from lesion_core.model.card import read_card, write_card
from lesion_core.model.checkpoint import save_checkpoint
from lesion_core.model.outline import OutlinePart
from lesion_core.model.predictor import LesionPredictor
from lesion_core.training.rois import load_rois
from tests.commands.conftest import command
from tests.model.stand_in import card, cheap_vgg19, opinionated, use_cheap_trunk
from tests.training.phantom_set import make_set

#: What a cross validation leaves with a model.
BEHIND = ["history-cv.csv", "run.json", "thirds-3-out-of-fold.csv"]


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "phantoms"
    make_set(folder, patients=10)
    return folder / "cases.csv"


@pytest.fixture
def run(cases, tmp_path, monkeypatch):
    """A trained model of ranks (6, 5) in single precision."""
    use_cheap_trunk(monkeypatch)
    made = card()
    made = replace(
        made,
        architecture=replace(made.architecture, ranks=(6, 5)),
        training=(replace(made.training[0], images=20, benign=10, malignant=10),),
        commands=("python -m lesion_core import x y", f"python -m lesion_core train '{cases}' --out runs/bnet"),
    )
    save_checkpoint(opinionated(cheap_vgg19((6, 5), "power")), made, tmp_path / "run", storage="float32")
    (tmp_path / "run" / "scores").mkdir()
    for name in BEHIND:
        (tmp_path / "run" / "scores" / name).write_text("behind the figures\n")
    return tmp_path / "run"


def scores(folder, cases):
    return LesionPredictor.load(folder, device="cpu").scores(load_rois(read_cases(cases), card().input))


def test_the_small_model_serves_and_its_card_says_what_changed(run, cases, tmp_path):
    done = command("export", run, "--to", tmp_path / "small", "--ranks", 3, 2)
    assert done.exit_code == 0
    parent, small = read_card(run), read_card(tmp_path / "small")
    assert small.architecture.ranks == (3, 2)
    assert "replaced by low-rank factors" in small.architecture.trained
    assert small.compression.parent_sha256 == parent.weights_sha256
    assert small.commands[-1].startswith("python -m lesion_core export")
    assert (small.metrics, small.operating_point) == (parent.metrics, parent.operating_point)
    kept = {path.name: path.read_text() for path in (tmp_path / "small" / "scores").iterdir()}
    assert kept == dict.fromkeys(BEHIND, "behind the figures\n")
    difference = np.abs(scores(tmp_path / "small", cases) - scores(run, cases))
    held, everything = small.compression.changes
    assert everything.n == 20
    assert everything.largest == pytest.approx(difference.max(), abs=1e-6)
    for change in (held, everything):
        assert change.sentence in done.output
    assert "only their difference counts" in done.output


def put(folder, name):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("of other weights\n")


def test_figures_of_other_weights_do_not_come_along(run, tmp_path):
    made = read_card(run)
    external = replace(made.metrics[0], dataset="BUSI", protocol="external")
    write_card(replace(made, metrics=(*made.metrics, external)), run)
    for name in ("scores/busi-external.csv", "shift/busi.csv", "stability/busi.csv"):
        put(run, name)
    put(tmp_path, "run-image-only/scores/thirds-3-out-of-fold.csv")
    small = tmp_path / "small"
    for name in ("scores/busi-external.csv", "scores/ten-out-of-fold.csv", "shift/busi.csv", "stability/busi.csv"):
        put(small, name)
    for part in ("image-only", "outline-only"):
        put(tmp_path, f"small-{part}/scores/busi-external.csv")
    put(tmp_path, "small-image-only/scores/thirds-3-out-of-fold.csv")
    assert command("export", run, "--to", small, "--ranks", 3, 2).exit_code == 0
    assert read_card(small).metrics == made.metrics
    assert sorted(path.name for path in small.rglob("*.csv")) == ["history-cv.csv", "thirds-3-out-of-fold.csv"]
    assert not list(tmp_path.glob("small-*/scores/*"))
    assert (run / "scores" / "busi-external.csv").is_file()


def test_cut_off_before_its_card_is_written_no_figure_of_other_weights_is_left(run, tmp_path, monkeypatch):
    small = tmp_path / "small"
    assert command("export", run, "--to", small, "--ranks", 3, 2).exit_code == 0
    for name in ("scores/busi-external.csv", "shift/busi.csv"):
        put(small, name)
    before = (small / "weights.safetensors").read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("lesion_core.model.checkpoint.write_card", full)
        with pytest.raises(OSError, match="No space left"):
            command("export", run, "--to", small, "--ranks", 2, 2)
    assert (small / "weights.safetensors").read_bytes() != before
    assert not list(small.rglob("*.csv"))
    assert "busi" not in command("export", run, "--to", small, "--ranks", 2, 2).output
    assert sorted(path.name for path in (small / "scores").iterdir()) == BEHIND


def test_an_export_that_is_refused_removes_nothing(run, tmp_path, monkeypatch):
    for name in ("scores/busi-external.csv", "shift/busi.csv"):
        put(tmp_path / "small", name)

    def full(*arguments, **options):
        raise CheckpointError("weights that are no numbers")

    monkeypatch.setattr("lesion_core.model.checkpoint.save_weights", full)
    with pytest.raises(CheckpointError):
        command("export", run, "--to", tmp_path / "small")
    assert len(list((tmp_path / "small").rglob("*.csv"))) == 2


def test_only_what_was_not_written_anew_is_called_gone(run, tmp_path):
    small = tmp_path / "small"
    assert "is gone" not in command("export", run, "--to", small, "--ranks", 3, 2).output
    put(small, "scores/busi-external.csv")
    said = [
        line for line in command("export", run, "--to", small, "--ranks", 3, 2).output.splitlines() if "gone" in line
    ]
    assert said == [
        "small/scores/busi-external.csv was of the release before and is gone: make it again with `evaluate --record`"
    ]


def test_with_the_outline_the_networks_own_scores_come_along(run, tmp_path):
    write_card(replace(read_card(run), outline=OutlinePart(0.3, 0.7, (12.0, -1.5), (0.03, 0.3), "here", 20)), run)
    put(tmp_path, "run-image-only/scores/thirds-3-out-of-fold.csv")
    assert command("export", run, "--to", tmp_path / "small", "--ranks", 3, 2).exit_code == 0
    kept = [path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("small-*/scores/*")]
    assert kept == ["small-image-only/scores/thirds-3-out-of-fold.csv"]


def test_cases_can_be_named_where_the_card_does_not_know_them(run, cases, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(cases.parent, moved)
    done = command("export", run, "--to", tmp_path / "small", "--cases", moved / "cases.csv", "--storage", "half")
    assert done.exit_code == 0
    assert read_card(tmp_path / "small").architecture.ranks == (6, 5)
    assert read_card(tmp_path / "small").compression.fitted_on == 0


def test_other_cases_than_it_was_trained_on_are_refused(run, tmp_path):
    make_set(tmp_path / "others", patients=4, first_seed=70)
    with pytest.raises(InputError, match=r"8 cases, 4 of label 1; the model was trained on 20 and 10"):
        command("export", run, "--to", tmp_path / "small", "--cases", tmp_path / "others" / "cases.csv")
    assert not (tmp_path / "small").exists()


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(CheckpointError, match=r"no card\.json in .*: a model is a folder with card\.json"):
        command("export", tmp_path / "run", "--to", tmp_path / "small")


def test_neither_onto_itself_nor_twice(run, tmp_path):
    with pytest.raises(InputError, match="another folder"):
        command("export", run, "--to", run)
    assert command("export", run, "--to", tmp_path / "small", "--ranks", 2, 2).exit_code == 0
    with pytest.raises(InputError, match="small model already"):
        command("export", tmp_path / "small", "--to", tmp_path / "smaller")
