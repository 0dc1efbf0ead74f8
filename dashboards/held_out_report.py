"""The held-out test tab as a report that can leave the app: strip, figures, tables and methods."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dashboards import held_out_controls, held_out_notes, held_out_view
from dashboards.cohort_figures import flow_figure, flow_in_words
from dashboards.observers import small_figures, tables
from dashboards.observers.address import TAB, as_link
from dashboards.observers.choice import Choice, Own
from lesion_core.results.observers.published import NO_CASES
from lesion_core.results.paper_findings import findings
from lesion_core.results.review.report import Report, ReportFigure, ReportTable

METHODS = (
    "AUC: Mann-Whitney, ties one half, out-of-fold scores pooled over folds; intervals DeLong's, clustered by patient "
    "(Obuchowski 1997) per image.",
    "Rates: Wilson's interval, with the effective size of clustered cases.",
    "A reader who only calls is one operating point: its area is balanced accuracy.",
    "Each model against each reader: McNemar mid-p (clustered: Durkalski 2003), Holm over all tests shown; matched "
    "thresholds are chosen on these cases, with a bootstrap interval that chooses them anew.",
    "A group of readers: one-treatment Obuchowski-Rockette, readers random with cases random and fixed; undefined with "
    "fewer than three readers.",
    "Agreement: Cohen's kappa, Fleiss' kappa, Gwet's AC1, intervals by patient.",
)


def report_of_values(*values: Any) -> Report:
    """The report of the controls' values.

    Raises:
        LesionError: a set that is not there, or readings that cannot be used.
    """
    choice, own = held_out_controls.choice_of(values)
    return report_of(choice, own)


def report_of(choice: Choice, own: Own = ()) -> Report:
    """Everything that the tab shows of a choice."""
    main = held_out_view.main_of(choice, own)
    line = f"n = {main.facts.n:,} {main.facts.unit}s; label 1: {main.facts.target}."
    figures = [ReportFigure("ROC curves and readers (Figure 4)", str(main.figure.to_json()), line, main.words)]
    flow, flow_note = held_out_view.flow_of(choice, own)
    flow_shown = ReportFigure(
        "Flow of the cases (STARD)", str(flow_figure(flow).to_json()), flow_note, flow_in_words(flow)
    )
    stated = ""
    if choice.threshold is not None:
        stated = f"of each row: the stated one; the one moved to {choice.threshold:g} (post hoc) is not used here"
    title = "Accuracy of models and readers (Tables 4 and 5)"
    found = [_table(title, main.table, " ".join([line, *main.notes]), threshold=stated)]
    if choice.organ:
        found.append(_table("Range of p for each radiologist", tables.published_pair_table(choice.organ), NO_CASES))
        found.append(_table("Published and recomputed", tables.findings_table(findings()), "All figures of the paper."))
    agreement = held_out_view.agreement_of(choice, own)
    if agreement is not None:
        figure = small_figures.agreement_figure(agreement.groups)
        words = small_figures.agreement_in_words(agreement.groups)
        figures.append(ReportFigure("Who is right (Figures 2 and 5)", str(figure.to_json()), agreement.note, words))
        head = ("Group", f"{choice.unit}s", "share of the label")
        rows = [head, *tables.agreement_rows(agreement.groups).values()]
        found.append(_table("Who is right", rows, agreement.note))
        found.append(_table("Agreement beyond chance", tables.kappa_table(agreement.kappas), line))
    figures.append(flow_shown)
    aided = held_out_notes.aided_note(choice, own)
    tests = held_out_view.pairs_of(choice, own)
    if tests:
        note = " ".join(filter(None, (held_out_notes.pairs_note(tests), aided)))
        found.append(_table("Each model against each reader", tables.pair_table(tests), note, threshold=stated))
    group = held_out_view.group_of(choice, own)
    if group.tests:
        note = " ".join(filter(None, (held_out_notes.group_note(group), aided)))
        found.append(_table("Models against the group of readers", tables.group_table(group), note, threshold=stated))
    query = urlencode([("tab", TAB)] + [(f"{TAB}.{name}", text) for name, text in as_link(choice).items() if text])
    return Report(main.facts.what, main.facts, tuple(figures), tuple(found), METHODS, query)


def _table(title: str, rows: tables.Rows, caption: str, *, threshold: str = "") -> ReportTable:
    plain = caption.replace("**", "")  # what is bold on the page is not Markdown in a report
    return ReportTable(title, tuple(rows[0]), tuple(tuple(row) for row in rows[1:]), plain, threshold)
