"""The Cross-validation tab: one threshold moves everything, and every figure opens the cases behind it.

This file lays out and connects. `crossval_handlers` turns the controls into a `CrossvalView` (`crossval_view`), and
`crossval_updates` turns the view into what is shown, through `crossval_tables` and `crossval_figures`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from dashboards import crossval_handlers as handlers
from dashboards.asking import EACH, LAST, Opening
from dashboards.crossval_report import make_report
from dashboards.crossval_updates import NO_HISTORY, TAB
from dashboards.review import export, link, uploads
from dashboards.review.case_list import CaseList
from dashboards.review.choice_table import ChoiceTable
from dashboards.review.header import HeaderStrip
from dashboards.review.matrix import ConfusionMatrix
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.first_sight import first_sight
from dashboards.widgets.plain_table import PlainTable
from lesion_core.results.review.subgroups import FIGURES

INTRODUCTION = (
    "Every case was scored by a model that had not seen it. Move the threshold: matrix, operating point, rates and "
    "scores move together. Click a cell, a bar, a point of a curve, a fold or a subgroup: its cases are listed below."
)


@dataclass(frozen=True)
class Controls:
    """What can be chosen, in the order in which handlers take it."""

    own: gr.State
    run: gr.Dropdown
    unit: gr.Radio
    rule: gr.Radio
    threshold: gr.Slider
    prevalence: gr.Slider
    attribute: gr.Dropdown
    figure: gr.Radio
    asked: gr.State
    opened: gr.State
    number: gr.Number

    @property
    def all(self) -> list[Any]:
        """Every one of them."""
        return list(vars(self).values())


@dataclass(frozen=True)
class Shown:
    """What is shown, apart from the controls."""

    header: HeaderStrip
    matrix: ConfusionMatrix
    figures: PlainTable
    roc: ClickablePlot
    scores: ClickablePlot
    calibration: gr.Markdown
    table_three: PlainTable
    folds: ChoiceTable
    forest: ClickablePlot
    forest_table: ChoiceTable
    training: ClickablePlot
    training_note: gr.Markdown
    flow: ClickablePlot
    cases: CaseList
    keeper: link.LinkKeeper

    @property
    def moving(self) -> list[Any]:
        """What follows the slider at once."""
        return [self.header, self.matrix, self.figures, self.roc, self.scores]

    @property
    def settling(self) -> list[Any]:
        """What follows when it rests."""
        return [
            self.table_three,
            self.folds,
            self.forest,
            self.forest_table,
            self.flow,
            self.cases,
            self.keeper,
        ]

    @property
    def fixed(self) -> list[Any]:
        """What depends on run and unit alone."""
        return [self.calibration, self.training, self.training_note]


def build() -> None:
    """Lay out the tab; called inside it. It is filled when it is first looked at."""
    own, asked = gr.State(()), gr.State("")
    opened, number = gr.State(Opening()), gr.Number(Opening().number, visible=False)
    gr.Markdown(INTRODUCTION)
    header = HeaderStrip(elem_id="cv-header")
    with gr.Accordion("Bring your own scores", open=False, elem_id="cv-own"):
        panel = uploads.build(own, prefix=TAB)
    with gr.Row():
        run = gr.Dropdown([], label="Model, set and target", elem_id="cv-run", min_width=280)
        unit = gr.Radio(["patient", "image"], value="patient", label="Counted by", elem_id="cv-unit", min_width=160)
        rule = gr.Radio(
            [("cross-fitted (each fold from the others)", "cross-fitted"), ("the slider (post hoc)", "slider")],
            value="cross-fitted",
            label="Threshold",
            elem_id="cv-rule",
            min_width=260,
        )
    with gr.Row():
        threshold = gr.Slider(
            0, 1, value=0.5, step=0.001, label="Threshold: calls are score >= this", elem_id="cv-t", min_width=280
        )
        prevalence = gr.Slider(
            0.001,
            0.999,
            value=0.1,
            step=0.001,
            label="Prevalence where it would be used",
            elem_id="cv-prevalence",
            min_width=280,
        )
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            matrix = ConfusionMatrix(elem_id="cv-matrix")
            figures = PlainTable(elem_id="cv-figures", elem_classes="wide-cells")
        with gr.Column(min_width=320):
            roc = ClickablePlot(height_px=430, elem_id="cv-roc")
    gr.Markdown("### Cases")
    cases = CaseList(elem_id="cv-cases")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            gr.Markdown("### Scores and calibration")
            scores = ClickablePlot(height_px=430, elem_id="cv-scores")
            calibration = gr.Markdown(elem_id="cv-calibration")
        with gr.Column(min_width=320):
            gr.Markdown("### Subgroups")
            with gr.Row():
                attribute = gr.Dropdown([], label="Cut by", elem_id="cv-by", min_width=140)
                figure = gr.Radio(list(FIGURES), value="AUC", label="Figure", elem_id="cv-figure", min_width=200)
            forest = ClickablePlot(height_px=200, elem_id="cv-forest")
            forest_table = ChoiceTable(elem_id="cv-forest-table")
    gr.Markdown("### Table 3: means (SD) over folds")
    table_three = PlainTable(elem_id="cv-table3", elem_classes="wide-cells")
    gr.Markdown("### Fold by fold")
    folds = ChoiceTable(elem_id="cv-folds")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            gr.Markdown("### Flow of this run (STARD)")
            flow = ClickablePlot(height_px=300, elem_id="cv-flow")
        with gr.Column(min_width=320):
            gr.Markdown("### Training")
            training = ClickablePlot(height_px=360, visible=False, elem_id="cv-training")
            training_note = gr.Markdown(NO_HISTORY, elem_id="cv-training-note")
    with gr.Accordion("Compare with another run", open=False, elem_id="cv-compare"):
        other = gr.Dropdown([], label="Run B, on the cases that both scored", elem_id="cv-other")
        compared = PlainTable(visible=False, elem_id="cv-compared", elem_classes="wide-cells")
    keeper, sight = link.LinkKeeper(), first_sight(elem_id="cv-sight")
    controls = Controls(own, run, unit, rule, threshold, prevalence, attribute, figure, asked, opened, number)
    shown = Shown(
        header,
        matrix,
        figures,
        roc,
        scores,
        calibration,
        table_three,
        folds,
        forest,
        forest_table,
        training,
        training_note,
        flow,
        cases,
        keeper,
    )
    export.build(make_report, controls.all, prefix=TAB)
    _wire(sight, controls, shown, panel)
    other.focus(handlers.offer_others, controls.all, other, show_progress="hidden")
    # In the queue of what opens another run: an answer that came after it would be about the run before.
    asked_of_both: dict[str, Any] = {**LAST, "concurrency_id": "cv", "show_progress": "minimal"}
    other.input(handlers.compare, [other, *controls.all], compared, **asked_of_both)
    opened.change(handlers.forget_comparison, None, [other, compared], queue=False, show_progress="hidden")


def _wire(sight: Any, controls: Controls, shown: Shown, panel: uploads.UploadPanel) -> None:
    all_outputs = [*controls.all[1:], *shown.moving, *shown.settling, *shown.fixed]
    quiet: dict[str, Any] = {"show_progress": "hidden"}
    sight.first_sight(handlers.fill, controls.all, all_outputs, queue=False, **quiet)
    # One after another whatever is asked: a click goes on from the run that is open and the cases that are chosen then.
    quiet["concurrency_id"] = "cv"
    panel.opened.change(handlers.open_newest, controls.own, all_outputs, **LAST, **quiet)
    controls.run.input(handlers.choose_run, controls.all, all_outputs, **LAST, **quiet)
    controls.unit.input(handlers.choose_unit, controls.all, all_outputs, **LAST, **quiet)
    quick: dict[str, Any] = {**LAST, "queue": False, **quiet}
    moved = controls.threshold.input(handlers.move, controls.all, [controls.rule, *shown.moving], **quick)
    moved.then(handlers.settle_few, controls.all, shown.settling, **LAST, **quiet)
    controls.threshold.release(handlers.settle, controls.all, [*shown.moving, *shown.settling], **quick)
    for event in (controls.prevalence.input, controls.prevalence.release):  # a reset is a release alone
        event(handlers.change_prevalence, controls.all, [*shown.moving, shown.keeper], **quick)
    controls.rule.input(handlers.change_rule, controls.all, [*shown.moving, *shown.settling], **quick)
    for control in (controls.attribute, controls.figure):
        control.input(handlers.change_forest, controls.all, [shown.forest, shown.forest_table, shown.keeper], **quick)
    filtered = [controls.asked, controls.rule, controls.threshold, *shown.moving, *shown.settling]
    clicks: tuple[tuple[Any, Callable[..., Any]], ...] = (
        (shown.matrix.cell, handlers.choose_cell),
        (shown.folds.row, handlers.choose_fold),
        (shown.forest_table.row, handlers.choose_level),
        (shown.forest.point_click, handlers.click_forest),
        (shown.scores.point_click, handlers.click_scores),
        (shown.roc.point_click, handlers.click_roc),
        (shown.cases.clear, handlers.choose_everything),
    )
    for event, handler in clicks:
        event(handler, controls.all, filtered, **EACH, **quiet)
    shown.cases.turn(handlers.turn, controls.all, [controls.asked, shown.cases, shown.keeper], **EACH, **quiet)
