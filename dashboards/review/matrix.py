"""The confusion matrix as buttons: each cell can be clicked or reached with the keyboard, and names what it holds.

Example:
    .. code-block:: python

        matrix = ConfusionMatrix(elem_id="cv-matrix")
        matrix.cell(chosen, inputs, outputs)                    # cell = ConfusionMatrix.read_cell(event)
        return ConfusionMatrix.show(operating.counts, unit="patient", chosen="fn")
"""

from __future__ import annotations

import json
from typing import Any, cast, get_args

import gradio as gr
from gradio.events import EventListener

from lesion_core.results.review.operating import Counts
from lesion_core.results.review.selection import Cell

_HTML = """<section class='cm' aria-label='Confusion matrix'><table><thead><tr><td></td>
<th scope='col'>called above</th><th scope='col'>called below</th>
<th scope='col' class='cm-lost'>could not be assessed</th></tr></thead><tbody></tbody></table></section>"""
_CSS = """
.cm { overflow-x: auto; width: 0; min-width: 100%; }
.cm table { border-collapse: separate; border-spacing: .3rem; width: 100%; color: var(--body-text-color); }
.cm th { font-weight: 600; font-size: var(--text-sm); text-align: center; }
.cm tbody th { text-align: left; white-space: nowrap; }
.cm td { padding: 0; border: none; }
.cm button { width: 100%; min-width: 5.2rem; padding: .45rem .3rem; border-radius: .4rem; cursor: pointer;
  border: 2px solid var(--border-color-primary); background: var(--background-fill-secondary);
  color: var(--body-text-color); }
.cm button.right { border-style: solid; } .cm button.wrong { border-style: dashed; }
.cm button[aria-pressed=true] { border-color: var(--color-accent); outline: 2px solid var(--color-accent); }
.cm button:focus-visible { outline: 3px solid var(--color-accent); outline-offset: 2px; }
.cm b { display: block; font-size: var(--text-xl); font-variant-numeric: tabular-nums; }
.cm span { font-size: var(--text-xs); color: var(--body-text-color-subdued); }
"""
_JS = """
const body = element.querySelector('tbody'), lost = element.querySelector('.cm-lost');
function draw() {
  const value = props.value ? JSON.parse(props.value) : { rows: [], unit: '', lost: false };
  lost.hidden = !value.lost;
  const focused = document.activeElement?.dataset?.cell;
  body.replaceChildren(...value.rows.map(([name, cells]) => {
    const row = document.createElement('tr'), head = document.createElement('th');
    head.scope = 'row';
    head.textContent = name;
    row.append(head);
    for (const [cell, count, words, right, pressed] of cells) {
      const place = document.createElement('td'), button = document.createElement('button');
      const number = document.createElement('b'), text = document.createElement('span');
      number.textContent = count;
      text.textContent = words;
      button.type = 'button';
      button.className = right ? 'right' : 'wrong';
      button.dataset.cell = cell;
      button.setAttribute('aria-pressed', String(pressed));
      button.setAttribute('aria-label', `${count} ${value.unit}, ${name}, ${words}: show these cases`);
      button.append(number, text);
      button.addEventListener('click', () => trigger('cell', { cell }));
      place.append(button);
      row.append(place);
    }
    return row;
  }));
  if (focused) body.querySelector(`[data-cell="${focused}"]`)?.focus();
}
watch('value', draw);
draw();
"""


class ConfusionMatrix(gr.HTML):
    """The matrix, with the event `cell`."""

    EVENTS = [  # noqa: RUF012 (Gradio declares it as an instance attribute)
        EventListener("cell", doc="Triggered when a cell of the matrix is chosen.")
    ]

    def __init__(self, value: dict[str, Any] | None = None, **props: Any) -> None:
        super().__init__(
            value=value, html_template=_HTML, css_template=_CSS, js_on_load=_JS, apply_default_css=False, **props
        )

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event: `cell` alone is one."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def show(counts: Counts, *, unit: str, chosen: Cell | None = None) -> dict[str, Any]:
        """The value that shows these counts.

        Args:
            counts: units by cell.
            unit: what is counted, e.g. "patient".
            chosen: the cell whose cases are listed.
        """
        rows: list[tuple[str, list[tuple[Cell, int, str, bool]]]] = [
            ("label 1", [("tp", counts.tp, "found", True), ("fn", counts.fn, "missed", False)]),
            ("label 0", [("fp", counts.fp, "false alarm", False), ("tn", counts.tn, "left alone", True)]),
        ]
        if counts.unassessed:
            rows[0][1].append(("unassessed-positive", counts.unassessed_positive, "not assessed", False))
            rows[1][1].append(("unassessed-negative", counts.unassessed_negative, "not assessed", False))
        return {
            "unit": f"{unit}s",
            "lost": counts.unassessed > 0,
            "rows": [
                (name, [(cell, f"{n:,}", words, right, cell == chosen) for cell, n, words, right in cells])
                for name, cells in rows
            ],
        }

    @staticmethod
    def read_cell(event: gr.EventData) -> Cell:
        """The chosen cell; it comes from a browser and is checked.

        Raises:
            gr.Error: no cell.
        """
        cell = event._data.get("cell") if isinstance(event._data, dict) else None
        if cell not in get_args(Cell):
            raise gr.Error("this click could not be read: click the cell again", print_exception=False)
        return cast(Cell, cell)

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the page but events."""

    def postprocess(self, value: Any) -> str | None:
        """Turn what `show` made into JSON."""
        return None if value is None else json.dumps(value)

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return {"type": "string", "description": "a confusion matrix as JSON"}

    def example_payload(self) -> None:
        """Give a value that `preprocess` takes."""

    def example_value(self) -> dict[str, Any]:
        """Give a value that `postprocess` takes."""
        return self.show(Counts(1, 0, 0, 1), unit="case")
