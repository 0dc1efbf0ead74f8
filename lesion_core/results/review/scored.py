"""The scores of one model on one set, in columns, and the same counted by patient, lesion or image.

A score that is not there (NaN) means **could not be assessed**: the model was given the case and gave no answer. It is
a value of its own, never 0 and never left out silently: `UnitView.assessed` tells them apart, and
`operating.operating` counts them both ways. Arrays of a record are never written to.

Example:
    .. code-block:: python

        run = source.runs[0]
        view = run.in_unit("patient")          # headline unit: mean score of the patient's views
        auc_interval(view.labels[view.assessed], view.scores[view.assessed], groups=view.assessed_groups)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lesion_core.errors import InputError
from lesion_core.results.scores import clusters_of

Unit = Literal["patient", "lesion", "image"]
Strings = NDArray[np.str_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ScoredRun:
    """One model's scores of n cases, in the order of their file; empty strings mean "unknown".

    Attributes:
        name: of the run that made the scores.
        model: name of the model.
        case_ids: (n,) unique within the run.
        lesion_ids: (n,).
        patient_ids: (n,).
        datasets: (n,).
        organs: (n,).
        targets: (n,) what label 1 means.
        labels: (n,) int64, 0 or 1.
        folds: (n,) int64, 0 for a final model.
        scores: (n,) float64, 0-1; NaN where the case could not be assessed.
        calibrated: (n,) float64, 0-1; NaN where there is none.
    """

    name: str
    model: str
    case_ids: Strings
    lesion_ids: Strings
    patient_ids: Strings
    datasets: Strings
    organs: Strings
    targets: Strings
    labels: Ints
    folds: Ints
    scores: Floats
    calibrated: Floats

    def __len__(self) -> int:
        return self.case_ids.size

    @property
    def key(self) -> str:
        """Names the run in a link, e.g. "bnet@bnet-cv"."""
        return f"{self.model}@{self.name}"

    @cached_property
    def target(self) -> str:
        """What label 1 means, all targets of the run."""
        return ", ".join(sorted(set(self.targets.tolist())))

    @cached_property
    def dataset(self) -> str:
        """All data sets of the run."""
        return ", ".join(sorted(set(self.datasets.tolist()) - {""})) or "not stated"

    @cached_property
    def fold_numbers(self) -> tuple[int, ...]:
        """The folds in order; empty for a final model."""
        return tuple(sorted(set(self.folds.tolist()) - {0}))

    @property
    def out_of_fold(self) -> bool:
        """Whether every case was scored by a model that had not seen it, in one of at least two folds."""
        return len(self.fold_numbers) > 1 and bool((self.folds > 0).all())

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """What it can be counted by, headline unit first: ids must be known for every case and lie in one fold.

        Lesions that are the patients, one each, are not offered again.
        """
        patients, lesions = self._whole("patient", self.patient_ids), self._whole("lesion", self.lesion_ids)
        if patients and lesions:
            pairs = np.unique(np.char.add(np.char.add(self.patient_ids, "\x1f"), self.lesion_ids)).size
            if pairs == np.unique(self.patient_ids).size:
                lesions = ()
        return (*patients, *lesions, "image")

    @cached_property
    def position(self) -> dict[str, int]:
        """Case id -> row."""
        return {case_id: row for row, case_id in enumerate(self.case_ids.tolist())}

    def in_unit(self, unit: Unit) -> UnitView:
        """The run counted by a unit; made once.

        Raises:
            InputError: a unit that `units` does not offer.
        """
        if unit not in self.units:
            raise InputError(f"{self.key} cannot be counted by {unit}: choose {' or '.join(self.units)}")
        return self._views.setdefault(unit, _view(self, unit))

    @cached_property
    def _views(self) -> dict[Unit, UnitView]:
        return {}

    def _whole(self, unit: Unit, ids: Strings) -> tuple[Unit, ...]:
        if not ids.size or (ids == "").any():
            return ()
        _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
        return (unit,) if (self.folds == self.folds[first][inverse]).all() else ()


@dataclass(frozen=True, eq=False)
class UnitView:
    """A run counted by one unit: u units of n cases.

    Attributes:
        run: where it comes from.
        unit: what is counted.
        names: (u,) patient, lesion or case ids.
        labels: (u,) int64: 1 when any case of the unit has label 1.
        scores: (u,) float64: mean over the cases that could be assessed; NaN where none could.
        folds: (u,) int64, 0 for a final model.
        groups: (u,) int64 patients (else lesions) for clustered intervals, or None: units are taken as independent.
        unit_of: (n,) int64: unit of each case of the run.
    """

    run: ScoredRun
    unit: Unit
    names: Strings
    labels: Ints
    scores: Floats
    folds: Ints
    groups: Ints | None
    unit_of: Ints

    def __len__(self) -> int:
        return self.names.size

    @cached_property
    def assessed(self) -> Bools:
        """(u,) whether there is a score."""
        return ~np.isnan(self.scores)

    @cached_property
    def assessed_groups(self) -> Ints | None:
        """`groups` of the assessed units."""
        return None if self.groups is None else self.groups[self.assessed]

    @property
    def clusters_are(self) -> str:
        """What `groups` are: "patients", or "lesions" where not every patient is known; "" without groups."""
        if self.groups is None:
            return ""
        return clusters_of(self.run.patient_ids, self.run.lesion_ids).are

    @property
    def positives(self) -> int:
        """Units with label 1."""
        return int(self.labels.sum())

    def cases_of(self, chosen: Bools) -> Ints:
        """Rows of the run that belong to chosen units.

        Args:
            chosen: (u,) bool.
        """
        return np.flatnonzero(chosen[self.unit_of])


def _view(run: ScoredRun, unit: Unit) -> UnitView:
    if unit == "image":
        known = clusters_of(run.patient_ids, run.lesion_ids).ids
        groups = None
        if known is not None:
            codes = np.unique(known, return_inverse=True)[1].astype(np.int64)
            groups = codes if codes.max() + 1 < codes.size else None
        rows = np.arange(len(run), dtype=np.int64)
        return UnitView(run, unit, run.case_ids, run.labels, run.scores, run.folds, groups, rows)
    ids = run.patient_ids if unit == "patient" else run.lesion_ids
    names, first, unit_of = np.unique(ids, return_index=True, return_inverse=True)
    there = ~np.isnan(run.scores)
    counts = np.bincount(unit_of, weights=there, minlength=names.size)
    sums = np.bincount(unit_of, weights=np.where(there, run.scores, 0), minlength=names.size)
    scores = np.full(names.size, np.nan)
    np.divide(sums, counts, out=scores, where=counts > 0)
    labels = (np.bincount(unit_of, weights=run.labels, minlength=names.size) > 0).astype(np.int64)
    groups = _patients_of_lesions(run, first) if unit == "lesion" else None
    return UnitView(run, unit, names, labels, scores, run.folds[first], groups, unit_of.astype(np.int64))


def _patients_of_lesions(run: ScoredRun, first: Ints) -> Ints | None:
    patients = run.patient_ids[first]
    if (patients == "").any():
        return None
    codes = np.unique(patients, return_inverse=True)[1].astype(np.int64)
    return codes if codes.max() + 1 < codes.size else None
