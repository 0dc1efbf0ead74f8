"""Development cases of one table or of several joined ones, with the folds they are tested in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lesion_core.cases.folds import Scheme, read_scheme
from lesion_core.cases.join import read_joined
from lesion_core.cases.marked import development_cases
from lesion_core.cases.splits import check_scheme
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError


def read_divided(paths: Sequence[Path], scheme: str, folds: Path | None = None) -> tuple[CaseTable, Scheme]:
    """Read cases and one named division of them.

    Args:
        paths: one cases.csv or several, which are joined.
        scheme: name of the division.
        folds: the folds.csv that holds it, e.g. that of a run; None takes the one beside the only table.

    Raises:
        InputError: several tables without `folds`, no such scheme, no case to learn from, or a scheme that does not
            fit the cases.
        TableError: bad rows.
    """
    if folds is None and len(paths) != 1:
        raise InputError(
            f"{len(paths)} tables have no folds.csv in common: name one with --folds, e.g. that of the run whose "
            "folds are wanted"
        )
    table = development_cases(read_joined(paths))
    found = read_scheme(folds or paths[0].parent / "folds.csv", scheme)
    check_scheme(table.cases, found)
    return table, found
