"""What travels to a blinded reader's browser: every byte of it."""

import re

import pytest

from lesion_core.reading.bundle import Bundle
from lesion_core.reading.make import from_phantoms
from lesion_core.reading.study import Order, Question
from tests.browser.reading.readers import at_case, sign_in
from tests.reading.studies import MODEL, study

pytestmark = pytest.mark.browser


def test_nothing_that_a_blinded_browser_gets_tells_anything(tab, server, store):
    """Every byte of the network and the page's source in the end, on phantoms with all questions."""
    drawn = from_phantoms(4)
    asked = Question(call=True, suspicion=True, action=True)
    made = study(items=drawn.items, readers=("Ann",), question=asked, model=MODEL, order=Order(block_size=2))
    opened = store.open_study(Bundle(made, drawn.images))
    page = tab("about:blank", routed=False)
    traffic = []
    page.on("response", lambda reply: traffic.append((reply.url, reply.headers, reply.body())))
    page.on("request", lambda request: traffic.append((request.url, request.headers, b"")))
    page.goto(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    for at in range(4):
        if at == 2:
            page.get_by_text("2 of 4 are done.").wait_for()
            page.keyboard.press("Enter")
        at_case(page, at)
        page.wait_for_load_state("networkidle")
        for key in ("b", "7", "r", "Enter"):
            page.keyboard.press(key)
    page.get_by_text("All answers are stored.").wait_for()
    texts = [f"{url} {headers} {body.decode('latin-1')}" for url, headers, body in traffic] + [page.content()]
    assert any(body.startswith(b"\x89PNG") for _, _, body in traffic)
    assert sum("/image/" in url for url, _, _ in traffic) >= 8
    whole = "\n".join(texts)
    names = [item.item_id for item in drawn.items] + ["phantom", "labelled malignant", "bnet", "histology"]
    assert [name for name in names if name in whole] == []
    assert not re.search(r'"(label|score|target|case_id|item_id|threshold)":', whole)
    hosts = {url.split("/")[2] for url, _, _ in traffic if url.startswith("http")}
    assert hosts == {f"127.0.0.1:{server.port}"}
