"""What the Borders tab says about a case and about two borders: numbers in, markup out. Every text is escaped."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.answer_panel import text
from lesion_core.cases.agreement import Agreement
from lesion_core.cases.border_check import Check
from lesion_core.cases.table import Case

CSS = """
.bp { display: grid; gap: .5rem; font-size: var(--text-md); }
.bp h4 { margin: 0; font-size: var(--text-lg); overflow-wrap: anywhere; } .bp p { margin: 0; }
.bp .state { border-left: 4px solid var(--border-color-primary); padding-left: .6rem; overflow-wrap: anywhere; }
.bp .state.approved { border-color: #0d9488; } .bp .state.corrected { border-color: #d97706; }
.bp .state.rejected { border-color: #b91c1c; }
.bp dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem; margin: 0; }
.bp dt { color: var(--body-text-color-subdued); } .bp dd { margin: 0; font-variant-numeric: tabular-nums; }
.bp dd b { font-size: var(--text-lg); }
.bp .small { font-size: var(--text-sm); color: var(--body-text-color-subdued); }
.bp .error { border-left: 4px solid var(--error-border-color, #b91c1c); padding-left: .6rem; white-space: pre-wrap; }
"""


def case_panel(case: Case, number: int, count: int, size: tuple[int, int], own: Sequence[Check]) -> str:
    """Which case is open and what was decided on it.

    Args:
        case: the open case. Its label is not shown: it would lead the eye.
        number: from 1.
        count: of all cases.
        size: (height, width) of its image in pixels.
        own: the decisions on it, in order.
    """
    head = f"<h4>{text(case.case_id)}</h4>"
    where = f'<p class="small">Case {number:,} of {count:,} · {text(case.organ)} · {size[1]} × {size[0]} px</p>'
    return f'<div class="bp">{where}{head}{_state(own)}{_earlier(own)}</div>'


def fault_panel(case: Case, number: int, count: int, message: str, own: Sequence[Check]) -> str:
    """A case whose image or border cannot be used, and what was decided on it; arguments as of `case_panel`."""
    return (
        f'<div class="bp"><p class="small">Case {number:,} of {count:,}</p><h4>{text(case.case_id)}</h4>'
        f'<p class="error" role="alert">{text(message)}</p>{_state(own)}{_earlier(own)}</div>'
    )


def closed_panel(message: str) -> str:
    """No table is open."""
    return f'<div class="bp"><p class="error" role="alert">{text(message)}</p></div>'


def comparison_panel(agreement: Agreement | None, *, note: str = "") -> str:
    """Two borders compared, or what to do to get there.

    Args:
        agreement: of the first with the second border; None when there is no second one.
        note: what was repaired, or where the second border comes from.
    """
    if agreement is None:
        words = note or "Draw a second border on the image to correct the first one: the two are compared here."
        return f'<div class="bp"><p class="small">{text(words)}</p></div>'
    rows = (
        ("Dice", f"<b>{agreement.dice:.3f}</b> (1 is equal, 0 apart)"),
        ("Mean distance", f"<b>{agreement.mean_px:.1f} px</b>"),
        ("Hausdorff distance", f"<b>{agreement.hausdorff_px:.1f} px</b> (the largest)"),
        ("Area", f"{agreement.area_ratio:.2f} times the first"),
    )
    lines = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    tail = f'<p class="small">{text(note)}</p>' if note else ""
    return f'<div class="bp" role="status"><p>Second border against the first</p><dl>{lines}</dl>{tail}</div>'


def _state(own: Sequence[Check]) -> str:
    if not own:
        return '<p class="state">Not checked yet.</p>'
    last = own[-1]
    why = f": {text(last.comment)}" if last.comment else ""
    by = f"by {text(last.second_reader)}, {text(last.checked_at.replace('T', ' ').replace('+00:00', ' UTC'))}"
    measured = ""
    if last.agreement is not None:
        one = last.agreement
        measured = (
            f" Dice {one.dice:.3f}, mean distance {one.mean_px:.1f} px, Hausdorff {one.hausdorff_px:.1f} px "
            f"from the border of {text(last.first_reader)}."
        )
    return f'<p class="state {last.decision}"><b>{last.decision.capitalize()}</b> {by}{why}.{measured}</p>'


def _earlier(own: Sequence[Check]) -> str:
    if len(own) < 2:
        return ""
    words = ", ".join(f"{each.decision} by {each.second_reader}" for each in own[:-1])
    return f'<p class="small">Before: {text(words)}. All decisions are kept; the last one counts.</p>'
