"""Everything that one threshold decides: the confusion matrix, rates and predictive values with intervals, per 1,000.

Calls are score >= threshold. Units that could not be assessed are left out of the headline figures and counted beside
them; `Operating.as_wrong` counts each of them as wrong instead (a missed cancer, a false alarm).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lesion_core.results.review.scored import Bools, Floats, Ints, UnitView
from lesion_core.stats.accuracy import accuracy, sensitivity, specificity
from lesion_core.stats.estimate import Estimate, undefined
from lesion_core.stats.predictive import likelihood_ratios, predictive_values_of


@dataclass(frozen=True)
class Counts:
    """The confusion matrix, and the two cells of units that could not be assessed."""

    tp: int
    fn: int
    fp: int
    tn: int
    unassessed_positive: int = 0
    unassessed_negative: int = 0

    @property
    def unassessed(self) -> int:
        """Units that could not be assessed."""
        return self.unassessed_positive + self.unassessed_negative


@dataclass(frozen=True)
class Rates:
    """Sensitivity, specificity and accuracy of the same units."""

    sensitivity: Estimate
    specificity: Estimate
    accuracy: Estimate


@dataclass(frozen=True)
class Operating:
    """One operating point.

    Attributes:
        counts: units by cell.
        rates: of the units that could be assessed.
        as_wrong: of all units, those that could not be assessed counted as wrong; None when there are none.
        lr_positive: LR+.
        lr_negative: LR-.
        ppv: at `prevalence`.
        npv: at `prevalence`.
        missed_per_1000: positives called below the threshold among 1,000 examined at `prevalence`.
        extra_per_1000: negatives called above the threshold among them: biopsies without cancer.
        prevalence: share of positives where the calls would be used, 0-1; taken as known.
    """

    counts: Counts
    rates: Rates
    as_wrong: Rates | None
    lr_positive: Estimate
    lr_negative: Estimate
    ppv: Estimate
    npv: Estimate
    missed_per_1000: Estimate
    extra_per_1000: Estimate
    prevalence: float


def operating(view: UnitView, threshold: float | Floats, *, prevalence: float) -> Operating:
    """The figures at a threshold.

    Args:
        view: a counted run.
        threshold: one for all units, or (u,) one for each (cross-fitted thresholds differ by fold).
        prevalence: 0-1, for predictive values and counts per 1,000.
    """
    there = view.assessed
    called = calls(view, threshold)
    label, call, groups = view.labels[there], called[there], view.assessed_groups
    rates = _rates(label, call, groups)
    ratios = likelihood_ratios(label, call, groups=groups)
    values = predictive_values_of(ratios, prevalence=prevalence)
    return Operating(
        counts=count(view, called),
        rates=rates,
        as_wrong=None if there.all() else _rates(view.labels, np.where(there, called, view.labels == 0), view.groups),
        lr_positive=ratios.positive,
        lr_negative=ratios.negative,
        ppv=values.positive,
        npv=values.negative,
        missed_per_1000=_per_1000(rates.sensitivity, prevalence, "positives missed per 1,000"),
        extra_per_1000=_per_1000(rates.specificity, 1 - prevalence, "extra biopsies per 1,000"),
        prevalence=prevalence,
    )


def calls(view: UnitView, threshold: float | Floats) -> Bools:
    """(u,) bool: score >= threshold; False where there is no score."""
    with np.errstate(invalid="ignore"):
        return np.asarray(view.scores >= threshold, dtype=np.bool_)


def count(view: UnitView, called: Bools) -> Counts:
    """Units by cell.

    Args:
        view: a counted run.
        called: (u,) bool, above the threshold.
    """
    cell = (2 * view.labels + called)[view.assessed]
    tn, fp, fn, tp = np.bincount(cell, minlength=4).tolist()
    lost = view.labels[~view.assessed]
    return Counts(tp, fn, fp, tn, int(lost.sum()), int((lost == 0).sum()))


def _rates(label: Ints, call: Bools, groups: Ints | None) -> Rates:
    return Rates(
        sensitivity(label, call, groups=groups),
        specificity(label, call, groups=groups),
        accuracy(label, call, groups=groups),
    )


def _per_1000(rate: Estimate, share: float, name: str) -> Estimate:
    """1,000 x share x (1 - rate), ends turned round; a count, so nothing is cut at 1."""
    if not rate.defined:
        return undefined(name, rate.reason, method=rate.method, n=rate.n, level=rate.level, clusters=rate.clusters)
    scale = 1000 * share
    return replace(
        rate,
        name=name,
        value=scale * (1 - rate.value),
        low=scale * (1 - rate.high),
        high=scale * (1 - rate.low),
        se=scale * rate.se,
    )
