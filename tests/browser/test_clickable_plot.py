"""The clickable plot on a real page: it draws, reports clicks, follows the theme, leaves gr.Plot's library alone."""

import itertools
import json
import time

import gradio as gr
import numpy as np
import plotly.graph_objects as go
import pytest

from dashboards.widgets.clickable_plot import ClickablePlot, fetch_early

pytestmark = pytest.mark.browser


def line(count=10, scale=1.0):
    steps = range(count)
    points = go.Scatter(
        x=[*steps], y=[scale * each for each in steps], customdata=[[f"p{each}", each] for each in steps]
    )
    figure = go.Figure(points)
    figure.update_layout(
        template="none",
        height=300,
        hovermode="x",
        dragmode=False,
    )
    return figure


def heatmap():
    figure = go.Figure(go.Heatmap(z=[[1, 2], [3, 4]], x=["benign", "malignant"], y=["below", "above"]))
    return figure.update_layout(template="none", height=300, dragmode=False)


@pytest.fixture(scope="module")
def clicks():
    return []


@pytest.fixture(scope="module")
def url(serve, clicks):
    def note(name):
        def handle(event: gr.EventData):
            clicks.append((name, ClickablePlot.read_click(event)))

        return handle

    with gr.Blocks(analytics_enabled=False) as demo:
        with gr.Tab("First"):
            move, change = gr.Button("move", elem_id="move"), gr.Button("change", elem_id="change")
            plot = ClickablePlot(line(), description="A rising line", height_px=300, elem_id="line")
            plain = gr.Plot(go.Figure(go.Bar(y=[1, 2])), elem_id="plain")
        with gr.Tab("Second"):
            cells = ClickablePlot(heatmap(), height_px=300, elem_id="cells")
        quiet = {"show_progress": "hidden"}
        plot.point_click(note("line"), None, None, trigger_mode="multiple", **quiet)
        cells.point_click(note("cells"), None, None, **quiet)
        move.click(lambda: ClickablePlot.mark(2, 7), None, plot, **quiet)
        change.click(lambda: ClickablePlot.show(line(5, 100.0), description="Another"), None, plot, **quiet)
        demo.load(lambda: go.Figure(go.Bar(y=[3, 2])), None, plain)
    return serve(demo)


@pytest.fixture(scope="module")
def shared(url, module_visit):
    visited = module_visit(url)
    visited.page.wait_for_selector("#line .cp-plot[data-drawn]")
    return visited.page


@pytest.fixture
def page(shared, clicks):
    """One page for the tests that leave it as it was."""
    clicks.clear()
    return shared


@pytest.fixture
def own_page(url, visit, clicks):
    clicks.clear()
    visited = visit(url)
    visited.page.wait_for_selector("#line .cp-plot[data-drawn]")
    return visited.page


def point_at(page, elem_id, x, y):
    """Where a data point lies on the page."""
    return page.evaluate(
        """([id, x, y]) => {
            const plot = document.querySelector(`#${id} .cp-plot`), box = plot.getBoundingClientRect();
            const { xaxis, yaxis } = plot._fullLayout;
            return [box.x + xaxis._offset + xaxis.d2p(x), box.y + yaxis._offset + yaxis.d2p(y)];
        }""",
        [elem_id, x, y],
    )


def wait_for(clicks, count, page):
    for _ in range(500):
        if len(clicks) >= count:
            break
        page.wait_for_timeout(20)
    assert len(clicks) == count, clicks
    return clicks[-1]


def test_a_click_on_a_point_reaches_python(page, clicks):
    page.mouse.move(*point_at(page, "line", 4, 4))
    page.mouse.click(*point_at(page, "line", 4, 4))
    name, click = wait_for(clicks, 1, page)
    assert (name, click.curve, click.index, click.x, click.y, click.custom) == ("line", 0, 4, 4, 4, ("p4", 4))


def test_with_hovermode_x_the_whole_column_can_be_clicked(page, clicks):
    x, y = point_at(page, "line", 6, 1)  # far below the line
    page.mouse.move(x + 40, y)
    page.mouse.move(x + 3, y)
    # Plotly looks for what is below the pointer now and then, later on a busy machine.
    page.wait_for_function("() => document.querySelector('#line .cp-plot')._hoverdata?.[0]?.x === 6")
    page.mouse.click(x + 3, y)
    assert wait_for(clicks, 1, page)[1].x == 6


def test_a_cell_of_a_heatmap_in_a_tab_that_was_hidden(page, clicks):
    assert page.locator("#cells .main-svg").count() == 0  # nothing is drawn while nobody can see it
    page.get_by_role("tab", name="Second").click()
    page.wait_for_selector("#cells .cp-plot[data-drawn] .main-svg")
    page.mouse.move(*point_at(page, "cells", "malignant", "below"))
    page.mouse.click(*point_at(page, "cells", "malignant", "below"))
    _, click = wait_for(clicks, 1, page)
    assert (click.index, click.x, click.y, click.z) == ((0, 1), "malignant", "below", 2)
    page.get_by_role("tab", name="First").click()
    page.locator("#line .main-svg").first.wait_for(state="visible")


def test_a_band_moves_without_a_redraw_and_another_figure_has_none(own_page):
    page = own_page
    band = page.locator("#line .cp-mark")
    assert not band.is_visible()
    drawn = page.get_attribute("#line .cp-plot", "data-drawn")
    page.click("#move")
    band.wait_for(state="visible")
    assert page.get_attribute("#line .cp-plot", "data-drawn") == drawn

    def ends():
        box = band.bounding_box()
        return box["x"], box["x"] + box["width"]

    expected = point_at(page, "line", 2, 0)[0], point_at(page, "line", 7, 0)[0]
    assert ends() == pytest.approx(expected, abs=1.5)
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function(
        """() => { const { xaxis } = document.querySelector('#line .cp-plot')._fullLayout;
            const wide = document.querySelector('#line .cp-mark').getBoundingClientRect().width;
            return xaxis._length < 650 && Math.abs(wide - xaxis.d2p(7) + xaxis.d2p(2)) < 1.5; }"""
    )
    assert ends() == pytest.approx((point_at(page, "line", 2, 0)[0], point_at(page, "line", 7, 0)[0]), abs=1.5)
    page.click("#change")
    page.wait_for_function("() => document.querySelector('#line .cp-plot').data[0].y.length === 5")
    band.wait_for(state="hidden")
    assert page.get_attribute("#line .cp-stage", "aria-label") == "Another"


def test_the_band_lets_clicks_through(page, clicks):
    page.click("#move")
    page.locator("#line .cp-mark").wait_for(state="visible")
    page.mouse.move(*point_at(page, "line", 4, 4))
    page.mouse.click(*point_at(page, "line", 4, 4))
    assert wait_for(clicks, 1, page)[1].x == 4


def test_the_plot_is_as_wide_as_its_place(page):
    def width(selector):
        return page.locator(selector).first.bounding_box()["width"]

    assert width("#line .cp") > 600
    assert abs(width("#line .cp") - width("#line .main-svg")) <= 1
    page.set_viewport_size({"width": 420, "height": 800})
    page.wait_for_function("() => document.querySelector('#line .main-svg').getBoundingClientRect().width < 420")
    assert abs(width("#line .cp") - width("#line .main-svg")) <= 1
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_function("() => document.querySelector('#line .main-svg').getBoundingClientRect().width > 600")


@pytest.mark.parametrize(("theme", "bright"), [("light", False), ("dark", True)])
def test_text_takes_the_themes_colour(url, visit, page, theme, bright):
    if theme == "dark":
        page = visit(f"{url}?__theme=dark").page
        page.wait_for_selector("#line .cp-plot[data-drawn]")
    fill = page.evaluate("() => getComputedStyle(document.querySelector('#line .xtick text')).fill")
    level = np.mean([int(part) for part in fill.removeprefix("rgb(").removesuffix(")").split(",")[:3]])
    assert (level > 128) == bright, fill


def test_gradios_own_plots_live_beside_it(page):
    page.wait_for_selector("#plain .main-svg")
    versions = page.evaluate(
        "async () => [(await window.clickablePlotLibrary).version, window.Plotly ? window.Plotly.version : null]"
    )
    assert versions[0] is not None
    assert versions[0] != versions[1]


def test_a_click_takes_little_time(page, clicks):
    taken = []
    for index in (1, 3, 5, 7, 8):
        page.mouse.move(*point_at(page, "line", index, index))
        page.wait_for_function("(x) => document.querySelector('#line .cp-plot')._hoverdata?.[0]?.x === x", arg=index)
        began = time.perf_counter()
        page.mouse.click(*point_at(page, "line", index, index))
        wait_for(clicks, len(taken) + 1, page)
        taken.append(round(1000 * (time.perf_counter() - began)))
    print(f"click to Python, ms: {json.dumps(taken)}")
    assert min(taken) < 1000


def test_the_library_is_fetched_early_and_once_where_the_address_says_so(serve, visit):
    with gr.Blocks(analytics_enabled=False) as demo:
        ClickablePlot(line(), height_px=300, elem_id="line")
    url = serve(demo, head=fetch_early({"figures"}))
    for query, early in (("?tab=figures", True), ("?tab=words", False), ("", False)):
        page = visit(f"{url}{query}").page
        page.wait_for_selector("#line .cp-plot[data-drawn]")
        scripts = page.evaluate(
            "performance.getEntriesByType('resource').filter((each) => each.name.includes('plotly-cartesian'))"
            ".map((each) => each.initiatorType)"
        )
        assert scripts == (["link"] if early else ["script"])


def test_a_library_that_could_not_be_loaded_is_said_and_asked_for_again(serve, visit):
    counts = itertools.count(5)
    with gr.Blocks(analytics_enabled=False) as demo:
        change = gr.Button("change", elem_id="change")
        plot = ClickablePlot(description="A rising line", height_px=300, elem_id="line")
        change.click(lambda: ClickablePlot.show(line(next(counts))), None, plot, show_progress="hidden")
    visited = visit(serve(demo))
    page = visited.page
    library = "**/plotly-cartesian*"
    page.route(library, lambda route: route.abort())
    page.click("#change")
    note = page.get_by_role("status").filter(has_text="could not be loaded: load the page again")
    note.wait_for()
    assert note.locator("xpath=ancestor::*[@role='img']").count() == 0  # there it would not be read out
    page.unroute(library)
    page.click("#change")
    page.wait_for_selector("#line .cp-plot[data-drawn]")
    assert not note.is_visible()
    visited.console_errors.clear()  # of the load that failed
