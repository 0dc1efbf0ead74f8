import json

import numpy as np

from dashboards.observers.address import first_choice
from dashboards.observers.choice import panel, references
from dashboards.observers.roc_figure import MOST_POINTS, as_text, in_words, published_figure, roc_figure
from lesion_core.results.observers.figures_of_merit import merit_rows
from lesion_core.results.observers.panel import panel_of
from lesion_core.results.observers.published import published_rows
from tests.results.observers.made import calls_of, random_study, run_of, source_of


def figure_of(choice):
    whole = panel(choice)
    rows = merit_rows(whole, choice.how)
    return roc_figure(whole.counted(choice.how), rows, references=references(choice)), rows, whole


def test_curves_points_and_what_a_click_says():
    figure, rows, whole = figure_of(first_choice("synthetic"))
    names = [trace.name or "" for trace in figure.data]
    assert any(name.startswith("bnet: AUC 0.978 (0.964-0.992)") for name in names)
    assert sum(name.startswith("simulated") for name in names) == 5
    assert sum(name.startswith("reference, ") for name in names) == 8
    curve = next(trace for trace in figure.data if (trace.name or "").startswith("bnet: AUC"))
    kind, key, threshold = curve.customdata[len(curve.customdata) // 2]
    assert (kind, key) == ("model", "bnet@bnet-best-busi")
    model = whole.models[0]
    at = len(curve.customdata) // 2
    assert curve.y[at] == (model.score >= threshold)[whole.labels].mean()
    point = next(trace for trace in figure.data if (trace.name or "").startswith("simulated C"))
    row = next(each for each in rows if each.who == "simulated C")
    assert (point.x[0], point.y[0]) == (1 - row.point.specificity, row.point.sensitivity)
    assert "sensitivity" in in_words(whole, rows)


def test_readers_are_told_apart_by_marker_and_dash_as_well():
    figure, _, _ = figure_of(first_choice("synthetic"))
    points = [t for t in figure.data if (t.name or "").startswith("simulated") and t.showlegend is not False]
    assert len({each.marker.symbol for each in points}) == 5
    assert len({each.text[0] for each in points}) == 5


def test_a_long_curve_is_thinned_but_keeps_its_ends():
    rng = np.random.default_rng(0)
    labels = np.r_[np.ones(3000), np.zeros(3000)].astype(int)
    panel_ = panel_of(source_of(run_of(labels, rng.random(6000))), ["bnet@r"], unit="image")
    figure = roc_figure(panel_, merit_rows(panel_, "left out"))
    curve = next(trace for trace in figure.data if (trace.name or "").startswith("bnet: AUC"))
    assert len(curve.x) <= MOST_POINTS + 2
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert len(figure.to_json()) < 200_000


def test_one_class_draws_no_curve_and_no_point():
    source = source_of(run_of([1, 1], [0.5, 0.7]), readings=calls_of("R", [1, 0]))
    panel_ = panel_of(source, ["bnet@r"], unit="image")
    figure = roc_figure(panel_, merit_rows(panel_, "left out"))
    assert len(figure.data) == 1


def test_a_name_from_a_file_is_no_markup():
    nasty = "<a href='javascript:1'>x</a>%{y}"
    assert "<" not in as_text(nasty)
    assert "%{" not in as_text(nasty)
    source = source_of(run_of([1, 0, 1, 0], [0.5, 0.7, 0.9, 0.1]), readings=calls_of(nasty, [1, 0, 1, 1]))
    panel_ = panel_of(source, ["bnet@r"], unit="image")
    figure = json.loads(roc_figure(panel_, merit_rows(panel_, "left out")).to_json())
    shown = [trace.get(key) for trace in figure["data"] for key in ("name", "text", "hovertemplate")]
    assert not any("<a" in str(each) for each in shown)


def test_the_papers_points_have_intervals():
    figure = published_figure(published_rows("thyroid"))
    point = next(trace for trace in figure.data if (trace.name or "").startswith("R1"))
    assert (point.x[0], point.y[0]) == (1 - 47 / 57, 31 / 45)
    assert point.error_y.array[0] > 0
    assert "balanced acc. 0.757" in point.name
    assert any("ordinal AUC 0.878 (0.812-0.943)" in (trace.name or "") for trace in figure.data)


def test_a_study_with_four_readers_has_no_bars_and_one_with_three_has():
    for readers, barred in ((4, False), (3, True)):
        panel_ = panel_of(random_study(readers=readers), ["bnet@r"], unit="image")
        figure = roc_figure(panel_.counted("left out"), merit_rows(panel_, "left out"))
        points = [t for t in figure.data if (t.name or "").startswith("R1")]
        assert (points[0].error_y.array is not None) == barred
