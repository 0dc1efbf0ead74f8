"""The Borders tab: a second reader walks through the cases and approves, corrects or rejects each first border.

Handlers are plain functions; each takes what is on the page and gives the updates of `border_sitting.show`. What they
decide is on the disk before the page shows it (`lesion_core.cases.border_desk`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from dashboards import border_panel as panel
from dashboards import border_tables, reader_agreement
from dashboards.asking import EACH, LAST
from dashboards.border_sitting import (
    Sitting,
    closed,
    next_open,
    open_case,
    refreshed,
    refused,
    remembered,
    reopen,
    show,
)
from dashboards.border_tables import EXAMPLE, open_desk
from dashboards.saving import SAVE
from dashboards.widgets.border_canvas import BorderCanvas
from dashboards.widgets.cached_file import cached_file
from dashboards.widgets.case_strip import CaseStrip
from dashboards.widgets.drawn_border import DrawnBorder
from dashboards.widgets.first_sight import first_sight
from lesion_core.cases.agreement import compare_borders
from lesion_core.cases.border_check import Decision
from lesion_core.cases.border_desk import OvertakenError
from lesion_core.cases.border_example import FIRST_READER
from lesion_core.cases.checked_table import checks_zip
from lesion_core.errors import InputError, LesionError
from lesion_core.imaging.border import border_from_points
from lesion_core.notice import NOTICE
from lesion_core.records import Border

INTRODUCTION = (
    "In the paper one radiologist drew every border and a senior one checked it. This is that check: go through the "
    "cases, **approve** a border, **correct** it by drawing a second one, or **reject** it with a reason. Labels are "
    "not shown. Everything is kept at once, so you can close the page and go on later."
)
KEYS_HELP = (
    "**A** approve · **R** reason, then Enter rejects · **S** save the correction · **C** start the correction from "
    "the first border · **N** next · **P** previous · **U** next unchecked. On the image: press and draw around the "
    "lesion, or point by point; its own keys stand below it."
)
OWN_TABLE = (
    "To check your own cases run the app on the machine that has them: "
    "`LESION_CASES=runs/busbra/cases.csv python app.py` (several: separated by `:`). The decisions are kept in "
    "`border_checks/` beside the table. Then `python -m lesion_core borders runs/busbra/cases.csv checked.csv` makes "
    "the table with corrected borders and marks rejected ones."
)
KEYS = {"a": "approve", "s": "save", "c": "copy", "n": "next", "p": "previous", "u": "unchecked"}
FIELDS = {"r": "borders-reason"}
GUEST = "Visitor"
DONE = "Every case has been checked."
#: A key or button came while the page still showed the case before.
NOT_SEEN = "the case that is open now was not on the page yet, and nothing was decided: look at it, then decide"


def first_look(sitting: Sitting, memory: Any) -> tuple[Any, ...]:
    """Open the example when the tab is first looked at; outputs as `open_table`, with what the browser remembers."""
    if sitting.key:
        return tuple(gr.skip() for _ in range(9))
    kept = remembered(memory)
    kept["visitor"] = kept["visitor"] or secrets.token_hex(16)
    return kept, *open_table(EXAMPLE, kept)


def choose_table(key: str, sitting: Sitting, memory: Any) -> tuple[Any, ...]:
    """Another table is chosen; outputs as `open_table`. One that is open stays at its case.

    Gradio says so too when a drop-down is left as it was.
    """
    return tuple(gr.skip() for _ in range(8)) if key == sitting.key else open_table(key, memory)


def open_table(key: str, memory: Any) -> tuple[Any, ...]:
    """Open a table at its first unchecked case.

    Returns:
        Updates of the readers' names and those of `show`.
    """
    kept = remembered(memory)
    try:
        desk = open_desk(key or EXAMPLE, kept["visitor"])
        sitting = Sitting(key or EXAMPLE, kept["visitor"])
        index = next_open(desk, -1)
        names = (FIRST_READER, kept["second"] or GUEST) if sitting.key == EXAMPLE else (kept["first"], kept["second"])
        return *names, *show(desk, replace(sitting, index=max(index, 0)), names[1])
    except LesionError as error:
        gr.Warning(str(error), title="This table cannot be used", duration=None)
        return gr.skip(), gr.skip(), *closed(str(error))


def open_upload(path: str | None, memory: Any) -> tuple[Any, ...]:
    """Open an uploaded table; outputs as `open_table` behind those of the choice of tables."""
    if not path:
        return tuple(gr.skip() for _ in range(9))
    try:
        key = border_tables.keep_upload(path)
    except LesionError as error:
        gr.Warning(str(error), title="This table cannot be used", duration=None)
        return gr.skip(), gr.skip(), gr.skip(), *closed(str(error))
    choices = [*border_tables.offered(), ("Uploaded table", key)]
    return gr.update(choices=choices, value=key), *open_table(key, memory)


def remember(memory: Any, key: str, first: str, second: str) -> dict[str, str]:
    """Keep the readers' names in the browser; the example's program is not remembered."""
    kept = remembered(memory)
    return kept | {"second": second.strip()[:80], "first": kept["first"] if key == EXAMPLE else first.strip()[:80]}


def compare(drawn: DrawnBorder, sitting: Sitting, second: str) -> tuple[Any, Any]:
    """Compare what was drawn with the first border, and keep it as a draft.

    Returns:
        Updates of the canvas and of the comparison.
    """
    try:
        desk, case = open_case(sitting)
        if drawn.image_id != sitting.image_id:  # of a case that was left: the next one is about to be shown
            return BorderCanvas.answer(drawn), gr.skip()
        if not drawn.closed:
            desk.drop_draft(case.case_id, second)
            return BorderCanvas.answer(drawn), panel.comparison_panel(None)
        border = border_from_points(drawn.points, drawn.size)
        agreement = compare_borders(desk.first_border(case, drawn.size), border)
        desk.keep_draft(case.case_id, second, border)
    except LesionError as error:
        gr.Warning(str(error), title="This border cannot be used")
        return BorderCanvas.answer(drawn, message=str(error)), panel.comparison_panel(None, note=str(error))
    note = " ".join([*border.notes, "Kept as a draft: S saves it as the correction."])
    return BorderCanvas.answer(drawn), panel.comparison_panel(agreement, note=note)


def approve(drawn: DrawnBorder, sitting: Sitting, first: str, second: str, reason: str) -> tuple[Any, ...]:
    """Approve the first border and go on; outputs as `show`."""
    if drawn.closed and drawn.image_id == sitting.image_id:
        return refused("there is a second border on the image: save it as the correction (S), or clear it to approve")
    return _decide("approved", drawn, sitting, first, second, "")


def reject(drawn: DrawnBorder, sitting: Sitting, first: str, second: str, reason: str) -> tuple[Any, ...]:
    """Reject the first border with a reason and go on; outputs as `show`."""
    if not reason.strip():
        return refused("write down why the border is rejected (R goes to the field), then press Enter")
    return _decide("rejected", drawn, sitting, first, second, reason)


def save(drawn: DrawnBorder, sitting: Sitting, first: str, second: str, reason: str) -> tuple[Any, ...]:
    """Save the second border as the correction and go on; outputs as `show`."""
    if not drawn.closed and drawn.image_id == sitting.image_id:
        return refused("there is no second border yet: draw one around the lesion, or press C to start from the first")
    return _decide("corrected", drawn, sitting, first, second, reason)


def copy_first(drawn: DrawnBorder, sitting: Sitting, first: str, second: str, reason: str) -> tuple[Any, ...]:
    """Put the first border on the canvas to be corrected point by point; outputs as `show`."""
    return reopen(sitting, second, copied=True)


def step_next(drawn: DrawnBorder, sitting: Sitting, first: str, second: str, reason: str) -> tuple[Any, ...]:
    """Go to the next case; outputs as `show`."""
    return reopen(replace(sitting, index=sitting.index + 1), second)


def step_back(drawn: DrawnBorder, sitting: Sitting, first: str, second: str, reason: str) -> tuple[Any, ...]:
    """Go to the case before; outputs as `show`."""
    return reopen(replace(sitting, index=sitting.index - 1), second)


def step_open(drawn: DrawnBorder, sitting: Sitting, first: str, second: str, reason: str) -> tuple[Any, ...]:
    """Go to the next case that nobody has checked; outputs as `show`."""
    try:
        desk, _ = open_case(sitting)
        index = next_open(desk, sitting.index)
    except LesionError as error:
        return refused(str(error))
    if index < 0:
        gr.Info(DONE)
    return reopen(replace(sitting, index=index if index >= 0 else sitting.index), second)


_Action = Callable[[DrawnBorder, Sitting, str, str, str], tuple[Any, ...]]
ACTIONS: dict[str, _Action] = {
    "approve": approve,
    "reject": reject,
    "save": save,
    "copy": copy_first,
    "next": step_next,
    "previous": step_back,
    "unchecked": step_open,
}


def press(
    drawn: DrawnBorder, sitting: Sitting, first: str, second: str, reason: str, event: gr.EventData
) -> tuple[Any, ...]:
    """Do what a key says; outputs as `show`."""
    return ACTIONS[CaseStrip.read_word(event, tuple(KEYS.values()))](drawn, sitting, first, second, reason)


def jump(sitting: Sitting, second: str, event: gr.EventData) -> tuple[Any, ...]:
    """Open the case whose cell was clicked; outputs as `show`."""
    try:
        desk, _ = open_case(sitting)
    except LesionError as error:
        return refused(str(error))
    return reopen(replace(sitting, index=CaseStrip.read_index(event, len(desk.table))), second)


def pack(sitting: Sitting) -> str:
    """Write the decisions, the corrected borders and the new case table into a ZIP, and return its path."""
    try:
        desk, _ = open_case(sitting)
        content = checks_zip(desk, with_pictures=sitting.key == EXAMPLE)
    except LesionError as error:
        raise gr.Error(str(error), print_exception=False) from None
    return cached_file(content, "border-checks.zip", get_upload_folder())


def build() -> None:
    """Lay out the tab; call inside a `gr.Tab`."""
    sitting = gr.State(Sitting(), time_to_live=24 * 3600)
    # Nothing secret: a name for the browser, so that its decisions are found again after a restart of the server.
    memory = gr.BrowserState(None, storage_key="lesion-borders", secret="lesion-borders")
    gr.Markdown(INTRODUCTION)
    with gr.Row():
        table = gr.Dropdown(border_tables.offered(), value=EXAMPLE, label="Cases", elem_id="borders-table")
        first = gr.Textbox(label="First reader: drew the borders", max_lines=1, elem_id="borders-first")
        second = gr.Textbox(label="Second reader: you", max_lines=1, elem_id="borders-second")
    strip = CaseStrip(keys=KEYS, fields=FIELDS, elem_id="borders-strip")
    sight = first_sight(elem_id="borders-sight")
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=340):
            canvas = BorderCanvas(elem_id="borders-canvas")
        with gr.Column(scale=2, min_width=320):
            about = gr.HTML(css_template=panel.CSS, elem_id="borders-case")
            with gr.Row():
                back = gr.Button("Previous (P)", size="sm", min_width=90)
                forth = gr.Button("Next (N)", size="sm", min_width=90)
                unchecked = gr.Button("Next unchecked (U)", size="sm", min_width=120)
            approving = gr.Button("Approve (A)", variant="primary", elem_id="borders-approve")
            comparison = gr.HTML(panel.comparison_panel(None), css_template=panel.CSS, elem_id="borders-comparison")
            with gr.Row():
                copying = gr.Button("Start from the first border (C)", size="sm", min_width=140)
                saving = gr.Button("Save the correction (S)", size="sm", min_width=140, elem_id="borders-save")
            reason = gr.Textbox(label="Why it is rejected (R)", max_lines=1, elem_id="borders-reason")
            rejecting = gr.Button("Reject (Enter in the field)", size="sm", elem_id="borders-reject")
            gr.Markdown(KEYS_HELP)
            packing = gr.Button("Download the checks (ZIP)", size="sm", elem_id="borders-download")
            zipped = gr.DownloadButton(visible="hidden", elem_id="borders-zip")
    with gr.Accordion("Your own cases", open=False):
        gr.Markdown(OWN_TABLE)
        upload = gr.File(
            label="cases.csv whose pictures lie in the folder LESION_CASE_FILES",
            file_types=[".csv"],
            height=110,
            visible=border_tables.files_folder() is not None,
            elem_id="borders-upload",
        )
    reader_agreement.build()
    gr.Markdown(NOTICE, elem_classes="notice")

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    views = [sitting, canvas, strip, about, comparison, reason]
    given = [canvas, sitting, first, second, reason]
    sight.first_sight(first_look, [sitting, memory], [memory, first, second, *views], **private)
    table.input(choose_table, [table, sitting, memory], [first, second, *views], **LAST, **private)
    upload.upload(open_upload, [upload, memory], [table, first, second, *views], **LAST, **private)
    canvas.border(compare, [canvas, sitting, second], [canvas, comparison], **LAST, **private)
    strip.command(press, given, views, **EACH, **private)
    strip.jump(jump, [sitting, second], views, **EACH, **private)
    buttons = ((approving, approve), (saving, save), (copying, copy_first), (rejecting, reject))
    for button, action in (*buttons, (back, step_back), (forth, step_next), (unchecked, step_open)):
        button.click(action, given, views, **EACH, **private)
    reason.submit(reject, given, views, **EACH, **private)
    for name in (first, second):
        name.blur(remember, [memory, table, first, second], memory, **private)
    packing.click(pack, sitting, zipped, **private).success(None, zipped, None, js=SAVE, **private)


def _decide(
    decision: Decision, drawn: DrawnBorder, sitting: Sitting, first: str, second: str, comment: str
) -> tuple[Any, ...]:
    if not first.strip() or not second.strip():
        return refused("write down who drew the borders and who you are (above the cases): both readers are kept")
    try:
        desk, case = open_case(sitting)
        if drawn.image_id != sitting.image_id:
            raise InputError(NOT_SEEN)
        if decision == "approved" and sitting.fault:
            raise InputError(f"this case cannot be approved, as it cannot be looked at: {sitting.fault}")
        borders: dict[str, Border] = {}
        if decision == "corrected":
            borders["first"] = desk.first_border(case, drawn.size)
            borders["second"] = border_from_points(drawn.points, drawn.size)
            if compare_borders(borders["first"], borders["second"]).hausdorff_px < 0.05:
                raise InputError("both borders are the same: clear the second one and approve the first")
        desk.decide(
            case, decision, first_reader=first, second_reader=second, known=sitting.known, comment=comment, **borders
        )
        index = next_open(desk, sitting.index)
        if index < 0:
            gr.Info(DONE)
        return show(desk, replace(sitting, index=index if index >= 0 else sitting.index), second)
    except OvertakenError as error:
        gr.Warning(str(error), title="Decided elsewhere meanwhile", duration=None)
        return refreshed(sitting, drawn.size)
    except LesionError as error:
        return refused(str(error))
