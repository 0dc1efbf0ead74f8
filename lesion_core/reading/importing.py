"""Readings from elsewhere into a study's store: a readings.csv, or an iMRMC file of the same cases.

Each imported reader becomes a reader of the study whose steps are the rows, in their order; a reader who is there
already is refused, so nothing that was read here is ever mixed with a file. Bad rows are all listed; then nothing is
stored.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from lesion_core.cases.readings import Reading
from lesion_core.errors import InputError, TableError
from lesion_core.reading import tables
from lesion_core.reading.answer import read_answer
from lesion_core.reading.codes import hashed, new_code, new_token
from lesion_core.reading.exchange import ImrmcStudy
from lesion_core.reading.order import Step
from lesion_core.reading.store import Store
from lesion_core.reading.stored import Sitting, row_of
from lesion_core.reading.study import Study
from lesion_core.reading.systems import SYSTEMS

REPEAT = "repeat"
#: What readings.csv has no column for, and what an iMRMC file, with its one number for each case, may lack besides.
NO_COLUMN = ("border",)
ONE_NUMBER = (*NO_COLUMN, "call", "rating", "suspicion", "action")


@dataclass(frozen=True)
class Imported:
    """What came in.

    Attributes:
        readers: their names.
        readings: how many rows.
    """

    readers: tuple[str, ...]
    readings: int


def import_readings(
    store: Store, study_id: str, readings: Sequence[Reading], *, may_lack: Collection[str] = NO_COLUMN
) -> Imported:
    """Add readers with everything they read.

    Args:
        store: studies and answers.
        study_id: of the study.
        readings: of its cases; each must answer what the study asks.
        may_lack: but for this: `NO_COLUMN`, or `ONE_NUMBER` for what `from_imrmc` gave.

    Raises:
        TableError: rows that do not fit the study, all of them.
        InputError: there is nothing to import.
    """
    if not readings:
        raise InputError("there is no reading to import")
    study = store.study(study_id)
    there = {each.reader for each in store.progress(study_id)}
    problems = [f"reader {name!r} reads in this study already" for name in _names(readings) if name in there]
    placed: dict[str, list[tuple[Step, Reading]]] = {name: [] for name in _names(readings)}
    by_case = {view.case_id: at for at, item in enumerate(study.items) for view in item.views}
    seen: set[tuple[str, int, str, int]] = set()
    for number, each in enumerate(readings, start=1):
        where = f"reading {number} ({each.reader}, case {each.case_id})"
        if each.case_id not in by_case:
            problems.append(f"{where}: the case is not in this study")
            continue
        step = Step(
            item=by_case[each.case_id],
            arm="aided" if each.arm == "aided" else "unaided",
            repeat=int(each.session.endswith(REPEAT)),
            block=0,
            period=0,
        )
        key = (each.reader, step.item, step.arm, step.repeat)
        if key in seen:
            problems.append(f"{where}: stands twice")
        seen.add(key)
        if each.arm and each.arm not in study.arms:
            problems.append(f"{where}: arm is {each.arm!r}, allowed is {' or '.join(study.arms)}")
        try:
            read_answer(_payload(each, 0), study, may_lack=may_lack)
        except InputError as error:
            problems.append(f"{where}: {error}")
        placed[each.reader].append((step, each))
    if problems:
        raise TableError("the readings", problems)
    with store.database.writing() as connection:
        for name, rows in placed.items():
            _add(store, connection, study_id, name, rows)
    return Imported(tuple(placed), len(readings))


def from_imrmc(study: Study, found: ImrmcStudy) -> tuple[Reading, ...]:
    """Readings of an iMRMC file, each number read as `exchange.score_of` wrote it.

    It is the suspicion where one is asked, else the category by its rank, else the call. Whatever else the study asks
    is missing in such readings.

    Raises:
        TableError: a truth that differs from the study's label, or scores that are no answer of this study.
    """
    labels = {item.views[0].case_id: item.label for item in study.items}
    problems = [
        f"case {case}: the file's truth is {truth}, the study's label is {labels[case]}"
        for case, truth in found.labels.items()
        if case in labels and labels[case] != truth
    ]
    arms = {str(number): arm for number, arm in enumerate(study.arms, start=1)}
    readings = []
    for each in found.readings:
        score, arm = float(each.rating), arms.get(each.arm, each.arm)
        answer = _from_score(study, score)
        if answer is None:
            problems.append(
                f"reader {each.reader}, case {each.case_id}: the score {score:g} is no answer of this study"
            )
        else:
            suspicion, rating, call = answer
            readings.append(Reading(each.reader, each.case_id, call=call, rating=rating, suspicion=suspicion, arm=arm))
    if problems:
        raise TableError("the iMRMC file", problems)
    return tuple(readings)


def _from_score(study: Study, score: float) -> tuple[float | None, str, int | None] | None:
    """(suspicion, category, call) that a score stands for; None where it stands for none."""
    asked = study.question
    if asked.suspicion:
        return (score, "", None) if 0 <= score <= 100 else None
    if asked.system:
        categories = SYSTEMS[asked.system].categories
        fits = score == int(score) and 1 <= score <= len(categories)
        return (None, categories[int(score) - 1], None) if fits else None
    return (None, "", int(score)) if score in (0, 1) and asked.call else None


def _payload(reading: Reading, position: int) -> dict[str, object]:
    """A row as the browser would have sent it."""
    return {
        "position": position,
        "answer_key": f"import-{position:06d}",
        "assessed": reading.assessable,
        "call": reading.call,
        "suspicion": reading.suspicion,
        "rating": reading.rating,
        "action": reading.action,
        "seconds": reading.seconds or 0.0,
    }


def _add(
    store: Store, connection: sa.Connection, study_id: str, name: str, rows: Sequence[tuple[Step, Reading]]
) -> None:
    study, now = store.study(study_id), store.time()
    reader = {
        "name": name,
        "code_hash": hashed(new_code()),
        "enrolled_at": now,
        "experience": "imported",
        "identified": "imported",
        "agreed_at": now,
    }
    reader_id = store.add_reader(connection, study_id, tuple(step for step, _ in rows), reader)
    visit = {"reader_id": reader_id, "token_hash": hashed(new_token()), "begun_at": now, "screen": "imported"}
    begun = connection.execute(sa.insert(tables.sittings).values(visit).returning(tables.sittings.c.sitting_id))
    sitting = Sitting(int(begun.scalar_one()), reader_id, name, study_id, agreed=True)
    values = [
        row_of(read_answer(_payload(each, at), study, may_lack=ONE_NUMBER), sitting, each.read_at or now)
        for at, (_, each) in enumerate(rows)
    ]
    connection.execute(sa.insert(tables.readings), values)
    store.log(connection, study_id, name, "imported", json.dumps({"readings": len(rows)}))


def _names(readings: Sequence[Reading]) -> list[str]:
    return list(dict.fromkeys(each.reader for each in readings))
