import numpy as np

from dashboards.observers import small_figures
from dashboards.observers.tables import group_key
from lesion_core.results.observers.against_each import pair_tests
from lesion_core.results.observers.agreement_groups import MAJORITY, agreement_groups
from lesion_core.results.observers.panel import panel_of
from lesion_core.results.observers.stability import Nudged, summarise
from lesion_core.results.observers.views import view_agreement
from tests.results.observers.made import calls_of, random_study, run_of, source_of


def test_each_cell_shows_its_count_and_knows_its_group():
    panel = panel_of(random_study(), ["bnet@r"], unit="image")
    groups = agreement_groups(panel, "bnet", MAJORITY, "counted as wrong")
    figure = small_figures.agreement_figure(groups, chosen="none/0")
    (heat,) = figure.data
    assert np.array(heat.customdata).shape == (2, 4)
    shown = {
        heat.customdata[int(note.y)][int(note.x)]: int(note.text.split("</b>")[0].removeprefix("<b>"))
        for note in figure.layout.annotations
    }
    assert shown == {group_key(each): each.n for each in groups if each.right != "not assessed"}
    assert len(figure.layout.shapes) == 1
    assert "label 1, right: both" in small_figures.agreement_in_words(groups)


def test_cases_that_could_not_be_assessed_get_a_column_where_there_are_any():
    source = source_of(run_of([1, 0], [0.9, 0.1]), readings=calls_of("R", ["?", 0]))
    groups = agreement_groups(panel_of(source, ["bnet@r"], unit="image"), "bnet", "R", "left out")
    assert small_figures.agreement_figure(groups).data[0].x[-1] == "not<br>assessed"


def test_differences_by_rate_with_zero_marked():
    panel = panel_of(random_study(readers=2), ["bnet@r"], unit="image")
    tests = pair_tests(panel, "left out", draws=20)
    figure = small_figures.pair_figure(tests)
    assert [trace.name for trace in figure.data] == ["sensitivity", "specificity"]
    assert sum(len(trace.x) for trace in figure.data) == len(tests)
    assert figure.data[0].marker.symbol != figure.data[1].marker.symbol


def test_stability_and_views():
    rows = [Nudged("bnet", "s", c, s, 0.4, 0.4 + 10 * s) for c in "ab" for s in (0.01, 0.02)]
    found = summarise(rows, 0.5, draws=20)
    figure = small_figures.stability_figure(found)
    assert figure.data[0].x == (1, 2)
    assert len(figure.data) == 2
    assert len(small_figures.stability_figure(summarise(rows, None, draws=20)).data) == 1
    assert "nudged by 2%: mean change 0.200" in small_figures.stability_in_words(found)
    run = run_of([1, 1, 0, 0], [0.9, 0.4, 0.2, 0.3], patients=["p", "p", "q", "q"])
    views = view_agreement(run, np.full(4, 0.5), draws=20)
    assert [trace.name for trace in small_figures.views_figure(views).data[1:]] == [
        "label 0 (n = 1 pairs)",
        "label 1 (n = 1 pairs)",
    ]
    assert small_figures.views_in_words(views).startswith("2 pairs of views")
    alone = view_agreement(run_of([1, 0], [0.2, 0.3]), np.full(2, 0.5))
    assert small_figures.views_in_words(alone) == "no lesion of this set has two scored views"
