"""``bench reading``: fifty readers at once over HTTP against the running app, on SQLite and on PostgreSQL.

The app runs as its own process; fifty threads read, each through the page's own endpoints: fetch the image, look at it,
answer, take the next case from the reply. Looking takes about a second, a quick reader's time; and once more no time at
all, which keeps fifty answers in flight without end and shows how many the server can take. Afterwards the store must
hold every answer exactly once.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lesion_core.bench.postgres import binaries, temporary_cluster
from lesion_core.reading.bundle import Bundle
from lesion_core.reading.database import URL_VARIABLE, Database
from lesion_core.reading.make import from_phantoms
from lesion_core.reading.store import Store
from lesion_core.reading.study import Question, Study

READERS, CASES = 50, 200
ROOT = Path(__file__).resolve().parents[2]
#: The goal, milliseconds.
GOAL_MS = 300
#: How long a reader looks at a case, seconds on average; half to one and a half of it, evenly spread.
LOOK_S = 1.0
#: The app loads its models in the background when it starts; that is not what is measured.
SETTLE_S = 20.0
START_S = 90


@dataclass(frozen=True)
class Load:
    """What fifty readers met.

    Attributes:
        answers: sent.
        stored: in the store afterwards.
        doubled: places with more than one answer.
        seconds: from the first answer to the last.
        answer_ms: each answer's time, sorted.
        image_ms: each image's time, sorted.
    """

    answers: int
    stored: int
    doubled: int
    seconds: float
    answer_ms: tuple[float, ...]
    image_ms: tuple[float, ...]

    @property
    def p95_ms(self) -> float:
        """95 % of the answers were as quick."""
        return _share(self.answer_ms, 95)

    def sentence(self) -> str:
        """All of it in one line."""
        a, i = self.answer_ms, self.image_ms
        return (
            f"{self.answers:,} answers, {self.stored:,} stored, {self.answers - self.stored} lost,"
            f" {self.doubled} doubled; {self.answers / self.seconds:.0f} a second; answer p50 {_share(a, 50):.0f} ms,"
            f" p95 {_share(a, 95):.0f} ms, p99 {_share(a, 99):.0f} ms, longest {a[-1]:.0f} ms;"
            f" image p50 {_share(i, 50):.0f} ms, p95 {_share(i, 95):.0f} ms"
        )


def run() -> None:
    """Measure and print."""
    app = [sys.executable, str(ROOT / "app.py")]
    for look_s, words in ((LOOK_S, f"{LOOK_S:g} s a case"), (0.0, "without a pause")):
        print(f"{READERS} readers, {words}, {READERS * CASES:,} answers (goal: none lost, p95 under {GOAL_MS} ms)")
        with tempfile.TemporaryDirectory() as folder:
            found = measure(f"sqlite:///{folder}/readings.db", app, look_s=look_s, settle_s=SETTLE_S)
            print(f"  SQLite      {found.sentence()}", flush=True)
        if binaries() is None:
            print("  PostgreSQL  not installed: apt-get install postgresql")
            continue
        with temporary_cluster() as url:
            found = measure(url, app, look_s=look_s, settle_s=SETTLE_S)
            print(f"  PostgreSQL  {found.sentence()}", flush=True)


def measure(
    url: str,
    server: Sequence[str],
    *,
    readers: int = READERS,
    cases: int = CASES,
    look_s: float = 0.0,
    settle_s: float = 0.0,
) -> Load:
    """Let readers answer all at once.

    Args:
        url: of an empty database.
        server: command that serves the reading desk on the port in GRADIO_SERVER_PORT.
        readers: how many.
        cases: that each of them reads.
        look_s: how long a reader looks at a case on average.
        settle_s: how long the server is left alone after its start.
    """
    store = Store(Database(url))
    study_id, codes = _open(store, readers, cases)
    answer_ms: list[float] = []
    image_ms: list[float] = []
    faults: list[str] = []
    with serving(server, url) as port:
        time.sleep(settle_s)
        ready = threading.Barrier(readers + 1)
        threads = [
            threading.Thread(
                target=_read, args=(port, study_id, name, code, ready, look_s, answer_ms, image_ms, faults)
            )
            for name, code in codes
        ]
        for thread in threads:
            thread.start()
        ready.wait()
        begun = time.perf_counter()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
    if faults:
        raise RuntimeError(f"{len(faults)} readers failed, the first: {faults[0]}")
    rows = store.answers(study_id, all_revisions=True)
    places = {(row.reader, row.answer.position) for row in rows}
    store.database.close()
    return Load(
        answers=readers * cases,
        stored=len(places),
        doubled=len(rows) - len(places),
        seconds=seconds,
        answer_ms=tuple(sorted(answer_ms)),
        image_ms=tuple(sorted(image_ms)),
    )


@contextmanager
def serving(server: Sequence[str], url: str) -> Iterator[int]:
    """Run a server of the reading desk as a process of its own; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        URL_VARIABLE: url,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen(server, env={**os.environ, **settings}, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_S
        while not answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{' '.join(server)} does not serve the reading desk")
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    """Whether the reading desk answers on a port of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/reading/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _open(store: Store, readers: int, cases: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A study of that size; its cases share the images of a few phantoms."""
    drawn = from_phantoms(4)
    items = tuple(replace(drawn.items[at % 4], item_id=f"case-{at}") for at in range(cases))
    study = Study(
        title="Load",
        items=items,
        readers=tuple(f"reader {number}" for number in range(readers)),
        question=Question(call=True, system="five-point"),
        ethics="simulated readers",
    )
    opened = store.open_study(Bundle(study, {(at, 0): drawn.images[at % 4, 0] for at in range(cases)}))
    return opened.study_id, opened.codes


def _read(
    port: int,
    study_id: str,
    name: str,
    code: str,
    ready: threading.Barrier,
    look_s: float,
    answer_ms: list[float],
    image_ms: list[float],
    faults: list[str],
) -> None:
    """One reader from signing in to the last case."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    chance, token = random.Random(name), ""
    try:
        entry = _call(connection, "enter", {"study": study_id, "name": name, "code": code}, token)
        token = entry["token"]
        place = _call(connection, "agree", {"experience": "", "display": ""}, token)
    except (OSError, RuntimeError, http.client.HTTPException) as error:
        faults.append(f"{name}: {error!r}")
        place = {"state": "done"}
    ready.wait()
    try:
        while place["state"] == "read":
            position = place["step"]["position"]
            begun = time.perf_counter()
            _call(connection, f"image/{position}/0", None, token)
            image_ms.append(1000 * (time.perf_counter() - begun))
            time.sleep(look_s * chance.uniform(0.5, 1.5))
            seen = time.perf_counter()
            key = f"{name.replace(' ', '-')}-{position:06d}"
            answer = {"position": position, "answer_key": key, "call": position % 2, "rating": "3", "seconds": 1.5}
            place = _call(connection, "answer", answer, token)["place"]
            answer_ms.append(1000 * (time.perf_counter() - seen))
    except (OSError, RuntimeError, KeyError, http.client.HTTPException) as error:
        faults.append(f"{name}: {error!r}")
    finally:
        connection.close()


def _call(connection: http.client.HTTPConnection, path: str, payload: object, token: str) -> dict[str, Any]:
    headers = {"X-Reading-Token": token, "Content-Type": "application/json"}
    body = None if payload is None else json.dumps(payload)
    connection.request("GET" if payload is None else "POST", f"/reading/api/{path}", body=body, headers=headers)
    reply = connection.getresponse()
    content = reply.read()
    if reply.status != 200:
        raise RuntimeError(f"{path}: {reply.status} {content[:200]!r}")
    return {} if reply.getheader("Content-Type") == "image/png" else dict(json.loads(content))


def _share(sorted_ms: tuple[float, ...], percent: int) -> float:
    return statistics.quantiles(sorted_ms, n=100)[percent - 1]
