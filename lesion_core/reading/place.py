"""Where a reader stands: the next step, a wait, or the end; and which answers may still be corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from lesion_core.reading.order import Step
from lesion_core.reading.study import Study


@dataclass(frozen=True)
class Place:
    """Where a reader stands.

    Attributes:
        state: "read", "wait" (washout) or "done".
        answered: how many steps are answered; also the position of the next one.
        total: of all steps.
        until: the end of a wait, UTC; None otherwise.
    """

    state: Literal["read", "wait", "done"]
    answered: int
    total: int
    until: datetime | None = None


def place_of(
    study: Study, steps: tuple[Step, ...], answered: int, *, last_answer: datetime | None, now: datetime
) -> Place:
    """Where a reader stands.

    Args:
        study: the study.
        steps: of the reader.
        answered: how many are answered.
        last_answer: when the latest one was first answered, UTC.
        now: UTC.
    """
    if answered >= len(steps):
        return Place("done", len(steps), len(steps))
    new_period = answered > 0 and steps[answered].period != steps[answered - 1].period
    if new_period and last_answer is not None:
        until = last_answer + timedelta(days=study.washout_days)
        if now < until:
            return Place("wait", answered, len(steps), until)
    return Place("read", answered, len(steps))


def nearest_correctable(study: Study, steps: tuple[Step, ...], answered: int, *, before: int) -> int:
    """Position of the nearest answer before a place that may still be corrected; -1 for none."""
    earlier = range(before - 1, -1, -1)
    return next((at for at in earlier if not correction_problem(study, steps, at, answered)), -1)


def correction_problem(study: Study, steps: tuple[Step, ...], position: int, answered: int) -> str:
    """Why an answer may not be corrected any more; empty when it may."""
    if not 0 <= position < answered:
        return "there is no answer at this place yet"
    if study.purpose == "teach":
        return "the answer was revealed: it stands"
    if study.come_back == "no":
        return "this study takes each answer as given"
    if study.come_back == "last" and position != answered - 1:
        return "only the last answer may be corrected in this study"
    step = steps[position]
    if study.design == "sequential" and step.arm == "unaided" and not step.repeat:
        return "the unaided answer is locked: the aided one followed it"
    if steps[min(answered, len(steps) - 1)].period != step.period:
        return "this period is closed"
    return ""
