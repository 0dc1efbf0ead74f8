"""A small data set of phantoms taken the whole way once: crossval, then train; only the trunk is a cheap one."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from lesion_core.cli import app
from lesion_core.model.card import FOLDER_VARIABLE
from lesion_core.training import config, terms
from lesion_core.training.config import Preset, TrainConfig
from tests.training.blocks import WEIGHTS, block_vgg19, use_blocks
from tests.training.phantom_set import by_patient, make_set, write_scheme

LEARNS = TrainConfig(
    ranks=(2, 2), augmentation="none", epochs=12, batch=8, rate=2e-3, dropout=(0.0, 0.0), smoothing=0.2
)
#: Two candidates, of which the first learns nothing.
TINY = Preset(
    "tiny", candidates=(TrainConfig(ranks=(2, 2), augmentation="none", epochs=1, rate=0.0), LEARNS), inner_folds=2
)


@dataclass(frozen=True)
class Workshop:
    """Where the whole way left its files, and what its commands printed."""

    cases: Path
    external: Path
    cache: Path
    run: Path
    models: Path
    crossval_output: str = ""
    train_output: str = ""


def command(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)


def set_up(patched, models):
    """The cheap trunk, the quick preset, terms for the phantoms and a models folder of its own."""
    use_blocks(patched)
    patched.setattr("lesion_core.training.planning.imagenet_weights", lambda source: WEIGHTS)
    patched.setattr("lesion_core.model.checkpoint.build_vgg19", block_vgg19)
    patched.setitem(config.PRESETS, "tiny", TINY)
    patched.setitem(terms.SOURCES, "phantoms", ("Phantoms", "public domain", "nobody"))
    patched.setenv(FOLDER_VARIABLE, str(models))


@pytest.fixture(scope="package")
def one_thread():
    """Steps of a tiny classifier cost less than waking a second thread, far less on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def whole_way(tmp_path_factory, one_thread):
    """The files as the two commands left them; tests must not change them."""
    root = tmp_path_factory.mktemp("workshop")
    table = make_set(root / "phantoms", patients=12, views=2)
    write_scheme(table, by_patient(table))
    make_set(root / "others", patients=6, views=1, first_seed=500, prefix="q", dataset="others", split="external")
    made = Workshop(
        root / "phantoms" / "cases.csv", root / "others" / "cases.csv", root / "cache", root / "cv", root / "models"
    )
    with pytest.MonkeyPatch.context() as patched:
        set_up(patched, made.models)
        options = ["--scheme", "thirds-3", "--preset", "tiny", "--cache", made.cache]
        crossval = command("crossval", made.cases, "--out", made.run, *options)
        train = command("train", made.cases, "--crossval", made.run, "--out", made.models / "bnet", *options)
    assert (crossval.exit_code, train.exit_code) == (0, 0)
    return Workshop(made.cases, made.external, made.cache, made.run, made.models, crossval.output, train.output)


@pytest.fixture
def workshop(whole_way, tmp_path, monkeypatch):
    """The same files to play with: runs and models are copies."""
    copy = Workshop(
        whole_way.cases,
        whole_way.external,
        whole_way.cache,
        tmp_path / "cv",
        tmp_path / "models",
        whole_way.crossval_output,
        whole_way.train_output,
    )
    shutil.copytree(whole_way.run, copy.run)
    shutil.copytree(whole_way.models, copy.models)
    set_up(monkeypatch, copy.models)
    return copy
