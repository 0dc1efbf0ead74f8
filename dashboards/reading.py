"""The Reading room tab: practise, set a study up, run it. Cases are read on a page of its own, `reading_desk`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import gradio as gr

from dashboards import reading_form as form
from dashboards import reading_run as run
from dashboards import reading_setup as setup
from dashboards import serving
from dashboards.asking import LAST
from dashboards.held_out import HandOver
from dashboards.reading_desk.routes import OAUTH_SECRET
from dashboards.saving import SAVE
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.plain_table import PlainTable
from lesion_core.notice import NOTICE
from lesion_core.reading.study import LEAST_WASHOUT_DAYS
from lesion_core.reading.systems import SYSTEMS

INTRODUCTION = (
    "The paper's observer study as software: the same images in an order of each reader's own, clinical data withheld, "
    "the time taken; or the same with the answer revealed, to learn. Cases are read on a page of its own, by keyboard."
)
PRACTISE = (
    "**Learn by reading.** Twenty synthetic phantoms, one after the other; the answer, its border and what the model "
    "said come after yours, with a running score. To teach on images of your own, set up a study with the purpose "
    "*teaching* and give your class the link; its result stands under *Run a study*."
)
FILES = (
    "A study file (`*.study.zip`), or a ZIP with a `cases.csv` and its images, or with the folders `benign/` and "
    "`malignant/`. Upload only images that you may show to your readers; the study keeps them until whoever "
    "runs the server deletes its database."
)
SCORES = (
    "**Scores** for aided arms and teaching: a `scores.csv` of one model, out of fold where it was trained on these "
    "cases; or a bundled model below, which takes its own out-of-fold scores where it knows the cases."
)


def build(tabs: gr.Tabs, test: HandOver) -> None:
    """Lay out the tab; called inside it.

    Args:
        tabs: of the page; a study's result opens the held-out test.
        test: what opens a set there.
    """
    gr.Markdown(INTRODUCTION)
    with gr.Tabs(elem_id="reading-parts"):
        with gr.Tab("Learn", id="reading-learn"):
            _build_practice()
        with gr.Tab("Set up a study", id="reading-setup"):
            opened = _build_form()
        with gr.Tab("Run a study", id="reading-run"):
            _build_run(*opened, tabs, test)
    gr.Markdown(NOTICE, elem_classes="notice")


def _build_practice() -> None:
    gr.Markdown(PRACTISE)
    begin = gr.Button("Practise on phantoms", variant="primary", elem_id="reading-practise")
    link = gr.HTML(elem_id="reading-practice-link")
    _on(begin.click, setup.practise, None, link, show_progress="minimal")
    if os.environ.get(OAUTH_SECRET):
        gr.Markdown(
            "On this Space readers sign in with their Hugging Face account, before they open their study's link:"
        )
        gr.LoginButton()


def _build_form() -> tuple[gr.State, gr.State]:
    models = [("none", ""), *serving.choices()]
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            gr.Markdown("### Cases")
            source = gr.Radio([form.PHANTOMS, form.UPLOAD], value=form.PHANTOMS, label="Cases", elem_id="study-source")
            phantoms = gr.Slider(2, 200, 20, step=1, label="Phantoms (every second one drawn as malignant)")
            file = gr.File(label="ZIP", file_types=[".zip"], height=110, visible=False, elem_id="study-file")
            with gr.Accordion("About the upload", open=False, visible=False) as about:
                gr.Markdown(FILES)
                organ = gr.Radio([("as in cases.csv", ""), "breast", "thyroid"], value="", label="Organ")
                with gr.Row():
                    benign = gr.Number(0, minimum=0, precision=0, label="Lesions of label 0 (0 and 0: all)")
                    malignant = gr.Number(0, minimum=0, precision=0, label="Lesions of label 1")
                mask = gr.Checkbox(label="Paint found calipers over (otherwise they are declared to the readers)")
                with gr.Row():
                    top = gr.Slider(0, 40, 0, step=1, label="Paint over at the top, %")
                    bottom = gr.Slider(0, 40, 0, step=1, label="Paint over at the bottom, %")
                declare = gr.Checkbox(
                    label="Tell the readers that burned-in marks may be left (text, grades, faint calipers)"
                )
                gr.Markdown(SCORES)
                scores = gr.File(label="scores.csv", file_types=[".csv"], height=110)
                threshold = gr.Number(0, minimum=0, maximum=1, label="Its threshold, where the model is not bundled")
            model = gr.Dropdown(models, value="", label="Score the cases with (needs borders)", elem_id="study-model")
            gr.Markdown("### Question")
            asked = gr.CheckboxGroup(list(form.ASKED), value=["call"], label="Asked", elem_id="study-asked")
            systems = [("none", ""), *((each.title, name) for name, each in SYSTEMS.items())]
            system = gr.Dropdown(systems, value="", label="Category in the system", elem_id="study-system")
        with gr.Column(min_width=320):
            gr.Markdown("### Study")
            title = gr.Textbox(
                label="Title, for the readers (it must tell nothing about the cases)", elem_id="study-title"
            )
            purpose = gr.Radio(list(form.PURPOSES), value="study", label="Purpose", elem_id="study-purpose")
            ethics = gr.Textbox(label="Ethics and consent: what readers agree to", lines=3, elem_id="study-ethics")
            readers = gr.Textbox(
                label="Readers, one a line (on a Space: Hugging Face names)", lines=3, elem_id="study-readers"
            )
            enrol = gr.Checkbox(label="Whoever has the link may join (a class)", elem_id="study-enrol")
            with gr.Accordion("Design and rules", open=False):
                design = gr.Radio(list(form.DESIGNS), value="single", label="Arms", elem_id="study-design")
                washout = gr.Number(
                    LEAST_WASHOUT_DAYS, minimum=LEAST_WASHOUT_DAYS, precision=0, label="Washout of a crossover, days"
                )
                with gr.Row():
                    seed = gr.Number(1, precision=0, label="Seed of the orders")
                    block = gr.Number(0, minimum=0, precision=0, label="Cases between breaks (0: none)")
                    repeats = gr.Number(0, minimum=0, precision=0, label="Cases read twice")
                limit = gr.Number(0, minimum=0, label="Time limit per case, seconds (0: none)")
                back = gr.Radio(list(form.COME_BACK), value="last", label="Readers may correct")
            with gr.Accordion("How many readers and cases?", open=False):
                _build_planner()
    submit = gr.Button("Open the study", variant="primary", elem_id="study-open")
    panel = gr.HTML(elem_id="study-opened")
    with gr.Row():
        codes = gr.DownloadButton("Save key and codes (CSV)", visible=False, elem_id="study-codes")
        bundle = gr.DownloadButton("Save the study file", visible=False, elem_id="study-bundle")
    study_id, key = gr.State(""), gr.State("")
    source.change(
        lambda chosen: [gr.update(visible=(chosen == form.UPLOAD) == upload) for upload in (False, True, True)],
        source,
        [phantoms, file, about],
        show_progress="hidden",
        api_visibility="private",
    )
    # In the order of `Form`.
    inputs = [
        source, phantoms, file, organ, scores, benign, malignant, mask, top, bottom, declare, model, threshold, title,
        purpose, asked, system, design, washout, readers, enrol, seed, block, repeats, limit, back, ethics,
    ]  # fmt: skip
    _on(submit.click, setup.open_study, inputs, [panel, codes, bundle, study_id, key], show_progress="minimal")
    return study_id, key


def _build_planner() -> None:
    with gr.Row():
        area = gr.Number(0.85, minimum=0.5, maximum=0.99, step=0.01, label="AUC without the model")
        difference = gr.Number(0.05, minimum=0.001, step=0.01, label="Difference to find")
        readers = gr.Number(6, minimum=3, precision=0, label="Readers")
        spread = gr.Number(0.1, minimum=0, step=0.05, label="Least to most accurate reader")
        power = gr.Number(0.8, minimum=0.1, maximum=0.99, step=0.05, label="Power")
    inputs = [area, difference, readers, spread, power]
    answer = gr.Markdown(setup.plan(0.85, 0.05, 6, 0.1, 0.8), elem_id="study-plan")
    for control in inputs:
        _on(control.change, setup.plan, inputs, answer)


def _build_run(opened_id: gr.State, opened_key: gr.State, tabs: gr.Tabs, test: HandOver) -> None:
    with gr.Row():
        study_id = gr.Textbox(label="Study", elem_id="run-study", max_lines=1)
        key = gr.Textbox(label="Key", type="password", elem_id="run-key", max_lines=1)
        show = gr.Button("Show", variant="primary", elem_id="run-show", min_width=120)
    note = gr.Markdown(run.CLOSED, elem_id="run-note")
    progress = PlainTable(visible=False, elem_id="run-progress")
    classes = PlainTable(visible=False, elem_id="run-class")
    roc = ClickablePlot(visible=False, height_px=460, elem_id="run-roc")
    readers = PlainTable(visible=False, elem_id="run-readers")
    study = PlainTable(visible=False, elem_id="run-result")
    aid = PlainTable(visible=False, elem_id="run-aid")
    course = PlainTable(visible=False, elem_id="run-course")
    with gr.Column(visible=False) as exports:
        over = gr.Button("Open in the held-out test: models and readers", elem_id="run-hand-over")
        with gr.Row():
            saves = [
                (gr.Button("readings.csv", elem_id="run-save-readings"), run.save_readings),
                (gr.Button("iMRMC file", elem_id="run-save-imrmc"), run.save_imrmc),
                (gr.Button("Every answer (CSV)", elem_id="run-save-answers"), run.save_answers),
                (gr.Button("Audit trail (CSV)", elem_id="run-save-audit"), run.save_audit),
                (gr.Button("Study file", elem_id="run-save-study"), run.save_study),
            ]
        incoming = gr.File(
            label="Add readers (.csv, .imrmc)",
            file_types=[".csv", ".imrmc"],
            height=110,
            elem_id="run-import",
        )
        imported = gr.Markdown(elem_id="run-imported")
    outputs = [note, progress, readers, study, classes, roc, exports, aid, course]
    for event in (show.click, key.submit):
        _on(event, run.show, [study_id, key], outputs, **LAST)
    _on(over.click, run.hand_over, [study_id, key, test.own, test.opened], [test.own, test.opened, tabs])
    saved = gr.File(visible=False)
    for button, save in saves:
        _on(button.click, save, [study_id, key], saved).success(None, saved, None, js=SAVE)
    _on(incoming.upload, run.import_file, [incoming, study_id, key], imported, **LAST).then(
        run.show, [study_id, key], outputs, **LAST, show_progress="hidden", api_visibility="private"
    )
    # A study that was just set up is at hand here.
    opened_id.change(
        lambda name, secret: (name, secret),
        [opened_id, opened_key],
        [study_id, key],
        show_progress="hidden",
        api_visibility="private",
    )


def _on(event: Callable[..., Any], handler: Callable[..., Any], inputs: Any, outputs: Any, **options: Any) -> Any:
    return event(handler, inputs, outputs, **{"show_progress": "hidden", "api_visibility": "private", **options})
