"""What waits until nobody does."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboards import quiet, serving
from dashboards.quiet import Quiet


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(quiet, "QUIET_S", 0.5)
    monkeypatch.setattr(quiet, "LONGEST_S", 60.0)


def served(hears, path, parts=1, kind="http"):
    """Serve a request whose answer has some parts, one each 0.3 s."""

    async def app(scope, receive, send):
        for _ in range(parts):
            await asyncio.sleep(0.3)
            await send({"type": "http.response.body"})

    async def send(message):
        return None

    made = hears.middleware()
    asked = made.cls(app, *made.args)({"type": kind, "path": path}, None, send)
    with ThreadPoolExecutor(1) as other:  # a browser's test before this one may have left a loop in this thread
        other.submit(asyncio.run, asked).result()


def waited(hears):
    """Seconds that a wait takes from now."""
    since = time.monotonic()
    hears.wait()
    return time.monotonic() - since


def test_it_is_quiet_after_a_while_without_a_request():
    hears = Quiet()
    assert waited(hears) >= 0.4
    assert waited(hears) < 0.1


def test_a_request_and_every_part_of_its_answer_is_waited_for():
    hears = Quiet()
    visitor = threading.Thread(target=served, args=(hears, "/config", 4))
    visitor.start()
    assert waited(hears) >= 1.2 + 0.4  # four parts, then quiet; no gap between them is long enough
    visitor.join()


@pytest.mark.parametrize(("path", "kind"), [("/gradio_api/heartbeat/abc", "http"), ("/", "lifespan")])
def test_a_sign_of_life_is_no_request(path, kind):
    hears = Quiet()
    time.sleep(0.6)
    served(hears, path, kind=kind)
    assert waited(hears) < 0.1


def test_a_busy_server_is_not_waited_for_for_good(monkeypatch):
    monkeypatch.setattr(quiet, "LONGEST_S", 0.8)
    hears = Quiet()
    stop = threading.Event()

    def busy():
        while not stop.wait(0.1):
            hears.heard()

    visitors = threading.Thread(target=busy)
    visitors.start()
    taken = waited(hears)
    stop.set()
    visitors.join()
    assert 0.7 <= taken < 5


def test_models_are_loaded_only_then(monkeypatch):
    asked = []
    monkeypatch.setattr(serving, "bundled_names", lambda: ("one", "two"))
    monkeypatch.setattr(serving, "predictor", lambda name: asked.append(name) or Deaf())
    may = threading.Semaphore(0)
    thread = serving.warm_up(may.acquire)
    time.sleep(0.3)
    assert asked == []
    may.release(2)
    until = time.monotonic() + 60
    while asked != ["one"] and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)
    assert asked == ["one"]
    may.release()
    thread.join(60)
    assert asked == ["one", "two"]


class Deaf:
    """A model that scores nothing."""

    def scores(self, rois):
        return rois
