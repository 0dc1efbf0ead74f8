"""Controls whose choices depend on another control: Gradio passes on what they say, `choice.checked` judges it.

Gradio refuses a value that is not among the choices it knows at that moment; while one set gives way to another that is
a passing state, and no visitor's mistake.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

#: Longest name that is passed on, and how many of them.
LONGEST, MOST = 500, 200


class LooseDropdown(gr.Dropdown):
    """One of several, by key."""

    #: The page shows it as its parent.
    is_template = True

    def preprocess(self, payload: Any) -> Any:
        """A key as text, whatever the choices are."""
        return _text(payload)


class LooseRadio(gr.Radio):
    """One of a few."""

    #: The page shows it as its parent.
    is_template = True

    def preprocess(self, payload: Any) -> Any:
        """A key as text, whatever the choices are."""
        return _text(payload)


class LooseCheckboxGroup(gr.CheckboxGroup):
    """Any of several."""

    #: The page shows it as its parent.
    is_template = True

    def preprocess(self, payload: Any) -> Any:
        """Keys as text, whatever the choices are."""
        return [_text(each) for each in payload[:MOST]] if isinstance(payload, list) else []


class LooseSlider(gr.Slider):
    """A number that is typed may pass through others, or be emptied: the range's end, as the page has it when left."""

    #: The page shows it as its parent.
    is_template = True

    def preprocess(self, payload: Any) -> float:
        """A number of the range, whatever is typed."""
        number = payload if isinstance(payload, int | float) else self.minimum
        return float(min(max(number, self.minimum), self.maximum))


def _text(payload: Any) -> str | None:
    return payload[:LONGEST] if isinstance(payload, str) else None
