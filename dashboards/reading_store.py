"""The one store of readings that the page works with: opened when it is first needed."""

from __future__ import annotations

import threading

from lesion_core.reading.database import Database
from lesion_core.reading.desk import Desk
from lesion_core.reading.store import Store

_opening = threading.Lock()
_open: list[Store] = []


def store() -> Store:
    """The store that `LESION_READINGS_URL` names, else a file under `runs`.

    Raises:
        StoreError: it cannot be opened.
    """
    with _opening:
        if not _open:
            _open.append(Store(Database()))
        return _open[0]


def desk() -> Desk:
    """Where readers answer."""
    return Desk(store())


def use(other: Store | None) -> None:
    """Work with another store from now on, as tests do; None opens the named one again."""
    with _opening:
        _open[:] = [] if other is None else [other]
