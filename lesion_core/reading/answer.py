"""One answer: what a browser sent, checked against what the study asks.

A browser is untrusted: every field is checked, and what the study does not ask is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from lesion_core.errors import InputError
from lesion_core.reading.study import ACTIONS, Question, Study
from lesion_core.reading.systems import SYSTEMS
from lesion_core.records import Point

_KEY = re.compile(r"[0-9a-zA-Z-]{8,64}")
#: What a page may log while a case is open.
EVENTS = ("blur", "focus", "pause", "resume", "hidden", "visible", "timeout", "retry", "reload", "return")
#: Added here, by no page: `seconds` were more than `MOST_SECONDS`, as many as this event's `at_s`.
CAPPED = "capped"
MOST_EVENTS, MOST_POINTS = 500, 2000
MOST_SECONDS = 86400.0


@dataclass(frozen=True)
class Event:
    """Something that happened while a case was open.

    Attributes:
        what: one of `EVENTS`, or `CAPPED`.
        at_s: seconds since the first full paint, by the page's clock.
    """

    what: str
    at_s: float


@dataclass(frozen=True)
class Answer:
    """What a reader says about a case.

    Attributes:
        position: of the step, from 0.
        answer_key: made by the browser, so that the same answer sent twice is stored once.
        revision: 0, or the number of the correction.
        assessed: False for "cannot assess": then nothing else is given.
        call: 0 benign, 1 malignant, None where not asked.
        suspicion: 0-100, None where not asked.
        rating: a category of the study's system, empty where not asked.
        action: one of `ACTIONS`, empty where not asked.
        descriptors: (name, options) of the system, in its order.
        border: drawn by the reader, image pixels of the first view; empty where not asked.
        seconds: from the first full paint to the answer, pauses left out; at most `MOST_SECONDS`, as in readings.csv.
        overtime: whether the time limit had passed.
        events: loss of focus, pauses, the page loaded anew, the return from an answer that was taken back; that
            `seconds` were capped.
    """

    position: int
    answer_key: str
    revision: int = 0
    assessed: bool = True
    call: int | None = None
    suspicion: float | None = None
    rating: str = ""
    action: str = ""
    descriptors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    border: tuple[Point, ...] = ()
    seconds: float = 0.0
    overtime: bool = False
    events: tuple[Event, ...] = ()


def read_answer(payload: Any, study: Study, *, may_lack: Collection[str] = ()) -> Answer:
    """Check an answer as it came over the network.

    Args:
        payload: the decoded JSON.
        study: that it belongs to.
        may_lack: what is asked and may be missing, as in a file that has no place for it: names of `Answer`'s fields.

    Raises:
        InputError: the first thing that is wrong with it.
    """
    if not isinstance(payload, dict):
        raise InputError("an answer must be a JSON object")
    unknown = set(payload) - set(Answer.__dataclass_fields__)
    if unknown:
        raise InputError(f"an answer has no field {min(map(str, unknown))[:40]!r}")
    key = payload.get("answer_key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InputError("answer_key must have 8 to 64 letters, digits or dashes")
    # A case that was left open over the weekend is answered all the same.
    seconds = _number(payload, "seconds", 0, math.inf)
    capped = (Event(CAPPED, round(seconds, 3)),) if seconds > MOST_SECONDS else ()
    answer = Answer(
        position=_whole(payload, "position", 0, 10_000),
        answer_key=key,
        revision=_whole(payload, "revision", 0, 1000),
        assessed=_flag(payload, "assessed", default=True),
        call=None if payload.get("call") is None else _whole(payload, "call", 0, 1),
        suspicion=None if payload.get("suspicion") is None else _number(payload, "suspicion", 0, 100),
        rating=_text(payload, "rating"),
        action=_text(payload, "action"),
        descriptors=_descriptors(payload.get("descriptors"), study.question),
        border=_border(payload.get("border"), study),
        seconds=min(seconds, MOST_SECONDS),
        overtime=_flag(payload, "overtime", default=False),
        events=(*_events(payload.get("events")), *capped),
    )
    _check_asked(answer, study.question, may_lack)
    return answer


def _check_asked(answer: Answer, asked: Question, may_lack: Collection[str]) -> None:
    """What was asked must be there, what was not must not."""
    given = {
        "call": answer.call is not None,
        "suspicion": answer.suspicion is not None,
        "rating": bool(answer.rating),
        "action": bool(answer.action),
    }
    wanted = {
        "call": asked.call,
        "suspicion": asked.suspicion,
        "rating": bool(asked.system),
        "action": asked.action,
    }
    if not answer.assessed:
        if any(given.values()):
            raise InputError('"cannot assess" stands alone: take the other answers back, or assess the case')
        return
    for name, wants in wanted.items():
        if wants and not given[name] and name not in may_lack:
            raise InputError(f"{name} is missing: answer it, or choose cannot assess")
        if given[name] and not wants:
            raise InputError(f"{name} is not asked in this study")
    if answer.rating:
        SYSTEMS[asked.system].rank(answer.rating)
    if answer.action and answer.action not in ACTIONS:
        raise InputError(f"action is {answer.action!r}, allowed are {', '.join(ACTIONS)}")
    if asked.border and len(answer.border) < 3 and "border" not in may_lack:
        raise InputError("the border is missing: draw it around the lesion, or choose cannot assess")


def _descriptors(raw: Any, asked: Question) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not raw:
        return ()
    if not asked.descriptors or not isinstance(raw, dict):
        raise InputError("descriptors are not asked in this study")
    known = {each.name: each for each in SYSTEMS[asked.system].descriptors}
    for name, options in raw.items():
        if name not in known:
            raise InputError(f"no descriptor {str(name)[:40]!r} in {SYSTEMS[asked.system].title}")
        if not isinstance(options, list) or any(option not in known[name].options for option in options):
            raise InputError(f"{name}: choose among {', '.join(known[name].options)}")
        if len(options) > 1 and not known[name].several:
            raise InputError(f"{name}: one answer only")
    return tuple((name, tuple(raw[name])) for name in known if raw.get(name))


def _border(raw: Any, study: Study) -> tuple[Point, ...]:
    if not raw:
        return ()
    if not study.question.border:
        raise InputError("a border is not asked in this study")
    if not isinstance(raw, list) or len(raw) > MOST_POINTS:
        raise InputError(f"a border has at most {MOST_POINTS} points")
    points = []
    for point in raw:
        if not isinstance(point, list) or len(point) != 2 or not all(_finite(each) for each in point):
            raise InputError("a border is a list of [x, y] in image pixels")
        points.append((float(point[0]), float(point[1])))
    return tuple(points)


def _events(raw: Any) -> tuple[Event, ...]:
    if not raw:
        return ()
    if not isinstance(raw, list):
        raise InputError("events must be a list")
    events = []
    for each in raw[:MOST_EVENTS]:
        if not isinstance(each, dict) or each.get("what") not in EVENTS or not _finite(each.get("at_s")):
            raise InputError(f"an event is one of {', '.join(EVENTS)} with its time at_s")
        events.append(Event(each["what"], round(float(each["at_s"]), 3)))
    return tuple(events)


def _finite(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number past the range of float64
        return False


def _number(payload: dict[str, Any], name: str, low: float, high: float) -> float:
    value = payload.get(name, 0)
    if not _finite(value) or not low <= value <= high:
        wanted = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of {low:g} or more"
        raise InputError(f"{name} must be a number {wanted}")
    return float(value)


def _whole(payload: dict[str, Any], name: str, low: int, high: int) -> int:
    value = payload.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"{name} must be a whole number from {low} to {high}")
    return value


def _flag(payload: dict[str, Any], name: str, *, default: bool) -> bool:
    value = payload.get(name, default)
    if not isinstance(value, bool):
        raise InputError(f"{name} must be true or false")
    return value


def _text(payload: dict[str, Any], name: str) -> str:
    value = payload.get(name, "")
    if not isinstance(value, str) or len(value) > 20:
        raise InputError(f"{name} must be a short text")
    return value
