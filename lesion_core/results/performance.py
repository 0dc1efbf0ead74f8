"""The headline figures of a score table: AUC, sensitivity and specificity per patient and per image, with intervals.

Per patient the score is the mean over the patient's images. Per image the intervals take images of one patient
(of one lesion, where patients are unknown) as dependent. Anything learnt from scores is cross-fitted: fold k uses the
threshold that the other folds taught.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.outlines import outlines_of
from lesion_core.errors import StatisticsError
from lesion_core.results.scores import ScoreTable, Unit
from lesion_core.stats.accuracy import sensitivity, specificity
from lesion_core.stats.estimate import Estimate, undefined
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.roc import OperatingPoint, auc, point_at_sensitivity, youden_point


@dataclass(frozen=True)
class Performance:
    """Figures of one table in one unit.

    Attributes:
        unit: "image" or "patient".
        auc: pooled over folds where there are folds.
        sensitivity: at the threshold.
        specificity: at the threshold.
        n: units.
        positives: units with label 1.
        fold_aucs: AUC of each fold in order, NaN where it has one class only; empty for a final model.
        note: what n or a patient's score is where images have several outlines; empty where each has one.
    """

    unit: Unit
    auc: Estimate
    sensitivity: Estimate
    specificity: Estimate
    n: int
    positives: int
    fold_aucs: tuple[float, ...] = ()
    note: str = ""

    @property
    def fold_mean(self) -> float:
        """Mean of the folds' AUCs, folds of one class left out; NaN without folds."""
        defined = [value for value in self.fold_aucs if not math.isnan(value)]
        return float(np.mean(defined)) if defined else math.nan

    def lines(self) -> list[str]:
        """For the terminal: one sentence each."""
        lines = [f"per {self.unit}: {each.sentence()}" for each in (self.auc, self.sensitivity, self.specificity)]
        if self.fold_aucs:
            spread = ", ".join("undefined" if math.isnan(value) else f"{value:.3f}" for value in self.fold_aucs)
            lines.append(f"per {self.unit}: mean of the folds' AUCs {self.fold_mean:.3f} ({spread})")
        if self.note:
            lines.append(f"per {self.unit}: {self.note}")
        return lines


def units_known(table: ScoreTable) -> tuple[Unit, ...]:
    """What figures can be counted by: patients where every one is known and lies in a single fold, and images."""
    return ("patient", "image") if table.has_patients and not _torn(table) else ("image",)


def performance(table: ScoreTable, threshold: float, *, unit: Unit) -> Performance:
    """Figures of a final model's scores at a fixed threshold.

    Args:
        table: the scores.
        threshold: calls are score >= threshold.
        unit: what is counted.
    """
    label, score, _ = _in_unit(table, unit)
    return _measure(table, unit, label, score, (score >= threshold).astype(np.int64), ())


def cross_fitted_performance(
    table: ScoreTable, *, wanted_sensitivity: float | None, unit: Unit, taught_by: ScoreTable | None = None
) -> Performance:
    """Figures of out-of-fold scores; the threshold of each fold is the one the other folds teach.

    Args:
        table: out-of-fold scores.
        wanted_sensitivity: what the threshold aims at on the folds it is learnt from, 0-1; None takes that of the
            largest Youden index.
        unit: what is counted, and on what the threshold is learnt.
        taught_by: scores of the same folds that teach the thresholds, where `table` is a part of them, e.g. one organ;
            left out, `table` itself.

    Returns:
        The figures; sensitivity and specificity are undefined where a fold's threshold is.

    Raises:
        StatisticsError: scores without a fold, one fold only, or, per patient, patients in several folds.
    """
    label, score, fold = _in_unit(table, unit)
    for each in (table, taught_by or table):
        _check_folds(each, unit)
    teaching_label, teaching_score, teaching_fold = _in_unit(taught_by or table, unit)
    call = np.zeros(len(label), dtype=np.int64)
    numbers = sorted(set(fold.tolist()))
    reason = ""
    for number in numbers:
        test, others = fold == number, teaching_fold != number
        point = point_by_rule(teaching_label[others], teaching_score[others], wanted_sensitivity)
        call[test] = score[test] >= point.threshold
        if point.reason:
            reason = f"the folds other than fold {number} teach no threshold: {point.reason}"
    fold_aucs = tuple(auc(label[fold == number], score[fold == number]) for number in numbers)
    found = _measure(table, unit, label, score, call, fold_aucs)
    if not reason:
        return found
    return replace(
        found, sensitivity=_without(found.sensitivity, reason), specificity=_without(found.specificity, reason)
    )


def point_by_rule(
    label: NDArray[np.int64], score: NDArray[np.float64], wanted_sensitivity: float | None
) -> OperatingPoint:
    """The threshold that scores teach: for a wanted sensitivity, or, for None, of the largest Youden index."""
    if wanted_sensitivity is None:
        return youden_point(label, score)
    return point_at_sensitivity(label, score, wanted_sensitivity)


def _check_folds(table: ScoreTable, unit: Unit) -> None:
    without = int((table.folds == 0).sum())
    if without:
        raise StatisticsError(f"{without} of {len(table)} scores have no fold: a threshold cannot be cross-fitted")
    count = len(set(table.folds.tolist()))
    if count < 2:
        raise StatisticsError(f"a cross-fitted threshold needs at least two folds, got {count}")
    torn = _torn(table)
    if unit == "patient" and torn:
        raise StatisticsError(f"patients stand in more than one fold: {', '.join(torn[:5])}: count images instead")


def _torn(table: ScoreTable) -> list[str]:
    """Patients whose images lie in several folds."""
    first: dict[str, int] = {}
    pairs = zip(table.patients.tolist(), table.folds.tolist(), strict=True)
    return sorted({patient for patient, fold in pairs if first.setdefault(patient, fold) != fold})


def _without(estimate: Estimate, reason: str) -> Estimate:
    return undefined(
        estimate.name,
        reason,
        method=estimate.method,
        n=estimate.n,
        level=estimate.level,
        clusters=estimate.clusters,
    )


def _in_unit(table: ScoreTable, unit: Unit) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    return table.per_patient() if unit == "patient" else (table.labels, table.scores, table.folds)


def _measure(
    table: ScoreTable,
    unit: Unit,
    label: NDArray[np.int64],
    score: NDArray[np.float64],
    call: NDArray[np.int64],
    fold_aucs: tuple[float, ...],
) -> Performance:
    groups = table.clusters.ids if unit == "image" else None
    rows = table.rows
    outlines = outlines_of(
        [row.dataset for row in rows],
        [row.case_id for row in rows],
        [row.patient_id for row in rows],
        [row.label for row in rows],
    )
    return Performance(
        unit=unit,
        auc=auc_interval(label, score, groups=groups),
        sensitivity=sensitivity(label, call, groups=groups),
        specificity=specificity(label, call, groups=groups),
        n=len(label),
        positives=int(label.sum()),
        fold_aucs=fold_aucs,
        note=outlines.note(unit),
    )
