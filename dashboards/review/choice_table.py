"""A table whose rows can be chosen: the first cell of each row is a button. It reads like `PlainTable`.

Example:
    .. code-block:: python

        table = ChoiceTable(elem_id="cv-folds")
        table.row(chosen, inputs, outputs)                      # key = ChoiceTable.read_row(event)
        return ChoiceTable.show(head, {"3": ("fold 3", "213", ...)}, name="Folds", chosen="3")
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.events import EventListener

_HTML = "<div class='ct' role='region' aria-label='table'><table></table></div>"
_CSS = """
.ct { overflow-x: auto; width: 0; min-width: 100%; }
.ct table { border-collapse: collapse; width: 100%; font-size: var(--text-sm); color: var(--body-text-color); }
.ct th, .ct td { border-bottom: 1px solid var(--border-color-primary); padding: .3rem .6rem; vertical-align: top;
  text-align: left; font-weight: 400; font-variant-numeric: tabular-nums; }
.ct td { min-width: 6.5rem; } .ct tbody th { min-width: 4rem; }
.ct thead th { font-weight: 600; vertical-align: bottom; }
.ct button { border: none; background: none; padding: 0; cursor: pointer; text-align: left; font: inherit;
  color: var(--link-text-color, var(--body-text-color)); text-decoration: underline; text-underline-offset: 2px; }
.ct tr.chosen { background: var(--background-fill-secondary); } .ct tr.chosen button { font-weight: 700; }
.ct button:focus-visible { outline: 3px solid var(--color-accent); outline-offset: 2px; }
"""
_JS = """
const frame = element.querySelector('.ct'), table = element.querySelector('table');
function cell(kind, text, scope) {
  const made = document.createElement(kind);
  if (text !== null) made.textContent = text;
  if (scope) made.scope = scope;
  return made;
}
function draw() {
  const value = props.value ? JSON.parse(props.value) : { name: '', head: [], rows: [] };
  const [top, line, body] = ['thead', 'tr', 'tbody'].map((kind) => document.createElement(kind));
  frame.setAttribute('aria-label', value.name);
  line.append(...value.head.map((text) => cell('th', text, 'col')));
  top.append(line);
  const focused = document.activeElement?.dataset?.row;
  for (const [key, chosen, cells] of value.rows) {
    const row = document.createElement('tr');
    row.className = chosen ? 'chosen' : '';
    cells.forEach((text, at) => {
      if (at || key === '') return row.append(cell(at ? 'td' : 'th', text, at ? '' : 'row'));
      const head = cell('th', null, 'row'), button = cell('button', text);
      button.type = 'button';
      button.dataset.row = key;
      button.setAttribute('aria-pressed', String(chosen));
      button.addEventListener('click', () => trigger('row', { key }));
      head.append(button);
      row.append(head);
    });
    body.append(row);
  }
  table.replaceChildren(top, body);
  if (focused) for (const each of table.querySelectorAll('button')) if (each.dataset.row === focused) each.focus();
}
watch('value', draw);
draw();
"""


class ChoiceTable(gr.HTML):
    """The table, with the event `row`."""

    EVENTS = [  # noqa: RUF012 (Gradio declares it as an instance attribute)
        EventListener("row", doc="Triggered when a row of the table is chosen.")
    ]

    def __init__(self, value: dict[str, Any] | None = None, **props: Any) -> None:
        super().__init__(
            value=value, html_template=_HTML, css_template=_CSS, js_on_load=_JS, apply_default_css=False, **props
        )

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event: `row` alone is one."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def show(
        head: Sequence[str], rows: Mapping[str, Sequence[str]], *, name: str, chosen: str = "", foot: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The value that shows a table.

        Args:
            head: names of the columns.
            rows: key -> cells.
            name: what the table is, for who cannot see it.
            chosen: key of the row whose cases are listed.
            foot: a last row that cannot be chosen.
        """
        shown = [(key, key == chosen, [str(cell) for cell in cells]) for key, cells in rows.items()]
        if foot:
            shown.append(("", False, [str(cell) for cell in foot]))
        return {"name": name, "head": list(head), "rows": shown}

    @staticmethod
    def read_row(event: gr.EventData) -> str:
        """Key of the chosen row, at most 500 characters; it comes from a browser: look it up, do not trust it."""
        key = event._data.get("key") if isinstance(event._data, dict) else None
        return key[:500] if isinstance(key, str) else ""

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the page but events."""

    def postprocess(self, value: Any) -> str | None:
        """Turn what `show` made into JSON."""
        return None if value is None else json.dumps(value)

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return {"type": "string", "description": "a table as JSON"}

    def example_payload(self) -> None:
        """Give a value that `preprocess` takes."""

    def example_value(self) -> dict[str, Any]:
        """Give a value that `postprocess` takes."""
        return self.show(["", "n"], {"1": ("fold 1", "10")}, name="example")
