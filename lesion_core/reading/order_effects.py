"""Whether readers change while they read: calls and times by quarter of the reading order, by period of a crossover.

Each reader has an order of their own, so a quarter holds other cases for each, alike in difficulty but for chance.
Repeated readings stay out, and so do imported readers: the order in which they read is not known.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesion_core.reading.exchange import score_of
from lesion_core.reading.stored import Progress, Stored
from lesion_core.reading.study import Study
from lesion_core.stats.accuracy import accuracy
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.median import mean_change, median_interval

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
        The effects, and the changes: last against first quarter, in a crossover second against first period.
    """
    own: dict[tuple[str, str], list[Stored]] = {}
    for each in sorted(answers, key=lambda each: each.answer.position):
        if not each.repeat:
            own.setdefault((each.reader, each.arm), []).append(each)
    read_here = [each.reader for each in progress if not each.imported]
    effects = [
        OrderEffect(name, arm, _parts(study, own[name, arm]))
        for name in read_here
        for arm in study.arms
        if (name, arm) in own
    ]
    whole = [each for each in effects if len(own[each.reader, each.arm]) == len(study.items)]
    return tuple(effects), tuple(_changes(study, whole))


def _parts(study: Study, rows: Sequence[Stored]) -> tuple[Part, ...]:
    cuts = np.linspace(0, len(rows), len(QUARTERS) + 1).round().astype(int)
    spans = [rows[a:b] for a, b in itertools.pairwise(cuts)]
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
    units = [item.unit or item.item_id for item, _ in known]
    groups = None if len(set(units)) == len(units) else units
    return accuracy(labels, values, groups=groups) if by_call else auc_interval(labels, values, groups=groups)


def _changes(study: Study, effects: Sequence[OrderEffect]) -> list[Estimate]:
    pairs = [(QUARTERS[0], QUARTERS[-1])] + ([PERIODS] if study.design == "crossover" else [])
    found = []
    for arm in study.arms:
        own = [each for each in effects if each.arm == arm]
        for early, late in pairs:
            both = [(first, last) for each in own if (first := each.part(early)) and (last := each.part(late))]
            what = "calls that agree" if study.question.call else "AUC"
            right = [b.right.value - a.right.value for a, b in both if a.right.defined and b.right.defined]
            times = [b.seconds.value / a.seconds.value for a, b in both if a.seconds.defined and b.seconds.defined]
            found.append(mean_change(right, name=f"{late} minus {early}, {arm}: {what}"))
            found.append(mean_change(times, ratio=True, name=f"{late} over {early}, {arm}: median seconds"))
    return [each for each in found if each.defined]
