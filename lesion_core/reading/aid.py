"""What the aid changed: each reader's calls of the same cases, unaided and aided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lesion_core.reading.stored import Stored
from lesion_core.reading.study import Study, groups_of
from lesion_core.stats.estimate import Comparison
from lesion_core.stats.mcnemar import compare_calls


@dataclass(frozen=True)
class AidChange:
    """One reader with and without the aid, on the cases called in both arms.

    Attributes:
        reader: name.
        pairs: cases called in both arms.
        to_right: unaided calls against the label that agree with it aided.
        to_wrong: unaided calls with the label that do not agree with it aided.
        sensitivity: unaided minus aided.
        specificity: unaided minus aided.
    """

    reader: str
    pairs: int
    to_right: int
    to_wrong: int
    sensitivity: Comparison
    specificity: Comparison


def aid_changes(study: Study, answers: Sequence[Stored]) -> tuple[AidChange, ...]:
    """Each reader who called a case in both arms; empty with one arm or where no call is asked.

    Args:
        study: the study.
        answers: the newest of each place; repeated readings stay out.
    """
    if len(study.arms) < 2 or not study.question.call:
        return ()
    calls: dict[str, dict[int, dict[str, int]]] = {}
    for each in answers:
        if not each.repeat and each.answer.call is not None:
            calls.setdefault(each.reader, {}).setdefault(each.item, {})[each.arm] = each.answer.call
    found = []
    for name, by_item in calls.items():
        both = {item: said for item, said in by_item.items() if len(said) == 2}
        if both:
            found.append(_change(study, name, both))
    return tuple(found)


def _change(study: Study, name: str, both: dict[int, dict[str, int]]) -> AidChange:
    items = [study.items[at] for at in both]
    labels = [item.label for item in items]
    unaided, aided = ([said[arm] for said in both.values()] for arm in ("unaided", "aided"))
    groups = groups_of([item.counted_as for item in items])
    pairs = list(zip(labels, unaided, aided, strict=True))
    return AidChange(
        reader=name,
        pairs=len(pairs),
        to_right=sum(before != label and after == label for label, before, after in pairs),
        to_wrong=sum(before == label and after != label for label, before, after in pairs),
        sensitivity=compare_calls(labels, unaided, aided, rate="sensitivity", groups=groups),
        specificity=compare_calls(labels, unaided, aided, rate="specificity", groups=groups),
    )
