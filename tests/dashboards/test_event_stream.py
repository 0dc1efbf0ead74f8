"""What is left of a page that went away: asked of a served app as a page asks it, without a browser."""

import json
import logging
import threading
import time

import gradio as gr
import httpx
import pytest

from dashboards import event_stream
from tests.browser.conftest import free_port

SESSION = "apage"


class Served:
    """An app with one event, which waits until it may answer."""

    def __init__(self):
        self.may_answer, self.called = threading.Event(), threading.Event()
        with gr.Blocks(analytics_enabled=False) as self.blocks:
            number = gr.Number(0)
            gr.Button("count").click(self.count, number, number)
        self.streams = event_stream.hold_streams(self.blocks)
        self.queue = self.blocks._queue
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/gradio_api/queue/"

    def count(self, number):
        self.called.set()
        assert self.may_answer.wait(20)
        return number + 1

    def __enter__(self):
        self.blocks.launch(
            prevent_thread_lock=True,
            server_name="127.0.0.1",
            server_port=int(self.url.split(":")[2].split("/")[0]),
            quiet=True,
            app_kwargs={"middleware": [self.streams]},
        )
        self.page = httpx.Client(timeout=20)
        return self

    def __exit__(self, *raised):
        self.may_answer.set()
        self.page.close()
        self.blocks.close(verbose=False)

    def join(self):
        body = {"fn_index": 0, "data": [1], "session_hash": SESSION}
        assert self.page.post(f"{self.url}join", json=body).status_code == 200

    def stream(self):
        return self.page.stream("GET", f"{self.url}data", params={"session_hash": SESSION})

    @property
    def kept(self):
        queue, streams = self.queue, self.streams.args[0]
        return [*queue.pending_event_ids_session, *queue.pending_messages_per_session, *streams.known]

    def wait(self, wanted, seconds=20):
        until = time.monotonic() + seconds
        while not wanted() and time.monotonic() < until:
            time.sleep(0.05)
        return wanted()


def told(lines):
    """What a stream says, one after the other."""
    for line in lines:
        if line.startswith("data:"):
            yield json.loads(line.removeprefix("data:"))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(event_stream, "REST_S", 0.4)
    monkeypatch.setattr(event_stream, "CLOSING_S", 0.1)
    monkeypatch.setattr(event_stream, "GONE_S", 0.8)


@pytest.fixture
def served():
    with Served() as served:
        yield served


def test_a_page_that_stays_is_answered_and_its_stream_ends(served):
    served.may_answer.set()
    served.join()
    with served.stream() as stream:
        says = list(told(stream.iter_lines()))
    assert [each["output"]["data"] for each in says if each["msg"] == "process_completed" and each["output"]] == [[2]]
    assert says[-1]["msg"] == "close_stream"
    assert served.wait(lambda: not served.kept)


def test_nothing_is_kept_of_a_page_left_while_its_event_runs(served):
    served.join()
    with served.stream() as stream:
        says = told(stream.iter_lines())
        assert next(says)["msg"] == "estimation"
        assert served.called.wait(20)
    assert served.queue.pending_event_ids_session[SESSION] > {event_stream.HELD}
    served.may_answer.set()
    assert served.wait(lambda: not served.kept), served.kept


def test_nothing_is_kept_of_a_page_left_before_it_opened_a_stream(served):
    served.may_answer.set()
    served.join()
    assert served.wait(lambda: not served.kept), served.kept


def test_what_still_runs_is_waited_for(served):
    served.join()
    time.sleep(2.5)  # longer than a rest and than it takes to be gone
    assert served.queue.pending_event_ids_session[SESSION] > {event_stream.HELD}
    with served.stream() as stream:
        says = told(stream.iter_lines())
        served.may_answer.set()
        assert next(each for each in says if each["msg"] == "process_completed")["output"]["data"] == [2]


def test_a_page_that_opens_its_stream_late_is_answered(served, monkeypatch):
    monkeypatch.setattr(event_stream, "GONE_S", 20.0)
    served.may_answer.set()
    served.join()
    time.sleep(1.5)  # some rests
    with served.stream() as stream:
        found = next(each for each in told(stream.iter_lines()) if each["msg"] == "process_completed")
    assert found["output"]["data"] == [2]


def test_a_page_that_is_gone_is_told_so_without_an_error_in_the_log(served, caplog):
    with caplog.at_level(logging.INFO):
        with served.stream() as stream:
            (says,) = told(stream.iter_lines())
        assert says["msg"] == "unexpected_error"
        assert says["session_not_found"]
        assert served.wait(lambda: any(event_stream.NOTHING in each.getMessage() for each in caplog.records))
    assert all(each.levelno < logging.WARNING for each in caplog.records)
    assert not served.kept


def test_a_second_stream_of_a_page_that_is_being_left_is_told_so_too(served, caplog, monkeypatch):
    monkeypatch.setattr(event_stream, "REST_S", 20.0)
    served.join()
    answers = []
    with served.stream() as stream:
        says = told(stream.iter_lines())
        next(says)

        def ask_again():
            answers.append(httpx.get(f"{served.url}data", params={"session_hash": SESSION}, timeout=20).text)

        late = threading.Thread(target=ask_again)
        late.start()
        time.sleep(0.3)
        assert not answers
    late.join(20)
    assert [json.loads(each.removeprefix("data:"))["session_not_found"] for each in answers] == [True]
    assert all(each.levelno < logging.ERROR for each in caplog.records)
