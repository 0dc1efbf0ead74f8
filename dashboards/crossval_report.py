"""The cross-validation tab as a report that can be exported: every figure and table of the view, with its methods."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dashboards.cohort_figures import flow_figure, flow_in_words
from dashboards.crossval_figures import forest_figure, roc_figure, scores_figure, training_figure
from dashboards.crossval_handlers import read_view
from dashboards.crossval_tables import (
    FOLD_HEAD,
    METHODS,
    calibration_words,
    figures_table,
    fold_table,
    forest_rows,
    table_three_rows,
)
from dashboards.crossval_updates import TAB
from dashboards.crossval_view import CrossvalView
from lesion_core.results.review.flow import run_flow
from lesion_core.results.review.report import Report, ReportFigure, ReportTable
from lesion_core.results.review.tables_text import caption_of


def make_report(*values: Any) -> Report:
    """The open view as a report.

    Args:
        *values: of `crossval.Controls`, in their order.

    Raises:
        LesionError: nothing to show.
    """
    view = read_view(*values)
    facts = view.facts()
    query = urlencode({"tab": TAB, **{f"{TAB}.{name}": text for name, text in view.as_query().items() if text}})
    return Report(
        title=f"Cross validation: {facts.what}",
        facts=facts,
        figures=_figures(view),
        tables=_tables(view),
        methods=METHODS,
        link=query,
    )


def _figures(view: CrossvalView) -> tuple[ReportFigure, ...]:
    point, (_, threshold) = view.marks
    roc = roc_figure(view.curves, view.band, chosen=view.selection.fold)
    if point:
        roc.add_scatter(
            x=[point[0]],
            y=[point[1]],
            mode="markers",
            name="operating point",
            marker={"size": 13, "symbol": "circle-open", "line": {"width": 3}, "color": "#0f172a"},
        )
    scores = scores_figure(view.bars, view.calibrated)
    if view.rule == "slider":
        scores.add_vline(x=threshold, line={"color": "#0f172a", "width": 2})
    flow = run_flow(view.source, view.counted, view.at.counts)
    figures = [
        ReportFigure("ROC curves of the folds and their mean", roc.to_json(), view.band.method, "ROC curves"),
        ReportFigure("Scores and calibration", scores.to_json(), calibration_words(view), "Histogram and calibration"),
    ]
    if view.subgroups:
        title = f"{view.subgroups.figure} by subgroup"
        figures.append(ReportFigure(title, forest_figure(view.subgroups).to_json(), "", title))
    figures.append(ReportFigure("Flow of the run (STARD)", flow_figure(flow).to_json(), "", flow_in_words(flow)))
    history = view.source.history_of(view.run)
    if history:
        figures.append(ReportFigure("Training", training_figure(history).to_json(), "", "Loss by epoch and fold"))
    return tuple(figures)


def _tables(view: CrossvalView) -> tuple[ReportTable, ...]:
    line = caption_of(view.facts())
    counts = view.at.counts
    lost = ("could not be assessed",) if counts.unassessed else ()
    matrix = ReportTable(
        "Confusion matrix",
        ("", "called above", "called below", *lost),
        (
            ("label 1", f"{counts.tp}", f"{counts.fn}", *([f"{counts.unassessed_positive}"] if lost else [])),
            ("label 0", f"{counts.fp}", f"{counts.tn}", *([f"{counts.unassessed_negative}"] if lost else [])),
        ),
        line,
    )
    head, *figures = figures_table(view)
    three_head, *three = table_three_rows(view)
    tables = [
        matrix,
        ReportTable("Figures at the threshold", head, tuple(figures), line),
        ReportTable("Table 3, means (SD) over folds", three_head, tuple(three), line),
        ReportTable("Fold by fold", FOLD_HEAD, tuple(fold_table(view).values()), line),
    ]
    if view.subgroups:
        names, rows, foot = forest_rows(view.subgroups)
        tables.append(ReportTable(f"{view.subgroups.figure} by subgroup", names, (*rows.values(), foot), line))
    return tuple(tables)
