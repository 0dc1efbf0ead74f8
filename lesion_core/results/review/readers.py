"""Readers of a review: each one's calls and categories, in columns. "Cannot assess" is an answer of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.readings import Reading

#: Ratings that mean: looked at, and could not be assessed.
CANNOT_ASSESS = frozenset({"cannot assess", "not assessable", "could not be assessed", "not clear"})


@dataclass(frozen=True, eq=False)
class Reader:
    """One reader's answers.

    Attributes:
        name: who read.
        case_ids: (m,) the cases read, unique.
        calls: (m,) float64: 0 or 1; NaN where no call was given.
        ratings: (m,) categories as written, empty where there is none.
        assessed: (m,) bool: False where the reader said that the case cannot be assessed.
        synthetic: whether the reader is simulated: said wherever it is shown.
        person: who read, in whichever arm; empty where the name says it.
        arm: in which arm of a study, e.g. "unaided"; empty where there is none.
    """

    name: str
    case_ids: NDArray[np.str_]
    calls: NDArray[np.float64]
    ratings: NDArray[np.str_]
    assessed: NDArray[np.bool_]
    synthetic: bool = False
    person: str = ""
    arm: str = ""

    @cached_property
    def position(self) -> dict[str, int]:
        """Case id -> row."""
        return {case_id: row for row, case_id in enumerate(self.case_ids.tolist())}

    def answer(self, case_id: str) -> str:
        """What the reader said of a case, in words; empty when it was not read."""
        row = self.position.get(case_id)
        if row is None:
            return ""
        if not self.assessed[row]:
            return "cannot assess"
        call = {0.0: "benign", 1.0: "malignant"}.get(float(self.calls[row]), "")
        return ", ".join(filter(None, (str(self.ratings[row]), call)))


def readers_of(readings: Sequence[Reading], *, synthetic: bool = False) -> tuple[Reader, ...]:
    """Readings by reader and arm; of several readings of one case by one reader the last one counts.

    Where no category was given the suspicion 0-100 stands for it, and where no call was given an action does: biopsy is
    a call.

    Args:
        readings: as read.
        synthetic: whether they are simulated.
    """
    by_reader: dict[str, dict[str, Reading]] = {}
    for each in readings:
        by_reader.setdefault(f"{each.reader} ({each.arm})" if each.arm else each.reader, {})[each.case_id] = each
    return tuple(_reader(name, tuple(own.values()), synthetic) for name, own in by_reader.items())


def one_arm_each(readers: Sequence[Reader]) -> tuple[Reader, ...]:
    """Each person once, in the unaided arm where there is one: the arms of a person are no two readers."""
    kept: dict[str, Reader] = {}
    for each in readers:
        person = each.person or each.name
        if person not in kept or (each.arm == "unaided" and kept[person].arm != "unaided"):
            kept[person] = each
    return tuple(kept.values())


def in_several_arms(readers: Sequence[Reader]) -> tuple[str, ...]:
    """Who is among them more than once."""
    people = [each.person or each.name for each in readers]
    return tuple(dict.fromkeys(person for person in people if people.count(person) > 1))


def read_aided(readers: Sequence[Reader]) -> tuple[str, ...]:
    """Names of those who read with a model's score in view."""
    return tuple(each.name for each in readers if each.arm == "aided")


def _reader(name: str, readings: Sequence[Reading], synthetic: bool) -> Reader:
    return Reader(
        name=name,
        case_ids=np.array([each.case_id for each in readings], dtype=np.str_),
        calls=np.array([_call(each) for each in readings], dtype=np.float64),
        ratings=np.array([each.rating or _suspicion(each) for each in readings], dtype=np.str_),
        assessed=np.array(
            [each.assessable and each.rating.casefold() not in CANNOT_ASSESS for each in readings], dtype=np.bool_
        ),
        synthetic=synthetic,
        person=readings[0].reader,
        arm=readings[0].arm,
    )


def _call(reading: Reading) -> float:
    if reading.call is not None:
        return float(reading.call)
    # A category or a suspicion is cut by whoever compares; an action alone is a decision already.
    graded = bool(reading.rating) or reading.suspicion is not None
    return np.nan if graded or not reading.action else float(reading.action == "biopsy")


def _suspicion(reading: Reading) -> str:
    return "" if reading.suspicion is None else f"{reading.suspicion:g}"
