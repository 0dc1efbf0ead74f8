"""The About tab on a real page: the network, the card, light, dark and narrow."""

import gradio as gr
import pytest

from dashboards import about, serving
from dashboards.style import CSS, THEME
from lesion_core.model.card import read_card
from lesion_core.notice import NOTICE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(serve):
    with gr.Blocks(title="About", analytics_enabled=False) as demo:
        with gr.Tab("Other"):
            gr.Markdown("Another tab")
        with gr.Tab("About"):
            about.build()
    return serve(demo, theme=THEME, css=CSS)


@pytest.mark.parametrize(
    ("name", "options", "query"),
    [
        ("wide", {"viewport": {"width": 1400, "height": 1000}}, ""),
        ("narrow", {"viewport": {"width": 375, "height": 800}}, ""),
        ("dark", {"color_scheme": "dark"}, "?__theme=dark"),
    ],
)
def test_the_network_and_the_card(visit, url, name, options, query):
    made = visit(url + query, **options)
    page = made.page
    page.get_by_role("tab", name="About").click()
    page.locator("#about-network .main-svg").first.wait_for()
    card = read_card(serving.model_folder(serving.choices()[0][1]))
    page.locator("#about-card h3", has_text=card.title).first.wait_for()
    text = page.locator("#about-card").inner_text()
    assert all(limit in text for limit in card.limits)
    assert f"{card.metrics[0].value:.3f} ({card.metrics[0].low:.3f}-{card.metrics[0].high:.3f})" in text
    assert "conv4 28×28×512" in page.locator("#about-network").inner_text()
    assert NOTICE in page.inner_text("body")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    # No word is broken and the labels have room: what is too wide scrolls.
    cut = page.eval_on_selector_all(
        "#about-card :is(th, td)", "cells => cells.filter(c => c.scrollWidth > c.clientWidth + 1).map(c => c.innerText)"
    )
    assert cut == []
    lines = "cells => Math.max(...cells.map(c => c.clientHeight / parseFloat(getComputedStyle(c).lineHeight)))"
    assert page.eval_on_selector_all("#about-card th", lines) < 4
    assert page.locator("#about-network .main-svg").first.bounding_box()["width"] >= 800
    reached = page.eval_on_selector(
        "#about-network", "e => { e.scrollLeft = 9999; return e.scrollLeft + e.clientWidth; }"
    )
    right = page.eval_on_selector("#about-network .main-svg", "e => e.clientWidth || e.getBoundingClientRect().width")
    assert reached >= right - 1
    made.screenshot(f"about-end-{name}")
    page.get_by_role("button", name="All layers").click()
    page.locator("#about-layers tbody tr").first.wait_for()
    assert page.locator("#about-layers tbody tr").count() == len(about.show_network(card.name)[1]["rows"]) - 1
    made.screenshot(f"about-{name}", full_page=True)
