"""Further training data of a cross validation: cases that are only ever learnt from, never scored and never watched.

A further case may be learnt from only where all cases of the run in its unit (the same patient, lesion or group of
near-duplicates, over both tables) stand in the training part. Whatever a test or validation part holds, in outer and
inner folds alike, its patients teach nothing there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.join import read_joined
from lesion_core.cases.splits import units
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError
from lesion_core.training.run_record import FurtherRecord


@dataclass(frozen=True)
class Further:
    """Cases to learn from beside the n cases of a run.

    Attributes:
        table: m cases, none of them among the run's.
        unit: (m,) int64: the unit of each.
        run_unit: (n,) int64: the units of the run's cases; equal numbers belong together.
        record: what the run's record says of them.
    """

    table: CaseTable
    unit: NDArray[np.int64]
    run_unit: NDArray[np.int64]
    record: FurtherRecord

    def __len__(self) -> int:
        return len(self.table)

    def learnable(self, train: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which further cases go with a training part.

        Args:
            train: (k,) positions among the run's cases; all others are held back.

        Returns:
            (j,) ascending positions among the further cases: those without a case of their unit that is held back.
        """
        held = np.setdiff1d(np.arange(len(self.run_unit)), train)
        return np.flatnonzero(~np.isin(self.unit, self.run_unit[held]))


def read_further(paths: Sequence[Path], everything: CaseTable) -> tuple[Further, int]:
    """Read further cases and find out which cases of a run they belong to.

    Args:
        paths: their tables.
        everything: all cases of the run's tables, those marked external too.

    Returns:
        The further cases, and how many were left out: marked external, or of a patient with a case that is.

    Raises:
        InputError: a case_id that stands in both, a case without patient_id, or nothing to learn from.
        TableError: bad rows.
    """
    found = read_joined(paths)
    run_ids = {case.case_id for case in everything.cases}
    both = [case.case_id for case in found.cases if case.case_id in run_ids]
    if both:
        raise InputError(
            f"{len(both)} case_id stand among the cases and among the further ones of --also: {', '.join(both[:5])}; "
            "a case is scored or only learnt from, take it out of one of them"
        )
    _check_patients(found.cases, "further cases of --also")
    _check_patients(everything.cases, "cases of the run, where --also is given,")
    cases = (*everything.cases, *found.cases)
    unit, external = units(cases), np.array([case.split == "external" for case in cases])
    closed = np.isin(unit, unit[external])
    n = len(everything)
    kept = np.flatnonzero(~closed[n:])
    if not len(kept):
        raise InputError("--also: all further cases are marked external, or show patients of cases that are")
    table = replace(found, cases=tuple(found.cases[position] for position in kept))
    run = np.flatnonzero(~external[:n])
    record = _record(table, unit[n:][kept], [everything.cases[position] for position in run], unit[run])
    return Further(table, unit[n:][kept], unit[run], record), len(found) - len(kept)


def labelled_by(cases: Sequence[Case]) -> str:
    """What label 1 means in some cases and whose word it is: "TI-RADS 4a or higher by TI-RADS of 2015"."""
    rules = {
        f"{case.target.removeprefix('labelled ')} by {case.rads_system or case.label_source or 'an unknown source'}"
        for case in cases
    }
    return " or ".join(sorted(rules))


def _check_patients(cases: Sequence[Case], which: str) -> None:
    nameless = [case.case_id for case in cases if not case.patient_id]
    if nameless:
        raise InputError(
            f"{len(nameless)} of {len(cases)} {which} have no patient_id ({', '.join(nameless[:5])}): nobody could tell"
            " whether a patient of a test part is learnt from; fill in that column, in both tables by the same names"
        )


def _record(
    table: CaseTable, unit: NDArray[np.int64], run_cases: Sequence[Case], run_unit: NDArray[np.int64]
) -> FurtherRecord:
    own: dict[int, list[str]] = {}
    for case, number in zip(run_cases, run_unit.tolist(), strict=True):
        own.setdefault(number, []).append(case.case_id)
    lines = sorted(
        f"{case.case_id}\t{case.label}\t{case.target}\t{','.join(sorted(own.get(number, ())))}"
        for case, number in zip(table.cases, unit.tolist(), strict=True)
    )
    return FurtherRecord(
        cases_sha256=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        images=len(table),
        patients=len({case.patient_id for case in table.cases}),
        positive=int(table.labels.sum()),
        labelled=labelled_by(table.cases),
    )
