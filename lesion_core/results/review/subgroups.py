"""One figure by subgroup, as a forest: value, interval, n, and a test of whether the subgroups differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lesion_core.errors import StatisticsError
from lesion_core.results.review.attributes import UNKNOWN, Attributes, levels_of
from lesion_core.results.review.operating import calls
from lesion_core.results.review.scored import Bools, Floats, UnitView
from lesion_core.results.review.selection import attribute_of_units
from lesion_core.stats.accuracy import accuracy, sensitivity, specificity
from lesion_core.stats.estimate import Comparison, Estimate
from lesion_core.stats.heterogeneity import heterogeneity, heterogeneity_of_rates
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.multiplicity import holm_tests

Figure = Literal["AUC", "sensitivity", "specificity", "accuracy"]
FIGURES: tuple[Figure, ...] = ("AUC", "sensitivity", "specificity", "accuracy")
#: What the scores themselves say of a case.
OWN = ("organ", "dataset")
#: Units of a class below which `every_forest` does not test a subgroup: its standard error would say little.
LEAST = 10


@dataclass(frozen=True)
class SubgroupRow:
    """One subgroup.

    Attributes:
        level: its name.
        n: units that could be assessed.
        positives: among them.
        unassessed: further units that could not.
        estimate: the figure.
    """

    level: str
    n: int
    positives: int
    unassessed: int
    estimate: Estimate

    def counted(self, figure: Figure) -> int:
        """Units of the rarest class that a figure counts."""
        negatives = self.n - self.positives
        counts = {"AUC": min(self.positives, negatives), "sensitivity": self.positives, "specificity": negatives}
        return counts.get(figure, self.n)

    def tested(self, figure: Figure, least: int) -> bool:
        """Whether a test of `forest` looks at it."""
        return not least or (self.counted(figure) >= least and self.level != UNKNOWN)


@dataclass(frozen=True)
class Forest:
    """A figure by the levels of one attribute.

    Attributes:
        attribute: what the subgroups are made by.
        figure: which figure.
        rows: one for each level.
        overall: of all units.
        test: do the subgroups differ?
    """

    attribute: str
    figure: Figure
    rows: tuple[SubgroupRow, ...]
    overall: Estimate
    test: Comparison


def attributes_for(view: UnitView, attributes: Attributes) -> tuple[str, ...]:
    """The attributes by which this run can be cut: at least two levels among its units."""
    names = dict.fromkeys([*OWN, *attributes.names])
    return tuple(name for name in names if len(levels_of(attribute_of_units(view, attributes, name))[0]) > 1)


def forest(
    view: UnitView,
    attributes: Attributes,
    attribute: str,
    figure: Figure,
    *,
    threshold: float | Floats,
    least: int = 0,
) -> Forest:
    """A figure by subgroup.

    Args:
        view: a counted run.
        attributes: of the cases.
        attribute: what to cut by.
        figure: which figure; all but the AUC depend on the threshold.
        threshold: one for all units, or (u,) one for each.
        least: subgroups with fewer units of a class that the figure counts, and units of which the attribute is not
            known, are shown but not tested; 0 tests them all.

    Raises:
        StatisticsError: an unknown figure.
    """
    if figure not in FIGURES:
        raise StatisticsError(f"no figure named {figure!r}: choose one of {', '.join(FIGURES)}")
    names, level = levels_of(attribute_of_units(view, attributes, attribute))
    called = calls(view, threshold)
    rows = []
    for at, name in enumerate(names):
        own = level == at
        there = own & view.assessed
        rows.append(
            SubgroupRow(
                level=name,
                n=int(there.sum()),
                positives=int(view.labels[there].sum()),
                unassessed=int((own & ~view.assessed).sum()),
                estimate=_figure(view, there, called, figure),
            )
        )
    tested = [row.estimate for row in rows if row.tested(figure, least)]
    differ = heterogeneity if figure == "AUC" else heterogeneity_of_rates
    test = differ(tested, name=f"{figure} between subgroups")
    if _shared(view, level):
        test = test.with_note("Patients lie in several subgroups: the test takes these as independent.")
    return Forest(attribute, figure, tuple(rows), _figure(view, view.assessed, called, figure), test)


def every_forest(view: UnitView, attributes: Attributes, threshold: float | Floats) -> tuple[Forest, ...]:
    """One forest for each attribute, p corrected after Holm over all of them.

    The figure is the AUC; where most units lie in subgroups of one class, as with types of histology, it is sensitivity
    and specificity. Subgroups with fewer than `LEAST` units of a class are shown, but not tested.

    Args:
        view: a counted run.
        attributes: of the cases.
        threshold: one for all units, or (u,) one for each.
    """
    found: list[Forest] = []
    for name in attributes_for(view, attributes):
        areas = forest(view, attributes, name, "AUC", threshold=threshold, least=LEAST)
        both = sum(row.n for row in areas.rows if row.counted("AUC"))
        if 2 * both >= sum(row.n for row in areas.rows):
            found.append(areas)
        else:
            rates: tuple[Figure, Figure] = ("sensitivity", "specificity")
            found += [forest(view, attributes, name, rate, threshold=threshold, least=LEAST) for rate in rates]
    tests = holm_tests([each.test for each in found])
    return tuple(replace(each, test=test) for each, test in zip(found, tests, strict=True))


def _figure(view: UnitView, chosen: Bools, called: Bools, figure: Figure) -> Estimate:
    label, call = view.labels[chosen], called[chosen]
    groups = None if view.groups is None else view.groups[chosen]
    if figure == "AUC":
        return auc_interval(label, view.scores[chosen], groups=groups)
    rate = {"sensitivity": sensitivity, "specificity": specificity, "accuracy": accuracy}[figure]
    return rate(label, call, groups=groups)


def _shared(view: UnitView, level: np.ndarray) -> bool:
    """Whether a patient lies in several subgroups."""
    if view.groups is None:
        return False
    pairs = np.unique(np.column_stack([view.groups, level]), axis=0)
    return bool(pairs.shape[0] > np.unique(view.groups).size)
