"""Models and readers on the same cases: what the held-out test is analysed from.

A panel joins the runs of a test set with its readers, per image or per patient. Per patient the model's score is the
mean over the patient's views and a reader's answer the most suspicious one over them. "Cannot assess" is an answer of
its own, of readers and of models, and is counted both ways: left out, or counted as wrong (the worst case: a missed
cancer, a false alarm).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lesion_core.errors import InputError
from lesion_core.results.observers.reader_column import (
    FIRST_CALLED,
    NotAssessed,
    ReaderColumn,
    in_unit,
    reader_column,
)
from lesion_core.results.review.scored import ScoredRun, Unit, UnitView
from lesion_core.results.review.source import ReviewSource, paired
from lesion_core.results.scores import clusters_of
from lesion_core.stats.inputs import Bools, Floats, Ints
from lesion_core.stats.roc import point_at_sensitivity

WANTED_SENSITIVITY = 0.95
Texts = NDArray[np.str_]
_Column = TypeVar("_Column", "ModelColumn", ReaderColumn)


@dataclass(frozen=True, eq=False)
class ModelColumn:
    """What a model said of each case.

    Attributes:
        name: of the model.
        key: of its run, as `ReviewSource.run` takes it.
        score: (n,) float64, 0-1; NaN where it could not be assessed.
        threshold: (n,) float64, the operating point that holds for each case (cross-fitted ones differ by fold); NaN
            where none is known.
        origin: where the threshold comes from, in words.
    """

    name: str
    key: str
    score: Floats
    threshold: Floats
    origin: str

    @property
    def assessed(self) -> Bools:
        """(n,) bool: whether there is a score."""
        return ~np.isnan(self.score)

    @property
    def called(self) -> Bools:
        """(n,) bool: score at or above the threshold; False where there is no score or no threshold."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.score >= self.threshold, dtype=np.bool_)

    @property
    def stated(self) -> bool:
        """Whether there is a threshold that the scores in hand did not choose."""
        return not np.isnan(self.threshold).any()


@dataclass(frozen=True, eq=False)
class Panel:
    """Models and readers on the same cases.

    Attributes:
        unit: what a row is.
        ids: (n,) case ids, or patient ids.
        members: the case ids behind each row.
        labels: (n,) bool: the target is met.
        groups: (n,) int64 patients for clustered intervals; None where rows are taken as independent.
        dataset: where the cases come from.
        organ: which organ is shown.
        target: what label 1 means.
        models: in the order asked for.
        readers: in order of appearance.
        synthetic: whether any reader is simulated.
        notes: what a reader of the figures should know; whole sentences.
    """

    unit: Unit
    ids: Texts
    members: tuple[tuple[str, ...], ...]
    labels: Bools
    groups: Ints | None
    dataset: str
    organ: str
    target: str
    models: tuple[ModelColumn, ...]
    readers: tuple[ReaderColumn, ...]
    synthetic: bool = False
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.labels.size

    def model(self, name: str) -> ModelColumn:
        """A model by name.

        Raises:
            InputError: there is none of that name.
        """
        return _named(self.models, name, "model")

    def reader(self, name: str) -> ReaderColumn:
        """A reader by name.

        Raises:
            InputError: there is none of that name.
        """
        return _named(self.readers, name, "reader")

    def counted(self, how: NotAssessed) -> Panel:
        """The panel with "cannot assess" counted one of the two ways, for every reader and model.

        Raises:
            InputError: an unknown way.
        """
        readers = tuple(each.counted(self.labels, how) for each in self.readers)
        models = self.models
        if how == "counted as wrong":
            worst = np.where(self.labels, 0.0, 1.0)
            models = tuple(replace(each, score=np.where(each.assessed, each.score, worst)) for each in models)
        return replace(self, models=models, readers=readers)

    def chosen(self, readers: Sequence[str]) -> Panel:
        """The panel with these readers only, in its own order."""
        wanted = set(readers)
        return replace(self, readers=tuple(each for each in self.readers if each.name in wanted))

    def at(self, rows: Bools) -> Panel:
        """Some rows of the panel.

        Args:
            rows: (n,) bool.
        """
        return replace(
            self,
            ids=self.ids[rows],
            members=tuple(each for each, kept in zip(self.members, rows.tolist(), strict=True) if kept),
            labels=self.labels[rows],
            groups=None if self.groups is None else self.groups[rows],
            models=tuple(replace(each, score=each.score[rows], threshold=each.threshold[rows]) for each in self.models),
            readers=tuple(
                replace(
                    each,
                    read=each.read[rows],
                    assessable=each.assessable[rows],
                    called=each.called[rows],
                    rating=each.rating[rows],
                )
                for each in self.readers
            ),
        )


def panel_of(
    source: ReviewSource,
    runs: Sequence[str],
    *,
    unit: Unit,
    first_called: str = FIRST_CALLED,
    sensitivity: float = WANTED_SENSITIVITY,
) -> Panel:
    """Join models and readers on the cases that every chosen model scored.

    Args:
        source: a test set with its runs and readers.
        runs: keys of the runs, one per model.
        unit: what a row is.
        first_called: the category from which on a reader who gave categories only is taken to have called.
        sensitivity: what the cross-fitted threshold of out-of-fold scores aims at, 0-1.

    Raises:
        InputError: no model, no case that all models scored, labels that differ, a unit that a run does not know, or
            categories that cannot be put in order.
    """
    if not runs:
        raise InputError("no model is chosen: choose at least one")
    chosen = [source.run(key) for key in dict.fromkeys(runs)]
    first = chosen[0]
    rows = np.arange(len(first))
    for other in chosen[1:]:
        mine, _ = paired(first, other)
        rows = np.intersect1d(rows, mine)
    if not rows.size:
        raise InputError("the chosen models scored no case in common: choose models of one test set")
    views = [_restricted(run, first.case_ids[rows]).in_unit(unit) for run in chosen]
    base = views[0]
    names = _model_names(chosen)
    case_ids = [str(each) for each in base.run.case_ids]
    members: list[list[str]] = [[] for _ in range(len(base))]
    for at, case in zip(base.unit_of.tolist(), case_ids, strict=True):
        members[at].append(case)
    readers = tuple(
        in_unit(column, base)
        for column in (reader_column(each, case_ids, first_called) for each in source.readers)
        if column.read.any()
    )
    notes = list(source.notes)
    if rows.size < max(len(run) for run in chosen):
        notes.append("Cases that another chosen model did not score are left out.")
    clusters = clusters_of(base.run.patient_ids, base.run.lesion_ids)
    if unit == "image" and clusters.note:
        notes.append(clusters.note)
    return Panel(
        unit=unit,
        ids=base.names,
        members=tuple(tuple(each) for each in members),
        labels=base.labels == 1,
        groups=base.groups,
        dataset=base.run.dataset,
        organ=", ".join(sorted(set(base.run.organs.tolist()) - {""})) or "organ not stated",
        target=base.run.target,
        models=tuple(
            _model(source, run, view, name, sensitivity) for run, view, name in zip(chosen, views, names, strict=True)
        ),
        readers=readers,
        synthetic=any(each.synthetic for each in source.readers),
        notes=tuple(dict.fromkeys(notes)),
    )


def _model_names(runs: Sequence[ScoredRun]) -> list[str]:
    """The models' names; where one model has several runs, the run too."""
    models = [run.model for run in runs]
    return [run.model if models.count(run.model) == 1 else run.key for run in runs]


def _restricted(run: ScoredRun, case_ids: Texts) -> ScoredRun:
    """The run on some of its cases, in the order given."""
    if run.case_ids.shape == case_ids.shape and (run.case_ids == case_ids).all():
        return run
    rows = np.array([run.position[str(each)] for each in case_ids], dtype=np.int64)
    columns = {each.name: getattr(run, each.name)[rows] for each in fields(run) if each.name not in ("name", "model")}
    return ScoredRun(run.name, run.model, **columns)


def _model(source: ReviewSource, run: ScoredRun, view: UnitView, name: str, sensitivity: float) -> ModelColumn:
    rule = source.threshold_of(run)
    if run.out_of_fold:
        threshold, origin = _cross_fitted(view, sensitivity)
    elif rule is not None:
        threshold, origin = np.full(len(view), rule.value), f"pre-stated: {rule.words}"
    else:
        threshold, origin = np.full(len(view), math.nan), "none is known"
    return ModelColumn(name, run.key, view.scores, threshold, origin)


def _cross_fitted(view: UnitView, sensitivity: float) -> tuple[Floats, str]:
    """For each fold the threshold that the other folds teach."""
    threshold = np.full(len(view), math.nan)
    for fold in sorted(set(view.folds.tolist())):
        taught = (view.folds != fold) & view.assessed
        point = point_at_sensitivity(view.labels[taught], view.scores[taught], sensitivity)
        threshold[view.folds == fold] = point.threshold
    return threshold, f"cross-fitted: {sensitivity:.0%} sensitivity on the other folds, per {view.unit}"


def _named(columns: Sequence[_Column], name: str, kind: str) -> _Column:
    for each in columns:
        if each.name == name:
            return each
    raise InputError(f"no {kind} named {name!r}: there are {', '.join(each.name for each in columns) or 'none'}")
