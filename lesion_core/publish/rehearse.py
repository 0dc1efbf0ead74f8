"""Start a staged Space as the hub would: from its own requirements, in an environment of its own; and measure it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lesion_core.errors import PublishError
from lesion_core.publish.stage import Stage, size_text

#: What a CPU Space has.
SPACE_MEMORY = 16_000_000_000
SPACE_DISK = 50_000_000_000
START_SECONDS = 300.0

#: Runs in the other environment: one lesion through the endpoint, as a visitor's program would.
_CLASSIFY = """
import sys
import numpy as np
from PIL import Image
from gradio_client import Client, handle_file
picture = np.random.default_rng(0).integers(0, 255, (300, 400), dtype=np.uint8)
Image.fromarray(picture).save(sys.argv[2])
border = [[100, 80], [300, 80], [300, 220], [100, 220]]
client = Client(sys.argv[1], verbose=False)
answer = client.predict(handle_file(sys.argv[2]), border, sys.argv[3], None, api_name="/classify")
assert 0 <= answer["score"] <= 1
print(answer["sentence"])
"""


@dataclass(frozen=True)
class Rehearsal:
    """What was measured.

    Attributes:
        staged: bytes of the staged files.
        environment: bytes of the environment; 0 where an existing one was used.
        install_seconds: to make the environment; 0 where an existing one was used.
        start_seconds: from the start of app.py until the page answers.
        answer_seconds: of the first lesion, model loading included where it was not done yet.
        peak_memory: bytes, of the app's process.
        sentence: what the app answered.
    """

    staged: int
    environment: int
    install_seconds: float
    start_seconds: float
    answer_seconds: float
    peak_memory: int
    sentence: str

    def lines(self) -> list[str]:
        """For the terminal."""
        made = (
            f", environment {size_text(self.environment)} in {self.install_seconds:.0f} s" if self.environment else ""
        )
        return [
            f"staged {size_text(self.staged)}{made}",
            f"page after {self.start_seconds:.1f} s, first answer {self.answer_seconds:.1f} s later",
            f"peak memory {size_text(self.peak_memory)} of the {size_text(SPACE_MEMORY)} of a CPU Space",
            f"answer: {self.sentence}",
        ]


def rehearse(stage: Stage, model: str, *, python: str = "") -> Rehearsal:
    """Start the staged app, ask it once, and stop it.

    Args:
        stage: a staged Space.
        model: name of a model in it.
        python: an interpreter that has the requirements; empty makes a fresh environment, which downloads them.

    Raises:
        PublishError: it does not install, start or answer, or needs more than a CPU Space has.
    """
    with tempfile.TemporaryDirectory(prefix="lesion-rehearsal-") as temporary:
        home = Path(temporary)
        folder = Path(shutil.copytree(stage.folder, home / "space"))  # an app that runs leaves files beside its code
        began = time.monotonic()
        interpreter = python or _environment(folder, home / "venv")
        installed = time.monotonic() - began if not python else 0.0
        with _app(folder, interpreter, home) as (process, url, start_seconds):
            began = time.monotonic()
            sentence = _ask(interpreter, url, model, home)
            answer_seconds = time.monotonic() - began
            peak = _peak_memory(process.pid)
        environment = 0 if python else _size(home / "venv")
    found = Rehearsal(stage.size, environment, installed, start_seconds, answer_seconds, peak, sentence)
    if peak > SPACE_MEMORY or stage.size + environment > SPACE_DISK:
        raise PublishError("more than a CPU Space has: " + "; ".join(found.lines()))
    return found


def _environment(folder: Path, venv: Path) -> str:
    for command in (
        [sys.executable, "-m", "venv", str(venv)],
        [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(folder / "requirements.txt")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PublishError(f"the requirements cannot be installed: {done.stderr.strip()[-500:]}")
    return str(venv / "bin" / "python")


@contextmanager
def _app(folder: Path, python: str, home: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    with (home / "log").open("wb") as log:
        environment = _clean(os.environ) | {"GRADIO_SERVER_PORT": str(port), "LESION_STATE": str(home / "state")}
        process = subprocess.Popen([python, "app.py"], cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            while not _listens(port):
                if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                    raise PublishError(f"the app does not start:\n{(home / 'log').read_text(errors='replace')[-2000:]}")
                time.sleep(0.1)
            yield process, f"http://127.0.0.1:{port}/", time.monotonic() - began
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ask(python: str, url: str, model: str, home: Path) -> str:
    command = [python, "-c", _CLASSIFY, url, str(home / "scan.png"), model]
    done = subprocess.run(command, capture_output=True, text=True, env=_clean(os.environ), check=False)
    if done.returncode:
        raise PublishError(f"the app does not answer: {done.stderr.strip()[-1000:]}")
    return done.stdout.strip()


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what only this machine has: paths to other code, settings of this project, tokens."""
    dropped = ("PYTHON", "LESION_", "HF_", "GRADIO_", "VIRTUAL_ENV", "SPACES_")
    return {name: value for name, value in environment.items() if not name.startswith(dropped)}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _peak_memory(pid: int) -> int:
    """Largest resident size so far; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.is_file() else None
    return int(found[1]) * 1024 if found else 0


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
