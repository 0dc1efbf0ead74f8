"""Tables 4 and 5 of a panel: the figures of each model and reader, with intervals that know about patients.

A reader who gave ordered categories has a curve and an AUC; one who only called has a point, and the area under its two
segments is called what it is: balanced accuracy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lesion_core.results.observers.panel import ModelColumn, Panel
from lesion_core.results.observers.reader_column import NotAssessed, ReaderColumn
from lesion_core.stats.estimate import Estimate, undefined
from lesion_core.stats.inputs import Bools
from lesion_core.stats.intervals import accuracy, auc_interval, sensitivity, specificity
from lesion_core.stats.point import Point

Area = Literal["AUC", "AUC of ordered categories", "balanced accuracy"]
NO_THRESHOLD = "no threshold is known for this model that these scores did not choose"


@dataclass(frozen=True)
class MeritRow:
    """A row of Tables 4 and 5.

    Attributes:
        who: name of the model or reader.
        is_model: whether it is a model.
        n: cases that count.
        unread: cases without an answer or score; not among `n`.
        unassessed: cases that could not be assessed; among `n` when they count as wrong.
        point: counts at the operating point; None where there is none.
        sensitivity: TPR.
        specificity: TNR.
        accuracy: ACC.
        area: with its interval.
        area_kind: what it is.
        how: where the operating point comes from, in words.
    """

    who: str
    is_model: bool
    n: int
    unread: int
    unassessed: int
    point: Point | None
    sensitivity: Estimate
    specificity: Estimate
    accuracy: Estimate
    area: Estimate
    area_kind: Area
    how: str


def merit_rows(panel: Panel, how: NotAssessed) -> tuple[MeritRow, ...]:
    """Every model, then every reader.

    Args:
        panel: models and readers, as joined.
        how: which way "cannot assess" is counted.
    """
    counted = panel.counted(how)
    models = (
        _model_row(counted, after, int((~before.assessed).sum()))
        for before, after in zip(panel.models, counted.models, strict=True)
    )
    readers = (
        _reader_row(counted, after, before.unassessed)
        for before, after in zip(panel.readers, counted.readers, strict=True)
    )
    return (*models, *readers)


def _model_row(panel: Panel, model: ModelColumn, unassessed: int) -> MeritRow:
    rows = model.assessed
    y, groups = panel.labels[rows], None if panel.groups is None else panel.groups[rows]
    rates = _rates(panel, rows, model.called) if model.stated else _no_rates(int(rows.sum()))
    return MeritRow(
        who=model.name,
        is_model=True,
        n=int(rows.sum()),
        unread=0,
        unassessed=unassessed,
        point=_point(panel, rows, model.called) if model.stated else None,
        sensitivity=rates[0],
        specificity=rates[1],
        accuracy=rates[2],
        area=auc_interval(y, model.score[rows], groups=groups),
        area_kind="AUC",
        how=f"threshold {model.origin}",
    )


def _reader_row(panel: Panel, reader: ReaderColumn, unassessed: int) -> MeritRow:
    rows = reader.read
    y, groups = panel.labels[rows], None if panel.groups is None else panel.groups[rows]
    ordinal = reader.ordinal
    value = reader.rating[rows] if ordinal else reader.called[rows].astype(np.float64)
    kind: Area = "AUC of ordered categories" if ordinal else "balanced accuracy"
    rates = _rates(panel, rows, reader.called)
    return MeritRow(
        who=reader.name,
        is_model=False,
        n=int(rows.sum()),
        unread=int((~rows).sum()),
        unassessed=unassessed,
        point=_point(panel, rows, reader.called),
        sensitivity=rates[0],
        specificity=rates[1],
        accuracy=rates[2],
        area=auc_interval(y, value, groups=groups, name=kind),
        area_kind=kind,
        how=reader.cut or "the reader's own calls",
    )


def _rates(panel: Panel, rows: Bools, called: Bools) -> tuple[Estimate, Estimate, Estimate]:
    y, groups = panel.labels[rows], None if panel.groups is None else panel.groups[rows]
    return (
        sensitivity(y, called[rows], groups=groups),
        specificity(y, called[rows], groups=groups),
        accuracy(y, called[rows], groups=groups),
    )


def _no_rates(n: int) -> tuple[Estimate, Estimate, Estimate]:
    names = ("sensitivity", "specificity", "accuracy")
    first, second, third = (undefined(name, NO_THRESHOLD, method="Wilson", n=n, level=0.95) for name in names)
    return first, second, third


def _point(panel: Panel, rows: Bools, called: Bools) -> Point:
    y = panel.labels
    return Point(
        tp=int((rows & y & called).sum()),
        positives=int((rows & y).sum()),
        tn=int((rows & ~y & ~called).sum()),
        negatives=int((rows & ~y).sum()),
    )
