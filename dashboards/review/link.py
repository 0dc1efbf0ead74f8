"""The view in the address: what is chosen is written into the URL's query, and a page opened with it restores the view.

Each tab has a prefix; `tab` names the open one. Values from an address are untrusted: the tab's own record checks them.

Example:
    .. code-block:: python

        keeper = LinkKeeper()                                   # once per tab, invisible
        ...
        return link.write("cv", {"run": key, "t": "0.4"}), ...  # into the keeper, at the end of a change
        sight.first_sight(fill, controls, outputs)              # asked = link.read(request, "cv")
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import gradio as gr

TOO_LONG = 6000
_JS = """
function write() {
  if (!props.value) return;
  const { tab, values } = JSON.parse(props.value), address = new URL(window.location.href);
  const old = [...address.searchParams.keys()].filter((name) => name.startsWith(`${tab}.`));
  for (const name of old) address.searchParams.delete(name);
  address.searchParams.set('tab', tab);
  for (const [name, text] of Object.entries(values)) if (text !== '') address.searchParams.set(`${tab}.${name}`, text);
  window.history.replaceState(window.history.state, '', address);
}
watch('value', write);
"""
_OPEN = """(() => {
  const asked = new URLSearchParams(window.location.search).get('tab');
  const all = window.gradio_config?.components?.find((each) => each.type === 'tabs');
  if (all && TABS.includes(asked)) all.props.selected = asked;
})()"""


class LinkKeeper(gr.HTML):
    """Writes the address; its value is made by `write`."""

    def __init__(self, **props: Any) -> None:
        super().__init__(html_template="<span hidden></span>", js_on_load=_JS, apply_default_css=False, **props)

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the page."""

    def postprocess(self, value: Any) -> str | None:
        """It is JSON already."""
        return None if value is None else str(value)

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return {"type": "string", "description": "what stands in the address, as JSON"}

    def example_payload(self) -> None:
        """Give a value that `preprocess` takes."""

    def example_value(self) -> str:
        """Give a value that `postprocess` takes."""
        return write("tab", {})


def write(tab: str, values: Mapping[str, str]) -> str:
    """The value that puts a view into the address; what would make it too long is left out.

    Args:
        tab: id of the tab.
        values: name -> text; empty ones are left out.
    """
    kept, length = {}, 0
    for name, text in values.items():
        length += len(text)
        if length <= TOO_LONG:
            kept[name] = text
    return json.dumps({"tab": tab, "values": kept})


def read(request: gr.Request | None, tab: str) -> dict[str, str]:
    """What an address says of a tab; empty when it names another one.

    Args:
        request: of any event of the page.
        tab: id of the tab.
    """
    pairs = dict(request.query_params) if request is not None else {}
    if pairs.get("tab") != tab:
        return {}
    prefix = f"{tab}."
    return {name.removeprefix(prefix): str(text)[:TOO_LONG] for name, text in pairs.items() if name.startswith(prefix)}


def open_asked_tab(tabs: Collection[str]) -> str:
    """Markup for the page's head: its first `gr.Tabs` opens with the tab that the address names.

    It runs before the page is built: the tab that is left aside is never made, and nobody is asked.

    Args:
        tabs: ids of the tabs there are.
    """
    return f"<script>{_OPEN.replace('TABS', json.dumps(sorted(tabs)))}</script>"
