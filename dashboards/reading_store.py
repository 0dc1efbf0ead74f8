"""The one store of readings that the page works with: opened when it is first needed.

Where `LESION_READINGS_BACKUP` names a dataset repository, an empty disk takes the newest copy back before anybody
reads, and copies go there from then on.
"""

from __future__ import annotations

import logging
import threading

from lesion_core.errors import StoreError
from lesion_core.reading import backup
from lesion_core.reading.database import Database, named_file
from lesion_core.reading.desk import Desk
from lesion_core.reading.store import Store

log = logging.getLogger(__name__)
_opening = threading.Lock()
_open: list[Store] = []


def store() -> Store:
    """The store that `LESION_READINGS_URL` names, else a file under `runs`.

    Raises:
        StoreError: it cannot be opened, or the copy that the environment names cannot be reached.
    """
    with _opening:
        if not _open:
            _open.append(Store(_database()))
        return _open[0]


def desk() -> Desk:
    """Where readers answer."""
    return Desk(store())


def use(other: Store | None) -> None:
    """Work with another store from now on, as tests do; None opens the named one again."""
    with _opening:
        _open[:] = [] if other is None else [other]


def _database() -> Database:
    repository, file = backup.wanted(), named_file()
    if repository and file is None:
        log.warning("%s is for SQLite: a PostgreSQL is copied by its own means", backup.REPOSITORY_VARIABLE)
    if not repository or file is None:
        return Database()
    was_there = file.exists()
    backup.restore(repository, file)
    database = Database()
    try:
        backup.schedule(database, repository, file.parent / "copy")
    except StoreError:
        database.close()
        if not was_there:  # the next start begins with the copy again
            for each in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
                each.unlink(missing_ok=True)
        raise
    return database
