"""What stands behind the paper's published figures, computed from the tables in ``paper``.

The counts of Table 5, the sizes and methods of Table 4, the range of every p value, the recorded category as one more
reader. The published study has counts only: no case-level statistic can be had from it. ``paper_findings`` puts each
published figure beside the recomputed one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lesion_core.results import paper
from lesion_core.results.consistency import (
    Printed,
    explain_area,
    fitting_counts,
    search_area_sizes,
)
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.overlaps import PRange, p_range
from lesion_core.stats.point import Point, PointMethod, point_interval

LARGEST_SIZE = 300


@dataclass(frozen=True)
class ReviewedReading:
    """A row of Tables 4 and 5 with the counts behind it.

    Attributes:
        reading: as published.
        counts: the only integers that give its rates.
        over: the sizes (malignant, benign) over which its area and interval follow.
        method: the method by which they follow to the digit.
        recomputed: area (balanced accuracy) of the true counts with DeLong's interval.
    """

    reading: paper.TestReading
    counts: Point
    over: tuple[int, int]
    method: PointMethod
    recomputed: Estimate


@dataclass(frozen=True)
class ReviewedP:
    """A radiologist against TNet: what a paired test could have given, over all overlaps of their calls.

    Attributes:
        organ: which test set.
        reader: the radiologist.
        published: the printed p; None where no test was published.
        delong: DeLong's test on the points.
        accuracy: McNemar on accuracy (uncorrected), overlaps of malignant and benign cases apart.
        accuracy_from_totals: the same from the totals of right calls alone, a wider range.
        accuracy_exact: McNemar on accuracy, exact, overlaps apart.
    """

    organ: paper.Organ
    reader: paper.Reader
    published: Printed | None
    delong: PRange
    accuracy: PRange
    accuracy_from_totals: PRange
    accuracy_exact: PRange

    @property
    def possible(self) -> bool:
        """Whether the printed p can come from these counts by any of the tests; True where none was printed."""
        ranges = (self.delong, self.accuracy, self.accuracy_from_totals, self.accuracy_exact)
        return self.published is None or any(r.allows(self.published.value) for r in ranges)


def counts_of(organ: paper.Organ, reader: paper.Reader) -> Point:
    """The only integers behind a row of Table 5.

    Example:
        >>> counts_of("thyroid", "TNet")
        Point(tp=38, positives=45, tn=50, negatives=57)
    """
    (only,) = fitting_counts(*paper.sizes(organ), paper.reading(organ, reader).rates)
    return only


@cache
def area_sizes(organ: paper.Organ) -> tuple[int, int]:
    """The only sizes over which a column of Table 4 follows from Table 5's TP and TN.

    The true sizes where each row follows from them; otherwise found by search over all sizes up to 300.
    """
    rows = [row for row in paper.READINGS if row.organ == organ]
    if all(explain_area(counts_of(organ, row.reader), row.area) for row in rows):
        return paper.sizes(organ)
    points = [counts_of(organ, row.reader) for row in rows]
    (only,) = search_area_sizes(
        [(point.tp, point.tn) for point in points], [row.area for row in rows], largest=LARGEST_SIZE
    )
    return only


@cache
def reviewed_readings() -> tuple[ReviewedReading, ...]:
    """Every row of Tables 4 and 5 with its counts and the method that gives its interval."""
    reviewed = []
    for row in paper.READINGS:
        counts = counts_of(row.organ, row.reader)
        P, N = area_sizes(row.organ)
        (method,) = explain_area(Point(counts.tp, P, counts.tn, N), row.area)
        reviewed.append(ReviewedReading(row, counts, (P, N), method, point_interval(counts)))
    return tuple(reviewed)


def average_counts(organ: paper.Organ) -> Point:
    """The imaginary reader "AvgR": the radiologists' mean counts, rounded."""
    points = [counts_of(organ, reader) for reader in ("R1", "R2", "R3")]
    P, N = paper.sizes(organ)
    return Point(round(sum(p.tp for p in points) / 3), P, round(sum(p.tn for p in points) / 3), N)


@cache
def reviewed_p_values() -> tuple[ReviewedP, ...]:
    """Each radiologist against TNet, thyroid (p published) and breast (none published)."""
    printed = dict(paper.P_VALUES)
    organs: tuple[paper.Organ, ...] = ("thyroid", "breast")
    readers: tuple[paper.Reader, ...] = ("R1", "R2", "R3")
    return tuple(
        _review_p(organ, who, printed[who] if organ == "thyroid" else None) for organ in organs for who in readers
    )


def category_reader(organ: paper.Organ) -> tuple[Point, Estimate]:
    """The recorded TI-RADS or BI-RADS category as one more reader: called from 4a on, and as an ordinal score.

    It was likely recorded with the clinical information at hand, and cannot be paired with the readings.
    """
    malignant, benign = (
        np.array([count for _, count in paper.population(organ, "held-out test (paper)", label).categories])
        for label in ("malignant", "benign")
    )
    names = [name for name, _ in paper.population(organ, "held-out test (paper)", "malignant").categories]
    first = names.index("4a")
    point = Point(int(malignant[first:].sum()), int(malignant.sum()), int(benign[:first].sum()), int(benign.sum()))
    ranks = np.arange(malignant.size)
    score = np.concatenate([np.repeat(ranks, malignant), np.repeat(ranks, benign)])
    y = np.arange(score.size) < malignant.sum()
    return point, auc_interval(y, score, name=f"AUC of the recorded category, {organ}")


def _review_p(organ: paper.Organ, reader: paper.Reader, printed: Printed | None) -> ReviewedP:
    model, own = counts_of(organ, "TNet"), counts_of(organ, reader)
    n = own.positives + own.negatives
    totals = (Point(model.tp + model.tn, n, 0, 0), Point(own.tp + own.tn, n, 0, 0))
    return ReviewedP(
        organ=organ,
        reader=reader,
        published=printed,
        delong=p_range(model, own),
        accuracy=p_range(model, own, test="accuracy", method="asymptotic"),
        accuracy_from_totals=p_range(*totals, test="sensitivity", method="asymptotic"),
        accuracy_exact=p_range(model, own, test="accuracy", method="exact"),
    )
