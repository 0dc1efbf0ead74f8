"""Setting a study up: the form's handlers, what is shown once, the planner, the practice study. Plain handlers."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any
from urllib.parse import quote, urlsplit

import gradio as gr
from gradio.utils import get_upload_folder

from dashboards import reading_form, reading_store
from dashboards.answer_panel import text
from dashboards.widgets.cached_file import cached_file
from lesion_core.errors import LesionError
from lesion_core.notice import NOTICE
from lesion_core.reading.bundle import bundle_bytes
from lesion_core.reading.stored import Opened
from lesion_core.stats.planning_readers import conjecture, reader_study_cases

PRACTICE, PRACTICE_CODE = "practice", "PRACTICE"


def open_study(request: gr.Request, *values: Any) -> tuple[Any, ...]:
    """Set a study up.

    Returns:
        Updates of the panel with the links, the download of the codes, that of the study file, study id and key of the
        part that runs it.
    """
    try:
        bundle, notes = reading_form.bundle_of(reading_form.form_of(values))
        opened = reading_store.store().open_study(bundle)
    except LesionError as error:
        gr.Warning(str(error), title="This study cannot be set up", duration=None)
        return failed(str(error)), gr.update(visible=False), gr.update(visible=False), gr.skip(), gr.skip()
    return (
        opened_panel(opened, bundle.study.title, notes, _page_of(request)),
        gr.update(value=_codes(opened, _page_of(request)), visible=True),
        gr.update(value=_kept(bundle_bytes(bundle), f"{opened.study_id}.study.zip"), visible=True),
        opened.study_id,
        opened.key,
    )


def practise(request: gr.Request) -> str:
    """Make the practice study when it is not there yet or full, and link to it."""
    try:
        store = reading_store.store()
        rooms = (f"{PRACTICE}-{number}" if number > 1 else PRACTICE for number in itertools.count(1))
        room = next(each for each in rooms if not store.has_study(each) or store.has_room(each))
        if not store.has_study(room):
            store.open_study(reading_form.practice(), study_id=room, join_code=PRACTICE_CODE)
    except LesionError as error:
        gr.Warning(str(error), title="The practice study cannot be opened")
        return failed(str(error))
    link = desk_link(_page_of(request), room, PRACTICE_CODE)
    return (
        f'<div class="answer"><p><a class="download" target="_blank" rel="noopener" href="{text(link)}">'
        "Open the practice desk</a></p><p>Twenty synthetic phantoms, no patients. Choose any name; after each answer "
        f'you see what was drawn, its border, and what the model said.</p><p class="notice">{text(NOTICE)}</p></div>'
    )


def plan(area: float, difference: float, readers: float, spread: float, power: float) -> str:
    """How many cases a study of aided against unaided reading needs, with so many readers."""
    try:
        components = conjecture(float(area), positives=50, reader_range=float(spread))
        found = reader_study_cases(float(difference), components, readers=int(readers), power=float(power))
    except (LesionError, TypeError, ValueError) as error:
        return str(error)
    return (
        f"{found.sentence()[:1].upper()}{found.sentence()[1:]}. Half of the cases positive; variances as "
        "Obuchowski 2000 conjectures them (correlations 0.47, 0.30, 0.30). A pilot study is better than a conjecture."
    )


def opened_panel(opened: Opened, title: str, notes: tuple[str, ...], page: str) -> str:
    """Links, codes and the key, shown once."""
    link = desk_link(page, opened.study_id, opened.join_code)
    codes = "".join(f"<dt>{text(name)}</dt><dd><code>{text(code)}</code></dd>" for name, code in opened.codes)
    people = f"<p>Each reader's own code:</p><dl>{codes}</dl>" if codes else ""
    kind = "Class link (whoever has it may join)" if opened.join_code else "Link for the readers"
    return (
        f'<div class="answer" role="status"><div class="headline">{text(title)}</div>'
        f'<p>{kind}: <a target="_blank" rel="noopener" href="{text(link)}">{text(link)}</a></p>{people}'
        f"<p>For you alone, to see progress and result: study <code>{text(opened.study_id)}</code>, key "
        f"<code>{text(opened.key)}</code></p>"
        '<p class="note">Key and codes are shown this once and stored only as hashes: save them now.</p>'
        + "".join(f'<p class="note">{text(note)}</p>' for note in notes)
        + f'<p class="notice">{text(NOTICE)}</p></div>'
    )


def failed(message: str) -> str:
    """What is wrong with a study, all of it."""
    lines = "".join(f"<p>{text(line)}</p>" for line in message.splitlines())
    return f'<div class="answer"><div class="note error" role="alert">{lines}</div></div>'


def desk_link(page: str, study_id: str, join_code: str = "") -> str:
    """The address of a study's desk; the join code stands behind the #, which no server is ever told."""
    join = f"#join={quote(join_code)}" if join_code else ""
    return f"{page}reading/?study={quote(study_id)}{join}"


def _page_of(request: gr.Request) -> str:
    """The address of this page as its visitor sees it; relative where the browser does not say."""
    parts = urlsplit(request.headers.get("referer", "") if request is not None else "")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path.rsplit('/', 1)[0]}/"


def _codes(opened: Opened, page: str) -> str:
    """Link, key and codes as CSV, to be kept by who runs the study."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\n")
    link = desk_link(page, opened.study_id, opened.join_code)
    writer.writerows([["who", "code", "link"], ["key of the study, for you alone", opened.key, opened.study_id]])
    writer.writerows([[f"'{name}" if name[:1] in "=+-@" else name, code, link] for name, code in opened.codes])
    if opened.join_code:
        writer.writerow(["whoever joins", opened.join_code, link])
    return _kept(lines.getvalue().encode("utf-8-sig"), f"codes-{opened.study_id}.csv")


def _kept(content: bytes, name: str) -> str:
    return cached_file(content, name, get_upload_folder())
