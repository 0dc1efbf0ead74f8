"""Where model and readers agree or differ (the paper's Figures 2 and 5), and how well readers agree with each other.

Every case falls into one group of each label: right are the model only, the readers only, both, or none. "The readers"
are one reader, or the majority of those who answered; a tie counts as wrong. Cases that model or readers could not
assess are a group of their own where they are not counted as wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from lesion_core.results.observers.panel import ModelColumn, Panel
from lesion_core.results.observers.reader_column import NotAssessed, ReaderColumn
from lesion_core.stats.agreement import cohen_kappa, fleiss_kappa, gwet_ac1
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.inputs import Bools, Ints

Right = Literal["both", "model only", "readers only", "none", "not assessed"]
RIGHT: tuple[Right, ...] = ("both", "model only", "readers only", "none", "not assessed")
MAJORITY = "majority of the readers"


@dataclass(frozen=True)
class AgreementGroup:
    """The cases of one label on which the same ones are right.

    Attributes:
        right: who is right.
        positive: whether the target is met.
        rows: (n,) bool of the panel.
        cases: the case ids behind them.
    """

    right: Right
    positive: bool
    rows: Bools
    cases: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.rows.sum())


@dataclass(frozen=True)
class Kappa:
    """Agreement of two or more.

    Attributes:
        between: who.
        on: "calls" or "categories".
        estimate: with its interval.
    """

    between: str
    on: Literal["calls", "categories"]
    estimate: Estimate


def agreement_groups(
    panel: Panel, model: str, reader: str, how: NotAssessed, *, threshold: float | None = None
) -> tuple[AgreementGroup, ...]:
    """Ten groups: both labels, five ways.

    Args:
        panel: models and readers, as joined.
        model: whose calls.
        reader: a reader's name, or `MAJORITY`.
        how: which way "cannot assess" is counted.
        threshold: calls are score >= threshold; None takes the stated one.

    Raises:
        InputError: no such model or reader, or no reader at all.
    """
    counted = panel.counted(how)
    own = counted.model(model)
    calls = own.called if threshold is None else np.nan_to_num(own.score, nan=-1.0) >= threshold
    answered, called = _majority(counted) if reader == MAJORITY else _one(counted.reader(reader))
    assessed = own.assessed & answered
    model_right = calls == counted.labels
    readers_right = called == (counted.labels)
    if reader == MAJORITY:
        readers_right &= ~_tied(counted)
    patterns: dict[Right, Bools] = {
        "both": assessed & model_right & readers_right,
        "model only": assessed & model_right & ~readers_right,
        "readers only": assessed & ~model_right & readers_right,
        "none": assessed & ~model_right & ~readers_right,
        "not assessed": ~assessed,
    }
    return tuple(
        AgreementGroup(right, positive, rows, _cases(panel, rows))
        for positive in (True, False)
        for right in RIGHT
        for rows in (patterns[right] & (counted.labels == positive),)
    )


def kappas(panel: Panel, how: NotAssessed, *, model: str = "", threshold: float | None = None) -> tuple[Kappa, ...]:
    """All readers together, each two of them, each model with each reader.

    Cohen's kappa on calls and, for readers with the same categories, with quadratic weights on categories; Fleiss'
    kappa and Gwet's AC1 over all readers.

    Args:
        panel: models and readers, as joined.
        how: which way "cannot assess" is counted.
        model: name of the model whose threshold was moved.
        threshold: where to; None takes the stated one. Other models keep theirs.
    """
    counted = panel.counted(how)
    found = []
    if len(counted.readers) > 1:
        calls = [np.where(each.read, each.called.astype(np.float64), np.nan) for each in counted.readers]
        together = f"all {len(counted.readers)} readers"
        both = [0.0, 1.0]
        found.append(Kappa(together, "calls", fleiss_kappa(calls, categories=both, groups=counted.groups)))
        found.append(Kappa(together, "calls", gwet_ac1(calls, categories=both, groups=counted.groups)))
    for first, second in combinations(counted.readers, 2):
        rows = first.read & second.read
        between = f"{first.name} and {second.name}"
        found.append(Kappa(between, "calls", _cohen(counted, rows, first.called, second.called)))
        if first.ordinal and second.ordinal and first.categories == second.categories and rows.any():
            weighted = cohen_kappa(
                first.rating[rows],
                second.rating[rows],
                weights="quadratic",
                categories=np.arange(float(len(first.categories))),
                groups=None if counted.groups is None else counted.groups[rows],
            )
            found.append(Kappa(between, "categories", weighted))
    for own in counted.models:
        if threshold is not None and own.name == model:
            own = replace(own, threshold=np.full(counted.n, threshold))
        if own.stated:
            found += [_with_model(counted, own, reader) for reader in counted.readers]
    return tuple(found)


def _with_model(panel: Panel, model: ModelColumn, reader: ReaderColumn) -> Kappa:
    rows = model.assessed & reader.read
    return Kappa(f"{model.name} and {reader.name}", "calls", _cohen(panel, rows, model.called, reader.called))


def _cohen(panel: Panel, rows: Bools, first: Bools, second: Bools) -> Estimate:
    groups = None if panel.groups is None else panel.groups[rows]
    return cohen_kappa(first[rows], second[rows], categories=[False, True], groups=groups)


def _one(reader: ReaderColumn) -> tuple[Bools, Bools]:
    return reader.read, reader.called


def _majority(panel: Panel) -> tuple[Bools, Bools]:
    """Whether anyone answered, and whether more than half of those called it positive."""
    answers, calls = _votes(panel)
    return answers > 0, 2 * calls > answers


def _tied(panel: Panel) -> Bools:
    answers, calls = _votes(panel)
    return np.asarray((answers > 0) & (2 * calls == answers), dtype=np.bool_)


def _votes(panel: Panel) -> tuple[Ints, Ints]:
    answers = np.zeros(panel.n, dtype=np.int64)
    calls = np.zeros(panel.n, dtype=np.int64)
    for each in panel.readers:
        answers += each.read
        calls += each.read & each.called
    return answers, calls


def _cases(panel: Panel, rows: Bools) -> tuple[str, ...]:
    return tuple(case for cases, chosen in zip(panel.members, rows.tolist(), strict=True) if chosen for case in cases)
