"""Each published figure of the paper beside the recomputed one, and whether it follows.

Nothing is stated here that is not computed from the tables in ``paper``: with other figures the verdicts change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lesion_core.results import paper
from lesion_core.results.consistency import check_study, explain_area, search_sizes
from lesion_core.results.paper_review import (
    LARGEST_SIZE,
    area_sizes,
    average_counts,
    reviewed_p_values,
    reviewed_readings,
)
from lesion_core.stats.point import SHOWN, Point, point_interval


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
