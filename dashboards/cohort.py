"""The Cohort tab: the paper's Tables 1 and 2 and Figure 1 beside those of a cases.csv.

Handlers are plain functions. Of an upload only the table is read, no picture; nothing of it is kept but the file
itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from dashboards.asking import LAST
from dashboards.cohort_figures import categories_figure, flow_figure, flow_in_words
from dashboards.widgets.cached_file import cached_file
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.plain_table import PlainTable
from lesion_core.cases.cohort import PopulationTable, grid, population_tables
from lesion_core.cases.flow import study_flow
from lesion_core.cases.table import CaseTable, read_cases
from lesion_core.errors import InputError, LesionError
from lesion_core.notice import NOTICE
from lesion_core.results.paper import Organ
from lesion_core.results.paper_cohort import published_flow, published_table

#: A table of patients is small; anything larger is no cases.csv.
MAX_BYTES = 30_000_000

INTRODUCTION = (
    "Who was studied decides what a result is worth. On the left the paper's own study population, on the right yours: "
    "upload a `cases.csv` (made by `python -m lesion_core import`, or your own). Ages are mean ± SD over patients; "
    "what a table does not say is counted as not stated."
)
NOT_YET = "No table is open."


def show_published(organ: Organ) -> tuple[Any, ...]:
    """The paper's table of an organ.

    Returns:
        Updates of the table and of the categories' figure.
    """
    table = published_table(organ)
    return as_rows(table), ClickablePlot.show(categories_figure(table), description=_categories_in_words(table))


def open_table(path: str | None) -> tuple[Any, ...]:
    """Describe an uploaded cases.csv.

    Returns:
        Updates of the note, the choice of population, the table, the flow, the categories' figure and the download.
    """
    if not path:
        return _closed(NOT_YET)
    try:
        cases = _read(path)
    except LesionError as error:
        told = str(error).replace(path, Path(path).name)
        gr.Warning(told.splitlines()[0], title="This table cannot be used", duration=None)
        return _closed(told)
    tables = population_tables(cases.cases)
    names = [f"{table.organ}: {table.target}" for table in tables]
    flow = study_flow(cases.cases)
    choice = gr.update(choices=list(zip(names, range(len(names)), strict=True)), value=0, visible=len(names) > 1)
    note = f"{len(cases):,} cases; label 1 means {'; '.join(sorted({table.target for table in tables}))}."
    return (
        note,
        choice,
        *_population(tables[0]),
        gr.update(value=_download(tables), visible=True),
        ClickablePlot.show(flow_figure(flow), description=flow_in_words(flow)) | {"visible": True},
    )


def choose_population(path: str | None, number: int | None) -> tuple[Any, ...]:
    """Show another population of the uploaded table.

    Returns:
        Updates of the table and the categories' figure.
    """
    if not path:
        return gr.skip(), gr.skip()
    try:
        tables = population_tables(_read(path).cases)
    except LesionError as error:
        gr.Warning(str(error).replace(path, Path(path).name), title="This table cannot be used")
        return gr.skip(), gr.skip()
    return _population(tables[min(max(int(number or 0), 0), len(tables) - 1)])


def as_rows(table: PopulationTable) -> dict[str, Any]:
    """A population as the value of a table."""
    return PlainTable.show(grid(table), name=f"{table.source}: {table.organ}, {table.target}")


def build() -> None:
    """Lay out the tab; called inside a `gr.Tab`."""
    gr.Markdown(INTRODUCTION)
    published, flow = published_table("breast"), published_flow()
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            gr.Markdown("### The paper")
            organ = gr.Radio(["breast", "thyroid"], value="breast", label="Table 1 (breast) or 2 (thyroid)")
            paper_frame = PlainTable(as_rows(published), elem_id="cohort-paper")
        with gr.Column(min_width=320):
            gr.Markdown("### Your cases")
            upload = gr.File(label="cases.csv", file_types=[".csv"], height=110, elem_id="cohort-upload")
            note = gr.Markdown(NOT_YET, elem_id="cohort-note")
            which = gr.Dropdown([], label="Population", visible=False, elem_id="cohort-population")
            own_frame = PlainTable(visible=False, elem_id="cohort-own")
            download = gr.DownloadButton("Download the tables (CSV)", visible=False, elem_id="cohort-download")
    gr.Markdown("### Study flow")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            ClickablePlot(flow_figure(flow), description=flow_in_words(flow), height_px=220, elem_id="cohort-flow")
        with gr.Column(min_width=320):
            own_flow = ClickablePlot(height_px=220, visible=False, elem_id="cohort-own-flow")
    gr.Markdown("### Reading categories by class")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            paper_categories = ClickablePlot(
                categories_figure(published), description=_categories_in_words(published), elem_id="cohort-categories"
            )
        with gr.Column(min_width=320):
            own_categories = ClickablePlot(visible=False, elem_id="cohort-own-categories")
    gr.Markdown("How far readers agree on the border itself: tab **Borders**.")
    gr.Markdown(NOTICE, elem_classes="notice")
    organ.change(show_published, organ, [paper_frame, paper_categories], show_progress="hidden")
    outputs = [note, which, own_frame, own_categories, download, own_flow]
    upload.change(open_table, upload, outputs, show_progress="minimal")
    which.input(choose_population, [upload, which], [own_frame, own_categories], **LAST, show_progress="hidden")


def _read(path: str) -> CaseTable:
    size = Path(path).stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"the file has {size / 1e6:.0f} MB: a cases.csv of up to {MAX_BYTES / 1e6:.0f} MB is read")
    return read_cases(path, check_files=False)


def _population(table: PopulationTable) -> tuple[Any, ...]:
    figure = ClickablePlot.show(categories_figure(table), description=_categories_in_words(table))
    return gr.update(value=as_rows(table), visible=True), figure | {"visible": True}


def _closed(note: str) -> tuple[Any, ...]:
    hidden = gr.update(visible=False)
    return _fenced(note), gr.update(choices=[], value=None, visible=False), hidden, hidden, hidden, hidden


def _fenced(text: str) -> str:
    """Text of an error as it stands: nothing in it is read as Markdown."""
    return text if text == NOT_YET else "```text\n" + text.replace("```", "'''") + "\n```"


def _categories_in_words(table: PopulationTable) -> str:
    lines = [line for line in table.lines if "RADS" in line.section]
    heads = [f"{column.part}, {column.name}" for column in table.columns]
    counts = (f"{line.level}: " + ", ".join(map(str, line.counts)) for line in lines)
    return f"Counts by category for {'; '.join(heads)}. " + ". ".join(counts) if lines else "No categories are given."


def _download(tables: Sequence[PopulationTable]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([NOTICE])
    for table in tables:
        writer.writerow([f"{table.organ}: label 1 is {table.target}"])
        writer.writerows([[_plain(cell) for cell in row] for row in grid(table)])
    return cached_file(text.getvalue().encode("utf-8-sig"), "population.csv", get_upload_folder())


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell
