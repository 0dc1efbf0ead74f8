"""The cross-organ matrix: TNet, BNet and TBNet on thyroid and breast, each cell with every set that was scored.

A cell without a model or without scores says so. Models that scored the same cases are tested against each other,
paired (DeLong; clustered by patient), p corrected after Holm over all tests of the matrix. The paper's own matrix is
beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from lesion_core.results import paper
from lesion_core.results.consistency import check_study, fitting_counts
from lesion_core.results.observers.reference_names import is_reference
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
TITLES = {"tnet": "TNet", "bnet": "BNet", "tbnet": "TBNet"}


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
        models: rows, in order.
        cells: row by row, thyroid first.
        tests: AUC, first minus second, Holm.
        reason: why there is no test; "" when there is one.
    """

    models: tuple[str, ...]
    cells: tuple[MatrixCell, ...]
    tests: tuple[Comparison, ...]
    reason: str = ""


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
    models = (*MODELS, *further)
    there = {model for model, _ in found}
    cells = tuple(_cell(model, organ, found, there) for model in models for organ in ORGANS)
    tests = holm_tests([test for source in real for test in _tests(source)])
    reason = "" if tests else "no two models scored the same cases yet"
    return OrganMatrix(models, cells, tests, reason)


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


def _tests(source: ReviewSource) -> list[Comparison]:
    """Every two models of a set on the cases both scored, counted by image and clustered by patient."""
    tests = []
    runs = [run for run in source.runs if not is_reference(run.model)]
    for first, second in combinations(runs, 2):
        if not set(first.position) & set(second.position):
            continue
        one, two = paired(first, second)
        scored = ~np.isnan(first.scores[one]) & ~np.isnan(second.scores[two])
        one, two = one[scored], two[scored]
        known = (first.patient_ids[one] != "").all()
        test = delong_test(
            first.labels[one],
            first.scores[one],
            second.scores[two],
            groups=first.patient_ids[one] if known else None,
            name=f"AUC per image on {source.title}, {first.model} minus {second.model}",
        )
        tests.append(test)
    return tests


def _of_organ(run: ScoredRun, organ: str) -> ScoredRun:
    rows = run.organs == organ
    if rows.all():
        return run
    return replace(
        run,
        case_ids=run.case_ids[rows],
        lesion_ids=run.lesion_ids[rows],
        patient_ids=run.patient_ids[rows],
        datasets=run.datasets[rows],
        organs=run.organs[rows],
        targets=run.targets[rows],
        labels=run.labels[rows],
        folds=run.folds[rows],
        scores=run.scores[rows],
        calibrated=run.calibrated[rows],
    )
