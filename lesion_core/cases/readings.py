"""readings.csv: what readers said about cases; importers write the BI-RADS and TI-RADS categories of a set here.

A reader who looked and could not tell wrote "cannot assess": that is an answer, not a missing one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lesion_core.cases.columns import Column, any_text, number_between, one_of, read_rows, shown, write_rows
from lesion_core.errors import TableError

CANNOT_ASSESS = "cannot assess"
COLUMNS = (
    Column("reader", "who read", "text on one line", any_text, required=True),
    Column("case_id", "a case of cases.csv", "text on one line", any_text, required=True),
    Column(
        "call",
        "what the reader decided",
        f"0 (benign), 1 (malignant) or {CANNOT_ASSESS!r}",
        one_of("0", "1", CANNOT_ASSESS),
    ),
    Column("rating", "ordinal category, e.g. BI-RADS 4a", "text on one line", any_text),
    Column("seconds", "how long it took", "a number from 0 to 86400", number_between(0, 86400)),
    Column("read_at", "when, ISO 8601", "text on one line", any_text),
    Column("session", "which sitting", "text on one line", any_text),
    Column("suspicion", "how suspicious", "a number from 0 to 100", number_between(0, 100)),
    Column("action", "what was recommended", "routine, follow-up or biopsy", one_of("routine", "follow-up", "biopsy")),
    Column("arm", "how it was read, e.g. unaided or aided", "text on one line", any_text),
)


@dataclass(frozen=True)
class Reading:
    """One reader's answer for one case.

    Attributes:
        reader: name of the reader.
        case_id: a case of cases.csv.
        call: 0 or 1; None where the reader gave a category only, or could not assess the case.
        rating: ordinal category as written, e.g. "4a"; empty where there is none.
        seconds: reading time, None where unknown.
        read_at: ISO 8601 time, empty where unknown.
        session: which sitting, "import" for a category that came with a data set.
        assessable: False where the reader looked and could not assess the case.
        suspicion: 0-100, None where it was not asked.
        action: "routine", "follow-up" or "biopsy"; empty where it was not asked.
        arm: "unaided", "aided" or another way of reading; empty where there is one only.
    """

    reader: str
    case_id: str
    call: int | None = None
    rating: str = ""
    seconds: float | None = None
    read_at: str = ""
    session: str = ""
    assessable: bool = True
    suspicion: float | None = None
    action: str = ""
    arm: str = ""


def read_readings(path: str | Path) -> tuple[Reading, ...]:
    """Read a readings.csv.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows, all of them listed.
    """
    rows, problems = read_rows(path, COLUMNS)
    problems += [
        f"row {row.number}: neither call nor rating nor suspicion nor action is given, one of them is needed"
        for row in rows
        if not any(row.cells[name] for name in ("call", "rating", "suspicion", "action"))
    ]
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row.cells[name] for name in ("reader", "case_id", "session", "arm"))
        if first.setdefault(key, row.number) != row.number:
            problems.append(
                f"row {row.number}: reader {shown(key[0])} already read case {shown(key[1])} in row {first[key]}"
            )
    if problems:
        raise TableError(str(path), problems)
    return tuple(
        Reading(
            reader=row.cells["reader"],
            case_id=row.cells["case_id"],
            call=int(row.cells["call"]) if row.cells["call"] in ("0", "1") else None,
            rating=row.cells["rating"],
            seconds=float(row.cells["seconds"]) if row.cells["seconds"] else None,
            read_at=row.cells["read_at"],
            session=row.cells["session"],
            assessable=row.cells["call"] != CANNOT_ASSESS,
            suspicion=float(row.cells["suspicion"]) if row.cells["suspicion"] else None,
            action=row.cells["action"],
            arm=row.cells["arm"],
        )
        for row in rows
    )


def write_readings(readings: Iterable[Reading], path: str | Path) -> None:
    """Write readings whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    write_rows(path, COLUMNS, (cells_of(each) for each in readings))


def cells_of(each: Reading) -> dict[str, str]:
    """A reading as the cells of its row."""
    return {
        "reader": each.reader,
        "case_id": each.case_id,
        "call": _call(each),
        "rating": each.rating,
        "seconds": "" if each.seconds is None else f"{each.seconds:g}",
        "read_at": each.read_at,
        "session": each.session,
        "suspicion": "" if each.suspicion is None else f"{each.suspicion:g}",
        "action": each.action,
        "arm": each.arm,
    }


def _call(reading: Reading) -> str:
    if not reading.assessable:
        return CANNOT_ASSESS
    return "" if reading.call is None else str(reading.call)
