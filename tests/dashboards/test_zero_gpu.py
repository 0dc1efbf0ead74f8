"""ZeroGPU, with a stand-in for the package `spaces`; each case in a process of its own, as on a Space."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboards.zero_gpu import is_zero_gpu, on_gpu
from lesion_core.model.card import bundled_names

ROOT = Path(__file__).resolve().parents[2]
#: As the package does it (spaces 0.51, zero/wrappers.py): pickles travel, of an exception only the name of its class.
SPACES = """
import pickle
import gradio as gr
calls = []
def GPU(duration):
    def decorate(function):
        def run(*args):
            calls.append((function.__name__, duration))
            try:
                answer = function(*pickle.loads(pickle.dumps(args)))
            except gr.Error:
                raise
            except Exception as error:
                raise gr.Error(type(error).__name__) from None
            return pickle.loads(pickle.dumps(answer))
        return run
    return decorate
"""
#: There is no GPU here: "cuda" is taken for the CPU, which is what ZeroGPU's own emulation does at the start.
SCRIPT = """
import sys
import torch
asked = []
import lesion_core.model.predictor as predictor
real = predictor.load_checkpoint
def load(folder, device):
    asked.append(str(device))
    return real(folder, "cpu")
predictor.load_checkpoint = load
import app
from dashboards import serving
print("at the start", asked)
import numpy as np, spaces
page = app.build()
serving.warm_up().join()
print("before a call", spaces.calls)
model = serving.predictor("bnet")
model.scores(np.zeros((1, 224, 224, 3), dtype=np.uint8))
model.predict(np.zeros((90, 90, 3), dtype=np.uint8), [(10, 10), (60, 10), (60, 60), (10, 60)])
print("calls", spaces.calls, asked)
try:
    model.predict(np.zeros((90, 90, 3), dtype=np.uint8), [(10, 10), (60, 10)])
except Exception as error:
    print("a mistake", type(error).__name__, error)
del spaces.calls[:]
square, small = [(10, 10), (60, 10), (60, 60), (10, 60)], np.zeros((90, 90, 3), dtype=np.uint8)
class Quick:  # the calls are what is looked at
    def predict(self, image, border):
        from types import SimpleNamespace
        return SimpleNamespace(score=float(image.mean()))
serving._load = lambda name: Quick()
many = list(serving.scores_of("bnet", [(small + number, square) for number in range(40)]))
print("many", spaces.calls, len(many), many == [float(number) for number in range(40)])
del spaces.calls[:]
from dashboards import about
about.show_network("bnet")
print("drawn", asked[-1], spaces.calls)
"""


def test_on_zero_gpu_models_are_on_cuda_at_the_start_and_the_network_runs_decorated(tmp_path):
    (tmp_path / "spaces.py").write_text(SPACES)
    environment = {**os.environ, "SPACES_ZERO_GPU": "true", "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert f"at the start {['cuda'] * len(bundled_names())}" in lines
    assert "before a call []" in lines
    loaded = ["cuda"] * len(bundled_names())
    assert f"calls [('_scores', 10), ('_predict', 10)] {loaded}" in lines
    assert "many [('_predict_all', 10), ('_predict_all', 10)] 40 True" in lines
    assert any(line.startswith("a mistake BorderError border needs at least 3 points, got 2") for line in lines), lines
    assert "drawn cpu []" in lines


@pytest.mark.parametrize("value", ["", "0", "false", None])
def test_elsewhere_nothing_changes(monkeypatch, value):
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    if value is not None:
        monkeypatch.setenv("SPACES_ZERO_GPU", value)
    assert not is_zero_gpu()
    assert on_gpu(len) is len


def test_without_the_package_the_variable_alone_does_nothing(monkeypatch):
    monkeypatch.setenv("SPACES_ZERO_GPU", "1")
    monkeypatch.setattr("dashboards.zero_gpu.find_spec", lambda name: None)
    assert not is_zero_gpu()
