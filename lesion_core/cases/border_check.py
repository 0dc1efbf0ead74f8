"""The border check of the paper: one reader outlines, a second and senior one approves, corrects or rejects.

The state of each case is kept in ``border_checks.csv``, one row per decision; the last row of a case counts. Corrected
borders are files of their own, so nothing that a reader drew is lost. Only approved and corrected cases are used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast, get_args

from lesion_core.cases.agreement import Agreement, compare_borders
from lesion_core.cases.columns import Column, any_text, number_between, one_of, read_rows, write_rows
from lesion_core.cases.paths import path_from
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError, TableError
from lesion_core.records import Border

Decision = Literal["approved", "corrected", "rejected"]
State = Literal["drawn", "approved", "corrected", "rejected"]

_DECISIONS = get_args(Decision)

COLUMNS = (
    Column("case_id", "a case of cases.csv", "text on one line", any_text, required=True),
    Column("decision", "of the second reader", " or ".join(_DECISIONS), one_of(*_DECISIONS), required=True),
    Column("first_reader", "who drew the border", "text on one line", any_text, required=True),
    Column("second_reader", "who checked it, another person", "text on one line", any_text, required=True),
    Column("checked_at", "when, ISO 8601", "text on one line", any_text, required=True),
    Column("border", "the corrected border, relative to this file", "a path on one line", any_text),
    Column("dice", "overlap of both borders", "a number from 0 to 1", number_between(0, 1)),
    Column("hausdorff_px", "largest distance", "a number of pixels", number_between(0, 1e6)),
    Column("mean_px", "mean distance", "a number of pixels", number_between(0, 1e6)),
    Column("comment", "why", "text on one line", any_text),
)


@dataclass(frozen=True)
class Check:
    """One decision of a second reader.

    Attributes:
        case_id: a case of cases.csv.
        decision: approved, corrected or rejected.
        first_reader: who drew the border.
        second_reader: who checked it.
        checked_at: ISO 8601 time, UTC.
        border: file of the corrected border, relative to the checks' file; empty unless corrected.
        agreement: of the drawn with the corrected border; None unless corrected.
        comment: in the reader's words.
    """

    case_id: str
    decision: Decision
    first_reader: str
    second_reader: str
    checked_at: str
    border: str = ""
    agreement: Agreement | None = None
    comment: str = ""


def check(
    case: Case,
    decision: Decision,
    *,
    first_reader: str,
    second_reader: str,
    drawn: Border | None = None,
    corrected: Border | None = None,
    border: str = "",
    comment: str = "",
    now: datetime | None = None,
) -> Check:
    """Take down a decision.

    Args:
        case: what was checked.
        decision: approved, corrected or rejected.
        first_reader: who drew the border.
        second_reader: who checks it: somebody else.
        drawn: the first reader's border, needed for a correction.
        corrected: the second reader's border, for a correction.
        border: where the corrected border is kept, relative to the checks' file.
        comment: in the reader's words; needed for a rejection.
        now: the time; the current one when left out.

    Raises:
        InputError: the readers are the same, a correction without its borders, or a rejection without a reason.
    """
    one, two = first_reader.strip(), second_reader.strip()
    if not one or not two or one.casefold() == two.casefold():
        raise InputError(f"{case.case_id}: the second reader must be another person than the first ({one or 'nobody'})")
    if decision == "rejected" and not comment.strip():
        raise InputError(f"{case.case_id}: a rejection needs its reason")
    if (decision == "corrected") != (corrected is not None and drawn is not None and bool(border)):
        raise InputError(f"{case.case_id}: a correction needs the drawn border, the corrected one and its file")
    agreement = compare_borders(drawn, corrected) if drawn is not None and corrected is not None else None
    time = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    return Check(case.case_id, decision, one, two, time, border, agreement, " ".join(comment.split()))


def read_checks(path: str | Path) -> tuple[Check, ...]:
    """Read border_checks.csv, in the order of the decisions.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows, all of them listed.
    """
    rows, problems = read_rows(path, COLUMNS)
    for row in rows:
        measures = [row.cells[name] for name in ("border", "dice", "hausdorff_px", "mean_px")]
        if (row.cells["decision"] == "corrected") != all(measures):
            problems.append(f"row {row.number}: a correction, and only a correction, has a border and its agreement")
        if row.cells["first_reader"] and row.cells["first_reader"].casefold() == row.cells["second_reader"].casefold():
            problems.append(f"row {row.number}: second_reader is the first_reader, it must be another person")
    if problems:
        raise TableError(str(path), problems)
    return tuple(_read(row.cells) for row in rows)


def write_checks(checks: Iterable[Check], path: str | Path) -> None:
    """Write all decisions, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    write_rows(path, COLUMNS, [_cells(each) for each in checks])


def states(cases: Sequence[Case], checks: Iterable[Check]) -> dict[str, State]:
    """The state of each case: "drawn" until somebody else has looked at it, then the last decision."""
    state: dict[str, State] = {case.case_id: "drawn" for case in cases}
    for each in checks:
        if each.case_id in state:
            state[each.case_id] = each.decision
    return state


def checked(table: CaseTable, checks: Sequence[Check], folder: Path) -> CaseTable:
    """The cases that passed the check, with corrected borders in place of the drawn ones.

    Args:
        table: the cases.
        checks: all decisions; cases without one are left out, as are rejected ones.
        folder: where the checks' file lies, from which its border paths count.
    """
    last: Mapping[str, Check] = {each.case_id: each for each in checks}
    kept = []
    for case in table.cases:
        decision = last.get(case.case_id)
        if decision is None or decision.decision == "rejected":
            continue
        if decision.border:
            border = path_from(table.folder, folder / decision.border)
            kept.append(replace(case, border=border))
        else:
            kept.append(case)
    return CaseTable(tuple(kept), table.folder)


def _read(cells: Mapping[str, str]) -> Check:
    agreement = None
    if cells["dice"]:
        dice, hausdorff, mean = (float(cells[name]) for name in ("dice", "hausdorff_px", "mean_px"))
        agreement = Agreement(dice, hausdorff, mean, float("nan"))
    return Check(
        case_id=cells["case_id"],
        decision=cast(Decision, cells["decision"]),
        first_reader=cells["first_reader"],
        second_reader=cells["second_reader"],
        checked_at=cells["checked_at"],
        border=cells["border"],
        agreement=agreement,
        comment=cells["comment"],
    )


def _cells(each: Check) -> dict[str, str]:
    cells = {
        "case_id": each.case_id,
        "decision": each.decision,
        "first_reader": each.first_reader,
        "second_reader": each.second_reader,
        "checked_at": each.checked_at,
        "border": each.border,
        "comment": each.comment,
    }
    if each.agreement is not None:
        cells |= {
            "dice": f"{each.agreement.dice:.4f}",
            "hausdorff_px": f"{each.agreement.hausdorff_px:.2f}",
            "mean_px": f"{each.agreement.mean_px:.2f}",
        }
    return cells
