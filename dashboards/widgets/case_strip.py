"""A strip with one cell for each case, coloured and marked by its state; a click jumps there, keys walk and decide.

The keys work wherever the focus is on the page, as long as the strip is visible and nobody types text. Which key says
what is given by the caller; the strip only tells Python the word. Counts stand in the legend, so nothing is told by
colour alone.

Example:
    .. code-block:: python

        strip = CaseStrip(keys={"n": "next", "p": "previous"}, fields={"r": "id-of-a-field"})
        strip.command(walk, [place], [place, strip])       # def walk(place, event: gr.EventData)
        strip.jump(go, [place], [place, strip])            # CaseStrip.read_index(event, count)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import EventListener

_FRONT_END = Path(__file__).with_suffix("")

#: state -> letter that travels to the page
LETTERS = {"drawn": "d", "approved": "a", "corrected": "c", "rejected": "r"}


class CaseStrip(gr.HTML):
    """The strip; it has no value. Events: `command` (a word) and `jump` (an index)."""

    EVENTS = [  # noqa: RUF012 (Gradio declares it as an instance attribute)
        EventListener("command", doc="Triggered by a key."),
        EventListener("jump", doc="Triggered when a cell is clicked."),
    ]

    def __init__(self, *, keys: Mapping[str, str], fields: Mapping[str, str] | None = None, **props: Any) -> None:
        html, css, script = _front_end()
        super().__init__(
            value=None,
            html_template=html,
            css_template=css,
            js_on_load=script,
            apply_default_css=False,
            **{"states": "", "at": -1, "key_words": dict(keys), "focus_on": dict(fields or {}), **props},
        )

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def show(states: Sequence[str], at: int) -> dict[str, Any]:
        """The update that shows these states.

        Args:
            states: one of `LETTERS` for each case.
            at: index of the case that is open, -1 for none.
        """
        return dict(gr.update(states="".join(LETTERS[state] for state in states), at=at))

    @staticmethod
    def read_word(event: gr.EventData, words: Sequence[str]) -> str:
        """The word of a `command`; it comes from a browser and is checked.

        Raises:
            gr.Error: not one of the words.
        """
        word = event._data.get("word") if isinstance(event._data, dict) else None
        if not isinstance(word, str) or word not in words:
            raise gr.Error("this key could not be read: press it again", print_exception=False)
        return word

    @staticmethod
    def read_index(event: gr.EventData, count: int) -> int:
        """The index of a `jump`, checked.

        Raises:
            gr.Error: no index of one of `count` cases.
        """
        index = event._data.get("index") if isinstance(event._data, dict) else None
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count:
            raise gr.Error("this click names no case: click its cell again", print_exception=False)
        return index

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the page but events."""

    def postprocess(self, value: Any) -> None:
        """There is no value."""

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return {"type": "null", "description": "nothing"}

    def example_payload(self) -> None:
        """Give a value that `preprocess` takes."""

    def example_value(self) -> None:
        """Give a value that `postprocess` takes."""


@cache
def _front_end() -> tuple[str, str, str]:
    """Template, style sheet and script of the page, all static."""
    html = (_FRONT_END / "strip.html").read_text(encoding="utf-8")
    css = (_FRONT_END / "strip.css").read_text(encoding="utf-8")
    script = (_FRONT_END / "strip.js").read_text(encoding="utf-8")
    return html, css, script
