"""What the cross-validation tab shows: a record of everything chosen, and from it the strip, tables, figures and cases.

The record comes from the controls or from a link and is checked here. What does not depend on the threshold is made
once for each counted run and kept for a few of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal, Self, cast

import numpy as np

from dashboards.review import sources
from lesion_core.errors import InputError
from lesion_core.results.review.distribution import Calibration, Histogram, calibration, histogram
from lesion_core.results.review.folds import (
    CrossFitted,
    FoldRow,
    TableThree,
    cross_fitted,
    fold_curves,
    fold_rows,
    mean_curve,
    table_three,
)
from lesion_core.results.review.operating import Operating, operating
from lesion_core.results.review.report import HeaderFacts, ThresholdFact
from lesion_core.results.review.scored import Floats, Ints, ScoredRun, Unit, UnitView
from lesion_core.results.review.selection import Selection, choose
from lesion_core.results.review.source import ReviewSource
from lesion_core.results.review.subgroups import FIGURES, Figure, Forest, attributes_for, forest
from lesion_core.stats.bands import RocBand
from lesion_core.stats.roc import RocCurve

Rule = Literal["cross-fitted", "slider"]
WANTED = 0.95
KEPT_VIEWS = 6
DEFAULT_PREVALENCE = 0.1
EVERYTHING = Selection()


@dataclass(frozen=True)
class CrossvalView:
    """Everything that is chosen.

    Attributes:
        source: the set.
        run: an out-of-fold run of it.
        unit: what is counted.
        rule: each fold's threshold from the other folds, or the slider's.
        threshold: of the slider, 0-1.
        prevalence: for predictive values, 0-1.
        attribute: what the forest is cut by; empty when there is nothing to cut by.
        figure: of the forest.
        selection: whose cases are listed.
        page: of the list, from 0.
    """

    source: ReviewSource
    run: ScoredRun
    unit: Unit
    rule: Rule = "cross-fitted"
    threshold: float = 0.5
    prevalence: float = DEFAULT_PREVALENCE
    attribute: str = ""
    figure: Figure = "AUC"
    selection: Selection = EVERYTHING
    page: int = 0

    @property
    def key(self) -> str:
        """Names the run, as `sources.choices` does."""
        return f"{self.source.key}/{self.run.key}"

    @cached_property
    def counted(self) -> UnitView:
        """The run in the chosen unit."""
        return self.run.in_unit(self.unit)

    @cached_property
    def learnt(self) -> CrossFitted:
        """Each fold's threshold from the others."""
        return _learnt(self.counted)

    @property
    def in_use(self) -> float | Floats:
        """The threshold: one for all, or (u,) one for each unit."""
        return self.threshold if self.rule == "slider" else self.learnt.by_unit

    @cached_property
    def at(self) -> Operating:
        """The figures at the threshold."""
        return operating(self.counted, self.in_use, prevalence=self.prevalence)

    @property
    def curves(self) -> tuple[tuple[int, RocCurve], ...]:
        """Each fold's ROC curve."""
        return _curves(self.counted)

    @property
    def band(self) -> RocBand:
        """The folds' mean curve with its band."""
        return _band(self.counted)

    @property
    def bars(self) -> Histogram:
        """Scores by label."""
        return _bars(self.counted)

    @property
    def calibrated(self) -> Calibration:
        """Observed against predicted."""
        return _calibrated(self.counted)

    @cached_property
    def rows(self) -> tuple[FoldRow, ...]:
        """The folds at the threshold."""
        return fold_rows(self.counted, self.in_use)

    @cached_property
    def tables(self) -> tuple[TableThree, ...]:
        """Table 3, the chosen unit first."""
        units = (self.unit, *(each for each in self.run.units if each != self.unit))
        return tuple(self._table(unit) for unit in units)

    @property
    def cuts(self) -> tuple[str, ...]:
        """The attributes that the run can be cut by."""
        return _cuts(self.counted, self.source)

    @cached_property
    def subgroups(self) -> Forest | None:
        """The forest; None where there is nothing to cut by."""
        if not self.attribute:
            return None
        return forest(self.counted, self.source.attributes, self.attribute, self.figure, threshold=self.in_use)

    @cached_property
    def chosen_rows(self) -> Ints:
        """Rows of the run behind the selection."""
        view = self.counted
        chosen = choose(self.selection, view, threshold=self.in_use, attributes=self.source.attributes)
        return view.cases_of(chosen)

    @property
    def marks(self) -> tuple[tuple[float, float] | None, tuple[float, float]]:
        """The operating point as (1 - specificity, sensitivity), None when undefined; and the span of thresholds."""
        rates = self.at.rates
        point = None
        if rates.specificity.defined and rates.sensitivity.defined:
            point = (1 - rates.specificity.value, rates.sensitivity.value)
        if self.rule == "slider":
            return point, (0.0, self.threshold)
        known = [value for _, value in self.learnt.by_fold if not math.isnan(value)]
        return point, (min(known), max(known)) if known else (0.0, 0.0)

    def facts(self) -> HeaderFacts:
        """The header strip."""
        view, source = self.counted, self.source
        return HeaderFacts(
            what=f"{self.run.model}, run {self.run.name}, on {source.title}, {len(self.run.fold_numbers)} folds",
            target=self.run.target,
            label_source=source.label_source,
            unit=self.unit,
            n=len(view),
            positives=view.positives,
            unassessed=self.at.counts.unassessed,
            threshold=self._threshold_fact(),
            openings=source.openings,
            notes=source.notes,
        )

    def as_query(self) -> dict[str, str]:
        """The view as text for a link."""
        return {
            "run": self.key,
            "unit": self.unit,
            "rule": self.rule,
            "t": str(self.threshold),  # shortest that reads back the same: a score may be the threshold
            "prev": str(self.prevalence),
            "by": self.attribute,
            "fig": self.figure,
            "cases": self.selection.as_query(),
            "page": str(self.page) if self.page else "",
        }

    def with_selection(self, selection: Selection) -> Self:
        """The same view with other cases listed, from their first page."""
        return replace(self, selection=selection, page=0)

    def _table(self, unit: Unit) -> TableThree:
        view = self.run.in_unit(unit)
        if unit == self.unit:
            return table_three(view, self.in_use, self.rows)
        return table_three(view, self.threshold if self.rule == "slider" else _learnt(view).by_unit)

    def _threshold_fact(self) -> ThresholdFact:
        if self.rule == "slider":
            return ThresholdFact(self.threshold, "post hoc", "moved by hand on the scores in hand")
        words = f"{WANTED:.0%} sensitivity on the other folds, per {self.unit}"
        return ThresholdFact(None, "cross-fitted", f"{words}; {self.learnt.reason}" if self.learnt.reason else words)


def make_view(own: Sequence[ReviewSource], values: Mapping[str, str]) -> CrossvalView:
    """A view from what the controls or a link say; what is missing or does not fit takes its default.

    Args:
        own: the visitor's sources.
        values: as `as_query` writes them.

    Raises:
        InputError: no such run, a run that is no cross validation, or a selection that cannot be read.
    """
    offered = sources.choices(own, out_of_fold=True)
    if not offered:
        raise InputError("there is no cross validation to show: upload scores with a fold for each case")
    source, run = sources.find(values.get("run") or offered[0][1], own)
    if not run.out_of_fold:
        raise InputError(f"{run.key} is no cross validation: every score needs a fold, and there must be two of them")
    unit = values.get("unit", "")
    view = CrossvalView(
        source,
        run,
        unit=next((each for each in run.units if each == unit), run.units[0]),
        rule="slider" if values.get("rule") == "slider" else "cross-fitted",
        threshold=_share(values.get("t", ""), 0.5),
        prevalence=_share(values.get("prev", ""), DEFAULT_PREVALENCE),
        figure=cast(Figure, values["fig"]) if values.get("fig") in FIGURES else "AUC",
        selection=Selection.from_query(values.get("cases", "")),
        page=int(values["page"]) if values.get("page", "").isdecimal() else 0,
    )
    cut = values.get("by", "")
    return replace(view, attribute=cut if cut in view.cuts else next(iter(view.cuts), ""))


def _share(text: str, otherwise: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return otherwise
    return value if 0 <= value <= 1 else otherwise


@lru_cache(maxsize=KEPT_VIEWS)
def _learnt(view: UnitView) -> CrossFitted:
    return cross_fitted(view, WANTED)


@lru_cache(maxsize=KEPT_VIEWS)
def _curves(view: UnitView) -> tuple[tuple[int, RocCurve], ...]:
    return fold_curves(view)


@lru_cache(maxsize=KEPT_VIEWS)
def _band(view: UnitView) -> RocBand:
    return mean_curve(view)


@lru_cache(maxsize=KEPT_VIEWS)
def _bars(view: UnitView) -> Histogram:
    return histogram(view)


@lru_cache(maxsize=KEPT_VIEWS)
def _calibrated(view: UnitView) -> Calibration:
    return calibration(view)


@lru_cache(maxsize=KEPT_VIEWS)
def _cuts(view: UnitView, source: ReviewSource) -> tuple[str, ...]:
    return attributes_for(view, source.attributes)


def median_threshold(view: CrossvalView) -> float:
    """Where the slider starts: the middle of the folds' own thresholds."""
    known = [value for _, value in view.learnt.by_fold if not math.isnan(value)]
    return round(float(np.median(known)), 3) if known else 0.5
