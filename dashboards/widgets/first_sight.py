"""An invisible component that tells when its tab is first looked at, so that no hidden tab is filled for nothing.

Example:
    .. code-block:: python

        first_sight(elem_id="about-sight").first_sight(show, inputs, outputs)
"""

from __future__ import annotations

from typing import Any

import gradio as gr

#: It is itself as small as nothing; its place is not, unless the tab is hidden.
#: Told while Gradio still puts the page together, its "Loading..." could stay over the whole page for good (one load
#: in eight was seen); so it waits until that is gone.
_JS = """
const tell = () => document.querySelector('.main > [data-testid="status-tracker"]')
  ? requestAnimationFrame(tell) : trigger('first_sight');
const seen = new ResizeObserver(([entry]) => {
  if (entry.target.offsetParent === null) return;
  seen.disconnect();
  tell();
});
seen.observe(element.parentElement || element);
"""


def first_sight(*, elem_id: str) -> Any:
    """The component; its one event is `first_sight`.

    Args:
        elem_id: of the component.
    """
    return gr.HTML("", js_on_load=_JS, elem_id=elem_id)
