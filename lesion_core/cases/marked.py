"""The cases that may be learnt from, and those that may only be tested on."""

from __future__ import annotations

from dataclasses import replace

from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError


def development_cases(table: CaseTable) -> CaseTable:
    """The cases that may be learnt from: all that are not marked external.

    Raises:
        InputError: there is none.
    """
    kept = tuple(case for case in table.cases if case.split != "external")
    if not kept:
        raise InputError(f"all {len(table)} cases are marked external: they may not be learnt from")
    return replace(table, cases=kept)


def external_cases(table: CaseTable) -> CaseTable | None:
    """The cases marked external, which no model may have learnt from; None where there is none.

    Raises:
        InputError: external cases without a data set: the ledger names it.
    """
    kept = tuple(case for case in table.cases if case.split == "external")
    nameless = sum(not case.dataset for case in kept)
    if nameless:
        raise InputError(f"{nameless} external cases name no dataset: the ledger needs it, fill in that column")
    return replace(table, cases=kept) if kept else None
