"""The cross-organ matrix: TNet, BNet and TBNet on thyroid and breast, each cell with every set that was scored.

A cell without a model or without scores says so. The outline's shape alone has a row: what a model reaches on the other
organ may be the outline's. Models that scored the same cases of a data set under the same target, out of fold or not,
are tested against each other, paired, in the headline unit, p corrected after Holm over all tests of the matrix; where
the shape was fitted on several sets and tested out of fold, each model against the fit on most nearly its own cases.
On an external set there is one fit of the shape, whatever the model learnt from: on BUSI that of BUS-BRA. The score
measures the outline in other terms than the shape does: where it was taken apart, its own part of the outline is told.
The paper's own matrix is beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lesion_core.results import paper
from lesion_core.results.consistency import check_study, fitting_counts
from lesion_core.results.observers.beside_outline import BesideOutline, beside_outline
from lesion_core.results.observers.reference_names import SHAPE, is_reference
from lesion_core.results.review.bundled import SETS
from lesion_core.results.review.comparison import subset
from lesion_core.results.review.scored import ScoredRun, Unit
from lesion_core.results.review.source import ReviewSource, paired
from lesion_core.stats.estimate import Comparison, Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.multiplicity import holm_tests
from lesion_core.stats.overlaps import PRange, p_range
from lesion_core.stats.paired import delong_test
from lesion_core.stats.point import Point

#: The system's three models: they have a row, released or not.
MODELS = ("tnet", "bnet", "tbnet")
ORGANS = ("thyroid", "breast")
TITLES = {"tnet": "TNet", "bnet": "BNet", "tbnet": "TBNet", SHAPE: "the outline's shape alone"}


@dataclass(frozen=True)
class MatrixEntry:
    """One model on one set of an organ.

    Attributes:
        source: title of the set.
        unit: what is counted.
        target: what label 1 means.
        area: with its interval.
        positives: units with label 1.
    """

    source: str
    unit: Unit
    target: str
    area: Estimate
    positives: int


@dataclass(frozen=True)
class MatrixCell:
    """One model on one organ.

    Attributes:
        model: its name.
        organ: which organ.
        entries: one for each set; () when there is none.
        reason: why there is none; "" when there is one.
    """

    model: str
    organ: str
    entries: tuple[MatrixEntry, ...]
    reason: str = ""


@dataclass(frozen=True)
class OrganMatrix:
    """All cells, and the tests between models on the same cases.

    Attributes:
        models: rows, in order; the outline's shape alone last.
        cells: row by row, thyroid first.
        tests: AUC, first minus second, Holm.
        reason: why there is no test; "" when there is one.
        outlines: (set, model beside its own part of the outline), where a score was taken apart.
    """

    models: tuple[str, ...]
    cells: tuple[MatrixCell, ...]
    tests: tuple[Comparison, ...]
    reason: str = ""
    outlines: tuple[tuple[str, BesideOutline], ...] = ()


@dataclass(frozen=True)
class PublishedCell:
    """A cell of the paper's matrix.

    Attributes:
        model: TNet, BNet or TBNet.
        organ: thyroid, breast or both.
        printed: TPR, TNR, ACC as printed, in percent.
        counts: the only ones that give them; None when none or several do.
        words: the counts, or why there are none.
    """

    model: str
    organ: str
    printed: str
    counts: Point | None
    words: str


def organ_matrix(sources: Sequence[ReviewSource]) -> OrganMatrix:
    """The matrix of everything that was scored.

    Args:
        sources: test sets and cross validations; synthetic ones are left out.
    """
    real = [source for source in sources if source.kind != "synthetic"]
    found: dict[tuple[str, str], list[MatrixEntry]] = {}
    for source in real:
        for run in source.runs:
            for organ in sorted(set(run.organs.tolist())):
                found.setdefault((run.model, organ), []).append(_entry(source, _of_organ(run, organ)))
    further = sorted({run.model for source in real for run in source.runs if not is_reference(run.model)} - set(MODELS))
    shape = [SHAPE] if any(run.model == SHAPE for source in real for run in source.runs) else []
    models = (*MODELS, *further, *shape)
    there = {model for model, _ in found}
    cells = tuple(_cell(model, organ, found, there) for model in models for organ in ORGANS)
    tests = holm_tests(_tests(real, models))
    reason = "" if tests else "no two models scored the same cases yet"
    outlines = tuple(
        (source.title, found)
        for source in real
        for run in source.runs
        for found in beside_outline(source, (run.key,), run.units[0])
        if found.own_part
    )
    return OrganMatrix(models, cells, tests, reason, outlines)


def published_matrix() -> tuple[PublishedCell, ...]:
    """What the paper printed for each model and organ, and the counts behind it."""
    cells = [
        _published("TNet", "thyroid", paper.reading("thyroid", "TNet").rates, paper.sizes("thyroid")),
        _published("TNet", "breast", paper.reading("breast", "TNet").rates, paper.sizes("breast")),
        _published("BNet", "thyroid", paper.BNET_ON_THYROID, paper.sizes("thyroid")),
        _published("BNet", "breast", paper.BNET_ON_BREAST, paper.sizes("breast")),
    ]
    rates = "/".join(str(figure) for _, figure in paper.TBNET.named())
    words = f"printed for {paper.TBNET_CASES} cases of both organs together, not for each"
    return (*cells, PublishedCell("TBNet", "both", rates, None, words))


def published_pair() -> PRange:
    """BNet against TNet on the paper's breast test: the range of p over all overlaps of their calls."""
    cells = {(cell.model, cell.organ): cell.counts for cell in published_matrix()}
    first, second = cells["BNet", "breast"], cells["TNet", "breast"]
    assert first is not None
    assert second is not None
    return p_range(first, second)


def _published(model: str, organ: str, rates: paper.PrintedRates, sizes: tuple[int, int]) -> PublishedCell:
    fits = fitting_counts(*sizes, rates)
    words = check_study(*sizes, rates).sentence()
    printed = "/".join(str(figure) for _, figure in rates.named())
    return PublishedCell(model, organ, printed, fits[0] if len(fits) == 1 else None, words)


def _cell(model: str, organ: str, found: dict[tuple[str, str], list[MatrixEntry]], there: set[str]) -> MatrixCell:
    entries = tuple(found.get((model, organ), ()))
    title = TITLES.get(model, model)
    reason = ""
    if not entries:
        reason = f"{title} has no scores of {organ} cases" if model in there else f"no {title} is bundled"
    return MatrixCell(model, organ, entries, reason)


def _entry(source: ReviewSource, run: ScoredRun) -> MatrixEntry:
    unit = run.units[0]
    view = run.in_unit(unit)
    area = auc_interval(view.labels[view.assessed], view.scores[view.assessed], groups=view.assessed_groups)
    return MatrixEntry(source.title, unit, run.target, area, view.positives)


def _tests(sources: Sequence[ReviewSource], models: Sequence[str]) -> list[Comparison]:
    """Every two models on the cases of a data set that both scored under one target, whatever file they stand in."""
    found: dict[tuple[str, str], list[_Part]] = {}
    titles: dict[tuple[str, str], str] = {}
    for source in sources:
        for run in source.runs:
            for dataset, target in sorted(set(zip(run.datasets.tolist(), run.targets.tolist(), strict=True))):
                # Cases of a set without a name are the same only within their own source.
                key = (dataset or source.key, target)
                titles.setdefault(key, SETS[dataset][0] if dataset in SETS else dataset or source.title)
                rows = np.flatnonzero((run.datasets == dataset) & (run.targets == target))
                found.setdefault(key, []).append(_Part(subset(run, rows), frozenset(run.position)))
    tests = []
    for key, parts in found.items():
        own = sorted(
            (part for part in parts if part.run.model in models), key=lambda each: models.index(each.run.model)
        )
        pairs = ((one, two) for one, two in combinations(own, 2) if one.run.model != two.run.model and one.meets(two))
        for one, two in pairs:
            shapes = [part for part in own if part.run.model == SHAPE and one.meets(part)]
            if two not in shapes or two is max(shapes, key=one.likeness):
                tests.append(_test(one.run, two.run, titles[key]))
    return tests


@dataclass(frozen=True, eq=False)
class _Part:
    """A run's cases of one data set, and all cases of the whole run."""

    run: ScoredRun
    whole: frozenset[str]

    def meets(self, other: _Part) -> bool:
        """Whether they have a case in common."""
        return not set(self.run.position).isdisjoint(other.run.position)

    def likeness(self, other: _Part) -> tuple[bool, float]:
        """How far two runs were made alike: both out of fold or both not, and the share of their cases in common."""
        same_stage = self.run.out_of_fold == other.run.out_of_fold
        return same_stage, len(self.whole & other.whole) / len(self.whole | other.whole)


def _test(first: ScoredRun, second: ScoredRun, title: str) -> Comparison:
    """Two models on the cases that both scored, in the first unit that both know."""
    one, two = paired(first, second)
    scored = ~np.isnan(first.scores[one]) & ~np.isnan(second.scores[two])
    mine, other = subset(first, one[scored]), subset(second, two[scored])
    unit = next(each for each in mine.units if each in other.units)
    views = mine.in_unit(unit), other.in_unit(unit)
    stages = [f"{run.model} ({'out of fold' if run.out_of_fold else 'final model'})" for run in (first, second)]
    return delong_test(
        views[0].labels,
        views[0].scores,
        views[1].scores,
        groups=views[0].groups,
        name=f"AUC per {unit} on {title}, {stages[0]} minus {stages[1]}",
    )


def _of_organ(run: ScoredRun, organ: str) -> ScoredRun:
    rows = run.organs == organ
    return run if rows.all() else subset(run, np.flatnonzero(rows))
