"""Start a staged Space as the hub would: from its own requirements, in an environment of its own; and measure it."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lesion_core.errors import PublishError
from lesion_core.model.card import CARD_FILE
from lesion_core.publish.stage import Stage, size_text

#: What a CPU Space has.
SPACE_MEMORY = 16_000_000_000
SPACE_DISK = 50_000_000_000
START_SECONDS = 300.0

#: Runs in the other environment, which has gradio's client: one lesion to each model, as a visitor's program would.
VISITOR = Path(__file__).with_name("visitor.py.txt")


@dataclass(frozen=True)
class Answer:
    """What one model answered.

    Attributes:
        model: its name.
        seconds: from the question to the answer, loading included where it was not done yet.
        sentence: the answer.
    """

    model: str
    seconds: float
    sentence: str


@dataclass(frozen=True)
class Rehearsal:
    """What was measured.

    Attributes:
        staged: bytes of the staged files.
        environment: bytes of the environment; 0 where an existing one was used.
        install_seconds: to make the environment; 0 where an existing one was used.
        start_seconds: from the start of app.py until the page answers.
        peak_memory: bytes, of the app's process after all answers.
        answers: one for each model that was asked, in that order.
    """

    staged: int
    environment: int
    install_seconds: float
    start_seconds: float
    peak_memory: int
    answers: tuple[Answer, ...]

    def lines(self) -> list[str]:
        """For the terminal."""
        made = (
            f", environment {size_text(self.environment)} in {self.install_seconds:.0f} s" if self.environment else ""
        )
        return [
            f"staged {size_text(self.staged)}{made}, of the {size_text(SPACE_DISK)} of a CPU Space",
            f"page after {self.start_seconds:.1f} s",
            *(f"{each.model} answers after {each.seconds:.1f} s: {each.sentence}" for each in self.answers),
            f"peak memory {size_text(self.peak_memory)} of the {size_text(SPACE_MEMORY)} of a CPU Space",
        ]


def rehearse(
    stage: Stage, models: Sequence[str] = (), *, python: str = "", environment: Path | None = None
) -> Rehearsal:
    """Start the staged app, ask each model once, and stop it.

    Args:
        stage: a staged Space.
        models: names of models in it; empty asks all of them.
        python: an interpreter that has the requirements; empty makes a fresh environment, which downloads them.
        environment: new folder of the fresh environment, which stays; left out, it is a temporary one.

    Raises:
        PublishError: it does not install, start or answer, or needs more than a CPU Space has.
    """
    asked = tuple(models) or staged_models(stage)
    if not asked:
        raise PublishError(f"{stage.folder} has no model that could be asked: stage a Space with checkpoints")
    if environment is not None and environment.exists():
        raise PublishError(f"{environment} is there already: name a new folder, or use its python with --python")
    with tempfile.TemporaryDirectory(prefix="lesion-rehearsal-") as temporary:
        home = Path(temporary)
        venv = environment or home / "venv"
        began = time.monotonic()
        interpreter = python or _environment(stage.folder, venv)
        installed = time.monotonic() - began if not python else 0.0
        with running(stage, interpreter) as app:
            answers = _ask(interpreter, app, asked, home)
            peak = app.peak_memory()
        size = 0 if python else _size(venv)
    found = Rehearsal(stage.size, size, installed, app.start_seconds, peak, answers)
    if peak > SPACE_MEMORY or stage.size + size > SPACE_DISK:
        raise PublishError("more than a CPU Space has: " + "; ".join(found.lines()))
    return found


def staged_models(stage: Stage) -> tuple[str, ...]:
    """Names of the models that lie in a staged Space."""
    paths = (PurePosixPath(file.name) for file in stage.files)
    return tuple(path.parent.name for path in paths if path.match(f"checkpoints/*/{CARD_FILE}"))


@dataclass(frozen=True)
class Running:
    """A staged app that serves its page.

    Attributes:
        url: of the page, on this machine.
        start_seconds: from its start until the page answers.
        pid: of its process.
        written: file with what it writes.
    """

    url: str
    start_seconds: float
    pid: int
    written: Path

    def peak_memory(self) -> int:
        """Largest resident size so far, bytes; 0 where the system does not tell."""
        status = Path(f"/proc/{self.pid}/status")
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.is_file() else None
        return int(found[1]) * 1024 if found else 0


@contextmanager
def running(stage: Stage, python: str) -> Iterator[Running]:
    """Serve a copy of a staged Space, with nothing of this machine's settings, until the block ends.

    Args:
        stage: a staged Space.
        python: an interpreter that has its requirements.

    Raises:
        PublishError: it does not start; the end of what it wrote is in the message.
    """
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="lesion-space-") as temporary:
        home = Path(temporary)
        folder = shutil.copytree(stage.folder, home / "space")  # an app that runs leaves files beside its code
        written = home / "log"
        environment = _clean(os.environ) | {"GRADIO_SERVER_PORT": str(port)}
        began = time.monotonic()
        with written.open("wb") as log:
            process = subprocess.Popen([python, "app.py"], cwd=folder, env=environment, stdout=log, stderr=log)
            try:
                while not _answers(port):
                    if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                        raise PublishError(f"the app does not start:\n{_end(written)}")
                    time.sleep(0.1)
                yield Running(f"http://127.0.0.1:{port}/", time.monotonic() - began, process.pid, written)
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _environment(folder: Path, venv: Path) -> str:
    for command in (
        [sys.executable, "-m", "venv", str(venv)],
        [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(folder / "requirements.txt")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PublishError(f"the requirements cannot be installed: {done.stderr.strip()[-500:]}")
    return str(venv / "bin" / "python")


def _ask(python: str, app: Running, models: Sequence[str], home: Path) -> tuple[Answer, ...]:
    script = VISITOR.read_text(encoding="utf-8")  # as text: run as a file, the modules beside it would hide others
    command = [python, "-c", script, app.url, str(home / "scan.png"), *models]
    done = subprocess.run(command, capture_output=True, text=True, env=_clean(os.environ), check=False)
    if done.returncode:
        raise PublishError(f"the app does not answer: {done.stderr.strip()[-1000:]}\nit wrote:\n{_end(app.written)}")
    return tuple(Answer(*json.loads(line)) for line in done.stdout.splitlines())


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what only this machine has: paths to other code, settings of this project, tokens."""
    dropped = ("PYTHON", "LESION_", "HF_", "GRADIO_", "VIRTUAL_ENV", "SPACES_")
    return {name: value for name, value in environment.items() if not name.startswith(dropped)}


def _free_port() -> int:
    """A port nobody listens on, below those that the system hands out: the app takes seconds to take it."""
    for port in random.SystemRandom().sample(range(15_000, 20_000), 500):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise PublishError("no free port from 15000 to 19999 on this machine")


def _answers(port: int) -> bool:
    """Whether a server answers there, whatever it says."""
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        page.request("GET", "/")
        page.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        page.close()
    return True


def _end(written: Path) -> str:
    return written.read_text(errors="replace")[-2000:]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
