import hashlib
import json
import re
from pathlib import Path

import gradio as gr
import numpy as np
import plotly
import plotly.graph_objects as go
import pytest

from dashboards.widgets.clickable_plot import KINDS, LIBRARY, ClickablePlot, PlotClick, _front_end
from lesion_core.errors import InputError
from lesion_core.notice import NOTICE


def figure():
    return go.Figure(go.Scatter(x=[1, 2], y=[3, 4], customdata=[["a"], ["b"]]))


def clicked(**data):
    return ClickablePlot.read_click(gr.EventData(None, data))


def test_a_click_is_read():
    click = clicked(curve=1, index=4, x=101, y=3.5, z=None, custom=["a", 0.4])
    assert click == PlotClick(curve=1, index=4, x=101, y=3.5, z=None, custom=("a", 0.4))
    cell = clicked(curve=0, index=[2, 3], x="benign", y="above", z=17.0, custom=None)
    assert cell == PlotClick(curve=0, index=(2, 3), x="benign", y="above", z=17.0, custom=())
    assert clicked(curve=0, custom="one").custom == ("one",)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"curve": -1},
        {"curve": "first one"},
        {"curve": 0, "x": {"a": 1}},
        {"curve": 0, "x": float("nan")},
        {"curve": 0, "x": "a" * 501},
        {"curve": 0, "index": [1, 2, 3, 4]},
        {"curve": 0, "custom": [[1]]},
        {"curve": 0, "custom": list(range(51))},
    ],
)
def test_what_is_no_click_is_refused(data):
    with pytest.raises(gr.Error, match="could not be read"):
        clicked(**data)


def test_a_figure_goes_to_the_page_as_json():
    plot = ClickablePlot(figure(), description="two points")
    sent = json.loads(plot.value)
    assert sent["data"][0]["x"] == [1, 2]
    assert plot.postprocess(None) is None
    assert plot.props["description"] == "two points"
    script = _front_end()[2]
    assert '/plotly-cartesian.min.js"' in script
    assert "__LIBRARY__" not in script
    assert NOTICE in script


def test_nothing_comes_back_from_the_page():
    assert ClickablePlot().preprocess('{"data": []}') is None


def test_updates():
    shown = ClickablePlot.show(figure())
    assert (shown["mark"], "description" in shown) == ([], False)
    assert ClickablePlot.show(figure(), mark=(1, 2.5))["mark"] == [1, 2.5]
    assert ClickablePlot.show(figure(), description="other")["description"] == "other"
    assert ClickablePlot.show(figure(), caption="below")["caption"] == "below"
    assert ClickablePlot.mark(0, 3)["mark"] == [0.0, 3.0]
    assert ClickablePlot.mark(0, 3, at=0.5)["mark"] == [0.0, 3.0, 0.5]
    assert "value" not in ClickablePlot.mark(0, 3)


def test_point_click_is_its_only_event():
    with gr.Blocks():
        plot = ClickablePlot(figure())
        plot.point_click(lambda: None, None, None)
    for quoted in ("resize", "hover", "toImage", "plotly_click"):
        assert not hasattr(plot, quoted)


def test_figures_of_numpy_arrays_are_sent_whole():
    values = np.array([1.0, np.nan, 3.0])
    sent = json.loads(ClickablePlot(go.Figure(go.Scatter(y=values))).value)
    assert sent["data"][0]["y"] is not None


def version(library):
    return re.search(r"plotly\.js .*?v([\d.]+)", library.read_text(encoding="utf-8")[:200])[1]


def test_the_library_is_the_published_bundle_of_the_version_that_python_speaks():
    """Another version of the Python package: fetch its bundle by `npm pack plotly.js-cartesian-dist-min@<version>`."""
    whole = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    assert version(LIBRARY) == version(whole)
    published = "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a"  # in the package of 4.1.1 on npm
    assert hashlib.sha256(LIBRARY.read_bytes()).hexdigest() == published
    assert "MIT License" in LIBRARY.with_name("plotly-cartesian.LICENSE.txt").read_text(encoding="utf-8")


def test_what_the_library_does_not_draw_is_refused():
    for kind in KINDS:
        assert json.loads(ClickablePlot(go.Figure({"type": kind})).value)["data"][0]["type"] == kind
    with pytest.raises(InputError, match="draws no sankey, surface: take one of bar, "):
        ClickablePlot(go.Figure([go.Sankey(), go.Surface(), go.Bar()]))
