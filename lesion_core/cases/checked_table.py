"""What the border check does to a case table: corrected borders take the drawn ones' place, rejected ones are marked.

The table itself is never touched: a new one is made, with the same rows. A rejected row loses its border, so nothing
can be trained or tested on it by mistake, and its note says why.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lesion_core.cases.border_check import Check, State, states
from lesion_core.cases.border_desk import CHECKS_FILE, BorderDesk
from lesion_core.cases.paths import path_from
from lesion_core.cases.table import Case, CaseTable, cases_text
from lesion_core.errors import InputError
from lesion_core.notice import NOTICE

#: Folder of the decisions in a download, beside the case table.
CHECKS_FOLDER = "border_checks"
#: Date of every entry of a ZIP: the same decisions give the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


def mark_checks(table: CaseTable, checks: Sequence[Check], folder: Path) -> CaseTable:
    """All cases of a table with what a second reader decided.

    Args:
        table: the cases.
        checks: all decisions; the last on a case counts.
        folder: where the checks' file lies, from which its border paths count.

    Returns:
        The same rows: approved ones with a note, corrected ones with the second border, rejected ones without a border
        and with the reason, the others with the note that nobody has checked them.
    """
    last = {each.case_id: each for each in checks}
    marked = [_marked(case, last.get(case.case_id), table.folder, folder) for case in table.cases]
    return CaseTable(tuple(marked), table.folder)


def progress(table: CaseTable, checks: Sequence[Check]) -> dict[State, int]:
    """How many cases stand in each state."""
    counts = Counter(states(table.cases, checks).values())
    order: tuple[State, ...] = ("approved", "corrected", "rejected", "drawn")
    return {state: counts[state] for state in order}


def checks_zip(desk: BorderDesk, *, with_pictures: bool = False) -> bytes:
    """Everything that was decided as one ZIP, to be unpacked beside the case table.

    Args:
        desk: whose decisions.
        with_pictures: also put in the table as it was, its pictures and its first borders.

    Returns:
        ``border_checks/border_checks.csv``, ``border_checks/borders/*.json``, ``cases-checked.csv`` and a note.

    Raises:
        InputError: there is no decision yet, or a file is missing.
        TableError: the file of decisions is damaged.
    """
    checks = desk.checks()
    if not checks:
        raise InputError("no border has been checked yet: there is nothing to download")
    marked = mark_checks(desk.table, checks, desk.table.folder / CHECKS_FOLDER)
    files: dict[str, bytes] = {
        "README.txt": _note(desk, checks).encode(),
        "cases-checked.csv": cases_text(marked.cases).encode(),
        f"{CHECKS_FOLDER}/{CHECKS_FILE}": _read(desk.checks_path),
    }
    files |= {f"{CHECKS_FOLDER}/{each.border}": _read(desk.folder / each.border) for each in checks if each.border}
    if with_pictures:
        files["cases.csv"] = cases_text(desk.table.cases).encode()
        names = [name for case in desk.table.cases for name in (case.image, case.border) if name]
        files |= {name: _read(desk.table.folder / name) for name in dict.fromkeys(names)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _marked(case: Case, decision: Check | None, table_folder: Path, folder: Path) -> Case:
    if decision is None:
        return _noted(case, "border not checked by a second reader")
    who = f"{decision.decision} by {decision.second_reader}"
    if decision.decision == "rejected":
        return _noted(replace(case, border=""), f"border {who}: {decision.comment}")
    if decision.agreement is None:
        return _noted(case, f"border {who}")
    border = path_from(table_folder, folder / decision.border)
    return _noted(replace(case, border=border), f"border {who} (Dice {decision.agreement.dice:.3f} with the first)")


def _noted(case: Case, note: str) -> Case:
    return replace(case, notes="; ".join(part for part in (case.notes, note) if part))


def _note(desk: BorderDesk, checks: Sequence[Check]) -> str:
    counts = ", ".join(f"{count} {state}" for state, count in progress(desk.table, checks).items() if state != "drawn")
    return (
        f"{NOTICE}\n\nBorders checked by a second reader: {counts}, of {len(desk.table)} cases.\n"
        "Unpack beside the case table. cases-checked.csv is the table with corrected borders in place of the first\n"
        "ones; rejected rows have no border, so nothing is trained or tested on them, and their note says why.\n"
        "border_checks/border_checks.csv has every decision; the last one on a case counts. Dice is the overlap of\n"
        "both borders (1 is equal), hausdorff_px the largest and mean_px the mean distance between them in pixels.\n"
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path.name}: {error.strerror or error}") from error
