"""What changed in a study as tables: by the aid, and in the course of reading. Numbers in, rows out."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.reading_tables import shown, size_of
from dashboards.review.wording import difference
from lesion_core.reading.aid import AidChange
from lesion_core.reading.order_effects import PERIODS, QUARTERS, OrderEffect, Part
from lesion_core.reading.result import StudyResult
from lesion_core.reading.study import Study
from lesion_core.stats.estimate import Comparison, Estimate, p_words

AID_HEAD = (
    "Reader", "Calls in both arms", "Changed to agree with the label", "Changed to disagree",
    "Sensitivity, unaided minus aided (95 % CI), p", "Specificity, unaided minus aided (95 % CI), p",
)  # fmt: skip
AID_NOTE = "p of each reader by itself, not corrected for the number of readers"


def aid_rows(changes: Sequence[AidChange]) -> list[list[str]]:
    """What the aid changed in each reader's calls."""
    rows = [
        [
            each.reader,
            str(each.pairs),
            str(each.to_right),
            str(each.to_wrong),
            _difference(each.sensitivity),
            _difference(each.specificity),
        ]
        for each in changes
    ]
    return [list(AID_HEAD), *rows]


def order_rows(study: Study, result: StudyResult) -> list[list[str]]:
    """Each reader in each arm by quarter of the reading order and by period: calls or area, and seconds, with n."""
    names = [*QUARTERS, *(PERIODS if study.design == "crossover" else ())]
    head = ["Reader, arm", "What (95 % CI)", *(name.capitalize() for name in names)]
    right = "calls that agree with the labels" if study.question.call else "AUC"
    rows = []
    for each in result.order:
        parts = [each.part(name) for name in names]
        rows.append([_who(each), right, *(_cell(part, "right") for part in parts)])
        rows.append([_who(each), "seconds per case, median", *(_cell(part, "seconds") for part in parts)])
    return [head, *rows]


def drift_rows(result: StudyResult) -> list[list[str]]:
    """Mean change over the readers in the course of reading, as rows of the study's table."""
    return [
        [each.name, shown(each), each.method, f"{each.n} reader{'' if each.n == 1 else 's'}"] for each in result.drift
    ]


def _who(effect: OrderEffect) -> str:
    return f"{effect.reader}, {effect.arm}"


def _cell(part: Part | None, what: str) -> str:
    if part is None or not part.read:
        return "none yet"
    estimate: Estimate = part.right if what == "right" else part.seconds
    decimals = 3 if what == "right" else 1
    return f"{shown(estimate, decimals=decimals)}, n = {size_of(estimate.n, estimate.clusters)}"


def _difference(test: Comparison) -> str:
    if not test.defined:
        return f"undefined: {test.reason}"
    return f"{difference(test)}, {p_words(test.p_value)}, n = {test.n}"
