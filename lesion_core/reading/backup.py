"""A copy of the readings in a private dataset repository, for a Space whose disk is gone after a restart.

`LESION_READINGS_BACKUP` names the repository, ``HF_TOKEN`` may write to it. A copy of the database that is whole while
it is in use goes up when something changed; a server that starts with an empty disk takes the newest copy back before
anybody reads. What was answered after the last copy and before a crash is lost with
the disk: for a study that matters take PostgreSQL or a persistent disk.
"""

from __future__ import annotations

import logging
import os
import shutil
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


def wanted() -> str:
    """The repository that the environment names; empty for no backup."""
    return os.environ.get(REPOSITORY_VARIABLE, "").strip()


def restore(repository: str, target: Path, *, api: HfApi | None = None) -> bool:
    """Take the newest copy back when there is no database yet.

    Args:
        repository: "owner/name" of the dataset.
        target: where the database belongs.
        api: of huggingface_hub; tests bring their own.

    Returns:
        Whether a copy was taken.

    Raises:
        StoreError: the hub does not answer: an empty start would look like lost readings.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RepositoryNotFoundError

    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    try:
        found = (api or HfApi()).hf_hub_download(repository, FILE, repo_type="dataset")
    except (EntryNotFoundError, RepositoryNotFoundError):
        log.info("no copy of the readings in %s yet", repository)
        return False
    except (HfHubHTTPError, OSError) as error:
        raise StoreError(f"the copy of the readings in {repository} cannot be fetched ({error}): try again") from error
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
        StoreError: the repository can be neither found nor made.
    """
    from huggingface_hub import CommitScheduler
    from huggingface_hub.errors import HfHubHTTPError

    class ReadingsBackup(CommitScheduler):
        """Makes a whole copy just before each upload, when something was stored since the last."""

        changed_at: tuple[float, ...] = ()

        def push_to_hub(self) -> Any:
            """Called by the scheduler's own thread."""
            now = _changes(database)
            if now == self.changed_at:
                return None
            with self.lock:
                database.snapshot(self.folder_path / FILE)
            done = super().push_to_hub()
            self.changed_at = now
            # Earlier copies are of no use and hold the same readings again. Only after a push: the scheduler's own
            # squashing would rewrite the history every few minutes for nothing.
            self.api.super_squash_history(repo_id=self.repo_id, repo_type=self.repo_type)
            return done

    try:
        return ReadingsBackup(
            repo_id=repository, repo_type="dataset", folder_path=folder, every=every, private=True, hf_api=api
        )
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise StoreError(
            f"readings cannot be copied to {repository} ({error}): give HF_TOKEN the right to write there, or take"
            f" {REPOSITORY_VARIABLE} away to read without a copy"
        ) from error


def _changes(database: Database) -> tuple[float, ...]:
    """Something that differs after every write: times of the database's files."""
    path = Path(str(database.url.database))
    files = (path, path.with_name(f"{path.name}-wal"))
    return tuple(file.stat().st_mtime_ns for file in files if file.exists())
