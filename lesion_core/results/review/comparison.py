"""Two runs on the cases that both scored: paired tests of the areas and, at each one's own threshold, of the rates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lesion_core.results.review.folds import fold_averaged
from lesion_core.results.review.operating import calls
from lesion_core.results.review.scored import Floats, Ints, ScoredRun, Unit
from lesion_core.results.review.source import paired
from lesion_core.stats.estimate import Comparison, Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.mcnemar import compare_calls
from lesion_core.stats.multiplicity import holm_tests
from lesion_core.stats.paired import delong_test


@dataclass(frozen=True)
class RunComparison:
    """A against B on the units that both could assess.

    Attributes:
        unit: what is counted.
        n: units.
        positives: among them.
        left_out: units in common that one of them could not assess.
        areas: AUC of A and of B.
        area: A minus B, paired.
        sensitivity: A minus B at the thresholds, Holm-corrected together with specificity.
        specificity: likewise.
        notes: whole sentences.
    """

    unit: Unit
    n: int
    positives: int
    left_out: int
    areas: tuple[Estimate, Estimate]
    area: Comparison
    sensitivity: Comparison
    specificity: Comparison
    notes: tuple[str, ...] = ()


def compare_runs(
    first: ScoredRun,
    second: ScoredRun,
    unit: Unit,
    *,
    thresholds: tuple[float | Floats, float | Floats],
) -> RunComparison:
    """Compare two runs, paired by case.

    Args:
        first: A.
        second: B.
        unit: what is counted; where the cases in common cannot be counted so, images are.
        thresholds: of A and of B: one for all, or one for each case of the run, (n,).

    Raises:
        InputError: no case in common, or labels that differ.
    """
    rows = paired(first, second)
    sides = [subset(run, own) for run, own in zip((first, second), rows, strict=True)]
    usable: Unit = unit if all(unit in side.units for side in sides) else "image"
    a, b = (side.in_unit(usable) for side in sides)
    both = a.assessed & b.assessed
    groups = None if a.groups is None else a.groups[both]
    label = a.labels[both]
    called = [
        calls(view, _of_units(threshold, own, view.unit_of, len(view)))[both]
        for view, threshold, own in zip((a, b), thresholds, rows, strict=True)
    ]
    rates = [
        compare_calls(label, *called, rate=rate, groups=groups, name=f"{rate}, A minus B")
        for rate in ("sensitivity", "specificity")
    ]
    sensitivity, specificity = holm_tests(rates)
    notes = []
    if usable != unit:
        notes.append(f"The cases in common cannot be counted by {unit}: images are counted.")
    if first.target != second.target:
        notes.append(f"The runs name different targets: {first.target}; {second.target}.")
    if first.out_of_fold != second.out_of_fold:
        notes.append(
            "One run is out of fold and the other of a final model: did the final model learn from these cases?"
        )
    folded = [(name, side) for name, side in (("A", a), ("B", b)) if side.run.out_of_fold]
    if folded:
        means = ", ".join(f"{name} {fold_averaged(side).value:.3f}" for name, side in folded)
        notes.append(
            "Areas and their difference pool the folds, whose models may score on different scales; fold-averaged AUC: "
            f"{means}."
        )
    return RunComparison(
        unit=usable,
        n=int(both.sum()),
        positives=int(label.sum()),
        left_out=int((~both).sum()),
        areas=(
            auc_interval(label, a.scores[both], groups=groups, name="AUC of A"),
            auc_interval(label, b.scores[both], groups=groups, name="AUC of B"),
        ),
        area=delong_test(label, a.scores[both], b.scores[both], groups=groups),
        sensitivity=sensitivity,
        specificity=specificity,
        notes=tuple(notes),
    )


def subset(run: ScoredRun, rows: Ints) -> ScoredRun:
    """Some cases of a run.

    Args:
        run: the run.
        rows: which, in order.
    """
    names = ("case_ids", "lesion_ids", "patient_ids", "datasets", "organs", "targets", "labels", "folds", "scores")
    return replace(run, **{name: getattr(run, name)[rows] for name in (*names, "calibrated")})


def _of_units(threshold: float | Floats, rows: Ints, unit_of: Ints, count: int) -> float | Floats:
    """Thresholds of cases as thresholds of units; within a unit they are the same, as units lie in one fold."""
    if isinstance(threshold, float | int):
        return float(threshold)
    found = np.full(count, np.nan)
    found[unit_of] = threshold[rows]
    return found
