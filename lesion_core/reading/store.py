"""The reading room's memory: studies, who reads them, and every answer ever given.

Answers are only added: a correction is a new row, and the newest one counts. How readers get in and answer is `desk`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lesion_core.errors import InputError
from lesion_core.reading import tables
from lesion_core.reading.bundle import Bundle
from lesion_core.reading.codes import hashed, matches, new_code, new_study_id
from lesion_core.reading.database import Database
from lesion_core.reading.order import Step, draw_steps, steps_from_json, steps_to_json
from lesion_core.reading.stored import Calls, Opened, Progress, SignInError, Sitting, Stored, answer_of, newest_only
from lesion_core.reading.study import Study, checked, study_from_json, study_to_json

#: Readers of a study, named, joined and imported together.
MOST_JOINED = 2000
#: What the images of all studies together may take, bytes.
MOST_STORED = 10_000_000_000
#: Studies and readers' steps kept decoded in memory.
STUDIES_IN_MEMORY, READERS_IN_MEMORY, SITTINGS_IN_MEMORY = 16, 512, 4096


class Store:
    """Studies and answers in a database.

    Args:
        database: open; None opens the one that the environment names.
        clock: UTC now; tests move it.
    """

    def __init__(
        self, database: Database | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.database = database or Database()
        self.now = clock
        self.study = lru_cache(STUDIES_IN_MEMORY)(self._study)
        #: Sittings by token's hash, once they can change no more (the reader has agreed).
        self.sittings: dict[str, Sitting] = {}
        self.steps = lru_cache(READERS_IN_MEMORY)(self._steps)

    def open_study(self, bundle: Bundle, *, study_id: str = "", join_code: str = "") -> Opened:
        """Store a study; from then on it can be read.

        Args:
            bundle: the study with its images.
            study_id: for a study that the app itself offers; empty draws one.
            join_code: the same; empty draws one where enrolment is open.

        Raises:
            TableError: a study that cannot be read.
            InputError: the name is taken, or there is no room for its images.
            StoreError: it cannot be stored.
        """
        study, key = checked(bundle.study), new_code()
        opened = Opened(
            study_id or new_study_id(),
            key,
            tuple((name, new_code()) for name in study.readers),
            (join_code or new_code()) if study.open_enrolment else "",
        )
        try:
            with self.database.writing() as connection:
                self._check_room(connection, bundle)
                row = {
                    "study_id": opened.study_id,
                    "made_at": self.time(),
                    "definition": study_to_json(study),
                    "key_hash": hashed(key),
                    "join_hash": hashed(opened.join_code) if opened.join_code else "",
                }
                connection.execute(sa.insert(tables.studies).values(row))
                pictures = [
                    {"study_id": opened.study_id, "item": item, "view": view, "png": png}
                    for (item, view), png in bundle.images.items()
                ]
                connection.execute(sa.insert(tables.images), pictures)
                for number, (name, code) in enumerate(opened.codes):
                    self.enrol(connection, opened.study_id, study, name, code, number)
                self.log(connection, opened.study_id, "", "study opened", study.title)
        except IntegrityError:
            raise InputError(f"a study named {opened.study_id!r} is there already") from None
        return opened

    def has_study(self, study_id: str) -> bool:
        """Whether there is a study of that name."""
        with self.database.reading() as connection:
            found = connection.scalar(sa.select(tables.studies.c.study_id).where(tables.studies.c.study_id == study_id))
        return found is not None

    def image(self, study_id: str, item: int, view: int) -> bytes:
        """PNG of a view.

        Raises:
            InputError: there is none.
        """
        c = tables.images.c
        with self.database.reading() as connection:
            found = connection.scalar(sa.select(c.png).where(c.study_id == study_id, c.item == item, c.view == view))
        if found is None:
            raise InputError("there is no such image")
        return bytes(found)

    def bundle(self, study_id: str) -> Bundle:
        """The study with its images, as it was opened."""
        c = tables.images.c
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(c.item, c.view, c.png).where(c.study_id == study_id)).all()
        return Bundle(self.study(study_id), {(row.item, row.view): bytes(row.png) for row in rows})

    def check_key(self, study_id: str, key: str) -> None:
        """Let in who runs the study.

        Raises:
            SignInError: study and key do not fit.
        """
        c = tables.studies.c
        with self.database.reading() as connection:
            stored = connection.scalar(sa.select(c.key_hash).where(c.study_id == study_id))
        if not matches(key, stored or ""):
            raise SignInError("study and key do not fit: take both from the page that set the study up")

    def answers(
        self, study_id: str, *, all_revisions: bool = False, reader_id: int | None = None
    ) -> tuple[Stored, ...]:
        """Every answer of a study, by reader and place; of a corrected one the newest, with the time of all its looks.

        Args:
            study_id: of the study.
            all_revisions: each row as it was stored, instead.
            reader_id: of one reader; None takes all.
        """
        r, a = tables.readers.c, tables.readings.c
        with self.database.reading() as connection:
            rows = connection.execute(
                sa.select(r.name, tables.readings)
                .join_from(tables.readings, tables.readers)
                .where(r.study_id == study_id, *(() if reader_id is None else (r.reader_id == reader_id,)))
                .order_by(r.reader_id, a.position, a.revision)
            ).all()
        stored = [_stored(row, self.steps(row.reader_id)) for row in rows]
        return tuple(stored) if all_revisions else newest_only(stored)

    def calls_of_others(self, study_id: str, reader_id: int) -> dict[int, Calls]:
        """What all readers but one called the cases so far, by item: newest revisions, repeated readings left out.

        Counted by the database: a class may have thousands of answers, and this is asked for after each of them.
        """
        r, a, s = tables.readers.c, tables.readings.c, tables.steps.c
        newer = tables.readings.alias()
        corrected = sa.exists().where(
            newer.c.reader_id == a.reader_id, newer.c.position == a.position, newer.c.revision > a.revision
        )
        with self.database.reading() as connection:
            rows = connection.execute(
                sa.select(s.item, sa.func.count(), sa.func.sum(a.call))
                .select_from(
                    tables.readers.join(tables.readings).join(
                        tables.steps, (s.reader_id == a.reader_id) & (s.position == a.position)
                    )
                )
                .where(r.study_id == study_id, r.reader_id != reader_id)
                .where(s.repeat == 0, a.call.is_not(None), ~corrected)
                .group_by(s.item)
            ).all()
        return {item: Calls(int(count), int(malignant)) for item, count, malignant in rows}

    def progress(self, study_id: str) -> tuple[Progress, ...]:
        """How far each reader is, in the order of enrolment."""
        r, a = tables.readers.c, tables.readings.c
        answered = sa.func.count(sa.case((a.revision == 0, 1))).label("answered")
        last_at = sa.func.max(a.read_at).label("last_at")
        with self.database.reading() as connection:
            rows = connection.execute(
                sa.select(r.reader_id, r.name, r.experience, r.display, answered, last_at, r.identified)
                .select_from(tables.readers.outerjoin(tables.readings))
                .where(r.study_id == study_id)
                .group_by(r.reader_id, r.name, r.experience, r.display, r.identified)
                .order_by(r.reader_id)
            ).all()
        return tuple(_progress(row, self.steps(row.reader_id)) for row in rows)

    def audit_trail(self, study_id: str) -> tuple[tuple[str, str, str, str], ...]:
        """Everything that happened to a study: (time, reader, what, detail), oldest first."""
        c = tables.audit.c
        with self.database.reading() as connection:
            rows = connection.execute(
                sa.select(c.at, c.reader, c.what, c.detail).where(c.study_id == study_id).order_by(c.audit_id)
            ).all()
        return tuple((row.at, row.reader, row.what, row.detail) for row in rows)

    def note(self, study_id: str, reader: str, what: str, detail: str = "") -> None:
        """Add a line to the audit trail."""
        with self.database.writing() as connection:
            self.log(connection, study_id, reader, what, detail)

    def _study(self, study_id: str) -> Study:
        """A study by its name (kept in memory: a study never changes).

        Raises:
            SignInError: there is none.
        """
        c = tables.studies.c
        with self.database.reading() as connection:
            text = connection.scalar(sa.select(c.definition).where(c.study_id == study_id))
        if text is None:
            raise SignInError(f"there is no study {study_id[:40]!r} on this server: check the link")
        return study_from_json(text, what=f"study {study_id}")

    def _steps(self, reader_id: int) -> tuple[Step, ...]:
        """The steps of a reader (kept in memory: they never change)."""
        with self.database.reading() as connection:
            c = tables.readers.c
            return steps_from_json(connection.scalar(sa.select(c.steps).where(c.reader_id == reader_id)) or "[]")

    def enrol(
        self,
        connection: sa.Connection,
        study_id: str,
        study: Study,
        name: str,
        code: str,
        number: int | None,
        **identity: str,
    ) -> int:
        """Add a reader, with steps drawn for good, inside the caller's transaction; returns the reader's number.

        Args:
            connection: of the transaction.
            study_id: of the study.
            study: the study.
            name: of the reader.
            code: the reader's own.
            number: of the readers before; None counts them.
            identity: `identified` and `account`, where they are known.

        Raises:
            InputError: the study has as many readers as it may have.
        """
        if number is None:
            number = self._readers(connection, study_id)
        row = {"name": name, "code_hash": hashed(code), "enrolled_at": self.time()} | identity
        made = self.add_reader(connection, study_id, draw_steps(study, name, number=number), row)
        self.log(connection, study_id, name, "enrolled", "")
        return made

    def add_reader(self, connection: sa.Connection, study_id: str, steps: tuple[Step, ...], row: dict[str, Any]) -> int:
        """Add a reader with steps, inside the caller's transaction; returns the reader's number.

        Args:
            connection: of the transaction.
            study_id: of the study.
            steps: of the reader.
            row: the other columns of `tables.readers`.

        Raises:
            InputError: the study has as many readers as it may have.
        """
        if self._readers(connection, study_id) >= MOST_JOINED:
            raise InputError(
                f"this study has {MOST_JOINED} readers, no more can join: ask who runs it to set it up once more"
            )
        values = {"study_id": study_id, "steps": steps_to_json(steps)} | row
        c = tables.readers.c
        made = int(connection.execute(sa.insert(tables.readers).values(values).returning(c.reader_id)).scalar_one())
        connection.execute(
            sa.insert(tables.steps),
            [
                {"reader_id": made, "position": position, "item": step.item, "repeat": step.repeat}
                for position, step in enumerate(steps)
            ],
        )
        return made

    def has_room(self, study_id: str) -> bool:
        """Whether one more reader may join."""
        with self.database.reading() as connection:
            return self._readers(connection, study_id) < MOST_JOINED

    def _readers(self, connection: sa.Connection, study_id: str) -> int:
        return connection.scalar(sa.select(sa.func.count()).where(tables.readers.c.study_id == study_id)) or 0

    def _check_room(self, connection: sa.Connection, bundle: Bundle) -> None:
        stored = connection.scalar(sa.select(sa.func.sum(sa.func.length(tables.images.c.png)))) or 0
        needed = sum(len(png) for png in bundle.images.values())
        if stored + needed > MOST_STORED:
            raise InputError(
                f"the studies on this server hold {stored / 1e6:.0f} MB of images, with this one it would be"
                f" {(stored + needed) / 1e6:.0f} MB, allowed are {MOST_STORED / 1e6:.0f} MB: ask who runs the server"
                " to move its readings away"
            )

    def log(self, connection: sa.Connection, study_id: str, reader: str, what: str, detail: str) -> None:
        """Add a line to the audit trail inside the caller's transaction."""
        row = {"at": self.time(), "study_id": study_id, "reader": reader, "what": what, "detail": detail}
        connection.execute(sa.insert(tables.audit).values(row))

    def time(self) -> str:
        """Now, as it is stored."""
        return self.now().astimezone(UTC).isoformat(timespec="milliseconds")


def _progress(row: sa.Row[Any], steps: tuple[Step, ...]) -> Progress:
    return Progress(
        reader=row.name,
        answered=row.answered,
        total=len(steps),
        experience=row.experience,
        display=row.display,
        last_at=row.last_at or "",
        imported=row.identified == "imported",
        twice=frozenset(step.item for step in steps if step.repeat),
    )


def _stored(row: sa.Row[Any], steps: tuple[Step, ...]) -> Stored:
    step = steps[row.position]
    return Stored(
        reader=row.name,
        item=step.item,
        arm=step.arm,
        repeat=step.repeat,
        period=step.period,
        answer=answer_of(row),
        read_at=row.read_at,
        sitting_id=row.sitting_id,
        server_seconds=row.server_seconds,
        late=bool(row.late),
    )
