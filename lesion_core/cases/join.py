"""Several case tables as one, for a model of both organs; paths and names stay right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lesion_core.cases.folds import Scheme, read_folds
from lesion_core.cases.splits import make_scheme
from lesion_core.cases.table import CaseTable, read_cases
from lesion_core.errors import InputError


def read_joined(paths: Sequence[Path]) -> CaseTable:
    """Read one cases.csv or several; with several the paths of images and borders become absolute.

    Raises:
        InputError: no table, or a case_id that stands in two of them.
        TableError: bad rows.
    """
    if not paths:
        raise InputError("no cases.csv was given")
    tables = [read_cases(path) for path in paths]
    if len(tables) == 1:
        return tables[0]
    cases = [
        replace(
            case,
            image=table.image_path(case).resolve().as_posix(),
            border="" if (border := table.border_path(case)) is None else border.resolve().as_posix(),
        )
        for table in tables
        for case in table.cases
    ]
    twice = [name for name, count in Counter(case.case_id for case in cases).items() if count > 1]
    if twice:
        raise InputError(f"{len(twice)} case_id stand in two tables: {', '.join(twice[:5])}")
    return CaseTable(tuple(cases), tables[0].folder)


def given_or_made_scheme(paths: Sequence[Path], table: CaseTable, k: int, *, seed: int) -> Scheme:
    """Folds by patient for the cases of one table or of several joined ones.

    Each table's folds.csv is honoured where it has one scheme of k folds by patient for all its cases; otherwise folds
    are made. Over several tables folds of one number are put together, so each has its share of every set.

    Args:
        paths: the tables that were joined.
        table: the cases that are divided (development cases).
        k: how many folds.
        seed: of made folds.

    Raises:
        InputError: several given schemes of k folds: name one; or folds that cannot be made.
    """
    wanted = {case.case_id for case in table.cases}
    schemes = []
    for path in paths:
        own = [case for case in read_cases(path).cases if case.case_id in wanted]
        if own:
            given = _given(path.parent / "folds.csv", {case.case_id for case in own}, k)
            schemes.append(given or make_scheme(own, k, rng=np.random.default_rng(seed)))
    if len(schemes) == 1:
        return schemes[0]
    fold = {case_id: number for scheme in schemes for case_id, number in scheme.fold.items() if case_id in wanted}
    return Scheme("+".join(scheme.name for scheme in schemes), fold)


def _given(path: Path, case_ids: set[str], k: int) -> Scheme | None:
    if not path.is_file():
        return None
    fitting = [
        scheme
        for scheme in read_folds(path).values()
        if scheme.level == "patient" and case_ids <= scheme.fold.keys() and len(scheme.folds) == k
    ]
    if len(fitting) > 1:
        names = ", ".join(scheme.name for scheme in fitting)
        raise InputError(f"{path} has {len(fitting)} schemes of {k} folds ({names}): name one with --scheme")
    return fitting[0] if fitting else None
