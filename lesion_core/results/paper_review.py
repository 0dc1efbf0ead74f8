"""What the paper's published figures imply, each finding computed from the tables in ``paper``.

A review page shows the published and the recomputed value side by side and says which follow. Nothing here is stated
that is not computed; the published study has counts only, so no case-level statistic can be had from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lesion_core.results import paper
from lesion_core.results.consistency import (
    Printed,
    check_study,
    explain_area,
    fitting_counts,
    search_area_sizes,
    search_sizes,
)
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.overlaps import PRange, p_range
from lesion_core.stats.point import SHOWN, Point, PointMethod, point_interval

LARGEST_SIZE = 300


@dataclass(frozen=True)
class Finding:
    """One published figure beside what it should be.

    Attributes:
        key: short name, e.g. "breast-denominators".
        about: where the figure stands.
        published: as printed.
        recomputed: what the tables give.
        follows: whether the published figure follows from the paper's own numbers.
        how: by what computation.
    """

    key: str
    about: str
    published: str
    recomputed: str
    follows: bool
    how: str


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


@cache
def findings() -> tuple[Finding, ...]:
    """All findings, in the order in which the paper gives the figures."""
    return (
        *_table_5(),
        *_table_4(),
        *_table_3(),
        *_average_reader(),
        *_other_models(),
        *_p_values(),
        *_discussion(),
        *_cohort(),
        _iterations(),
    )


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


def _table_5() -> list[Finding]:
    found = []
    for row in paper.READINGS:
        check = check_study(*paper.sizes(row.organ), row.rates)
        rates = "/".join(str(figure) for _, figure in row.rates.named())
        found.append(
            Finding(
                f"counts-{row.organ}-{row.reader}",
                f"Table 5, {row.organ}, {row.reader}: TPR/TNR/ACC",
                rates,
                check.sentence(),
                len(check.fits) == 1,
                "every integer count tried against the three printed rates",
            )
        )
    return found


def _table_4() -> list[Finding]:
    found = []
    for reviewed in reviewed_readings():
        row, (P, N) = reviewed.reading, reviewed.over
        used = point_interval(Point(reviewed.counts.tp, P, reviewed.counts.tn, N), method=reviewed.method)
        true_sizes = reviewed.over == paper.sizes(row.organ)
        found.append(
            Finding(
                f"area-{row.organ}-{row.reader}",
                f"Table 4, {row.organ}, {row.reader}: AUC with 95 % CI",
                str(row.area),
                f"{used.value:.3f} ({used.low:.3f}-{used.high:.3f}) by {used.method} over {P} and {N}; "
                f"with the true sizes {reviewed.recomputed.value:.3f}",
                true_sizes,
                "balanced accuracy of one operating point; each interval method tried on the counts",
            )
        )
    P, N = area_sizes("breast")
    true_p, true_n = paper.sizes("breast")
    other = paper.sizes("thyroid")[1]
    found.append(
        Finding(
            "breast-denominators",
            "Table 4, breast column: sizes of the two classes",
            f"{true_p} malignant, {true_n} benign",
            f"only {P} and {N} give all four rows; {N} is the thyroid set's benign count ({other}) "
            f"and {P} = {true_p + true_n} - {N}",
            area_sizes("breast") == paper.sizes("breast"),
            f"search over all sizes up to {LARGEST_SIZE} by SPSS's formula",
        )
    )
    return found


def _table_3() -> list[Finding]:
    found = []
    for row in paper.TABLE_3:
        assert row.rates.sensitivity is not None
        assert row.rates.specificity is not None
        middle = (row.rates.sensitivity.value + row.rates.specificity.value) / 200
        found.append(
            Finding(
                f"fold-area-{row.model}",
                f"Table 3, {row.model}: mean AUC",
                str(row.area),
                f"{middle:.4f}, the mean of TPR and TNR",
                row.area.allows(middle),
                "balanced accuracy of the printed means",
            )
        )
    return found


def _average_reader() -> list[Finding]:
    found = []
    for row in paper.AVERAGE_READER:
        point = average_counts(row.organ)
        methods = explain_area(point, row.area)
        found.append(
            Finding(
                f"average-reader-{row.organ}",
                f"Table 4, {row.organ}, AvgR: AUC with 95 % CI",
                str(row.area),
                f"one imaginary reader at {point.tp}/{point.positives} and {point.tn}/{point.negatives}, "
                f"by {' or '.join(SHOWN[each] for each in methods) or 'no method'}: not an interval over readers",
                bool(methods),
                "rounded mean counts of the three radiologists",
            )
        )
    return found


def _other_models() -> list[Finding]:
    thyroid = check_study(*paper.sizes("thyroid"), paper.BNET_ON_THYROID)
    breast = check_study(*paper.sizes("breast"), paper.BNET_ON_BREAST)
    development = check_study(*paper.sizes("breast", "development"), paper.TNET_ON_DEVELOPMENT_BREAST)
    tbnet = search_sizes(paper.TBNET_CASES, paper.TBNET, cut=True)
    rounded = search_sizes(paper.TBNET_CASES, paper.TBNET)
    P, N = (sum(pair) for pair in zip(paper.sizes("thyroid"), paper.sizes("breast"), strict=True))
    repaired = next(
        points[0] for names, points in zip(thyroid.suspects, thyroid.repaired, strict=True) if names == ("sensitivity",)
    )
    only = tbnet[0]
    return [
        Finding(
            "bnet-thyroid",
            "Section 3.2, BNet on thyroid: TPR 67.6, TNR 86, ACC 77.5",
            "67.6",
            f"{repaired.tp}/{repaired.positives} = {100 * repaired.sensitivity:.1f} ({thyroid.sentence()})",
            thyroid.consistent,
            "every integer count tried",
        ),
        Finding(
            "bnet-breast",
            "Section 3.2, BNet on breast: TPR 88.5, TNR 86.5, ACC 87.5",
            "88.5/86.5/87.5",
            breast.sentence(),
            breast.consistent,
            "every integer count tried",
        ),
        Finding(
            "tnet-development-breast",
            "Section 3.2, TNet on all 672 breast images: TPR 86.6, TNR 87.1",
            "86.6/87.1",
            development.sentence(),
            development.consistent,
            "every integer count tried",
        ),
        Finding(
            "tbnet",
            f"Discussion, TBNet on {paper.TBNET_CASES} cases: TPR 74.4, TNR 88.6, ACC 82.3",
            "74.4/88.6/82.3",
            f"only {only.tp}/{only.positives} + {only.tn}/{only.negatives} = {only.tp + only.tn}/{paper.TBNET_CASES} "
            f"fits, with ACC cut off rather than rounded; the test sets have {P} malignant and {N} benign",
            bool(rounded) and (only.positives, only.negatives) == (P, N),
            "every split of 204 and every integer count tried, digits rounded or cut",
        ),
    ]


def _p_values() -> list[Finding]:
    found = []
    for reviewed in reviewed_p_values():
        if reviewed.published is None:
            continue
        found.append(
            Finding(
                f"p-{reviewed.reader}",
                f"Section 3.2, thyroid, {reviewed.reader} against TNet: p",
                str(reviewed.published),
                f"{reviewed.delong.sentence()}; {reviewed.accuracy.sentence()} "
                f"(from the totals alone at least {reviewed.accuracy_from_totals.lowest:.2g})",
                reviewed.possible,
                "paired tests over every overlap of the two readings that the counts allow",
            )
        )
    return found


def _discussion() -> list[Finding]:
    own = paper.reading("breast", "TNet").rates
    said = paper.DISCUSSION_TNET_BREAST
    swapped = (said.accuracy, said.specificity) == (own.specificity, own.accuracy)
    breast = average_counts("breast")
    means = []
    for i in range(3):
        figures = [paper.reading("thyroid", who).rates.named()[i][1] for who in ("R1", "R2", "R3")]
        means.append(sum(figure.value for figure in figures if figure is not None) / 3)
    rates = paper.DISCUSSION_READERS_MEAN
    exact = (breast.sensitivity, breast.specificity, breast.accuracy)
    from_breast = all(
        figure is not None and figure.allows(100 * value)
        for (_, figure), value in zip(rates.named(), exact, strict=True)
    )
    return [
        Finding(
            "discussion-tnet-breast",
            "Discussion, TNet on breast: ACC 84.6, TNR 86.5",
            f"ACC {said.accuracy}, TNR {said.specificity}",
            f"ACC {own.accuracy}, TNR {own.specificity} in Table 5" + (": the two are swapped" if swapped else ""),
            not swapped,
            "compared with Table 5",
        ),
        Finding(
            "discussion-bnet-thyroid",
            "Discussion, radiologists' mean beside BNet on thyroid: TPR/ACC/TNR",
            f"{rates.sensitivity}/{rates.accuracy}/{rates.specificity}",
            ("these are their breast counts; " if from_breast else "")
            + f"on thyroid {means[0]:.1f}/{means[2]:.1f}/{means[1]:.1f}",
            not from_breast,
            "mean counts on breast and mean printed rates on thyroid",
        ),
    ]


def _cohort() -> list[Finding]:
    columns = (*paper.TABLE_1, *paper.TABLE_2)
    n = sum(column.n for column in columns)
    mean = sum(column.n * column.age for column in columns) / n
    highest = max(column.age for column in columns)
    longitudinal = sum(
        dict(paper.population("breast", "development", label).planes)["longitudinal"]
        for label in ("malignant", "benign")
    )
    malignant, benign = paper.sizes("breast", "development")
    test_malignant, test_benign = paper.sizes("breast")
    rest = (benign - test_benign, malignant - test_malignant)
    held_out = rest == paper.BNET_TRAINED_ON
    thyroid = [column for column in paper.TABLE_2 if column.part == "development"]
    thyroid_age = sum(column.n * column.age for column in thyroid) / sum(column.n for column in thyroid)
    text_age, text_sd = paper.TEXT_AGES[0]
    twin = next((c for c in columns if (c.age, c.age_sd) == (text_age, text_sd)), None)
    same_as = f", and Table 1's {twin.label} breast lesions have {twin.age} ± {twin.age_sd}" if twin else ""
    return [
        Finding(
            "mean-age",
            "Section 2.1: mean age of all patients",
            f"{paper.MEAN_AGE_OF_ALL}",
            f"{mean:.1f} by weight of the {n} in Tables 1 and 2; no group's mean is above {highest}",
            highest >= paper.MEAN_AGE_OF_ALL,
            "means of Tables 1 and 2, weighted by n",
        ),
        Finding(
            "thyroid-age",
            "Section 3.1: mean age of the thyroid development patients",
            f"{text_age} ± {text_sd}",
            f"{thyroid_age:.1f} by weight of Table 2{same_as}",
            abs(thyroid_age - text_age) < 0.05,
            "means of Table 2, weighted by n",
        ),
        Finding(
            "breast-planes",
            "Section 2.2: longitudinal planes of the breast",
            f"{paper.LONGITUDINAL_BREAST}",
            f"{longitudinal} in Table 1",
            longitudinal == paper.LONGITUDINAL_BREAST,
            "sum of the two development columns",
        ),
        Finding(
            "held-out",
            "Section 3.2: BNet for the breast test trained on 321 benign and 247 malignant",
            f"{malignant + benign} development cases and {test_malignant + test_benign} test cases beside them",
            f"{benign} - {test_benign} = {paper.BNET_TRAINED_ON[0]} and {malignant} - {test_malignant} = "
            f"{paper.BNET_TRAINED_ON[1]}: the test cases were held out of the {malignant + benign}",
            not held_out,
            "class sizes of Table 1 less the test set's",
        ),
    ]


def _iterations() -> Finding:
    per_epoch = int(0.8 * sum(paper.BNET_TRAINED_ON))
    total = per_epoch * paper.VARIANTS // paper.BATCH * paper.EPOCHS
    return Finding(
        "iterations",
        "Section 2.3.3: number of iterations",
        f"{paper.ITERATIONS}",
        f"{paper.EPOCHS} epochs x {per_epoch} (80 % of {sum(paper.BNET_TRAINED_ON)} images, {paper.VARIANTS} variants "
        f"each, mini-batches of {paper.BATCH}) = {total}",
        total == paper.ITERATIONS,
        "images x variants / batch x epochs",
    )
