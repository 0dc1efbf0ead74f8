"""The desk: readers come in, see where they stand, and answer.

The same answer sent twice (same `answer_key`) is stored once; two different ones for the same place are told apart
inside one transaction, and by the database's own constraint behind it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lesion_core.errors import InputError
from lesion_core.reading import limit, tables
from lesion_core.reading.answer import Answer
from lesion_core.reading.codes import hashed, matches, new_code, new_token
from lesion_core.reading.place import Place, correction_problem, place_of
from lesion_core.reading.store import SITTINGS_IN_MEMORY, Store
from lesion_core.reading.stored import AlreadyAnsweredError, Entry, SignInError, Sitting, answer_of, row_of
from lesion_core.reading.study import name_problem

_NO_FIT = "study, name and code do not fit: check the link and the code, or ask who runs the study"
_NAME_TAKEN = "someone joined under this name: use your own code to go on, or another name to begin"
_ENTERED_BY_CODE = "someone reads under this name with a code: go on with that code, or ask who runs the study"
_NOT_A_READER = "{} is not among the readers of this study: open the class link once more, or ask who runs it"
_TAKEN = "this case was answered in another window; that answer stands"


class Desk:
    """Where readers answer.

    Args:
        store: studies and answers.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.database = store.database

    def enter(self, study_id: str, name: str, code: str, *, screen: str = "") -> Entry:
        """Let a reader in by name and code; by the class link's code under a new name.

        Raises:
            SignInError: study, name and code do not fit.
            InputError: a name that cannot be used.
        """
        if not self.store.has_study(study_id):
            raise SignInError(_NO_FIT)
        self.store.study(study_id)  # in memory before a connection is held, as in `_know`
        try:
            return self._enter(study_id, name.strip(), code, screen)
        except IntegrityError:
            raise SignInError(_NAME_TAKEN) from None

    def _enter(self, study_id: str, name: str, code: str, screen: str) -> Entry:
        with self.database.writing() as connection:
            reader = self._reader(connection, study_id, name)
            if reader is not None:
                if not matches(code, reader.code_hash):
                    raise SignInError(_NO_FIT if not self._joins(connection, study_id, code) else _NAME_TAKEN)
                if reader.identified == "named":
                    self._identify(connection, reader.reader_id, identified="code")
                return self._sit(connection, reader.reader_id, study_id, name, screen)
            if not self._joins(connection, study_id, code):
                raise SignInError(_NO_FIT)
            if problem := name_problem(name):
                raise InputError(problem)
            own = new_code()
            reader_id = self.store.enrol(
                connection, study_id, self.store.study(study_id), name, own, None, identified="code"
            )
            return Entry(self._sit(connection, reader_id, study_id, name, screen).token, own)

    def enter_as(self, study_id: str, account: str, *, code: str = "", screen: str = "") -> Entry:
        """Let in a reader whose account is proven elsewhere (Hugging Face).

        Who typed the same name and entered by a code is somebody else.

        Args:
            study_id: of the study.
            account: its name.
            code: of the class link, for who is no reader yet.
            screen: of the browser.

        Raises:
            SignInError: not a reader of this study, and no class link to join by.
            InputError: the study is full.
        """
        if not self.store.has_study(study_id):
            raise SignInError(_NO_FIT)
        self.store.study(study_id)
        try:
            return self._enter_as(study_id, account, code, screen)
        except IntegrityError:  # two windows at once: the other one has joined by now
            pass
        try:
            return self._enter_as(study_id, account, code, screen)
        except IntegrityError:
            raise SignInError(_NAME_TAKEN) from None

    def _enter_as(self, study_id: str, account: str, code: str, screen: str) -> Entry:
        c = tables.readers.c
        with self.database.writing() as connection:
            mine = connection.execute(
                sa.select(c.reader_id, c.name).where(c.study_id == study_id, c.account == account)
            ).one_or_none()
            if mine is not None:
                return self._sit(connection, mine.reader_id, study_id, mine.name, screen)
            named = self._reader(connection, study_id, account)
            if named is not None and named.identified == "named":
                self._identify(connection, named.reader_id, identified="account", account=account)
                return self._sit(connection, named.reader_id, study_id, account, screen)
            if not self._joins(connection, study_id, code):
                raise SignInError(_ENTERED_BY_CODE if named is not None else _NOT_A_READER.format(account))
            name = account if named is None else f"{account[:60]} (Hugging Face)"
            proof = {"identified": "account", "account": account}
            reader_id = self.store.enrol(
                connection, study_id, self.store.study(study_id), name, new_code(), None, **proof
            )
            return self._sit(connection, reader_id, study_id, name, screen)

    def sitting(self, token: str) -> Sitting:
        """Who holds a token.

        Raises:
            SignInError: nobody does.
        """
        key = hashed(token)
        if known := self.store.sittings.get(key):
            return known
        s, r = tables.sittings.c, tables.readers.c
        with self.database.reading() as connection:
            row = connection.execute(
                sa.select(s.sitting_id, s.reader_id, r.name, r.study_id, r.agreed_at)
                .join_from(tables.sittings, tables.readers)
                .where(s.token_hash == key)
            ).one_or_none()
        if row is None:
            raise SignInError("this sitting is over or was never begun: sign in with your name and code")
        sitting = Sitting(row.sitting_id, row.reader_id, row.name, row.study_id, bool(row.agreed_at))
        if sitting.agreed:
            if len(self.store.sittings) >= SITTINGS_IN_MEMORY:
                self.store.sittings.clear()
            self.store.sittings[key] = sitting
        return sitting

    def agree(self, sitting: Sitting, *, experience: str, display: str) -> None:
        """Note that the reader agreed to the study's rules, with experience and display as the reader says."""
        values = {
            "experience": experience.strip()[:200],
            "display": display.strip()[:200],
            "agreed_at": self.store.time(),
        }
        with self.database.writing() as connection:
            connection.execute(
                sa.update(tables.readers).where(tables.readers.c.reader_id == sitting.reader_id).values(values)
            )
            self.store.log(connection, sitting.study_id, sitting.reader, "agreed", json.dumps(values))

    def place(self, sitting: Sitting) -> Place:
        """Where the reader stands."""
        self._know(sitting)
        with self.database.reading() as connection:
            return self._place(connection, sitting)

    def check_correction(self, sitting: Sitting, position: int) -> None:
        """Make sure that an answer may still be corrected.

        Raises:
            InputError: it may not, and why.
        """
        study, steps = self.store.study(sitting.study_id), self.store.steps(sitting.reader_id)
        if problem := correction_problem(study, steps, position, self.place(sitting).answered):
            raise InputError(problem)

    def record(self, sitting: Sitting, answer: Answer) -> Place:
        """Store an answer; when this returns, it is on disk.

        Returns:
            Where the reader stands then.

        Raises:
            AlreadyAnsweredError: another window was quicker; nothing is stored but a note in the audit trail.
            InputError: it is not this step's turn, or may not be corrected any more.
            StoreError: it could not be stored: the browser keeps it and tries again.
        """
        if not sitting.agreed:
            raise InputError("agree to the study's rules first")
        self._know(sitting)
        try:
            return self.database.together(lambda connection: self._add(connection, sitting, answer))
        except IntegrityError:
            with self.database.writing() as connection:
                if self._is_stored(connection, sitting, answer):
                    return self._place(connection, sitting)
                self._refuse(connection, sitting, answer)
            raise AlreadyAnsweredError(_TAKEN) from None
        except AlreadyAnsweredError:
            with self.database.writing() as connection:
                self._refuse(connection, sitting, answer)
            raise

    def latest(self, sitting: Sitting, position: int) -> Answer | None:
        """The reader's own newest answer at a place, with the seconds of all its looks; None before the first."""
        c = tables.readings.c
        with self.database.reading() as connection:
            rows = connection.execute(
                sa.select(tables.readings)
                .where(c.reader_id == sitting.reader_id, c.position == position)
                .order_by(c.revision)
            ).all()
        return replace(answer_of(rows[-1]), seconds=sum(row.seconds for row in rows)) if rows else None

    def unaided_answer(self, sitting: Sitting, place: Place) -> Answer | None:
        """The locked answer that an open aided step of a sequential study starts from; None elsewhere."""
        steps = self.store.steps(sitting.reader_id)
        if self.store.study(sitting.study_id).design != "sequential" or place.state != "read":
            return None
        return self.latest(sitting, place.answered - 1) if steps[place.answered].arm == "aided" else None

    def _know(self, sitting: Sitting) -> None:
        """Have study and steps in memory before a connection is held.

        Whoever holds one and asks for a second may wait for others who do the same, until all connections are gone.
        """
        self.store.study(sitting.study_id)
        self.store.steps(sitting.reader_id)

    def _add(self, connection: sa.Connection, sitting: Sitting, answer: Answer) -> Place:
        c = tables.readings.c
        if not self.database.is_sqlite:  # keeps two windows of a reader apart; SQLite lets one write at a time anyway
            lock = sa.select(tables.readers.c.reader_id).where(tables.readers.c.reader_id == sitting.reader_id)
            connection.execute(lock.with_for_update())
        place = self._place(connection, sitting)
        repeated = answer.position < place.answered and self._is_stored(connection, sitting, answer)
        if repeated:
            return place
        if answer.revision == 0:
            if answer.position < place.answered:
                raise AlreadyAnsweredError(_TAKEN)
            if answer.position > place.answered or place.state != "read":
                raise InputError("it is not this case's turn: reload the page")
        else:
            steps = self.store.steps(sitting.reader_id)
            if problem := correction_problem(
                self.store.study(sitting.study_id), steps, answer.position, place.answered
            ):
                raise InputError(problem)
            newest = connection.scalar(
                sa.select(sa.func.max(c.revision)).where(
                    c.reader_id == sitting.reader_id, c.position == answer.position
                )
            )
            if answer.revision != (newest or 0) + 1:
                raise AlreadyAnsweredError(_TAKEN)
            self.store.log(connection, sitting.study_id, sitting.reader, "corrected", f"place {answer.position + 1}")
        timed = self._timed(connection, sitting, answer.position)
        connection.execute(sa.insert(tables.readings).values(row_of(answer, sitting, self.store.time()) | timed))
        return self._standing(sitting, place.answered + (answer.revision == 0), self.store.now())

    def _timed(self, connection: sa.Connection, sitting: Sitting, position: int) -> dict[str, Any]:
        """What the server's clock says of an answer, as columns of `tables.readings`."""
        study = self.store.study(sitting.study_id)
        if study.time_limit_s is None:
            return {}
        spent = limit.answered(self.store, connection, sitting, position)
        return {"server_seconds": spent, "late": int(limit.is_late(study, spent))}

    def _place(self, connection: sa.Connection, sitting: Sitting) -> Place:
        c = tables.readings.c
        answered, last = connection.execute(
            sa.select(sa.func.count(), sa.func.max(c.read_at)).where(c.reader_id == sitting.reader_id, c.revision == 0)
        ).one()
        return self._standing(sitting, answered, datetime.fromisoformat(last) if last else None)

    def _standing(self, sitting: Sitting, answered: int, last_answer: datetime | None) -> Place:
        study, steps = self.store.study(sitting.study_id), self.store.steps(sitting.reader_id)
        return place_of(study, steps, answered, last_answer=last_answer, now=self.store.now())

    def _is_stored(self, connection: sa.Connection, sitting: Sitting, answer: Answer) -> bool:
        c = tables.readings.c
        found = connection.scalar(
            sa.select(c.reading_id).where(c.answer_key == answer.answer_key, c.reader_id == sitting.reader_id)
        )
        return found is not None

    def _refuse(self, connection: sa.Connection, sitting: Sitting, answer: Answer) -> None:
        self.store.log(
            connection, sitting.study_id, sitting.reader, "refused, answered already", json.dumps(asdict(answer))
        )

    def _sit(self, connection: sa.Connection, reader_id: int, study_id: str, name: str, screen: str) -> Entry:
        token = new_token()
        row = {
            "reader_id": reader_id,
            "token_hash": hashed(token),
            "begun_at": self.store.time(),
            "screen": screen[:200],
        }
        connection.execute(sa.insert(tables.sittings).values(row))
        self.store.log(connection, study_id, name, "entered", screen[:200])
        return Entry(token)

    def _identify(self, connection: sa.Connection, reader_id: int, **proof: str) -> None:
        connection.execute(sa.update(tables.readers).where(tables.readers.c.reader_id == reader_id).values(proof))

    def _reader(self, connection: sa.Connection, study_id: str, name: str) -> sa.Row[int, str, str] | None:
        c = tables.readers.c
        return connection.execute(
            sa.select(c.reader_id, c.code_hash, c.identified).where(c.study_id == study_id, c.name == name)
        ).one_or_none()

    def _joins(self, connection: sa.Connection, study_id: str, code: str) -> bool:
        c = tables.studies.c
        return matches(code, connection.scalar(sa.select(c.join_hash).where(c.study_id == study_id)) or "")
