import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from lesion_core.errors import InputError, StoreError
from lesion_core.reading import database as module
from lesion_core.reading.database import Database
from tests.reading.studies import answer, bundle, enter


def test_sqlite_is_in_wal_mode_and_waits_for_the_disk(store):
    with store.database.reading() as connection:
        assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(sa.text("PRAGMA synchronous")) == 2
        assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://a/b", "names 'mysql', allowed are sqlite and postgresql"),
        ("nonsense", "is no database URL"),
        ("sqlite://", "readings in memory would be lost"),
    ],
)
def test_urls(url, said):
    with pytest.raises(InputError, match=said):
        Database(url)


def test_the_environment_names_it(tmp_path, monkeypatch):
    monkeypatch.setenv("LESION_READINGS_URL", f"sqlite:///{tmp_path}/deep/x.db")
    made = Database()
    assert (tmp_path / "deep" / "x.db").is_file()
    made.close()


def test_a_locked_database_is_said_plainly_and_nothing_is_lost(tmp_path, store, desk, monkeypatch):
    opened = store.open_study(bundle())
    sitting = enter(desk, opened, "Ann")
    other = sqlite3.connect(tmp_path / "readings.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with store.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    try:
        with pytest.raises(StoreError, match="locked by another program just now: the answer is sent again"):
            desk.record(sitting, answer(0))
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert desk.record(sitting, answer(0)).answered == 1


def test_a_full_disk_is_said_plainly_and_nothing_is_half_stored(store, desk):
    opened = store.open_study(bundle())
    sitting = enter(desk, opened, "Ann")
    with store.database.reading() as connection:
        pages = connection.scalar(sa.text("PRAGMA page_count"))
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    large = answer(0, border=tuple((float(at), 0.0) for at in range(2000)))
    with pytest.raises(StoreError, match="the disk that holds the readings is full: free some space"):
        desk.record(sitting, large)
    assert store.answers(opened.study_id) == ()
    with store.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert desk.record(sitting, large).answered == 1


def test_a_database_that_does_not_answer(tmp_path):
    with pytest.raises(StoreError, match="does not answer"):
        Database(f"postgresql://nobody@/none?host={tmp_path}")


def test_postgresql_that_goes_away_is_said_and_comes_back(postgres_url):
    made, other = Database(postgres_url), Database(postgres_url)
    with other.writing() as connection:
        connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()")
        )
    with pytest.raises(StoreError, match="does not answer"), made.reading() as connection:
        connection.scalar(sa.text("SELECT 1"))
    with made.reading() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
    made.close()
    other.close()


def test_two_processes_may_open_an_empty_database_at_once(postgres_url):
    admin = Database(postgres_url)
    with admin._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CREATE DATABASE twice"))
    url = postgres_url.replace("/postgres?", "/twice?")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: Database(url), range(4)))
    for each in [*made, admin]:
        each.close()


def test_a_snapshot_is_whole_while_the_store_is_in_use(tmp_path, store, desk):
    opened = store.open_study(bundle())
    desk.record(enter(desk, opened, "Ann"), answer(0))
    store.database.snapshot(tmp_path / "copy.db")
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT count(*) FROM readings").fetchone() == (1,)
    copy.close()


def test_other_faults_name_the_first_line_only():
    fault = sa.exc.OperationalError("SELECT 1", {}, Exception("bad thing\nsecond line"))
    assert module._in_words(fault) == "the database of the readings does not answer (bad thing)"


def test_those_who_wait_share_a_transaction_and_not_their_faults(store):
    database = store.database
    commits = []
    sa.event.listen(database._engine, "commit", lambda connection: commits.append(1))
    gate = threading.Event()

    def slow(connection):
        gate.wait(5)
        return "slow"

    def work(number):
        def run(connection):
            store.log(connection, "s", "", f"job {number}", "")
            if number % 3 == 0:
                raise InputError(f"fault {number}")
            return number

        return run

    with ThreadPoolExecutor(11) as pool:
        first = pool.submit(database.together, slow)
        while not database._turn.locked():
            pass
        jobs = [pool.submit(database.together, work(number)) for number in range(9)]
        while len(database._waiting) < 9:
            pass
        gate.set()
        assert first.result() == "slow"
        for number, job in enumerate(jobs):
            if number % 3 == 0:
                with pytest.raises(InputError, match=f"fault {number}"):
                    job.result()
            else:
                assert job.result() == number
    assert len(commits) == 2
    kept = [line[2] for line in store.audit_trail("s")]
    assert sorted(kept) == [f"job {number}" for number in (1, 2, 4, 5, 7, 8)]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (sa.exc.DatabaseError("INSERT", {}, sqlite3.DatabaseError("database disk image is malformed")), StoreError),
        (sa.exc.OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error")), StoreError),
        (RuntimeError("at the end of the transaction"), RuntimeError),
    ],
)
def test_when_the_shared_transaction_fails_nobody_is_told_that_it_is_stored(store, fault, raised):
    database = store.database
    at_the_end = isinstance(fault, RuntimeError)
    gate = threading.Event()

    def good(connection):
        store.log(connection, "s", "", "good", "")
        return "stored"

    def bad(connection):
        store.log(connection, "s", "", "bad", "")
        if not at_the_end:
            raise fault

    def fail(connection):
        raise fault

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(database.together, lambda connection: gate.wait(5))
        while not database._turn.locked():
            pass
        jobs = [pool.submit(database.together, work) for work in (good, bad)]
        while len(database._waiting) < 2:
            pass
        if at_the_end:
            sa.event.listen(database._engine, "release_savepoint", lambda connection, *_: fail(connection))
        gate.set()
        if not at_the_end:
            assert first.result()
        for job in jobs:
            with pytest.raises(raised):
                job.result()
    assert store.audit_trail("s") == ()
    assert database._waiting == type(database._waiting)()
