"""The server's own clock of a case in a study with a time limit: it runs while the images are with the reader.

It starts when the first image of a case goes out (none goes out ahead of its turn there), stands still while the page
says that it hides them (a pause, a page that is left, a hidden tab that has not painted them yet), and ends with the
answer; all looks at a case add up. It needs nothing of the page but the pauses: an answer that it calls late, while the
page said in time, comes from a slow line (images on their way count here, and so does the time that a pause takes to
arrive), a page that lost its connection, a browser that died with the case open, a sitting that the server forgot (the
page hides the images and asks to sign in, which this clock cannot hear), or a page that was changed. Times are the
server's, UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import sqlalchemy as sa

from lesion_core.errors import InputError
from lesion_core.reading import tables
from lesion_core.reading.store import Store
from lesion_core.reading.stored import Sitting
from lesion_core.reading.study import Study

#: What the network may take before an answer counts as late: images on their way there, the answer on its way back.
GRACE_S = 10.0
#: What the page says of the images it shows.
Said = Literal["pause", "resume", "left"]
#: Rows that one reader may leave, and as many pauses; a page that sends more is no page of ours.
MOST_LOOKS = 100_000


@dataclass(frozen=True)
class Look:
    """Something that starts or stops the clock of a place.

    Attributes:
        position: of the step.
        what: "images" went out, "answered", or what the page said.
        at: by the server's clock, UTC.
    """

    position: int
    what: str
    at: datetime


def spent_s(looks: Sequence[Look], position: int, now: datetime) -> float | None:
    """How long the images of a place were with the reader until now, seconds.

    Args:
        looks: of one reader, oldest first, from the first at this place on.
        position: of the step.
        now: UTC.

    Returns:
        None where no image of it ever went out.
    """
    total, since, begun = 0.0, None, False
    for look in looks:
        here = look.position == position
        if here and look.what in ("images", "resume") and since is None and (begun or look.what == "images"):
            since, begun = look.at, True
        # Images of another place: the page shows one case at a time.
        elif since is not None and (look.what in ("pause", "left", "answered") if here else look.what == "images"):
            total, since = total + (look.at - since).total_seconds(), None
    if since is not None:
        total += (now - since).total_seconds()
    return round(max(total, 0.0), 3) if begun else None


def is_late(study: Study, spent: float | None) -> bool:
    """Whether an answer came after the time limit and the grace, by the server's clock."""
    return study.time_limit_s is not None and spent is not None and spent > study.time_limit_s + GRACE_S


def images_go_out(store: Store, sitting: Sitting, position: int) -> None:
    """Start the clock of a place, unless it runs; it is on disk before any image leaves.

    Beyond `MOST_LOOKS` rows images go out unnoted: an image that a reader needs is not refused for it.

    Raises:
        StoreError: it could not be stored: the page asks for the image again.
    """
    store.database.together(lambda connection: _start(store, connection, sitting, position))


def page_says(store: Store, sitting: Sitting, position: int, said: str) -> None:
    """Note that the page hides the images of a place or shows them again.

    Raises:
        InputError: something that no page says.
        StoreError: it could not be stored.
    """
    if said not in get_args(Said):
        raise InputError(f"a page says one of {', '.join(get_args(Said))}, got {said[:20]!r}")
    if not 0 <= position < len(store.steps(sitting.reader_id)):
        raise InputError("there is no such place in your order")
    if store.study(sitting.study_id).time_limit_s is not None:
        store.database.together(lambda connection: _note(store, connection, sitting, position, said))


def answered(store: Store, connection: sa.Connection, sitting: Sitting, position: int) -> float | None:
    """Stop the clock of a place inside the caller's transaction; returns `spent_s`."""
    spent = spent_s(_looks(connection, sitting, position), position, store.now())
    _note(store, connection, sitting, position, "answered")
    return spent


def _start(store: Store, connection: sa.Connection, sitting: Sitting, position: int) -> None:
    looks = _looks(connection, sitting, position)
    telling = [each for each in looks if each.position == position or each.what == "images"]
    # Before the first image no word of the page starts the clock.
    begun = any(each.position == position and each.what == "images" for each in telling)
    runs = begun and telling[-1].position == position and telling[-1].what in ("images", "resume")
    if not runs and _count(connection, sitting) < MOST_LOOKS:
        _note(store, connection, sitting, position, "images")


def _looks(connection: sa.Connection, sitting: Sitting, position: int) -> list[Look]:
    """Looks of a reader from the first at a place on."""
    c = tables.looks.c
    first = connection.scalar(
        sa.select(sa.func.min(c.look_id)).where(c.reader_id == sitting.reader_id, c.position == position)
    )
    if first is None:
        return []
    rows = connection.execute(
        sa.select(c.position, c.what, c.at)
        .where(c.reader_id == sitting.reader_id, c.look_id >= first)
        .order_by(c.look_id)
    ).all()
    return [Look(row.position, row.what, datetime.fromisoformat(row.at)) for row in rows]


def _note(store: Store, connection: sa.Connection, sitting: Sitting, position: int, what: str) -> None:
    if what in get_args(Said) and (there := _count(connection, sitting, said=True)) >= MOST_LOOKS:
        raise InputError(f"there are {there} pauses of yours: go on without, or ask who runs the study")
    row = {"reader_id": sitting.reader_id, "position": position, "what": what, "at": store.time()}
    connection.execute(sa.insert(tables.looks).values(row))


def _count(connection: sa.Connection, sitting: Sitting, *, said: bool = False) -> int:
    """Rows of a reader; only what the page said, where asked."""
    c = tables.looks.c
    rows = sa.select(sa.func.count()).where(c.reader_id == sitting.reader_id)
    return connection.scalar(rows.where(c.what.in_(get_args(Said))) if said else rows) or 0
