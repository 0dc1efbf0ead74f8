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
import importlib.abc, importlib.util, pkgutil, sys

present = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name.partition(".")[0] in {ABSENT!r} else present(name, *rest)

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
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


def test_one_fold_runs_from_a_pack(pack, tmp_path):
    script = """
from pathlib import Path
import pytest, torch
from lesion_core.training import config, planning
from lesion_core.training.crossval import ExampleStore, run_fold
from tests.training.blocks import WEIGHTS, use_blocks
torch.set_num_threads(1)
patched = pytest.MonkeyPatch()
use_blocks(patched)
patched.setattr(planning, "imagenet_weights", lambda source: WEIGHTS)
quick = config.TrainConfig(ranks=(2, 2), augmentation="eight", drawing="all", epochs=1, batch=8)
patched.setitem(config.PRESETS, "quick", config.Preset("quick", candidates=(quick,)))
out = Path(sys.argv[2])
wanted = planning.Wanted((Path(sys.argv[1]) / "cases.csv",), "bnet", "quick", folds=3, cache=out / "cache", cpu=True)
plan = planning.complete(planning.draft(wanted, out / "run"), print)
print(run_fold(plan, 2, ExampleStore(plan, lambda *told: None), tell=print))
"""
    assert run_bare(script, pack, tmp_path).splitlines()[-1] == "True"
    assert sorted(file.name for file in (tmp_path / "run" / "fold-02").iterdir()) == [
        "history.csv",
        "run.json",
        "scores.csv",
    ]
