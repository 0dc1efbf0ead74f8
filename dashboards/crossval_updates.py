"""From a view of the cross-validation tab to the updates of what is shown, in the order of `crossval.Shown`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from dashboards.asking import Opening
from dashboards.cohort_figures import flow_figure, flow_in_words
from dashboards.crossval_figures import forest_figure, roc_figure, scores_figure, training_figure
from dashboards.crossval_tables import (
    FOLD_HEAD,
    calibration_words,
    figures_table,
    fold_table,
    forest_rows,
    table_three_rows,
)
from dashboards.crossval_view import CrossvalView
from dashboards.review import link, sources
from dashboards.review.case_list import CaseList, page_of
from dashboards.review.choice_table import ChoiceTable
from dashboards.review.header import HeaderStrip
from dashboards.review.matrix import ConfusionMatrix
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.plain_table import PlainTable
from lesion_core.results.review.attributes import title_of
from lesion_core.results.review.case_cards import case_cards
from lesion_core.results.review.flow import run_flow
from lesion_core.results.review.history import EpochRow
from lesion_core.results.review.tables_text import caption_of

TAB = "cv"
NO_HISTORY = "This run kept no training curves (no history.csv beside its scores)."
NOTHING_TO_CUT = "Nothing is known of these cases that they could be cut by: add a cases.csv, or columns of your own."


def asked_of(view: CrossvalView) -> str:
    """What the case list was asked for, as `read_view` takes it."""
    return f"{view.selection.as_query()}|{view.page or ''}"


def nothing() -> tuple[Any, ...]:
    """Leave everything as it is."""
    return tuple(gr.skip() for _ in range(10 + 5 + 7 + 3))


def everything(view: CrossvalView, own: Sequence[Any]) -> tuple[Any, ...]:
    """Controls, what moves, what settles, what is fixed. The last two controls count what was opened."""
    cuts = [(title_of(name), name) for name in view.cuts]
    controls = (
        gr.update(choices=sources.choices(own, out_of_fold=True), value=view.key),
        gr.update(choices=list(view.run.units), value=view.unit),
        view.rule,
        view.threshold,
        view.prevalence,
        gr.update(choices=cuts, value=view.attribute or None, info="" if cuts else NOTHING_TO_CUT),
        view.figure,
        asked_of(view),
        opening := Opening.of(view.key),
        opening.number,
    )
    history = view.source.history_of(view.run)
    fixed = (
        calibration_words(view),
        ClickablePlot.show(training_figure(history), description="Loss by epoch and fold") | {"visible": True}
        if history
        else gr.update(visible=False),
        training_words(history) if history else NO_HISTORY,
    )
    return (*controls, *moving(view, redraw=True), *settling(view), *fixed)


def training_words(history: Sequence[EpochRow]) -> str:
    """What the lines of the training figure are."""
    if any(row.validation_loss is not None for row in history):
        return "Solid: training loss, dashed: validation loss."
    return "Training loss; no validation loss was recorded."


def moving(view: CrossvalView, *, redraw: bool = False) -> tuple[Any, ...]:
    """What follows the slider at once; the figures are drawn anew only with `redraw`."""
    point, (start, end) = view.marks
    words = view.facts()
    facts = (
        HeaderStrip.show(words),
        ConfusionMatrix.show(view.at.counts, unit=view.unit, chosen=view.selection.cell),
        PlainTable.show(figures_table(view), name="Figures at the threshold"),
    )
    if not redraw:
        marked = ClickablePlot.mark(point[0], point[0], at=point[1]) if point else gr.skip()
        return (*facts, marked, ClickablePlot.mark(start, end))
    roc = ClickablePlot.show(
        roc_figure(view.curves, view.band, chosen=view.selection.fold),
        mark=(point[0], point[0], point[1]) if point else None,
        caption=f"ROC curves of the folds and their mean ({view.band.method}). {caption_of(words)}",
        description=f"ROC curves of {len(view.curves)} folds and their mean. {view.tables[0].pooled.sentence()}",
    )
    scores = ClickablePlot.show(
        scores_figure(view.bars, view.calibrated),
        mark=(start, end),
        caption=f"{calibration_words(view)} {caption_of(words)}",
        description="Scores by label, and observed share of label 1 against the score. " + calibration_words(view),
    )
    return (*facts, roc, scores)


def settling(view: CrossvalView) -> tuple[Any, ...]:
    """What follows when the slider rests."""
    flow = run_flow(view.source, view.counted, view.at.counts)
    chosen = str(view.selection.fold or "")
    return (
        PlainTable.show(table_three_rows(view), name="Table 3"),
        ChoiceTable.show(FOLD_HEAD, fold_table(view), name="Folds", chosen=chosen),
        *forest_updates(view),
        ClickablePlot.show(flow_figure(flow), description=flow_in_words(flow)),
        cases_update(view),
        link.write(TAB, view.as_query()),
    )


def forest_updates(view: CrossvalView) -> tuple[Any, ...]:
    """The forest and its table."""
    found = view.subgroups
    if found is None:
        return gr.update(visible=False), ChoiceTable.show([NOTHING_TO_CUT], {}, name="Subgroups")
    chosen = view.selection.level if view.selection.attribute == view.attribute else ""
    head, rows, foot = forest_rows(found)
    words = "; ".join(f"{row.level}: {row.estimate.sentence()}" for row in found.rows)
    caption = f"{found.test.sentence()} {caption_of(view.facts())}"
    return (
        ClickablePlot.show(forest_figure(found, chosen=chosen), description=words, caption=caption) | {"visible": True},
        ChoiceTable.show(head, rows, name=f"{found.figure} by subgroup", chosen=chosen, foot=foot),
    )


def cases_update(view: CrossvalView) -> dict[str, Any]:
    """The page of cases."""
    rows = view.chosen_rows
    page = page_of(total=rows.size, asked=view.page)
    cards = case_cards(view.source, view.run, rows[page.start : page.stop])
    heading = view.selection.sentence(view.unit)
    return CaseList.show(cards, heading=heading, page=page, filtered=not view.selection.everything, words="images")
