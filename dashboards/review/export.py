"""A view that leaves the app: one page that works offline, and its tables as CSV and LaTeX.

Example:
    .. code-block:: python

        export.build(make_report, inputs, prefix="cv")          # make_report(*inputs) -> Report, or raises LesionError
"""

from __future__ import annotations

import html
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from dashboards.widgets.cached_file import cached_file
from dashboards.widgets.clickable_plot import LIBRARY
from lesion_core.errors import LesionError
from lesion_core.notice import NOTICE
from lesion_core.results.review.report import Report, ReportFigure, ReportTable
from lesion_core.results.review.tables_text import as_csv, as_latex, caption_of

_FRONT_END = Path(__file__).with_suffix("")


def build(make_report: Callable[..., Report], inputs: Sequence[Any], *, prefix: str) -> None:
    """Lay out the buttons.

    Args:
        make_report: takes the values of `inputs`.
        inputs: Gradio components.
        prefix: of the elements' ids.
    """
    with gr.Row():
        make = gr.Button("Export this view", elem_id=f"{prefix}-export", size="sm")
        page = gr.DownloadButton(
            "Page (HTML, works offline)", visible=False, elem_id=f"{prefix}-export-page", size="sm"
        )
        tables = gr.DownloadButton("Tables (CSV, LaTeX)", visible=False, elem_id=f"{prefix}-export-tables", size="sm")

    def export(*values: Any) -> tuple[Any, Any]:
        try:
            report = make_report(*values)
        except LesionError as error:
            gr.Warning(str(error), title="This view cannot be exported")
            return gr.update(visible=False), gr.update(visible=False)
        return (
            gr.update(value=_kept(page_of(report).encode(), f"{prefix}-review.html"), visible=True),
            gr.update(value=_kept(tables_of(report), f"{prefix}-tables.zip"), visible=True),
        )

    make.click(export, list(inputs), [page, tables], show_progress="minimal")


def page_of(report: Report) -> str:
    """The report as a page of its own: figures can be looked at, and saved as SVG and PNG, without any network."""
    title = html.escape(report.title)
    facts = "".join(
        f"<dt>{html.escape(term)}</dt><dd>{html.escape(text)}</dd>" for term, text in report.facts.entries()
    )
    line = caption_of(report.facts)
    figures = "".join(_figure(figure, at, line) for at, figure in enumerate(report.figures))
    tables = "".join(_table(table, report) for table in report.tables)
    methods = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in report.methods)
    style, script, library = _front_end()
    link = f"<p>View: <code>?{html.escape(report.link)}</code></p>" if report.link else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style></head><body><main><h1>{title}</h1><p><strong>{NOTICE}</strong></p>"
        f"<dl>{facts}</dl>{figures}{tables}<h2>Methods</h2><ul>{methods}</ul>{link}"
        f"<p><strong>{NOTICE}</strong></p></main><script>{library}</script><script>{script}</script></body></html>"
    )


def tables_of(report: Report) -> bytes:
    """The tables as a ZIP of CSV and LaTeX files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in report.tables:
            name = "-".join("".join(c if c.isalnum() else " " for c in table.title.lower()).split())[:60]
            archive.writestr(f"{name}.csv", as_csv(table, report))
            archive.writestr(f"{name}.tex", as_latex(table, report))
    return out.getvalue()


def _figure(figure: ReportFigure, at: int, line: str) -> str:
    title = html.escape(figure.title)
    caption = " ".join(filter(None, (figure.caption, line, NOTICE)))
    content = json.dumps({"figure": json.loads(figure.plotly_json), "caption": f"{figure.title}. {caption}"})
    return (
        f'<figure><h2>{title}</h2><div class="plot" id="plot-{at}" role="img" aria-label="{html.escape(figure.words)}">'
        f'</div><script type="application/json" data-plot="plot-{at}">{_inside_script(content)}</script>'
        f"<figcaption>{html.escape(caption)}</figcaption>"
        f'<p><button type="button" data-save="svg" data-of="plot-{at}">SVG</button> '
        f'<button type="button" data-save="png" data-of="plot-{at}">PNG</button></p></figure>'
    )


def _table(table: ReportTable, report: Report) -> str:
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in table.head)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    texts = "".join(
        f"<details><summary>{name}</summary><pre>{html.escape(text)}</pre></details>"
        for name, text in (("CSV", as_csv(table, report)), ("LaTeX", as_latex(table, report)))
    )
    return (
        f'<section><h2>{html.escape(table.title)}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div><p>{html.escape(table.caption)}</p>{texts}</section>"
    )


def _inside_script(text: str) -> str:
    """JSON that cannot end the script element it stands in."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _kept(content: bytes, name: str) -> str:
    return cached_file(content, name, get_upload_folder())


@cache
def _front_end() -> tuple[str, str, str]:
    style = (_FRONT_END / "page.css").read_text(encoding="utf-8")
    script = (_FRONT_END / "page.js").read_text(encoding="utf-8")
    return style, script, LIBRARY.read_text(encoding="utf-8").replace("</script", "<\\/script")
