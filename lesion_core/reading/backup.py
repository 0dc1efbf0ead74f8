"""A copy of the readings in a private dataset repository, for a Space whose disk is gone after a restart.

`LESION_READINGS_BACKUP` names the repository, ``HF_TOKEN`` may write to it. A copy of the database that is whole while
it is in use goes up when something changed; a server that starts with an empty disk takes the newest copy back before
anybody reads. A copy never replaces one that holds anything this database lacks. What was answered after the last copy
and before a crash is lost with the disk: for a study that matters take PostgreSQL or a persistent disk.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lesion_core.errors import StoreError
from lesion_core.reading.database import Database

if TYPE_CHECKING:
    from huggingface_hub import CommitScheduler, HfApi

log = logging.getLogger(__name__)
REPOSITORY_VARIABLE = "LESION_READINGS_BACKUP"
FILE = "readings.db"
EVERY_MINUTES = 2.0
#: What tells a row of a table from every other one, in all versions of the tables.
_ROWS = {
    "studies": "study_id, made_at",
    "readers": "reader_id, study_id, name, enrolled_at",
    "readings": "reader_id, position, revision, answer_key, read_at",
    "audit": "audit_id, at, study_id, reader, what",
}


def wanted() -> str:
    """The repository that the environment names; empty for no backup."""
    return os.environ.get(REPOSITORY_VARIABLE, "").strip()


def restore(repository: str, target: Path, *, api: HfApi | None = None) -> bool:
    """Take the newest copy back when there is no database yet; make the repository, private, when it is not there.

    Args:
        repository: "owner/name" of the dataset.
        target: where the database belongs.
        api: of huggingface_hub; tests bring their own.

    Returns:
        Whether a copy was taken.

    Raises:
        StoreError: the hub does not answer, the token may not write there, or everybody may look into the repository.
            An empty start would look like lost readings.
    """
    from huggingface_hub import HfApi

    hub = api or HfApi()
    head = _head(hub, repository)
    if target.exists():
        return False
    found = _fetched(hub, repository, head)
    if found is None:
        log.info("no copy of the readings in %s yet", repository)
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    shutil.copyfile(found, part)
    part.replace(target)
    log.info("readings restored from %s", repository)
    return True


def schedule(
    database: Database, repository: str, folder: Path, *, every: float = EVERY_MINUTES, api: HfApi | None = None
) -> CommitScheduler:
    """Copy the database now and then.

    Args:
        database: SQLite.
        repository: "owner/name" of the dataset; it is made, private, when it is not there.
        folder: for the copy that goes up; nothing else may lie there.
        every: minutes.
        api: of huggingface_hub; tests bring their own.

    Raises:
        StoreError: the repository can be neither found nor made, everybody may look into it, or the copy there holds
            readings that the database lacks.
    """
    from huggingface_hub import CommitScheduler, HfApi

    hub = api or HfApi()

    class ReadingsBackup(CommitScheduler):
        """Makes a whole copy just before each upload, when something was stored since the last."""

        changed_at: tuple[float, ...] = ()
        known_head = ""

        def push_to_hub(self) -> Any:
            """Called by the scheduler's own thread."""
            now = _changes(database)
            if now == self.changed_at:
                return None
            head = _head(hub, repository)
            if head != self.known_head:  # somebody else wrote there
                _check_nothing_lost(hub, repository, head, database)
            with self.lock:
                database.snapshot(self.folder_path / FILE)
            done = super().push_to_hub()
            self.changed_at = now
            # Earlier copies are of no use and hold the same readings again. Only after a push: the scheduler's own
            # squashing would rewrite the history every few minutes for nothing.
            self.api.super_squash_history(repo_id=self.repo_id, repo_type=self.repo_type)
            self.known_head = _head(hub, repository)
            return done

    _check_nothing_lost(hub, repository, _head(hub, repository), database)
    with _in_words(repository):
        return ReadingsBackup(
            repo_id=repository, repo_type="dataset", folder_path=folder, every=every, private=True, hf_api=hub
        )


def _head(hub: HfApi, repository: str) -> str:
    """The newest commit of the repository, which is made, private, when it is not there."""
    with _in_words(repository):
        hub.create_repo(repository, private=True, repo_type="dataset", exist_ok=True)
        role = hub.whoami().get("auth", {}).get("accessToken", {}).get("role", "")
        found = hub.repo_info(repository, repo_type="dataset")
    if not found.private:
        raise StoreError(
            f"{repository} is public, everybody could read the readings there: make it private in its settings on the"
            f" hub, or name another repository in {REPOSITORY_VARIABLE}"
        )
    if role == "read":
        raise StoreError(
            f"readings cannot be copied to {repository}, this HF_TOKEN may only read: give it the right to write"
        )
    return str(found.sha or "main")


def _fetched(hub: HfApi, repository: str, head: str) -> Path | None:
    """The copy at a commit; None where there is none. Without a network that is never the answer."""
    from huggingface_hub.errors import RemoteEntryNotFoundError

    with _in_words(repository):
        try:
            return Path(hub.hf_hub_download(repository, FILE, repo_type="dataset", revision=head))
        except RemoteEntryNotFoundError:
            return None


def _check_nothing_lost(hub: HfApi, repository: str, head: str, database: Database) -> None:
    """Make sure that the database holds every row of the copy that it is to replace."""
    found = _fetched(hub, repository, head)
    if found is None:
        return
    try:
        with closing(sqlite3.connect(_uri(Path(str(database.url.database))), uri=True)) as connection:
            connection.execute("ATTACH ? AS copied", [f"{_uri(found)}?mode=ro&immutable=1"])
            lacking = [
                (connection.execute(_LACKING.format(table=table, columns=columns)).fetchone()[0], table)
                for table, columns in _ROWS.items()
            ]
    except sqlite3.Error as error:
        raise StoreError(
            f"{FILE} in {repository} cannot be read ({error}): move it away on the hub before readings are copied there"
        ) from error
    if any(count for count, _ in lacking):
        what = ", ".join(f"{count} {table}" for count, table in lacking if count)
        raise StoreError(
            f"the copy in {repository} holds what this database lacks ({what}): start with an empty disk to take it"
            f" back, or name another repository in {REPOSITORY_VARIABLE}"
        )


_LACKING = "SELECT count(*) FROM (SELECT {columns} FROM copied.{table} EXCEPT SELECT {columns} FROM main.{table})"


def _uri(path: Path) -> str:
    return path.resolve().as_uri()


@contextmanager
def _in_words(repository: str) -> Iterator[None]:
    import httpx2  # the client under huggingface_hub

    try:
        yield
    except (httpx2.HTTPError, OSError, ValueError) as error:  # HfHubHTTPError and LocalEntryNotFoundError too
        raise StoreError(
            f"the copy of the readings in {repository} can be neither fetched nor made ({error}): check the network,"
            f" give HF_TOKEN the right to write there, or take {REPOSITORY_VARIABLE} away to read without a copy"
        ) from error


def _changes(database: Database) -> tuple[float, ...]:
    """Something that differs after every write: times of the database's files."""
    path = Path(str(database.url.database))
    files = (path, path.with_name(f"{path.name}-wal"))
    return tuple(file.stat().st_mtime_ns for file in files if file.exists())
