"""Running a study: progress, result, exports, import, the hand-over to the held-out test. Plain handlers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from dashboards import reading_course, reading_store, reading_tables
from dashboards.review.uploads import KEPT
from dashboards.widgets.cached_file import cached_file
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.plain_table import PlainTable
from lesion_core.cases.readings import COLUMNS, cells_of, read_readings
from lesion_core.errors import LesionError
from lesion_core.notice import NOTICE
from lesion_core.reading.bundle import bundle_bytes
from lesion_core.reading.every_answer import answers_text
from lesion_core.reading.exchange import imrmc_text, read_imrmc, readings_of
from lesion_core.reading.importing import NO_COLUMN, ONE_NUMBER, from_imrmc, import_readings
from lesion_core.reading.result import study_result
from lesion_core.reading.review import review_source
from lesion_core.reading.teaching import class_result
from lesion_core.results.review.source import ReviewSource

CLOSED = "No study is open."


def show(study_id: str, key: str) -> tuple[Any, ...]:
    """Open a study with its key.

    Returns:
        Updates of the note, progress, readers, study and class tables, the figure, the part with the exports, and the
        tables of what the aid changed and of the course of reading.
    """
    try:
        study_id = _let_in(study_id, key)
        store = reading_store.store()
        study, progress = store.study(study_id), store.progress(study_id)
        result = study_result(study, store.answers(study_id), progress)
    except LesionError as error:
        gr.Warning(str(error), title="This study cannot be opened")
        return (CLOSED, *[gr.update(visible=False)] * 8)
    teaching = study.purpose == "teach"
    target = "; ".join(sorted({item.target for item in study.items}))
    sources = ", ".join(sorted({item.label_source or "not stated" for item in study.items}))
    note = " ".join(
        [
            f"**{_plain(study.title)}**: {len(study.items)} lesions, label 1 means {_plain(target)} (labels rest on: "
            f"{_plain(sources)}). Repeated readings are left out of everything but the agreement of a reader with "
            "themself.",
            *result.notes,
        ]
    )
    empty = reading_tables.nothing_read(result.readers)
    whole = [*reading_tables.study_rows(result), *reading_course.drift_rows(result)]
    aided = reading_course.aid_rows(result.changes)
    figure = ClickablePlot.show(
        reading_tables.roc_figure(study, result), description=reading_tables.roc_in_words(study, result)
    ) | {"visible": not empty}
    return (
        note,
        _table(reading_tables.progress_rows(progress), "Progress of the readers"),
        _table(reading_tables.reader_rows(study, result), "Each reader", visible=not empty),
        _table(whole, "The study", visible=len(whole) > 1),
        _table(reading_tables.class_rows(class_result(reading_store.store(), study_id)), "The class", visible=teaching),
        figure,
        gr.update(visible=True),
        _table(aided, f"What the aid changed ({reading_course.AID_NOTE})", visible=len(aided) > 1),
        _table(reading_course.order_rows(study, result), "In the course of reading", visible=bool(result.order)),
    )


def save_readings(study_id: str, key: str) -> Any:
    """readings.csv of a study."""

    def make(study_id: str) -> tuple[bytes, str]:
        store = reading_store.store()
        rows = readings_of(store.study(study_id), store.answers(study_id))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, [column.name for column in COLUMNS], lineterminator="\n")
        writer.writeheader()
        writer.writerows(cells_of(each) for each in rows)
        return text.getvalue().encode(), f"readings-{study_id}.csv"

    return _saved(study_id, key, make)


def save_imrmc(study_id: str, key: str) -> Any:
    """The same as an iMRMC input file."""

    def make(study_id: str) -> tuple[bytes, str]:
        store = reading_store.store()
        return imrmc_text(store.study(study_id), store.answers(study_id)).encode(), f"study-{study_id}.imrmc"

    return _saved(study_id, key, make)


def save_audit(study_id: str, key: str) -> Any:
    """Everything that happened: who came, agreed, corrected, was refused."""

    def make(study_id: str) -> tuple[bytes, str]:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["at", "reader", "what", "detail"])
        writer.writerows([_cell(cell) for cell in row] for row in reading_store.store().audit_trail(study_id))
        writer.writerow(["", "", "notice", NOTICE])
        return text.getvalue().encode("utf-8-sig"), f"audit-{study_id}.csv"

    return _saved(study_id, key, make)


def save_answers(study_id: str, key: str) -> Any:
    """Every answer as it was stored, corrections and all."""

    def make(study_id: str) -> tuple[bytes, str]:
        store = reading_store.store()
        rows = store.answers(study_id, all_revisions=True)
        text = answers_text(store.study(study_id), rows, store.progress(study_id))
        return text.encode("utf-8-sig"), f"answers-{study_id}.csv"

    return _saved(study_id, key, make)


def save_study(study_id: str, key: str) -> Any:
    """The study file, to be shared with whoever runs it elsewhere."""
    return _saved(
        study_id,
        key,
        lambda study_id: (bundle_bytes(reading_store.store().bundle(study_id)), f"{study_id}.study.zip"),
    )


def hand_over(study_id: str, key: str, own: Sequence[ReviewSource], opened: float) -> tuple[Any, ...]:
    """Open the study in the held-out test.

    Returns:
        The visitor's sources with the study first, the count of opened sets, and the update that opens the tab.
    """
    try:
        study_id = _let_in(study_id, key)
        store = reading_store.store()
        source = review_source(store.study(study_id), store.answers(study_id), key=f"study-{study_id}")
    except LesionError as error:
        gr.Warning(str(error), title="The held-out test cannot be opened with this study", duration=None)
        return gr.skip(), gr.skip(), gr.skip()
    others = [each for each in own if each.key != source.key]
    return (source, *others)[:KEPT], opened + 1, gr.update(selected="test")


def import_file(path: str | None, study_id: str, key: str) -> str:
    """Add readers from a readings.csv or an iMRMC file."""
    if not path:
        return ""
    try:
        study_id = _let_in(study_id, key)
        study = reading_store.store().study(study_id)
        is_table = Path(path).suffix.lower() == ".csv"
        readings = read_readings(path) if is_table else from_imrmc(study, read_imrmc(path))
        may_lack = NO_COLUMN if is_table else ONE_NUMBER
        done = import_readings(reading_store.store(), study_id, readings, may_lack=may_lack)
    except LesionError as error:
        gr.Warning(str(error), title="These readings cannot be imported", duration=None)
        return "```text\n" + str(error).replace("```", "'''") + "\n```"
    return f"{done.readings} readings of {len(done.readers)} readers were imported."


def _let_in(study_id: str, key: str) -> str:
    """The study's name, once the key was checked; every handler asks anew, a browser is not believed."""
    study_id = (study_id or "").strip()
    reading_store.store().check_key(study_id, key or "")
    return study_id


def _saved(study_id: str, key: str, make: Any) -> Any:
    """A file to be saved; where there is none, an error: after a success the page saves the file it already holds."""
    try:
        content, name = make(_let_in(study_id, key))
    except LesionError as error:
        raise gr.Error(str(error), title="This cannot be saved", print_exception=False) from None
    return cached_file(content, name, get_upload_folder())


def _table(rows: list[list[str]], name: str, *, visible: bool = True) -> dict[str, Any]:
    return dict(gr.update(value=PlainTable.show(rows, name=name, titled=True), visible=visible))


def _plain(text: str) -> str:
    """Text inside Markdown that stays text."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-.!|$" else letter for letter in text)


def _cell(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell
