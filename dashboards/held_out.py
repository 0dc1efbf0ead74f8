"""The held-out test tab: models against readers, and the paper's published study beside what its counts give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import gradio as gr

from dashboards import held_out_controls as choosing
from dashboards import held_out_handlers as handlers
from dashboards.asking import EACH, LAST, Opening
from dashboards.held_out_report import report_of_values
from dashboards.observers.choice import CUTS, MARGIN, sets_offered
from dashboards.observers.fixed_parts import show_findings, show_organs
from dashboards.observers.loose import LooseCheckboxGroup, LooseDropdown, LooseRadio, LooseSlider
from dashboards.review import export, link, uploads
from dashboards.review.case_list import CaseList
from dashboards.review.choice_table import ChoiceTable
from dashboards.review.header import HeaderStrip
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.first_sight import first_sight
from dashboards.widgets.plain_table import PlainTable
from lesion_core.notice import NOTICE
from lesion_core.results.observers.agreement_groups import MAJORITY
from lesion_core.results.observers.reader_column import FIRST_CALLED, NotAssessed

INTRODUCTION = (
    "Models beside readers on the same cases. A reader who calls is a **point**, a reader who gives categories an "
    "ordinal curve; both are compared with a model at the reader's own sensitivity and specificity, case by case."
)
READINGS = "readings.csv (reader, case_id, call or rating) for a set that is here"
CLICK_ROC = "Click a model's curve to move its threshold (post hoc), or a reader to compare with (sets with cases)."
MARGIN_WORDS = "Margin of non-inferiority: the largest acceptable loss, stated before the data are seen"

_LAST: dict[str, Any] = {**LAST, "show_progress": "hidden"}
_EACH: dict[str, Any] = {**EACH, "show_progress": "hidden"}
#: Questions whose answers fill the same components are answered one after another, as they were asked.
_IN_TURN: dict[str, Any] = {"concurrency_id": "held-out-main"}


@dataclass(frozen=True)
class Controls:
    """The controls, in the order in which handlers get their values."""

    test_set: LooseDropdown
    models: LooseCheckboxGroup
    readers: LooseCheckboxGroup
    unit: LooseRadio
    how: gr.Radio
    cut: gr.Dropdown
    margin: gr.Number
    model: LooseDropdown
    against: LooseDropdown
    stated: gr.Checkbox
    threshold: LooseSlider
    moved_for: gr.State
    group: gr.State
    opened: gr.State
    number: gr.Number
    readings: gr.File
    own: gr.State

    def inputs(self) -> list[Any]:
        """All of them."""
        return list(vars(self).values())

    def settable(self) -> list[Any]:
        """Those that a handler sets when another set is opened."""
        return self.inputs()[: choosing.SET]


@dataclass(frozen=True)
class Shown:
    """What handlers fill, in the order of their updates."""

    main: tuple[Any, ...]
    tests: tuple[Any, ...]
    agreement: tuple[Any, ...]
    organs: tuple[Any, ...]


@dataclass(frozen=True)
class Clicked:
    """What can be clicked, and the tabs that are filled when they are opened."""

    roc: ClickablePlot
    agreement: ClickablePlot
    rows: ChoiceTable
    cases: CaseList
    organs_tab: gr.Tab
    published_tab: gr.Tab
    published: PlainTable
    readings_note: gr.Markdown
    opened: gr.Number


@dataclass(frozen=True)
class HandOver:
    """What another tab fills to open a set here.

    Attributes:
        own: state with the visitor's sources, newest first.
        opened: counts the sets that were opened; raising it shows the newest.
    """

    own: gr.State
    opened: gr.Number


def build() -> HandOver:
    """Lay out the tab; called inside it. It is filled when it is first looked at."""
    controls, shown, clicked = _lay_out()
    sight = first_sight(elem_id="test-sight")
    _connect_choices(sight, controls, shown, clicked)
    _connect_clicks(controls, shown, clicked)
    return HandOver(controls.own, clicked.opened)


def _lay_out() -> tuple[Controls, Shown, Clicked]:
    gr.Markdown(INTRODUCTION)
    header = HeaderStrip(elem_id="test-header")
    own, moved_for, group, opened = gr.State(()), gr.State(""), gr.State(""), gr.State(Opening())
    number = gr.Number(Opening().number, visible=False)
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=290):
            test_set = LooseDropdown(sets_offered(), value=None, label="Test set and readers", elem_id="test-set")
            models = LooseCheckboxGroup([], label="Models", elem_id="test-models")
            readers = LooseCheckboxGroup([], label="Readers", elem_id="test-readers")
            unit = LooseRadio(["image"], label="Counted by", elem_id="test-unit")
            how = gr.Radio(
                list(get_args(NotAssessed)),
                value="left out",
                label="Answers that could not be assessed are",
                elem_id="test-how",
            )
            cut = gr.Dropdown(
                list(CUTS), value=FIRST_CALLED, label="A category counts as a call from", elem_id="test-cut"
            )
            with gr.Accordion("Your own readings", open=False, elem_id="test-own"):
                readings = gr.File(label=READINGS, file_types=[".csv"], height=110, elem_id="test-readings")
                readings_note = gr.Markdown(choosing.NO_FILE, elem_id="test-readings-note")
        with gr.Column(scale=3, min_width=320):
            gr.Markdown("### ROC curves and readers (Figure 4)")
            roc = ClickablePlot(height_px=520, elem_id="test-roc")
            gr.Markdown(CLICK_ROC, elem_classes="notice")
    note = gr.Markdown(elem_id="test-note")
    gr.Markdown("### Accuracy of models and readers (Tables 4 and 5)")
    merit = PlainTable(elem_id="test-merit")
    with gr.Tabs(elem_id="test-parts", elem_classes="as-wide-as-its-place"):
        with gr.Tab("Agreement and cases", id="agreement"):
            with gr.Row():
                model = LooseDropdown([], label="Model", elem_id="test-model", min_width=150)
                against = LooseDropdown(
                    [MAJORITY], value=MAJORITY, label="Compared with", elem_id="test-against", min_width=180
                )
                stated = gr.Checkbox(value=True, label="At the stated threshold", elem_id="test-stated")
                threshold = LooseSlider(0, 1, 0.5, step=0.001, label="Moved threshold", elem_id="test-threshold")
            agreement_note = gr.Markdown(elem_id="test-agreement-note")
            with gr.Row(equal_height=False):
                with gr.Column(scale=3, min_width=320):
                    agreement = ClickablePlot(height_px=260, elem_id="test-agreement")
                with gr.Column(scale=2, min_width=290):
                    rows = ChoiceTable(elem_id="test-groups")
            cases = CaseList(elem_id="test-cases")
            with gr.Accordion("Agreement beyond chance (kappa)", open=False, elem_id="test-kappas"):
                kappa = PlainTable(elem_id="test-kappa")
        with gr.Tab("Each reader", id="each"):
            pairs_note = gr.Markdown(elem_id="test-pairs-note")
            pairs_plot = ClickablePlot(height_px=260, elem_id="test-pairs-plot")
            pairs = PlainTable(elem_id="test-pairs")
        with gr.Tab("Readers as a group", id="group"):
            margin = gr.Number(MARGIN, minimum=0.001, maximum=0.5, step=0.01, label=MARGIN_WORDS, elem_id="test-margin")
            group_note = gr.Markdown(elem_id="test-group-note")
            group_table = PlainTable(elem_id="test-group")
        with gr.Tab("Across organs", id="organs") as organs_tab:
            gr.Markdown("### TNet, BNet and TBNet on thyroid and breast")
            matrix = PlainTable(elem_id="test-matrix")
            matrix_note = gr.Markdown(elem_id="test-matrix-note")
            matrix_tests = PlainTable(elem_id="test-matrix-tests", visible=False)
            gr.Markdown("### The paper")
            paper_matrix = PlainTable(elem_id="test-paper-matrix")
        with gr.Tab("Border and view", id="border"):
            border_note = gr.Markdown(elem_id="test-border-note")
            with gr.Row(equal_height=False):
                with gr.Column(min_width=300):
                    nudges_plot = ClickablePlot(height_px=320, elem_id="test-nudges-plot")
                    nudges = PlainTable(elem_id="test-nudges")
                with gr.Column(min_width=300):
                    views_plot = ClickablePlot(height_px=360, elem_id="test-views-plot")
                    views = PlainTable(elem_id="test-views")
        with gr.Tab("Published and recomputed", id="published") as published_tab:
            gr.Markdown("Every figure that the paper prints beside what its own tables give; each NO has its reason.")
            published = PlainTable(elem_id="test-findings")
    gr.Markdown("### Flow of the cases (STARD)")
    flow_note = gr.Markdown(elem_id="test-flow-note")
    flow = ClickablePlot(height_px=420, elem_id="test-flow")
    keeper = link.LinkKeeper(elem_id="test-link")
    controls = Controls(
        test_set, models, readers, unit, how, cut, margin, model, against, stated, threshold, moved_for,
        group, opened, number, readings, own,
    )  # fmt: skip
    with gr.Accordion("Your own scores and readers", open=False, elem_id="test-own-scores"):
        panel = uploads.build(own, prefix="test")
    export.build(report_of_values, controls.inputs(), prefix="test")
    gr.Markdown(NOTICE, elem_classes="notice")
    shown = Shown(
        main=(header, roc, merit, note, keeper, model, against, flow_note, flow),
        tests=(pairs_note, pairs_plot, pairs, group_note, group_table),
        agreement=(
            agreement_note, agreement, rows, kappa, cases, border_note, nudges_plot, nudges, views_plot, views, keeper,
        ),
        organs=(matrix, matrix_tests, matrix_note, paper_matrix),
    )  # fmt: skip
    clicked = Clicked(
        roc, agreement, rows, cases, organs_tab, published_tab, published, readings_note, panel.opened
    )  # fmt: skip
    return controls, shown, clicked


def _connect_choices(sight: Any, controls: Controls, shown: Shown, clicked: Clicked) -> None:
    """Controls and uploads; a change shows the upper half first, what takes time last.

    What a set brings comes in one answer, and the lower half follows what was opened, not the question: a drop-down
    asks once more when it is left, and what follows that question can be asked before the first one's answer is there.
    """
    inputs, main = controls.inputs(), list(shown.main)
    whole = [*controls.settable(), *(each for each in main if each not in (controls.model, controls.against))]
    own, readings = controls.own, controls.readings
    # One answer for controls and figure, past the queue: nothing else stands between a visitor and the first figure.
    first = sight.first_sight(handlers.first_look, inputs, whole, queue=False, show_progress="hidden")
    asked = [controls.test_set, controls.opened, controls.number, readings, own]
    controls.test_set.input(handlers.choose_set, asked, whole, **_IN_TURN, **_LAST)
    clicked.opened.change(handlers.open_own, own, whole, **_IN_TURN, **_LAST)
    gr.on(
        [readings.upload, readings.clear],
        handlers.open_readings,
        [readings, controls.test_set, own],
        [clicked.readings_note, *whole],
        **_IN_TURN,
        **_LAST | {"show_progress": "minimal"},
    )
    counted = gr.on(
        [controls.readers.input, controls.unit.input, controls.how.input],
        handlers.count_anew,
        inputs,
        [controls.group, *main],
        **_IN_TURN,
        **_LAST,
    )
    controls.models.input(choosing.keep_a_model, [controls.models, controls.model], controls.models, **_LAST)
    ticked = controls.models.input(
        handlers.tick_models, inputs, [controls.group, controls.stated, controls.threshold, *main], **_IN_TURN, **_LAST
    )
    cut = controls.cut.input(handlers.show_main, inputs, main, **_IN_TURN, **_LAST)
    opened = controls.opened.change(handlers.show_agreement, inputs, list(shown.agreement), **_LAST)
    for event in (opened, *(_then_agreement(each, controls, shown) for each in (first, counted, ticked, cut))):
        event.then(handlers.show_tests, inputs, list(shown.tests), **_LAST)
    controls.margin.change(handlers.show_tests, inputs, list(shown.tests), **_LAST)
    controls.margin.change(handlers.show_link, inputs, shown.main[4], **_LAST)
    clicked.organs_tab.select(show_organs, None, list(shown.organs), show_progress="hidden")
    clicked.published_tab.select(show_findings, None, clicked.published, show_progress="hidden")


def _connect_clicks(controls: Controls, shown: Shown, clicked: Clicked) -> None:
    """The agreement view: its controls, Figure 4, the groups, the list of cases."""
    inputs = controls.inputs()
    stated, threshold, moved_for = controls.stated, controls.threshold, controls.moved_for
    again = [
        controls.model.input(choosing.other_model, inputs, [stated, threshold], **_LAST),
        stated.input(choosing.switched, inputs, [controls.group, moved_for, threshold], **_LAST),
        # `input` by keys too, `release` when a number outside the range is left; one question: its last answer holds.
        gr.on([threshold.input, threshold.release], choosing.moved, inputs, [stated, moved_for], **_LAST),
        clicked.roc.point_click(
            handlers.clicked_roc,
            inputs,
            [controls.model, controls.against, stated, threshold, moved_for],
            **_EACH,
        ),
    ]
    for event in again:
        _then_agreement(event.then(handlers.show_main, inputs, list(shown.main), **_IN_TURN, **_LAST), controls, shown)
    groups = (
        (clicked.agreement.point_click, handlers.clicked_group),
        (clicked.rows.row, handlers.clicked_row),
        (clicked.cases.clear, choosing.drop_group),
    )
    for listen, read in groups:
        _then_agreement(listen(read, None, controls.group, **_EACH), controls, shown)
    clicked.cases.turn(handlers.turn_page, inputs, clicked.cases, **_EACH)


def _then_agreement(event: Any, controls: Controls, shown: Shown) -> Any:
    return event.then(handlers.show_agreement, controls.inputs(), list(shown.agreement), **_LAST)
