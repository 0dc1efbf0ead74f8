"""What the store hands out: studies as opened, sittings, answers with where they belong."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from lesion_core.errors import InputError
from lesion_core.reading.answer import Answer, Event


class SignInError(InputError):
    """Name, code, key or token do not fit; the message never says which of them."""


class AlreadyAnsweredError(InputError):
    """Another window of the same reader was quicker; its answer stands."""


@dataclass(frozen=True)
class Opened:
    """A study as set up; its secrets are shown once.

    Attributes:
        study_id: its name in links.
        key: opens progress, answers and results.
        codes: of each named reader.
        join_code: for whoever joins by the class link; empty without open enrolment.
    """

    study_id: str
    key: str
    codes: tuple[tuple[str, str], ...]
    join_code: str


@dataclass(frozen=True)
class Entry:
    """A reader who was let in.

    Attributes:
        token: for the browser to keep.
        code: the reader's own, when it was just made; empty otherwise.
    """

    token: str
    code: str = ""


@dataclass(frozen=True)
class Sitting:
    """A reader at a browser.

    Attributes:
        sitting_id: of this sitting.
        reader_id: in the store.
        reader: name.
        study_id: of the study.
        agreed: whether the reader agreed to the consent note.
    """

    sitting_id: int
    reader_id: int
    reader: str
    study_id: str
    agreed: bool


@dataclass(frozen=True)
class Stored:
    """An answer in the store with where it belongs.

    Attributes:
        reader: name.
        item: index of the lesion in the study.
        arm: "unaided" or "aided".
        repeat: 1 for the second reading of a repeated case.
        period: 0, or 1 after the washout.
        answer: what was said.
        read_at: ISO 8601, UTC, by the server.
        sitting_id: in which sitting.
        server_seconds: that the images were with the reader by the server's clock, all looks so far; None in a study
            without a time limit, and for answers that it did not time (imported, or of an earlier version).
        late: whether that is more than the time limit and the grace for the network.
    """

    reader: str
    item: int
    arm: str
    repeat: int
    period: int
    answer: Answer
    read_at: str
    sitting_id: int
    server_seconds: float | None = None
    late: bool = False


@dataclass(frozen=True)
class Calls:
    """Calls of one case by several readers.

    Attributes:
        count: how many called it.
        malignant: how many of them malignant.
    """

    count: int
    malignant: int


@dataclass(frozen=True)
class Progress:
    """How far a reader is.

    Attributes:
        reader: name.
        answered: steps answered.
        total: all steps.
        experience: as the reader said.
        display: as the reader said.
        last_at: time of the latest answer, ISO 8601; empty before the first.
        imported: whether the readings came from a file: in which order they were read is not known.
        twice: items that the reader meets twice, whether they were read or not.
    """

    reader: str
    answered: int
    total: int
    experience: str
    display: str
    last_at: str
    imported: bool = False
    twice: frozenset[int] = frozenset()


def answer_of(row: sa.Row[Any]) -> Answer:
    """A row of `tables.readings` as an answer."""
    descriptors = json.loads(row.descriptors)
    return Answer(
        position=row.position,
        answer_key=row.answer_key,
        revision=row.revision,
        assessed=bool(row.assessed),
        call=row.call,
        suspicion=row.suspicion,
        rating=row.rating,
        action=row.action,
        descriptors=tuple((name, tuple(options)) for name, options in descriptors.items()),
        border=tuple((x, y) for x, y in json.loads(row.border)),
        seconds=row.seconds,
        overtime=bool(row.overtime),
        events=tuple(Event(what, at_s) for what, at_s in json.loads(row.events)),
    )


def row_of(answer: Answer, sitting: Sitting, read_at: str) -> dict[str, Any]:
    """An answer as a row of `tables.readings`."""
    return {
        "reader_id": sitting.reader_id,
        "sitting_id": sitting.sitting_id,
        "position": answer.position,
        "revision": answer.revision,
        "answer_key": answer.answer_key,
        "assessed": int(answer.assessed),
        "call": answer.call,
        "rating": answer.rating,
        "seconds": answer.seconds,
        "read_at": read_at,
        "suspicion": answer.suspicion,
        "action": answer.action,
        "descriptors": json.dumps({name: list(options) for name, options in answer.descriptors}),
        "border": json.dumps([list(point) for point in answer.border]),
        "events": json.dumps([[each.what, each.at_s] for each in answer.events]),
        "overtime": int(answer.overtime),
    }


def newest_only(rows: list[Stored]) -> tuple[Stored, ...]:
    """Of each place the newest answer, with the seconds of all its looks.

    Args:
        rows: by reader, place and revision.
    """
    kept: list[Stored] = []
    for row in rows:
        if kept and kept[-1].reader == row.reader and kept[-1].answer.position == row.answer.position:
            seconds = kept.pop().answer.seconds + row.answer.seconds
            row = replace(row, answer=replace(row.answer, seconds=seconds))
        kept.append(row)
    return tuple(kept)
