"""What a card says of a model's scores: threshold, calibration and figures, each with what to know of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lesion_core.errors import StatisticsError
from lesion_core.model.calibration import CalibrationPart
from lesion_core.model.card import Metric, OperatingPoint, OrganRates
from lesion_core.results.calibrated import cross_fitted_map
from lesion_core.results.performance import Performance, cross_fitted_performance, point_by_rule, units_known
from lesion_core.results.scores import ScoreTable, Unit
from lesion_core.stats.calibration import brier_score, calibration_line
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.recalibration import fit_platt
from lesion_core.training.looks import Looks
from lesion_core.training.terms import in_words

#: Of a card's figures: three are shown, and rounding what was rounded to four can be wrong in the third.
DECIMALS = 6
_ACROSS = "it also ranks the lesions of one organ against those of the other: see the figures of each"


def operating_point(scores: ScoreTable, wanted_sensitivity: float | None, dataset: str) -> OperatingPoint:
    """The threshold learnt from all out-of-fold scores, with the cross-fitted rates it can be expected to have.

    Args:
        scores: out of fold.
        wanted_sensitivity: what the threshold aims at, 0-1; None takes that of the largest Youden index.
        dataset: what they are of, in words.
    """
    point = point_by_rule(scores.labels, scores.scores, wanted_sensitivity)

    def rates(part: ScoreTable) -> OrganRates:
        found = cross_fitted_performance(part, wanted_sensitivity=wanted_sensitivity, unit="image", taught_by=scores)
        return OrganRates(
            organ=part.rows[0].organ,  # type: ignore[arg-type]  # checked on load
            label=_label(part),
            sensitivity=round(found.sensitivity.value, DECIMALS),
            specificity=round(found.specificity.value, DECIMALS),
            n=found.n,
            n_malignant=found.positives,
        )

    fitted = cross_fitted_performance(scores, wanted_sensitivity=wanted_sensitivity, unit="image")
    return OperatingPoint(
        threshold=round(point.threshold, 6),
        rule="largest Youden index" if wanted_sensitivity is None else f"{100 * wanted_sensitivity:.0f} % sensitivity",
        dataset=f"{dataset}, out of fold, per image",
        sensitivity=round(fitted.sensitivity.value, DECIMALS),
        specificity=round(fitted.specificity.value, DECIMALS),
        prevalence=round(float(scores.labels.mean()), 4),
        organs=tuple(map(rates, scores.by_organ())),
    )


def youden_of(scores: ScoreTable, dataset: str) -> OperatingPoint | None:
    """The operating point of the largest Youden index; None where no threshold between 0 and 1 has it."""
    point = operating_point(scores, None, dataset)
    return point if 0 < point.threshold < 1 else None


def calibration_of(scores: ScoreTable, dataset: str) -> CalibrationPart | None:
    """The sigmoid learnt from all out-of-fold scores, with what it does cross-fitted; None where they teach none.

    Args:
        scores: out of fold.
        dataset: what they are of, in words.
    """
    try:
        learnt = fit_platt(scores.labels, scores.scores)
        fitted = cross_fitted_map(scores)
    except StatisticsError:  # one class in some folds, or classes that the scores separate
        return None
    line = calibration_line(scores.labels, fitted)
    figures = (learnt.intercept, learnt.slope, line.slope.value, line.in_the_large.value)
    if not (np.isfinite(figures).all() and learnt.slope > 0):
        return None
    return CalibrationPart(
        intercept=round(learnt.intercept, 6),
        slope=round(learnt.slope, 6),
        learnt_on=f"{dataset}, out of fold, per image",
        n=len(scores),
        prevalence=round(float(scores.labels.mean()), 4),
        fitted_slope=round(line.slope.value, 4),
        fitted_in_the_large=round(line.in_the_large.value, 4),
        fitted_brier=round(brier_score(scores.labels, fitted).score.value, 4),
    )


def out_of_fold_metrics(
    scores: ScoreTable,
    wanted_sensitivity: float,
    *,
    dataset: str,
    protocol: str,
    label: str,
    looks: Looks | None = None,
    seeds: Mapping[Unit, str] | None = None,
) -> list[Metric]:
    """AUC, sensitivity and specificity per patient, where patients are known, and per image; cross-fitted threshold.

    Scores of several organs give figures of all together first, then of each, at the threshold that all taught.

    Args:
        scores: out of fold.
        wanted_sensitivity: what the threshold aims at, 0-1.
        dataset: all data sets as people write them.
        protocol: of the figures.
        label: what label 1 means over all of them.
        looks: what was compared on scores of a data set before these were made; None for nothing.
        seeds: unit -> how the AUC of all of them stands among other seeds.
    """
    organs = scores.by_organ()
    metrics = []
    for part in (scores, *organs):
        whole = part is scores
        sets = sorted({row.dataset for row in part.rows})
        for unit in units_known(scores):
            found = cross_fitted_performance(part, wanted_sensitivity=wanted_sensitivity, unit=unit, taught_by=scores)
            pooled = f"pooled over folds; mean of the folds' AUCs {found.fold_mean:.3f}"
            mixed = _ACROSS if organs and whole else ""
            among = (seeds or {}).get(unit, "") if whole else ""
            metrics += metrics_of(
                found,
                dataset=dataset if whole else in_words(sets),
                protocol=protocol,
                label=label if whole else _label(part),
                auc_note="; ".join(filter(None, (pooled, mixed, among))),
                rate_note=_taught(unit, together=not whole),
                note=looks.sentence(sets) if looks else "",
            )
    return metrics


def metrics_of(
    found: Performance,
    *,
    dataset: str,
    protocol: str,
    label: str,
    auc_note: str = "",
    rate_note: str = "",
    note: str = "",
) -> list[Metric]:
    """The figures of a performance as the card keeps them, to six decimals, with what to know of each and of all."""

    def metric(estimate: Estimate, name: str, own: str) -> Metric:
        return Metric(
            name=name,  # type: ignore[arg-type]  # one of three, below
            dataset=dataset,
            protocol=protocol,
            unit=found.unit,
            value=round(estimate.value, DECIMALS),
            low=round(estimate.low, DECIMALS),
            high=round(estimate.high, DECIMALS),
            level=estimate.level,
            method=estimate.method,
            n=found.n,
            n_malignant=found.positives,
            label=label,
            note=" ".join(filter(None, ("; ".join(filter(None, (own, note, found.note))), *estimate.notes))),
        )

    kept = (
        (found.auc, "AUC", auc_note),
        (found.sensitivity, "sensitivity", rate_note),
        (found.specificity, "specificity", rate_note),
    )
    return [metric(estimate, name, own) for estimate, name, own in kept if estimate.defined]


def _taught(unit: Unit, *, together: bool) -> str:
    """What taught the cross-fitted thresholds of a sensitivity and specificity, where that is not their own images."""
    by = [
        *(["on both organs together"] if together else []),
        *(["on patients' mean scores"] if unit == "patient" else []),
    ]
    if not by:
        return ""
    return f"at thresholds learnt {', '.join(by)}{'; the one in use was learnt per image' if unit == 'patient' else ''}"


def _label(scores: ScoreTable) -> str:
    return ", ".join(sorted({row.target for row in scores.rows}))
