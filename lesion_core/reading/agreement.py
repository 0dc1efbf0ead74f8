"""Agreement of each reader with themself on the repeated cases, and of the readers with each other.

For all that was asked: calls by plain kappas; what has an order (suspicion, categories, actions) with quadratic weights
over all steps that could have been given. "Cannot assess" is no step: such an answer has no agreement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lesion_core.reading.answer import Answer
from lesion_core.reading.stored import Stored
from lesion_core.reading.study import ACTIONS, Study, groups_of
from lesion_core.reading.systems import SYSTEMS
from lesion_core.stats.agreement import Weights, cohen_kappa, fleiss_kappa, gwet_ac1
from lesion_core.stats.estimate import Estimate


@dataclass(frozen=True)
class _Asked:
    """One thing that was asked, as steps in order.

    Attributes:
        name: in words.
        step: of an answer that was assessed, from 0; None where it says nothing of this.
        steps: how many there are.
        weights: how near misses count.
    """

    name: str
    step: Callable[[Answer], int | None]
    steps: int
    weights: Weights


def with_themselves(study: Study, answers: Sequence[Stored]) -> tuple[Estimate, ...]:
    """Cohen's kappa of each reader's first and second reading of the repeated cases, for each thing asked.

    Args:
        study: the study; without repeated cases there is nothing.
        answers: the newest of each place.
    """
    if not study.order.repeats:
        return ()
    found = []
    for name in dict.fromkeys(each.reader for each in answers):
        own = [each for each in answers if each.reader == name]
        first = {(each.item, each.arm): each for each in own if not each.repeat}
        pairs = [(first[each.item, each.arm], each) for each in own if each.repeat and (each.item, each.arm) in first]
        for asked in _all_asked(study):
            steps = [(_step(asked, one), _step(asked, two), study.items[one.item].counted_as) for one, two in pairs]
            both = [(one, two, unit) for one, two, unit in steps if one is not None and two is not None]
            kappa = cohen_kappa(
                [one for one, _, _ in both],
                [two for _, two, _ in both],
                weights=asked.weights,
                categories=range(asked.steps),
                groups=groups_of([unit for _, _, unit in both]),
            )
            found.append(replace(kappa, name=f"{name} with themself, {asked.name}: {kappa.name}"))
    return tuple(found)


def with_each_other(study: Study, answers: Sequence[Stored], readers: Sequence[str]) -> tuple[Estimate, ...]:
    """Fleiss' kappa and Gwet's AC1 (AC2 with weights) over some readers, for each thing asked in each arm.

    Args:
        study: the study.
        answers: the newest of each place; repeated readings stay out.
        readers: who is compared; fewer than two have no agreement. Who answered nothing of what was asked in an arm
            (readers imported with one number for each case) is not counted there, and the others are named.
    """
    if len(readers) < 2:
        return ()
    found = []
    groups = groups_of([item.counted_as for item in study.items])
    for arm in study.arms:
        for asked in _all_asked(study):
            table = _table(study, answers, readers, arm, asked)
            said: NDArray[np.bool_] = np.asarray(~np.isnan(table).all(axis=1))
            if said.sum() < 2:
                continue
            rows = list(table[said])
            who = f"{len(rows)} readers"
            if len(rows) < len(readers):
                names = [name for name, has in zip(readers, said, strict=True) if has]
                who = f"{len(rows)} of {len(readers)} readers ({', '.join(names)})"
            for coefficient in (fleiss_kappa, gwet_ac1):
                each = coefficient(rows, weights=asked.weights, categories=range(asked.steps), groups=groups)
                found.append(replace(each, name=f"{who}, {arm}, {asked.name}: {each.name}"))
    return tuple(found)


def _all_asked(study: Study) -> list[_Asked]:
    asked, found = study.question, []
    if asked.call:
        found.append(_Asked("calls", lambda answer: answer.call, 2, "none"))
    if asked.suspicion:
        found.append(_Asked("suspicion", _rounded, 101, "quadratic"))
    if asked.system:
        system = SYSTEMS[asked.system]
        found.append(
            _Asked(
                "categories",
                lambda answer: _place(answer.rating, system.categories),
                len(system.categories),
                "quadratic",
            )
        )
    if asked.action:
        found.append(_Asked("actions", lambda answer: _place(answer.action, ACTIONS), len(ACTIONS), "quadratic"))
    return found


def _place(said: str, steps: tuple[str, ...]) -> int | None:
    """The step of a word; None where nothing was said, as in readings imported with one number."""
    return steps.index(said) if said else None


def _rounded(answer: Answer) -> int | None:
    return None if answer.suspicion is None else round(answer.suspicion)


def _step(asked: _Asked, stored: Stored) -> int | None:
    return asked.step(stored.answer) if stored.answer.assessed else None


def _table(
    study: Study, answers: Sequence[Stored], readers: Sequence[str], arm: str, asked: _Asked
) -> NDArray[np.float64]:
    """(readers, all cases) steps; NaN where there is none."""
    rows = np.full((len(readers), len(study.items)), np.nan)
    place = {name: at for at, name in enumerate(readers)}
    for each in answers:
        if each.reader in place and each.arm == arm and not each.repeat:
            step = _step(asked, each)
            rows[place[each.reader], each.item] = np.nan if step is None else step
    return rows
