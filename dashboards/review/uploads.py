"""Bring your own: scores (any CSV, through a column mapping that is guessed and can be corrected), readings, cases.

Example:
    .. code-block:: python

        own = gr.State(())                                      # the visitor's sources, newest first
        panel = uploads.build(own, prefix="cv")
        panel.opened.change(refresh, [own, ...], ...)           # `opened` counts the files that were opened
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from dashboards.asking import LAST
from lesion_core.errors import LesionError
from lesion_core.results.review.mapping import REQUIRED, ROLES, ColumnMapping, guess
from lesion_core.results.review.scores_file import header_of
from lesion_core.results.review.source import ReviewSource
from lesion_core.results.review.upload import sort_files, uploaded_source

#: A visitor's sources that are kept; the oldest goes.
KEPT = 4
NONE = "(none)"
MORE = (
    "Any CSV with a case, a label (0/1 or benign/malignant) and a score from 0 to 1 can be reviewed; an empty score "
    'means "could not be assessed". Add a `readings.csv` for readers and a `cases.csv` for subgroups. Further columns '
    "become subgroups. Files stay on the server for an hour at most."
)
WAITING = "No file is open."
ROLE_WORDS = {
    "case_id": "Case",
    "score": "Score (0 to 1)",
    "label": "Label",
    "patient_id": "Patient",
    "lesion_id": "Lesion",
    "fold": "Fold",
    "run": "Run",
    "model": "Model",
    "dataset": "Data set",
    "organ": "Organ",
    "target": "Target",
    "calibrated": "Recalibrated score",
}


@dataclass(frozen=True)
class UploadPanel:
    """The laid-out panel.

    Attributes:
        files: where files are dropped.
        opened: counts the files opened so far; listen to its `change`.
        note: what was opened, or what is wrong.
    """

    files: gr.File
    opened: gr.Number
    note: gr.Markdown


def build(own: gr.State, *, prefix: str) -> UploadPanel:
    """Lay out the panel.

    Args:
        own: state that holds a tuple of `ReviewSource`.
        prefix: of the elements' ids.
    """
    gr.Markdown(MORE)
    files = gr.File(
        label="scores.csv, readings.csv, cases.csv",
        file_types=[".csv"],
        file_count="multiple",
        height=120,
        elem_id=f"{prefix}-upload",
    )
    note = gr.Markdown(WAITING, elem_id=f"{prefix}-upload-note")
    opened = gr.Number(0, visible=False)
    with gr.Accordion("Which column is what", open=False, visible=False, elem_id=f"{prefix}-mapping") as mapper:
        with gr.Row():
            choices = [
                gr.Dropdown([NONE], value=NONE, label=ROLE_WORDS[role], min_width=150, elem_id=f"{prefix}-role-{role}")
                for role in ROLES
            ]
        target = gr.Textbox(
            "", label="What label 1 means", placeholder="histology malignant", max_lines=1, max_length=80
        )
        again = gr.Button("Open with these columns", size="sm", elem_id=f"{prefix}-map")
    outputs = [own, opened, note, mapper, *choices]
    files.upload(open_files, [files, own, opened], outputs, **LAST, show_progress="minimal")
    again.click(open_mapped, [files, own, opened, target, *choices], outputs, show_progress="minimal")
    return UploadPanel(files, opened, note)


def open_files(paths: list[str] | None, own: Sequence[ReviewSource], opened: float) -> tuple[Any, ...]:
    """Open what was dropped, with the guessed columns.

    Returns:
        The visitor's sources, the count, the note, and updates of the mapper and its choices.
    """
    return _open(paths, own, opened, None, "")


def open_mapped(
    paths: list[str] | None, own: Sequence[ReviewSource], opened: float, target: str, *columns: str | None
) -> tuple[Any, ...]:
    """Open it again with chosen columns.

    Returns:
        As `open_files`.
    """
    chosen = ["" if name in (None, NONE) else str(name) for name in columns]
    return _open(paths, own, opened, ColumnMapping(*chosen), target.strip())


def _open(
    paths: list[str] | None, own: Sequence[ReviewSource], opened: float, mapping: ColumnMapping | None, target: str
) -> tuple[Any, ...]:
    if not paths:
        return (own, opened, WAITING, gr.update(visible=False), *(gr.skip() for _ in ROLES))
    mapper: tuple[Any, ...] = (gr.update(visible=False), *(gr.skip() for _ in ROLES))
    try:
        files = sort_files([Path(path) for path in paths])
        header = header_of(files.scores[0])
        mapping = mapping or guess(header)
        complete = all(getattr(mapping, role) for role in REQUIRED)
        mapper = _mapper(header, mapping, opened=not complete)
        source = uploaded_source(files, key=f"upload-{int(opened) + 1}", mapping=mapping, target=target)
    except LesionError as error:
        told = _without_folder(str(error), paths)
        gr.Warning(told.splitlines()[0], title="This file cannot be used")
        return (own, opened, _fenced(told), *mapper)
    cases = sum(len(run) for run in source.runs)
    note = f"Open: {cases:,} scores in {len(source.runs)} run(s), {len(source.readers)} reader(s)."
    return ((source, *own)[:KEPT], opened + 1, note, *mapper)


def _mapper(header: Sequence[str], mapping: ColumnMapping, *, opened: bool) -> tuple[Any, ...]:
    names = [NONE, *filter(None, header)]
    return (
        gr.update(visible=True, open=opened),
        *(gr.update(choices=names, value=getattr(mapping, role) or NONE) for role in ROLES),
    )


def _without_folder(text: str, paths: Sequence[str]) -> str:
    """The message without the server's folders."""
    for path in paths:
        text = text.replace(path, Path(path).name)
    return text


def _fenced(text: str) -> str:
    """Text of an error as it stands: nothing in it is read as Markdown."""
    return "```text\n" + text.replace("```", "'''") + "\n```"
