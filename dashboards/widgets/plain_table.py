"""A table to read: all rows, wraps and scrolls inside its own frame, takes the page's colours, light or dark.

Text reaches the page by `textContent` only, so nothing in a cell is ever markup. The first column heads the rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import gradio as gr

_HTML = "<div class='pt' tabindex='0' role='region' aria-label='table'><table></table></div>"
_CSS = """
/* As wide as its place, however wide the table: no page scrolls sideways for it. */
.pt { overflow-x: auto; width: 0; min-width: 100%; }
.pt table { border-collapse: collapse; width: 100%; font-size: var(--text-sm); color: var(--body-text-color); }
.pt th, .pt td { border-bottom: 1px solid var(--border-color-primary); padding: .3rem .6rem; vertical-align: top; }
.pt caption { text-align: left; font-weight: 600; font-size: var(--text-md); padding: .3rem .6rem; }
/* In a narrow window a table scrolls rather than stand in columns of one word. */
.pt td, .pt thead th { min-width: 5rem; } .pt td.long { min-width: 14rem; }
.pt th { text-align: left; font-weight: 600; } .pt tbody th { font-weight: 400; min-width: 8rem; }
.pt td { font-variant-numeric: tabular-nums; } .pt thead th { vertical-align: bottom; }
.pt:focus-visible { outline: 3px solid var(--color-accent); outline-offset: 2px; }
"""
_JS = """
const frame = element.querySelector('.pt'), table = element.querySelector('table');
function cell(row, kind, text, scope) {
  const made = document.createElement(kind);
  made.textContent = text;
  if (text.length > 40) made.className = 'long';
  if (scope) made.scope = scope;
  row.append(made);
}
function draw() {
  const value = props.value ? JSON.parse(props.value) : { name: '', rows: [] };
  frame.setAttribute('aria-label', value.name);
  const [head, ...rows] = value.rows;
  const top = document.createElement('thead'), body = document.createElement('tbody');
  if (head) {
    const line = document.createElement('tr');
    for (const text of head) cell(line, 'th', text, 'col');
    top.append(line);
  }
  for (const row of rows) {
    const line = document.createElement('tr');
    row.forEach((text, at) => cell(line, at ? 'td' : 'th', text, at ? '' : 'row'));
    body.append(line);
  }
  const title = document.createElement('caption');
  title.textContent = value.name;
  table.replaceChildren(...(value.titled ? [title] : []), top, body);
}
watch('value', draw);
draw();
"""


class PlainTable(gr.HTML):
    """A read-only table; its value is made by `show`."""

    def __init__(self, value: dict[str, Any] | None = None, **props: Any) -> None:
        super().__init__(
            value=value, html_template=_HTML, css_template=_CSS, js_on_load=_JS, apply_default_css=False, **props
        )

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def show(rows: Sequence[Sequence[str]], *, name: str, titled: bool = False) -> dict[str, Any]:
        """The value of a table.

        Args:
            rows: the heads first.
            name: what the table is, for who cannot see it.
            titled: whether the name stands above the table, where no heading of the page says it.
        """
        return {"name": name, "titled": titled, "rows": [[str(cell) for cell in row] for row in rows]}

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the page."""

    def postprocess(self, value: Any) -> str | None:
        """Turn what `show` made into JSON."""
        return None if value is None else json.dumps(value)

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return {"type": "string", "description": 'a table as JSON: {"name": text, "rows": [[text, ...], ...]}'}

    def example_payload(self) -> None:
        """Give a value that `preprocess` takes."""

    def example_value(self) -> dict[str, Any]:
        """Give a value that `postprocess` takes."""
        return self.show([["", "a"], ["b", "1"]], name="example")
