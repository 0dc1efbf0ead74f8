"""The database behind the readings: SQLite (WAL) in a file without any set-up, PostgreSQL by its URL.

`LESION_READINGS_URL` names it: ``sqlite:///readings.db`` or ``postgresql://user:password@host/name``. A failure comes
out as a `StoreError` whose message says what to do; nothing was changed then, and the browser keeps the answer.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import exc

from lesion_core.errors import InputError, StoreError
from lesion_core.reading import migrations

URL_VARIABLE = "LESION_READINGS_URL"
#: Where the file lies without that variable: `runs` is never committed.
DEFAULT_FILE = Path(__file__).resolve().parents[2] / "runs" / "reading" / "readings.db"
#: How long a write waits for another one, seconds.
PATIENCE_S = 5.0
#: Connections to PostgreSQL: kept and at most.
POOL, MOST_CONNECTIONS = 10, 30
Result = TypeVar("Result")
#: Any number that only this code locks while it migrates PostgreSQL.
_MIGRATION_LOCK = 824_301_977


def named_file() -> Path | None:
    """The SQLite file that the environment names; None where it names another database.

    Raises:
        InputError: a URL that names neither SQLite nor PostgreSQL.
        StoreError: its folder cannot be made.
    """
    url = _named(None)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


class _Job:
    """Work that waits for its turn to write."""

    def __init__(self, work: Callable[[sa.Connection], Any]) -> None:
        self._work = work
        self._result: Any = None
        self.error: BaseException | None = None
        self.finished = False

    def run(self, connection: sa.Connection) -> None:
        """Do it inside a savepoint; a fault of the database itself ends the transaction of all."""
        savepoint = connection.begin_nested()
        try:
            self._result = self._work(connection)
        except Exception as error:
            if _of_the_database(error):
                raise
            savepoint.rollback()
            self.error = error
        else:
            savepoint.commit()

    def outcome(self) -> Any:
        """What the work gave, or raised."""
        if self.error is not None:
            raise self.error
        return self._result


class Database:
    """An open database at the newest version of its tables.

    Args:
        url: SQLAlchemy's; None takes `LESION_READINGS_URL`, else the default file.

    Raises:
        InputError: a URL that names neither SQLite nor PostgreSQL.
        StoreError: it cannot be opened or migrated.
    """

    def __init__(self, url: str | None = None) -> None:
        self.url = _named(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _engine(self.url)
        self._waiting: deque[_Job] = deque()
        # SQLite lets one write at a time: a queue in front of it is fairer and quicker than its own waiting.
        self._turn: AbstractContextManager[Any] = threading.Lock() if self.is_sqlite else nullcontext()
        try:
            with self.writing() as connection:
                self._migrate(connection)
        except StoreError:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that only reads."""
        with self._guarded(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that writes: all of it is on disk when the block ends, or nothing."""
        with self._guarded(), self._turn, self._writer() as connection:
            yield connection

    def together(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run work that writes; it is on disk when this returns.

        On SQLite all who wait for their turn share one transaction, each inside a savepoint of its own: the disk is
        waited for once and not once for each. PostgreSQL does that by itself.

        Args:
            work: gets the connection; what it raises comes out here, and takes back nothing but its own.
        """
        if not self.is_sqlite:
            with self.writing() as connection:
                return work(connection)
        job = _Job(work)
        self._waiting.append(job)
        with self._turn:
            if not job.finished:
                self._carry([self._waiting.popleft() for _ in range(len(self._waiting))])
        return cast(Result, job.outcome())

    def snapshot(self, path: Path) -> None:
        """Write a consistent copy of an SQLite database while it is in use.

        Raises:
            InputError: it is no SQLite database.
        """
        if not self.is_sqlite:
            raise InputError("only an SQLite database is copied as a file: use pg_dump for PostgreSQL")
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(str(self.url.database), isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", [str(path)])

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _carry(self, jobs: list[_Job]) -> None:
        try:
            with self._guarded(), self._writer() as connection:
                for job in jobs:
                    job.run(connection)
        except BaseException as error:  # nothing of it was stored, whatever it was: nobody may be told otherwise
            for job in jobs:
                job.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            for job in jobs:
                job.finished = True

    def _migrate(self, connection: sa.Connection) -> None:
        if not self.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        found, newest = migrations.version(connection), migrations.newest()
        if found == newest:
            return
        if found and int(found) > int(newest):
            raise StoreError(
                f"the readings were written by a newer version of this software (tables {found}, known up to {newest}):"
                " update it, the data is untouched"
            )
        migrations.upgrade(connection)

    @contextmanager
    def _writer(self) -> Iterator[sa.Connection]:
        with self._engine.connect().execution_options(lesion_writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (exc.DBAPIError, exc.TimeoutError) as error:
            if not _of_the_database(error):
                raise
            raise StoreError(_in_words(error)) from error


def _of_the_database(error: Exception) -> bool:
    """Whether the database itself failed, and not a row that does not fit."""
    fits_not = (exc.IntegrityError, exc.DataError)
    return isinstance(error, exc.DBAPIError | exc.TimeoutError) and not isinstance(error, fits_not)


def _named(url: str | None) -> sa.URL:
    return _checked(url or os.environ.get(URL_VARIABLE) or f"sqlite:///{DEFAULT_FILE}")


def _checked(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except exc.ArgumentError:
        raise InputError(
            f"{URL_VARIABLE} is no database URL: write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise InputError(f"{URL_VARIABLE} names {backend!r}, allowed are sqlite and postgresql")
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"no folder for the readings at {url.database}: {error.strerror or error}") from error
    else:
        raise InputError(f"{URL_VARIABLE} must name a file: readings in memory would be lost")
    return url


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(
            url,
            pool_size=POOL,
            max_overflow=MOST_CONNECTIONS - POOL,
            pool_timeout=PATIENCE_S,
            connect_args={"connect_timeout": int(PATIENCE_S)},
        )
    engine = sa.create_engine(url, connect_args={"timeout": PATIENCE_S}, pool_size=POOL, max_overflow=-1)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("lesion_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _in_words(error: exc.SQLAlchemyError) -> str:
    """What went wrong, and what to do."""
    text = str(getattr(error, "orig", error)).lower()
    if "full" in text or "no space left" in text:
        return "the disk that holds the readings is full: free some space on the server, then it goes on by itself"
    if "locked" in text or "busy" in text or isinstance(error, exc.TimeoutError):
        return "the readings are locked by another program just now: the answer is sent again in a moment"
    if "readonly" in text or "read-only" in text:
        return "the readings cannot be written: give the server's user the right to write their file and folder"
    first = str(getattr(error, "orig", error)).strip().splitlines()
    return f"the database of the readings does not answer ({first[0] if first else type(error).__name__})"
