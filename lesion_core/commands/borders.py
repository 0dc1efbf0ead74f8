"""``borders``: what a second reader decided about the borders of a case table, put into a new table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def borders(
    cases: Annotated[Path, typer.Argument(help="the cases.csv whose borders were checked")],
    out: Annotated[Path, typer.Argument(help="the new case table")],
    checks: Annotated[Path | None, typer.Option(help="border_checks.csv (default: the one beside the cases)")] = None,
    passed: Annotated[bool, typer.Option("--passed", help="only cases that were approved or corrected")] = False,
) -> None:
    """Put corrected borders in place of the first ones and mark rejected ones, in a new table."""
    from lesion_core.cases.border_check import checked, read_checks
    from lesion_core.cases.border_desk import checks_path_of
    from lesion_core.cases.checked_table import mark_checks, progress
    from lesion_core.cases.regroup import moved
    from lesion_core.cases.table import read_cases, write_cases
    from lesion_core.errors import InputError

    table = read_cases(cases, check_files=False)
    file = checks or checks_path_of(cases)
    decisions = read_checks(file)
    if out.absolute() == cases.absolute():
        raise InputError(f"{out} is the table itself: name another file, the first borders stay as they are")
    counts = progress(table, decisions)
    made = (checked if passed else mark_checks)(table, decisions, file.parent)
    if not made.cases:
        raise InputError(f"{file}: no case was approved or corrected, so no case is left")
    rows = moved(made.cases, made.folder, out.parent)
    write_cases(rows, out)
    words = {"drawn": "not checked"}
    print(", ".join(f"{count} {words.get(state, state)}" for state, count in counts.items()) + f" of {len(table)}")
    unknown = {each.case_id for each in decisions} - {case.case_id for case in table.cases}
    if unknown:
        print(f"note: decisions on {len(unknown)} cases that are not in the table, e.g. {min(unknown)}")
    print(f"{out}: {len(rows)} cases, {sum(not case.border for case in rows)} without a border")
