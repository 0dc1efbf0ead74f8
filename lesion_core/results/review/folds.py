"""A cross validation fold by fold: Table 3 of the paper, honest thresholds, and the folds' ROC curves with their mean.

The SD over folds says how folds differ; it is no standard error and no test is made of it. The pooled AUC mixes the
scales of the folds' models, the fold-averaged one does not: both are given. What is learnt from scores is cross-fitted:
fold k uses the threshold that the other folds teach.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lesion_core.errors import StatisticsError
from lesion_core.results.review.operating import Rates, calls
from lesion_core.results.review.scored import Floats, UnitView
from lesion_core.stats.accuracy import accuracy, sensitivity, specificity
from lesion_core.stats.bands import RocBand, mean_roc_band
from lesion_core.stats.crossvalidated import cross_validated_auc
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.roc import RocCurve, point_at_sensitivity, roc_curve

#: Bootstrap draws of the band, fewer where there are many units.
DRAWS, DRAWS_OF_MANY, MANY = 500, 100, 20_000


@dataclass(frozen=True)
class CrossFitted:
    """Thresholds that each fold takes from the others.

    Attributes:
        by_unit: (u,) float64; NaN where the other folds teach none.
        by_fold: (fold, threshold), NaN likewise.
        reason: why one is missing; empty when none is.
    """

    by_unit: Floats
    by_fold: tuple[tuple[int, float], ...]
    reason: str = ""


@dataclass(frozen=True)
class FoldRow:
    """One fold.

    Attributes:
        fold: its number.
        n: units tested in it.
        positives: among them.
        unassessed: among them.
        auc: with its interval.
        rates: at the threshold in use.
        threshold: in use in this fold; NaN where there is none.
    """

    fold: int
    n: int
    positives: int
    unassessed: int
    auc: Estimate
    rates: Rates
    threshold: float


@dataclass(frozen=True)
class Spread:
    """Mean and SD over folds.

    Attributes:
        mean: NaN when no fold has the figure.
        sd: with n - 1; NaN below two folds.
        folds: how many have the figure.
    """

    mean: float
    sd: float
    folds: int


@dataclass(frozen=True)
class TableThree:
    """The paper's Table 3 for one run in one unit.

    Attributes:
        unit: what is counted.
        n: units; `positives` and `unassessed` are among them.
        positives: units with label 1.
        unassessed: units that could not be assessed.
        sensitivity: mean and SD over folds.
        specificity: likewise.
        accuracy: likewise.
        auc: likewise.
        fold_averaged: mean of the folds' areas with the influence-curve interval.
        pooled: area over all scores, clustered.
        pooled_rates: over all units, with intervals.
    """

    unit: str
    n: int
    positives: int
    unassessed: int
    sensitivity: Spread
    specificity: Spread
    accuracy: Spread
    auc: Spread
    fold_averaged: Estimate
    pooled: Estimate
    pooled_rates: Rates


def cross_fitted(view: UnitView, wanted_sensitivity: float) -> CrossFitted:
    """For each fold the highest threshold that reaches the wanted sensitivity on the other folds.

    Args:
        view: an out-of-fold run.
        wanted_sensitivity: 0-1.

    Raises:
        StatisticsError: fewer than two folds.
    """
    if not view.run.out_of_fold:
        raise StatisticsError(f"{view.run.key} is no cross validation: a threshold cannot be cross-fitted")
    by_unit = np.full(len(view), np.nan)
    by_fold = []
    reason = ""
    for fold in view.run.fold_numbers:
        taught = (view.folds != fold) & view.assessed
        point = point_at_sensitivity(view.labels[taught], view.scores[taught], wanted_sensitivity)
        by_unit[view.folds == fold] = point.threshold
        by_fold.append((fold, point.threshold))
        if point.reason:
            reason = f"the folds other than fold {fold} teach no threshold: {point.reason}"
    return CrossFitted(by_unit, tuple(by_fold), reason)


def fold_rows(view: UnitView, threshold: float | Floats) -> tuple[FoldRow, ...]:
    """Every fold at a threshold.

    Args:
        view: an out-of-fold run.
        threshold: one for all units, or (u,) one for each.
    """
    called = calls(view, threshold)
    each = np.broadcast_to(np.asarray(threshold, dtype=np.float64), len(view))
    rows = []
    for fold in view.run.fold_numbers:
        own = view.folds == fold
        there = own & view.assessed
        label, call = view.labels[there], called[there]
        groups = None if view.groups is None else view.groups[there]
        rows.append(
            FoldRow(
                fold=fold,
                n=int(own.sum()),
                positives=int(view.labels[own].sum()),
                unassessed=int((own & ~view.assessed).sum()),
                auc=auc_interval(label, view.scores[there], groups=groups),
                rates=Rates(
                    sensitivity(label, call, groups=groups),
                    specificity(label, call, groups=groups),
                    accuracy(label, call, groups=groups),
                ),
                threshold=float(each[own][0]) if own.any() else math.nan,
            )
        )
    return tuple(rows)


def table_three(view: UnitView, threshold: float | Floats, rows: tuple[FoldRow, ...] | None = None) -> TableThree:
    """Means and SDs over folds, and the areas with intervals.

    Args:
        view: an out-of-fold run.
        threshold: one for all units, or (u,) one for each.
        rows: from `fold_rows` at the same threshold, where they are at hand.
    """
    rows = rows or fold_rows(view, threshold)
    there, called = view.assessed, calls(view, threshold)
    label, score, groups = view.labels[there], view.scores[there], view.assessed_groups
    return TableThree(
        unit=view.unit,
        n=len(view),
        positives=view.positives,
        unassessed=int((~there).sum()),
        sensitivity=spread([row.rates.sensitivity.value for row in rows]),
        specificity=spread([row.rates.specificity.value for row in rows]),
        accuracy=spread([row.rates.accuracy.value for row in rows]),
        auc=spread([row.auc.value for row in rows]),
        fold_averaged=fold_averaged(view),
        pooled=auc_interval(label, score, groups=groups, name="pooled AUC"),
        pooled_rates=Rates(
            sensitivity(label, called[there], groups=groups),
            specificity(label, called[there], groups=groups),
            accuracy(label, called[there], groups=groups),
        ),
    )


def fold_averaged(view: UnitView) -> Estimate:
    """Mean of the folds' areas with its interval; unlike the pooled area it compares no scores of different folds.

    Args:
        view: an out-of-fold run.
    """
    there = view.assessed
    return cross_validated_auc(view.labels[there], view.scores[there], view.folds[there], groups=view.assessed_groups)


def spread(values: list[float]) -> Spread:
    """Mean and SD of the defined values."""
    known = np.array([value for value in values if not math.isnan(value)])
    mean = float(known.mean()) if known.size else math.nan
    return Spread(mean, float(known.std(ddof=1)) if known.size > 1 else math.nan, known.size)


def fold_curves(view: UnitView) -> tuple[tuple[int, RocCurve], ...]:
    """(fold, its ROC curve); a fold with one class has a curve that says why it is none."""
    curves = []
    for fold in view.run.fold_numbers:
        there = (view.folds == fold) & view.assessed
        curves.append((fold, roc_curve(view.labels[there], view.scores[there])))
    return tuple(curves)


def mean_curve(view: UnitView) -> RocBand:
    """The vertical mean of the folds' curves with its band, by patient."""
    there = view.assessed
    return mean_roc_band(
        view.labels[there],
        view.scores[there],
        view.folds[there],
        groups=view.assessed_groups,
        draws=DRAWS if len(view) <= MANY else DRAWS_OF_MANY,
    )
