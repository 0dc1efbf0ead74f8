"""Every answer as it was stored, for the analyst: each correction a row, with all that readings.csv has no column for.

Descriptors, drawn borders with their Dice, what happened meanwhile, the reader's experience and display stand here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from lesion_core.notice import NOTICE
from lesion_core.reading.drawn import dice
from lesion_core.reading.stored import Progress, Stored
from lesion_core.reading.study import Study

COLUMNS = (
    "reader", "experience", "display", "lesion", "case_id", "arm", "repeat", "period", "position", "revision",
    "sitting", "assessed", "call", "rating", "suspicion", "action", "descriptors", "border", "dice", "seconds",
    "after_limit", "server_seconds", "late", "events", "read_at", "notice",
)  # fmt: skip


def answers_text(study: Study, rows: Iterable[Stored], progress: Iterable[Progress]) -> str:
    """All revisions as CSV; descriptors, border and events as JSON, a border in pixels of the lesion's first image.

    `seconds` and `after_limit` are the page's, `server_seconds` (all looks so far) and `late` the server's own
    (`limit`), empty and 0 without a time limit.

    Args:
        study: the study.
        rows: every revision, from the store.
        progress: of each reader.
    """
    people = {each.reader: each for each in progress}
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(value) for value in _values(study, row, people[row.reader])])
    return text.getvalue()


def _values(study: Study, row: Stored, reader: Progress) -> tuple[object, ...]:
    item, answer = study.items[row.item], row.answer
    overlap = dice(answer.border, item.views[0])
    return (
        row.reader,
        reader.experience,
        reader.display,
        item.item_id,
        item.views[0].case_id,
        row.arm,
        row.repeat,
        row.period,
        answer.position,
        answer.revision,
        row.sitting_id,
        int(answer.assessed),
        answer.call,
        answer.rating,
        answer.suspicion,
        answer.action,
        json.dumps(dict(answer.descriptors)) if answer.descriptors else "",
        json.dumps(answer.border) if answer.border else "",
        "" if overlap is None else f"{overlap:.4f}",
        answer.seconds,
        int(answer.overtime),
        row.server_seconds,
        int(row.late),
        json.dumps([[each.what, each.at_s] for each in answer.events]) if answer.events else "",
        row.read_at,
        NOTICE,
    )


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
