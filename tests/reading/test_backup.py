"""The copy of the readings on the hub, against a hub that is a folder."""

import shutil
import sqlite3
from concurrent.futures import Future
from types import SimpleNamespace

import httpx
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RemoteEntryNotFoundError

from dashboards import reading_store
from lesion_core.errors import StoreError
from lesion_core.reading import backup
from lesion_core.reading.database import Database
from lesion_core.reading.desk import Desk
from lesion_core.reading.store import Store
from tests.reading.studies import answer, bundle, enter


def refusal(kind):
    return kind("no", response=httpx.Response(500, request=httpx.Request("GET", "https://hub.test")))


class Hub:
    """What the backup needs of `HfApi`: one private repository, kept in a folder."""

    def __init__(self, folder):
        self.folder, self.private, self.commits, self.squashed, self.down = folder, None, 0, 0, False
        self.role = "write"

    def create_repo(self, repo_id, *, private, repo_type, exist_ok):
        assert (repo_type, exist_ok) == ("dataset", True)
        if self.down:
            raise refusal(HfHubHTTPError)
        self.private = private if self.private is None else self.private
        return SimpleNamespace(repo_id=repo_id)

    def whoami(self):
        return {"name": "me", "auth": {"accessToken": {"role": self.role}}}

    def repo_info(self, repository, *, repo_type):
        return SimpleNamespace(private=self.private, sha=f"{self.commits}-{self.squashed}")

    def run_as_future(self, work):
        return Future()  # the tests push by themselves

    def create_commit(self, *, repo_id, repo_type, operations, commit_message, revision):
        for each in operations:
            with each.as_file() as file:
                (self.folder / each.path_in_repo).write_bytes(file.read())
        self.commits += 1
        return "done"

    def super_squash_history(self, *, repo_id, repo_type):
        self.squashed += 1

    def hf_hub_download(self, repository, name, *, repo_type, revision):
        assert revision == f"{self.commits}-{self.squashed}"
        if self.down:
            raise refusal(HfHubHTTPError)
        if not (self.folder / name).exists():
            raise refusal(RemoteEntryNotFoundError)
        return str(self.folder / name)


@pytest.fixture
def hub(tmp_path):
    (tmp_path / "hub").mkdir()
    return Hub(tmp_path / "hub")


def test_an_answer_comes_back_after_the_disk_is_gone(tmp_path, hub):
    disk = tmp_path / "disk"
    file = disk / "readings.db"
    assert not backup.restore("me/readings", file, api=hub)
    store = Store(Database(f"sqlite:///{file}"))
    opened = store.open_study(bundle())
    scheduler = backup.schedule(store.database, "me/readings", disk / "copy", api=hub)
    assert hub.private is True
    Desk(store).record(enter(Desk(store), opened, "Ann"), answer(0))
    assert scheduler.push_to_hub() == "done"
    scheduler.stop()
    store.database.close()
    shutil.rmtree(disk)
    assert backup.restore("me/readings", file, api=hub)
    again = Store(Database(f"sqlite:///{file}"))
    assert [each.answer.position for each in again.answers(opened.study_id)] == [0]
    assert Desk(again).enter(opened.study_id, "Ann", dict(opened.codes)["Ann"]).token
    again.database.close()


def test_nothing_goes_up_when_nothing_changed(tmp_path, store, desk, hub):
    opened = store.open_study(bundle())
    sitting = enter(desk, opened, "Ann")
    scheduler = backup.schedule(store.database, "me/readings", tmp_path / "copy", api=hub)
    for _ in range(3):
        scheduler.push_to_hub()
    assert (hub.commits, hub.squashed) == (1, 1)
    desk.record(sitting, answer(0))
    scheduler.push_to_hub()
    scheduler.stop()
    assert (hub.commits, hub.squashed) == (2, 2)
    copy = sqlite3.connect(hub.folder / backup.FILE)
    assert copy.execute("SELECT count(*) FROM readings").fetchone() == (1,)
    copy.close()


def test_a_database_that_is_there_is_never_replaced(tmp_path, hub):
    (hub.folder / backup.FILE).write_bytes(b"older")
    file = tmp_path / "readings.db"
    file.write_bytes(b"newer")
    assert not backup.restore("me/readings", file, api=hub)
    assert file.read_bytes() == b"newer"


def test_a_hub_that_is_away_stops_the_start_instead_of_looking_like_lost_readings(tmp_path, store, hub):
    hub.down = True
    with pytest.raises(StoreError, match="can be neither fetched nor made"):
        backup.restore("me/readings", tmp_path / "none.db", api=hub)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(StoreError, match="give HF_TOKEN the right to write there"):
        backup.schedule(store.database, "me/readings", tmp_path / "copy", api=hub)


def test_the_page_restores_and_copies_where_the_environment_says_so(tmp_path, monkeypatch, hub):
    done = []
    monkeypatch.setenv("LESION_READINGS_URL", f"sqlite:///{tmp_path}/disk/readings.db")
    monkeypatch.setenv("LESION_READINGS_BACKUP", " me/readings ")
    restore, schedule = backup.restore, backup.schedule
    monkeypatch.setattr(backup, "restore", lambda *given: done.append(given) or restore(*given, api=hub))
    monkeypatch.setattr(backup, "schedule", lambda *given: done.append(given) or schedule(*given, api=hub))
    reading_store.use(None)
    try:
        opened = reading_store.store()
        assert reading_store.store() is opened
        database = opened.database
        file = tmp_path / "disk" / "readings.db"
        assert done == [("me/readings", file), (database, "me/readings", tmp_path / "disk" / "copy")]
        database.close()
    finally:
        reading_store.use(None)


def test_postgresql_is_not_copied_as_a_file(postgres_url, monkeypatch, caplog):
    monkeypatch.setenv("LESION_READINGS_URL", postgres_url)
    monkeypatch.setenv("LESION_READINGS_BACKUP", "me/readings")
    monkeypatch.setattr(backup, "restore", lambda *given: pytest.fail("a file was restored"))
    reading_store.use(None)
    try:
        reading_store.store().database.close()
        assert "a PostgreSQL is copied by its own means" in caplog.text
    finally:
        reading_store.use(None)


def test_without_a_network_there_is_no_empty_start(tmp_path, store):
    hub = HfApi(endpoint="http://127.0.0.1:9", token="hf_none")
    with pytest.raises(StoreError, match="can be neither fetched nor made"):
        backup.restore("me/readings", tmp_path / "none.db", api=hub)
    with pytest.raises(StoreError, match="check the network"):
        backup.schedule(store.database, "me/readings", tmp_path / "copy", api=hub)


def test_a_copy_that_the_network_keeps_back_is_not_taken_for_none(tmp_path, hub, monkeypatch):
    def away(*_, **__):
        raise LocalEntryNotFoundError("no cached file and the hub does not answer")

    monkeypatch.setattr(hub, "hf_hub_download", away)
    with pytest.raises(StoreError, match="does not answer"):
        backup.restore("me/readings", tmp_path / "none.db", api=hub)


def test_a_failed_start_leaves_no_empty_database(tmp_path, monkeypatch, hub):
    monkeypatch.setenv("LESION_READINGS_URL", f"sqlite:///{tmp_path}/disk/readings.db")
    monkeypatch.setenv("LESION_READINGS_BACKUP", "me/readings")
    restore, schedule = backup.restore, backup.schedule

    def fails(*given):
        hub.down = True
        return schedule(*given, api=hub)

    monkeypatch.setattr(backup, "restore", lambda *given: restore(*given, api=hub))
    monkeypatch.setattr(backup, "schedule", fails)
    reading_store.use(None)
    with pytest.raises(StoreError):
        reading_store.store()
    assert list((tmp_path / "disk").iterdir()) == []


@pytest.mark.parametrize("when", ["at the start", "later"])
def test_a_copy_with_other_readings_is_never_replaced(tmp_path, store, hub, when):
    other = Store(Database(f"sqlite:///{tmp_path}/other.db"))
    opened = other.open_study(bundle())
    Desk(other).record(enter(Desk(other), opened, "Ann"), answer(0))
    if when == "later":
        scheduler = backup.schedule(store.database, "me/readings", tmp_path / "copy", api=hub)
        assert scheduler.push_to_hub() == "done"
    other.database.snapshot(hub.folder / backup.FILE)
    other.database.close()
    hub.commits += 1
    before = (hub.folder / backup.FILE).read_bytes()
    store.open_study(bundle())
    try_again = (
        scheduler.push_to_hub
        if when == "later"
        else lambda: backup.schedule(store.database, "me/readings", tmp_path / "copy", api=hub)
    )
    with pytest.raises(StoreError, match=r"holds what this database lacks \(1 studies, 2 readers, 1 readings"):
        try_again()
    if when == "later":
        scheduler.stop()
    assert (hub.folder / backup.FILE).read_bytes() == before


def test_a_copy_that_is_no_database_is_left_alone(tmp_path, store, hub):
    (hub.folder / backup.FILE).write_bytes(b"something else that lies there" * 100)
    with pytest.raises(StoreError, match="cannot be read"):
        backup.schedule(store.database, "me/readings", tmp_path / "copy", api=hub)


def test_readings_are_never_copied_to_where_everybody_may_look(tmp_path, store, hub):
    hub.private = False
    for start in (
        lambda: backup.restore("me/readings", tmp_path / "none.db", api=hub),
        lambda: backup.schedule(store.database, "me/readings", tmp_path / "copy", api=hub),
    ):
        with pytest.raises(StoreError, match="me/readings is public"):
            start()
    assert hub.commits == 0


def test_a_repository_that_becomes_public_gets_no_more_copies(tmp_path, store, hub):
    scheduler = backup.schedule(store.database, "me/readings", tmp_path / "copy", api=hub)
    hub.private = False
    with pytest.raises(StoreError, match="is public"):
        scheduler.push_to_hub()
    scheduler.stop()
    assert hub.commits == 0


def test_a_token_that_may_only_read_stops_the_start(tmp_path, hub):
    hub.role = "read"
    with pytest.raises(StoreError, match="may only read"):
        backup.restore("me/readings", tmp_path / "none.db", api=hub)
