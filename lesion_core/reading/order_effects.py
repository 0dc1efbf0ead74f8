"""Whether readers change while they read: calls and times by quarter of the reading order, by period of a crossover.

Each reader has an order of their own, so a quarter holds other cases for each, alike in difficulty but for chance: in
a crossover it is a quarter of each period, for an arm has one half of the cases before the washout and the other after
it. A period holds the same half for every second reader, so the two sequences are averaged apart first. Repeated
readings stay out, and so do imported readers: the order in which they read is not known. Cases that are read twice come
early, so that there is a gap: they are in no quarter, whether their second reading was given or not.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from lesion_core.reading.exchange import score_of
from lesion_core.reading.stored import Progress, Stored
from lesion_core.reading.study import Study, groups_of
from lesion_core.stats.accuracy import accuracy
from lesion_core.stats.changes import mean_change, mean_over_sequences
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.median import median_interval

QUARTERS = ("first quarter", "second quarter", "third quarter", "last quarter")
PERIODS = ("first period", "second period")


@dataclass(frozen=True)
class Part:
    """A part of what a reader read in an arm.

    Attributes:
        name: one of `QUARTERS` or `PERIODS`.
        read: cases in it.
        right: share of the calls that agree with the labels; the AUC of the rating where no call was asked.
        seconds: median per case, of those with a time.
    """

    name: str
    read: int
    right: Estimate
    seconds: Estimate


@dataclass(frozen=True)
class OrderEffect:
    """One reader in one arm, part by part.

    Attributes:
        reader: name.
        arm: "unaided" or "aided".
        parts: the quarters, then the periods of a crossover.
    """

    reader: str
    arm: str
    parts: tuple[Part, ...]

    def part(self, name: str) -> Part | None:
        """The part of that name; None where there is none."""
        return next((each for each in self.parts if each.name == name), None)


def order_effects(
    study: Study, answers: Sequence[Stored], progress: Sequence[Progress]
) -> tuple[tuple[OrderEffect, ...], tuple[Estimate, ...]]:
    """Each reader in each arm, and the mean change over the readers who read everything in it.

    Args:
        study: the study.
        answers: the newest of each place.
        progress: of each reader.

    Returns:
        The effects, and the changes: last against first quarter, in a crossover second against first period too, which
        is undefined, with the reason, where all readers had the same cases in the first.
    """
    twice = {each.reader: each.twice for each in progress}
    own: dict[tuple[str, str], list[Stored]] = {}
    for each in sorted(answers, key=lambda each: each.answer.position):
        if not each.repeat:
            own.setdefault((each.reader, each.arm), []).append(each)
    read_here = [each.reader for each in progress if not each.imported]
    effects = [
        OrderEffect(name, arm, _parts(study, own[name, arm], twice[name]))
        for name in read_here
        for arm in study.arms
        if (name, arm) in own
    ]
    whole = [each for each in effects if len(own[each.reader, each.arm]) == len(study.items)]
    # Item 0 stands for its half of the cases: which of an arm's two periods held it is the reader's sequence.
    early = {
        (name, arm) for (name, arm), rows in own.items() if any(not each.item and not each.period for each in rows)
    }
    return tuple(effects), tuple(_changes(study, whole, early))


def _parts(study: Study, rows: Sequence[Stored], twice: Collection[int]) -> tuple[Part, ...]:
    spans: list[list[Stored]] = [[] for _ in QUARTERS]
    for period in range(len(PERIODS)):
        once = [row for row in rows if row.period == period and row.item not in twice]
        cuts = np.linspace(0, len(once), len(QUARTERS) + 1).round().astype(int)
        for span, (a, b) in zip(spans, itertools.pairwise(cuts), strict=True):
            span += once[a:b]
    found = [_part(study, name, span) for name, span in zip(QUARTERS, spans, strict=True)]
    if study.design == "crossover":
        found += [
            _part(study, name, [row for row in rows if row.period == period]) for period, name in enumerate(PERIODS)
        ]
    return tuple(found)


def _part(study: Study, name: str, rows: Sequence[Stored]) -> Part:
    return Part(
        name=name,
        read=len(rows),
        right=_right(study, rows),
        seconds=median_interval([row.answer.seconds for row in rows if row.answer.seconds], name="median seconds"),
    )


def _right(study: Study, rows: Sequence[Stored]) -> Estimate:
    by_call = study.question.call
    said = [(study.items[row.item], row.answer.call if by_call else score_of(study, row)) for row in rows]
    known = [(item, value) for item, value in said if value is not None]
    labels, values = [item.label for item, _ in known], [value for _, value in known]
    groups = groups_of([item.counted_as for item, _ in known])
    return accuracy(labels, values, groups=groups) if by_call else auc_interval(labels, values, groups=groups)


def _changes(study: Study, effects: Sequence[OrderEffect], early: Collection[tuple[str, str]]) -> list[Estimate]:
    what = "calls that agree" if study.question.call else "AUC"
    found = []
    for arm in study.arms:
        own = [each for each in effects if each.arm == arm]
        first, last = QUARTERS[0], QUARTERS[-1]
        right, times = _changes_of(own, first, last)
        found.append(mean_change(right, name=f"{last} minus {first}, {arm}: {what}"))
        found.append(mean_change(times, ratio=True, name=f"{last} over {first}, {arm}: median seconds"))
        if study.design == "crossover":
            first, last = PERIODS
            one = _changes_of([each for each in own if (each.reader, arm) in early], first, last)
            other = _changes_of([each for each in own if (each.reader, arm) not in early], first, last)
            found.append(mean_over_sequences(one[0], other[0], name=f"{last} minus {first}, {arm}: {what}"))
            found.append(
                mean_over_sequences(one[1], other[1], ratio=True, name=f"{last} over {first}, {arm}: median seconds")
            )
    return [each for each in found if each.n]


def _changes_of(effects: Sequence[OrderEffect], early: str, late: str) -> tuple[list[float], list[float]]:
    """Changes of the calls that agree (of the AUC) and ratios of the seconds, of the readers who have them."""
    both = [(first, last) for each in effects if (first := each.part(early)) and (last := each.part(late))]
    right = [b.right.value - a.right.value for a, b in both if a.right.defined and b.right.defined]
    times = [b.seconds.value / a.seconds.value for a, b in both if a.seconds.defined and b.seconds.defined]
    return right, times
