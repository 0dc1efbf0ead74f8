"""A model beside the outline alone, on the same cases: what of its area a person's outline gives without the image.

The outline is the model's own part of it where that was taken apart (`python -m lesion_core apart`), else the reference
model of the outline's shape. Which is said follows from the scores that lie there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lesion_core.results.observers.panel import Panel, panel_of
from lesion_core.results.observers.reference_names import ALONE, OUTLINE, SHAPE, is_reference
from lesion_core.results.review.scored import ScoredRun, Unit
from lesion_core.results.review.source import ReviewSource
from lesion_core.stats.estimate import Comparison, Estimate, number, signed
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import delong_test


@dataclass(frozen=True)
class BesideOutline:
    """A model and the outline alone.

    Attributes:
        model: as it is shown.
        unit: what is counted.
        own: AUC of the model.
        reference: name of the outline alone, as its scores have it.
        outline: AUC of the outline alone.
        test: AUC, model minus outline alone, paired.
        network: AUC of the model's network alone; None where its scores do not lie there.
        fitted_on: what the outline alone was fitted on; "" where that is the model's own part of it, or not known.
    """

    model: str
    unit: Unit
    own: Estimate
    reference: str
    outline: Estimate
    test: Comparison
    network: Estimate | None = None
    fitted_on: str = ""

    @property
    def own_part(self) -> bool:
        """Whether the outline alone is the model's own part of it."""
        return self.reference.endswith(f"-{OUTLINE}")

    @property
    def verdict(self) -> str:
        """What the interval of the difference allows to say."""
        if not self.test.defined:
            return f"the difference has no test: {self.test.reason}"
        if self.test.low > 0:
            other = "" if self.own_part else f", which measures the outline in other terms than {self.model} does"
            return f"more than {self.reference} gives{other}"
        if self.test.high < 0:
            return f"less than {self.reference} gives"
        return f"not shown to be more than {self.reference} gives"

    @property
    def adds(self) -> bool:
        """Whether the model has shown to be more than the outline alone."""
        return self.test.defined and self.test.low > 0

    def sentence(self) -> str:
        """All of it, e.g. "TNet has AUC 0.907 (0.889 to 0.925) per image; the outline alone (...) has ..."."""
        fitted = f", fitted on {self.fitted_on}" if self.fitted_on else ""
        network = f", its network alone {_area(self.network)}" if self.network else ""
        difference = f"{signed(self.test.value)} ({signed(self.test.low)} to {signed(self.test.high)})"
        return (
            f"{self.model} has AUC {_area(self.own)} per {self.unit}, the outline alone ({self.reference}{fitted}: no "
            f"pixel of the image) {_area(self.outline)}{network}. {self.model} minus outline: {difference}, "
            f"{self.verdict}."
        )

    def marked(self) -> str:
        """The sentence in Markdown: bold where the model has not shown to be more than the outline alone."""
        return self.sentence() if self.adds else f"**{self.sentence()}**"


def references_for(model: str) -> tuple[str, ...]:
    """Names of the outline alone beside a model, the nearest first."""
    return f"{model}-{OUTLINE}", SHAPE


def beside_outline(source: ReviewSource, runs: Sequence[str], unit: Unit) -> tuple[BesideOutline, ...]:
    """Every chosen model of a set that the outline alone stands beside.

    Args:
        source: the set.
        runs: keys of the chosen runs.
        unit: what is counted; a model or reference that does not know it is left out.

    Raises:
        InputError: no such run.
    """
    chosen = [source.run(key) for key in runs]
    found = (_beside(source, run, unit) for run in chosen if not is_reference(run.model) and unit in run.units)
    return tuple(each for each in found if each is not None)


def _beside(source: ReviewSource, run: ScoredRun, unit: Unit) -> BesideOutline | None:
    outline = next(filter(None, (_like(source, run, name, unit) for name in references_for(run.model))), None)
    if outline is None:
        return None
    network = _like(source, run, f"{run.model}-{ALONE}", unit)
    keys = [each.key for each in (run, outline, network) if each is not None]
    panel = panel_of(source, keys, unit=unit)
    rows = panel.models[0].assessed & panel.models[1].assessed
    labels, groups = panel.labels[rows], None if panel.groups is None else panel.groups[rows]
    own, other = (each.score[rows] for each in panel.models[:2])
    return BesideOutline(
        model=run.model,
        unit=unit,
        own=auc_interval(labels, own, groups=groups),
        reference=outline.model,
        outline=auc_interval(labels, other, groups=groups),
        test=delong_test(labels, own, other, groups=groups, name=f"AUC, {run.model} minus {outline.model}"),
        network=None if network is None else _area_of(panel, 2),
    )


def _like(source: ReviewSource, run: ScoredRun, name: str, unit: Unit) -> ScoredRun | None:
    """The run of another model on all of a run's cases, in the same folds; None without one."""
    for other in source.runs:
        if other.model != name or unit not in other.units or not run.position.keys() <= other.position.keys():
            continue
        rows = [other.position[case] for case in run.position]
        own = [run.position[case] for case in run.position]
        if (other.folds[rows] == run.folds[own]).all():
            return other
    return None


def _area_of(panel: Panel, at: int) -> Estimate:
    model = panel.models[at]
    rows = model.assessed
    groups = None if panel.groups is None else panel.groups[rows]
    return auc_interval(panel.labels[rows], model.score[rows], groups=groups)


def _area(estimate: Estimate) -> str:
    if not estimate.defined:
        return f"undefined ({estimate.reason})"
    return f"{number(estimate.value)} ({number(estimate.low)} to {number(estimate.high)})"
