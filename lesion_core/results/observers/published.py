"""The paper's held-out study rebuilt from its counts: Tables 4 and 5 row by row, each figure beside the recomputed one.

There are counts only. Rates have Wilson's interval; an "AUC" is balanced accuracy of one operating point, once by the
method and sizes by which the paper's figure follows to the digit, once with DeLong's interval over the true sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lesion_core.results import paper
from lesion_core.results.paper_review import (
    ReviewedP,
    average_counts,
    category_reader,
    reviewed_p_values,
    reviewed_readings,
)
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.overlaps import PRange, p_range
from lesion_core.stats.point import Point, point_interval
from lesion_core.stats.proportions import wilson

ORGANS: tuple[paper.Organ, ...] = ("thyroid", "breast")
AVERAGE = "AvgR"
#: What counts alone cannot give, and why; shown wherever the view would be.
NO_CASES = (
    "The paper gives counts only, no case: which cases a reader and TNet shared is unknown. "
    "So there is no gallery, no threshold to move, no kappa and no multi-reader test for it."
)


@dataclass(frozen=True)
class PublishedRow:
    """One reading of a held-out test set of the paper.

    Attributes:
        organ: which test set.
        reader: TNet, a radiologist, "AvgR" or the recorded category.
        counts: behind the printed rates; for AvgR the rounded mean counts.
        printed_rates: TPR, TNR, ACC in percent as printed; () where none was.
        printed_area: AUC with interval as printed; "" where none was.
        as_printed: the area by the method and over the sizes with which the printed one follows; None where none was.
        sizes: malignant and benign over which it follows.
        area: over the true sizes, balanced accuracy with DeLong's interval; the AUC of the category's ordinal score.
        reason: why the printed figure does not follow from the printed counts; "" when it does.
    """

    organ: paper.Organ
    reader: str
    counts: Point
    printed_rates: tuple[str, ...]
    printed_area: str
    as_printed: Estimate | None
    sizes: tuple[int, int]
    area: Estimate
    reason: str = ""

    @property
    def sensitivity(self) -> Estimate:
        """TPR with Wilson's interval."""
        return wilson(self.counts.tp, self.counts.positives, name="sensitivity")

    @property
    def specificity(self) -> Estimate:
        """TNR with Wilson's interval."""
        return wilson(self.counts.tn, self.counts.negatives, name="specificity")

    @property
    def accuracy(self) -> Estimate:
        """ACC with Wilson's interval."""
        point = self.counts
        return wilson(point.tp + point.tn, point.positives + point.negatives, name="accuracy")


@cache
def published_rows(organ: paper.Organ) -> tuple[PublishedRow, ...]:
    """TNet, the radiologists, AvgR and the recorded category on one test set."""
    return (*_readings(organ), _average(organ), _category(organ))


@cache
def published_tests(organ: paper.Organ) -> tuple[ReviewedP, ...]:
    """Each radiologist against TNet: the range of p over every overlap that the counts allow."""
    return tuple(each for each in reviewed_p_values() if each.organ == organ)


def rate_ranges(organ: paper.Organ, reader: paper.Reader) -> tuple[PRange, PRange]:
    """McNemar (mid-p) of TNet against a radiologist over all overlaps: sensitivity, and specificity."""
    counts = {row.reader: row.counts for row in published_rows(organ)}
    return (
        p_range(counts["TNet"], counts[reader], test="sensitivity"),
        p_range(counts["TNet"], counts[reader], test="specificity"),
    )


def category_name(organ: paper.Organ) -> str:
    """What the recorded category is called as a reader."""
    return "recorded BI-RADS" if organ == "breast" else "recorded TI-RADS"


def _readings(organ: paper.Organ) -> tuple[PublishedRow, ...]:
    true = paper.sizes(organ)
    rows = []
    for each in reviewed_readings():
        if each.reading.organ != organ:
            continue
        P, N = each.over
        used = point_interval(Point(each.counts.tp, P, each.counts.tn, N), method=each.method)
        reason = (
            ""
            if each.over == true
            else f"follows only over {P} malignant and {N} benign instead of {true[0]} and {true[1]}: "
            "a mix-up of denominators is likely"
        )
        rows.append(
            PublishedRow(
                organ=organ,
                reader=each.reading.reader,
                counts=each.counts,
                printed_rates=tuple(str(figure) for _, figure in each.reading.rates.named()),
                printed_area=str(each.reading.area),
                as_printed=used,
                sizes=each.over,
                area=each.recomputed,
                reason=reason,
            )
        )
    return tuple(rows)


def _average(organ: paper.Organ) -> PublishedRow:
    counts = average_counts(organ)
    printed = next(row.area for row in paper.AVERAGE_READER if row.organ == organ)
    return PublishedRow(
        organ=organ,
        reader=AVERAGE,
        counts=counts,
        printed_rates=(),
        printed_area=str(printed),
        as_printed=point_interval(counts, method="spss"),
        sizes=(counts.positives, counts.negatives),
        area=point_interval(counts),
        reason="one imaginary reader at the rounded mean counts: not an interval over readers",
    )


def _category(organ: paper.Organ) -> PublishedRow:
    counts, area = category_reader(organ)
    return PublishedRow(
        organ=organ,
        reader=category_name(organ),
        counts=counts,
        printed_rates=(),
        printed_area="",
        as_printed=None,
        sizes=paper.sizes(organ),
        area=area,
        reason="from Tables 1 and 2, called from 4a on; likely recorded with clinical information at hand; unpaired",
    )


def method_shown(row: PublishedRow) -> str:
    """By what the printed area follows, in words."""
    if row.as_printed is None:
        return "not printed"
    P, N = row.sizes
    return f"{row.as_printed.method}, over {P} malignant and {N} benign"
