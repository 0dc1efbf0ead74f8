"""Two events close upon each other, in a browser that reads the first one's results late."""

import threading
import time

import gradio as gr
import pytest

from dashboards import event_stream
from tests.browser.conftest import free_port

pytestmark = pytest.mark.browser

#: The end of an event stream reaches the page this much later, as in a busy browser.
LATE_MS = 2_500
LATE = """(late_ms) => {
const asked = window.fetch;
window.fetch = async (...request) => {
    const answer = await asked(...request);
    if (!answer.url.includes('/queue/data')) return answer;
    const late = new TransformStream({ async transform(chunk, controller) {
        const ends = new TextDecoder().decode(chunk).includes('close_stream');
        if (ends) await new Promise((next) => setTimeout(next, late_ms));
        controller.enqueue(chunk);
    } });
    return new Response(answer.body.pipeThrough(late), { status: answer.status, headers: answer.headers });
};
}"""


class Counting:
    """A page with two counters, its streams held or as Gradio has them; says when the server has counted."""

    def __init__(self, *, held=True):
        self.counted = threading.Event()
        with gr.Blocks(analytics_enabled=False) as self.blocks:
            for name in ("first", "second"):
                number = gr.Number(0, elem_id=f"{name}-number")
                gr.Button(name, elem_id=name).click(self.count, number, number)
        self.middleware = [event_stream.hold_streams(self.blocks)] if held else []
        self.port = free_port()
        self.pages = []

    def count(self, number):
        self.counted.set()
        return number + 1

    def __enter__(self):
        self.blocks.launch(
            prevent_thread_lock=True,
            server_name="127.0.0.1",
            server_port=self.port,
            quiet=True,
            app_kwargs={"middleware": self.middleware},
        )
        return self

    def __exit__(self, *raised):
        for page in self.pages:
            page.close()
        self.blocks.close(verbose=False)

    def open(self, visit):
        page = visit(f"http://127.0.0.1:{self.port}/").page
        self.pages.append(page)
        page.wait_for_selector("#second")
        page.evaluate(LATE, LATE_MS)
        return page

    def press(self, page, name):
        self.counted.clear()
        page.click(f"#{name}")
        assert self.counted.wait(20)


def shows(page, name, number, timeout=60_000):
    page.wait_for_function(
        "([name, number]) => +document.querySelector(`#${name}-number input`).value === number",
        arg=[name, number],
        timeout=timeout,
    )


@pytest.fixture
def quick_rest(monkeypatch):
    monkeypatch.setattr(event_stream, "REST_S", 2.0)
    monkeypatch.setattr(event_stream, "CLOSING_S", 4.0)
    monkeypatch.setattr(event_stream, "GONE_S", 2.0)


def test_an_event_close_upon_another_is_answered(visit):
    with Counting() as counting:
        page = counting.open(visit)
        for times in (1, 2, 3):
            counting.press(page, "first")
            page.wait_for_timeout(250)  # done on the server, not yet seen by the page
            counting.press(page, "second")
            shows(page, "first", times)
            shows(page, "second", times)


def test_an_event_at_the_end_of_the_rest_is_answered(visit, quick_rest):
    with Counting() as counting:
        page = counting.open(visit)
        for times, pause in enumerate((1_700, 2_000, 2_500), start=1):
            counting.press(page, "first")
            page.wait_for_timeout(pause)  # the stream is about to be closed, or was closed unseen by the page
            counting.press(page, "second")
            shows(page, "second", times)
            page.wait_for_timeout(2_000 + LATE_MS + 500)


def test_gradio_alone_loses_it(visit):
    """When this fails Gradio has mended it, and dashboards/event_stream.py can go."""
    with Counting(held=False) as counting:
        page = counting.open(visit)
        counting.press(page, "first")
        page.wait_for_timeout(250)
        counting.press(page, "second")
        shows(page, "first", 1)
        page.wait_for_timeout(LATE_MS + 500)
        assert page.input_value("#second-number input") == "0"


def test_a_stream_ends_after_its_rest_and_nothing_is_kept(visit, quick_rest):
    with Counting() as counting:
        queue = counting.blocks._queue
        page = counting.open(visit)
        ended = []
        page.on("requestfinished", lambda request: ended.append(request.url) if "/queue/data" in request.url else None)
        counting.press(page, "first")
        shows(page, "first", 1)
        assert not ended
        page.wait_for_timeout(2_000 + 4_000 + 500)
        assert len(ended) == 1
        assert not queue.pending_event_ids_session
        counting.press(page, "first")
        page.close()
        until = time.monotonic() + 30
        while queue.pending_event_ids_session and time.monotonic() < until:
            threading.Event().wait(0.2)
        assert not queue.pending_event_ids_session
