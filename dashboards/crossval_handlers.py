"""Handlers of the cross-validation tab: controls in, updates out. Plain functions that a test calls without Gradio.

Every one takes the values of `crossval.Controls` in their order, after the event where it listens to a click (Gradio
puts the event in its place only before the values). The last two count what was opened: as the server has it, and as
the page had it when it asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import gradio as gr

from dashboards.crossval_compare import comparison_rows, others
from dashboards.crossval_updates import (
    TAB,
    asked_of,
    cases_update,
    everything,
    forest_updates,
    moving,
    nothing,
    settling,
)
from dashboards.crossval_view import CrossvalView, make_view, median_threshold
from dashboards.review import link, sources
from dashboards.review.case_list import CaseList
from dashboards.review.choice_table import ChoiceTable
from dashboards.review.matrix import ConfusionMatrix
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.plain_table import PlainTable
from lesion_core.errors import LesionError
from lesion_core.results.review.selection import Selection

#: Above so many cases the tables wait until the slider is let go.
MANY = 5000


def _of_what_is_open(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Change nothing where another run was opened since the page asked: its controls are those of the run before.

    Nor where the run is gone, as an upload is after an hour or a restart: that is told.
    """

    @wraps(handler)
    def ask(*values: Any) -> Any:
        if values[-2].overtakes(values[-1]):
            return gr.skip()
        try:
            return handler(*values)
        except LesionError as error:
            gr.Warning(str(error), title="This cannot be shown")
            return gr.skip()

    return ask


def read_view(*values: Any) -> CrossvalView:
    """The view that the controls describe, in the order of `Controls`.

    Raises:
        InputError: nothing to show, or a run that is not there.
    """
    own, run, unit, rule, threshold, prevalence, attribute, figure, asked, *_ = values
    cases, page, *_ = f"{asked or ''}||".split("|")
    chosen = {
        "run": run,
        "unit": unit,
        "rule": rule,
        "t": threshold,
        "prev": prevalence,
        "by": attribute,
        "fig": figure,
        "cases": cases,
        "page": page,
    }
    return make_view(own, {name: "" if value is None else str(value) for name, value in chosen.items()})


@_of_what_is_open
def choose_unit(*values: Any) -> tuple[Any, ...]:
    """Another unit: everything anew but run and unit, where the visitor may have gone on to another choice by now."""
    view = read_view(*values)
    _, _, *others = everything(view, values[0])
    others[6:8] = gr.skip(), gr.skip()  # it is the same run
    return (gr.skip(), gr.skip(), *others)


def fill(request: gr.Request, *values: Any) -> tuple[Any, ...]:
    """Fill the tab when it is first looked at: with the view of a link, else, or where that is gone, the first run."""
    if values[1]:
        return nothing()
    if asked := link.read(request, TAB):
        try:
            return everything(make_view(values[0], asked), values[0])
        except LesionError as error:
            gr.Warning(str(error), title="This link cannot be restored")
    return change_run(*values)


def open_newest(own: Sequence[Any]) -> tuple[Any, ...]:
    """Show what was just uploaded."""
    newest = sources.choices(own[:1], out_of_fold=True)
    if not own or not newest or not newest[0][1].startswith(own[0].key):
        gr.Info(
            "These scores have no folds: they are no cross validation. The held-out test tab shows them.",
            title="Opened",
        )
        return nothing()
    return change_run(own, newest[0][1], None, None, None, None, None, None, None, None, None)


def choose_run(*values: Any) -> tuple[Any, ...]:
    """Another run is chosen. Gradio says so too when a drop-down is left as it was: then nothing changes.

    A run whose answer was lost on its way is opened once more. The drop-down itself is left alone: it may say a third
    run by now.
    """
    *_, opened, number = values
    if values[1] == opened.key and (opened.arrived(number) or opened.overtakes(number)):
        return nothing()
    return (gr.skip(), *change_run(*values)[1:])


def change_run(*values: Any) -> tuple[Any, ...]:
    """Another run: its own headline unit, cross-fitted thresholds, all cases."""
    own, run, prevalence = values[0], values[1], values[5]
    try:
        view = make_view(own, {"run": run or "", "prev": str(prevalence or "")})
    except LesionError as error:
        gr.Warning(str(error), title="This run cannot be shown")
        return nothing()
    return everything(replace(view, threshold=median_threshold(view)), own)


@_of_what_is_open
def move(*values: Any) -> tuple[Any, ...]:
    """The slider moves: the rule becomes the slider's, and what follows at once follows."""
    view = replace(read_view(*values), rule="slider")
    return ("slider", *moving(view))


@_of_what_is_open
def settle(*values: Any) -> tuple[Any, ...]:
    """The slider rests. Reset, or brought back into its range, it says so here alone: what moves follows as well."""
    view = read_view(*values)
    follows = moving(view) if view.rule == "slider" else (gr.skip(),) * 5
    return (*follows, *settling(view))


@_of_what_is_open
def settle_few(*values: Any) -> tuple[Any, ...]:
    """The slider is moving: with few cases the tables follow as well, and what the threshold changes besides."""
    view = read_view(*values)
    if len(view.run) > MANY:
        return tuple(gr.skip() for _ in range(7))
    three, folds, forest, forest_table, flow, cases, keeper = settling(view)
    if view.figure == "AUC":
        forest, forest_table = gr.skip(), gr.skip()
    return three, folds, forest, forest_table, flow, cases if view.selection.cell else gr.skip(), keeper


@_of_what_is_open
def change_rule(*values: Any) -> tuple[Any, ...]:
    """The slider's threshold, or each fold's own."""
    view = read_view(*values)
    return (*moving(view), *settling(view))


@_of_what_is_open
def change_prevalence(*values: Any) -> tuple[Any, ...]:
    """Another prevalence: predictive values and counts per 1,000."""
    view = read_view(*values)
    return (*moving(view), link.write(TAB, view.as_query()))


@_of_what_is_open
def change_forest(*values: Any) -> tuple[Any, ...]:
    """Another attribute or figure."""
    view = read_view(*values)
    return (*forest_updates(view), link.write(TAB, view.as_query()))


@_of_what_is_open
def choose_cell(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """A cell of the matrix; the same one again shows all cases."""
    cell = ConfusionMatrix.read_cell(event)
    return _filtered(values, lambda view: Selection() if view.selection.cell == cell else Selection(cell=cell))


@_of_what_is_open
def choose_fold(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """A fold; the same one again shows all cases."""
    key = ChoiceTable.read_row(event)
    fold = int(key) if key.isdecimal() else 0
    return _filtered(values, lambda view: Selection() if view.selection.fold == fold else Selection(fold=fold))


@_of_what_is_open
def choose_level(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """A row of the table of subgroups; the same one again shows all cases."""
    return _filtered(values, lambda view: _level(view, ChoiceTable.read_row(event)))


@_of_what_is_open
def click_forest(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """A row of the forest."""
    custom = ClickablePlot.read_click(event).custom
    return _filtered(values, lambda view: _level(view, str(custom[0]) if custom else ""))


@_of_what_is_open
def click_scores(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """A bar of the histogram (its label's cases), or a point of the calibration (its group's)."""
    custom = ClickablePlot.read_click(event).custom
    if len(custom) == 4:
        low, high, label = float(custom[0]), float(custom[1]), int(custom[2])
        return _filtered(values, lambda _: Selection(low=low, high=high, label=label))
    if len(custom) == 3:
        return _filtered(values, lambda _: Selection(low=float(custom[0]), high=math.nextafter(float(custom[1]), 2)))
    return _filtered(values, lambda view: view.selection)


@_of_what_is_open
def click_roc(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """A point of a fold's curve: the slider goes to its threshold, and the fold's cases called above it are listed."""
    custom = ClickablePlot.read_click(event).custom
    if len(custom) != 2:
        return _filtered(values, lambda view: view.selection)
    fold, threshold = int(custom[0]), min(max(float(custom[1]), 0.0), 1.0)
    picked = list(values)
    picked[3], picked[4] = "slider", threshold
    asked, _, _, *others = _filtered(picked, lambda _: Selection(fold=fold, low=threshold, high=1.0))
    return (asked, "slider", threshold, *others)


@_of_what_is_open
def choose_everything(*values: Any) -> tuple[Any, ...]:
    """No selection any more."""
    return _filtered(values, lambda _: Selection())


@_of_what_is_open
def turn(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """Another page of the case list."""
    view = replace(read_view(*values), page=CaseList.read_turn(event))
    return asked_of(view), cases_update(view), link.write(TAB, view.as_query())


def offer_others(*values: Any) -> dict[str, Any]:
    """The runs that this one can be compared with."""
    try:
        offered = others(read_view(*values), values[0])
    except LesionError as error:
        gr.Warning(str(error))
        offered = []
    return dict(gr.update(choices=offered, info="" if offered else "No other run has cases in common with this one."))


@_of_what_is_open
def compare(other: str | None, *values: Any) -> dict[str, Any]:
    """Compare the open run with another one."""
    if not other:
        return dict(gr.update(visible=False))
    try:
        rows = comparison_rows(read_view(*values), values[0], other)
    except LesionError as error:
        gr.Warning(str(error), title="These runs cannot be compared")
        return dict(gr.update(visible=False))
    return dict(gr.update(value=PlainTable.show(rows, name="Comparison of two runs"), visible=True))


def forget_comparison() -> tuple[Any, ...]:
    """Another run was opened: what was compared with the one before is no comparison with this one."""
    return gr.update(value=None), gr.update(visible=False)


def _filtered(values: Sequence[Any], pick: Callable[[CrossvalView], Selection]) -> tuple[Any, ...]:
    """Other cases; rule and slider are left alone, for the visitor may have moved it meanwhile."""
    view = read_view(*values)
    view = view.with_selection(pick(view))
    return (asked_of(view), gr.skip(), gr.skip(), *moving(view, redraw=True), *settling(view))


def _level(view: CrossvalView, level: str) -> Selection:
    same = view.selection.attribute == view.attribute and view.selection.level == level
    return Selection() if same or not level else Selection(attribute=view.attribute, level=level)
