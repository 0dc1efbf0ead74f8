"""Which case a page has open, and what it shows of it.

The page keeps only which case is open and how many decisions on it were shown, so tabs and servers may come and go.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from dashboards import border_panel as panel
from dashboards.border_tables import open_desk
from dashboards.uploads import Source, load
from dashboards.widgets.border_canvas import BorderCanvas
from dashboards.widgets.case_strip import CaseStrip
from lesion_core.cases.agreement import compare_borders
from lesion_core.cases.border_check import Check, states
from lesion_core.cases.border_desk import BorderDesk
from lesion_core.cases.table import Case
from lesion_core.errors import InputError, LesionError
from lesion_core.records import Border

_NAME = re.compile(r"[^\x00-\x1f]{0,80}")
_VISITOR = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Sitting:
    """What a page keeps on the server.

    Attributes:
        key: of the open table.
        visitor: names the browser.
        index: of the open case, -1 for none.
        known: how many decisions on it were shown.
        image_id: of the canvas when it was opened, also of one that stayed empty.
        fault: why the open case cannot be looked at; "" when it can.
    """

    key: str = ""
    visitor: str = ""
    index: int = -1
    known: int = 0
    image_id: str = ""
    fault: str = ""


def reopen(sitting: Sitting, second: str, *, copied: bool = False) -> tuple[Any, ...]:
    """Open the case of a sitting, or say why not; outputs as `show`."""
    try:
        desk, _ = open_case(sitting)
        return show(desk, sitting, second, copied=copied)
    except LesionError as error:
        return refused(str(error))


def open_case(sitting: Sitting) -> tuple[BorderDesk, Case]:
    """The desk and the open case.

    Raises:
        InputError: no table is open, or it cannot be read any more.
    """
    if not sitting.key:
        raise InputError("no table is open: choose one")
    desk = open_desk(sitting.key, sitting.visitor)
    return desk, desk.table.cases[min(max(sitting.index, 0), len(desk.table) - 1)]


def next_open(desk: BorderDesk, index: int) -> int:
    """Index of the first unchecked case behind `index`, going round; -1 when there is none."""
    state = list(states(desk.table.cases, desk.checks()).values())
    order = [*range(index + 1, len(state)), *range(min(index + 1, len(state)))]
    return next((each for each in order if state[each] == "drawn"), -1)


def show(desk: BorderDesk, sitting: Sitting, second: str, *, copied: bool = False) -> tuple[Any, ...]:
    """Open a case.

    Args:
        desk: where.
        sitting: its `index` is the case to open, moved into the table where it is outside.
        second: who checks, for a draft of theirs.
        copied: begin with a copy of the first border instead.

    Returns:
        Updates of the sitting, the canvas, the strip, the case, the comparison and the reason.
    """
    count = len(desk.table)
    index = min(max(sitting.index, 0), count - 1)
    case = desk.table.cases[index]
    checks = desk.checks()
    own = [each for each in checks if each.case_id == case.case_id]
    strip = CaseStrip.show(list(states(desk.table.cases, checks).values()), index)
    opened = replace(sitting, index=index, known=len(own))
    try:
        image = load(Source(path=str(desk.table.image_path(case))))
        first_border = desk.first_border(case, image.size)
        shown, note = (first_border, "") if copied else _second_border(desk, case, own, second, image.size)
    except LesionError as error:
        about = panel.fault_panel(case, index + 1, count, str(error), own)
        opened = replace(opened, image_id=secrets.token_hex(8), fault=str(error))
        canvas = BorderCanvas.empty(image_id=opened.image_id)
        return opened, canvas, strip, about, panel.comparison_panel(None), ""
    points = shown.points if shown else ()
    canvas = BorderCanvas.show(image.pixels, points, reference=first_border.points)
    agreement = compare_borders(first_border, shown) if shown else None
    about = panel.case_panel(case, index + 1, count, image.size, own)
    opened = replace(opened, image_id=canvas["image_id"], fault="")
    return opened, canvas, strip, about, panel.comparison_panel(agreement, note=note), ""


def _second_border(
    desk: BorderDesk, case: Case, own: list[Check], second: str, size: tuple[int, int]
) -> tuple[Border | None, str]:
    """What the canvas begins with: a draft of this reader, else the last correction, else nothing; and what it is."""
    draft = desk.draft(case.case_id, second, size)
    if draft is not None:
        return draft, "Your draft from before: S saves it as the correction."
    if own and own[-1].border:
        return desk.corrected_border(own[-1], size), f"The correction by {own[-1].second_reader}."
    return None, ""


def refreshed(sitting: Sitting, size: tuple[int, int]) -> tuple[Any, ...]:
    """Show what others have decided meanwhile; the drawing stays.

    Args:
        sitting: its case is on the page.
        size: (height, width) of the image on the page.

    Returns:
        Outputs as `show`.
    """
    try:
        desk, case = open_case(sitting)
        checks = desk.checks()
    except LesionError as error:
        return refused(str(error))
    own = [each for each in checks if each.case_id == case.case_id]
    number, count = sitting.index + 1, len(desk.table)
    if sitting.fault:
        about = panel.fault_panel(case, number, count, sitting.fault, own)
    else:
        about = panel.case_panel(case, number, count, size, own)
    strip = CaseStrip.show(list(states(desk.table.cases, checks).values()), sitting.index)
    return replace(sitting, known=len(own)), gr.skip(), strip, about, gr.skip(), gr.skip()


def refused(message: str) -> tuple[Any, ...]:
    """Say what is missing and change nothing; outputs as `show`."""
    gr.Warning(message)
    return tuple(gr.skip() for _ in range(6))


def closed(message: str) -> tuple[Any, ...]:
    """No table is open, and why; outputs as `show`."""
    return Sitting(), BorderCanvas.empty(), CaseStrip.show([], -1), panel.closed_panel(message), "", ""


def remembered(memory: Any) -> dict[str, str]:
    """What the browser remembers; it is untrusted."""
    found = memory if isinstance(memory, dict) else {}
    kept = {name: str(found.get(name) or "") for name in ("visitor", "first", "second")}
    kept["visitor"] = kept["visitor"] if _VISITOR.fullmatch(kept["visitor"]) else ""
    return {name: value if _NAME.fullmatch(value) else "" for name, value in kept.items()}
