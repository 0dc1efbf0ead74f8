"""The case list: the cases behind a click, a page of them at a time, with RoI and border where their images are here.

Text reaches the page by `textContent` only. Every button can be reached with the keyboard.

Example:
    .. code-block:: python

        cases = CaseList(elem_id="cv-cases")
        cases.turn(show_page, inputs, cases)                    # def show_page(..., event: gr.EventData)
        ...
        page = page_of(total=len(rows), asked=CaseList.read_turn(event))
        cards = case_cards(source, run, rows[page.start:page.stop])    # only the rows of this page become cards
        return CaseList.show(cards, heading="patients: missed; fold 3", page=page)

Pictures are looked up by `pictures.picture_of(dataset, case_id)`; without one the card says how to connect the set.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import EventListener

from dashboards.review.pictures import HOW_TO_CONNECT, picture_of
from lesion_core.results.review.case_cards import CaseCard

PER_PAGE = 12
_FRONT_END = Path(__file__).with_suffix("")


@dataclass(frozen=True)
class Page:
    """A stretch of a list.

    Attributes:
        start: first row, from 0.
        stop: one past the last row.
        total: rows of the whole list.
    """

    start: int
    stop: int
    total: int

    @property
    def number(self) -> int:
        """Which page, from 0."""
        return self.start // PER_PAGE

    @property
    def count(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // PER_PAGE))


def page_of(*, total: int, asked: int) -> Page:
    """The page that was asked for, or the nearest there is.

    Args:
        total: rows of the whole list.
        asked: which page, from 0.
    """
    last = max(0, -(-total // PER_PAGE) - 1)
    start = min(max(asked, 0), last) * PER_PAGE
    return Page(start, min(start + PER_PAGE, total), total)


class CaseList(gr.HTML):
    """The list, with the events `turn` (another page) and `clear` (no selection any more)."""

    EVENTS = [  # noqa: RUF012 (Gradio declares it as an instance attribute)
        EventListener("turn", doc="Triggered when another page of the list is asked for."),
        EventListener("clear", doc="Triggered when the selection is dropped."),
    ]

    def __init__(self, value: dict[str, Any] | None = None, **props: Any) -> None:
        super().__init__(
            value=value,
            html_template=(_FRONT_END / "list.html").read_text(encoding="utf-8"),
            css_template=(_FRONT_END / "list.css").read_text(encoding="utf-8"),
            js_on_load=(_FRONT_END / "list.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            **props,
        )

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event: the two above alone are."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def show(
        cards: Sequence[CaseCard], *, heading: str, page: Page, filtered: bool = False, words: str = "cases"
    ) -> dict[str, Any]:
        """The value that shows a page of cards.

        Args:
            cards: those of the page.
            heading: what the list holds.
            page: which stretch of it.
            filtered: whether there is a selection to drop.
            words: what the rows are, e.g. "images".
        """
        return {
            "heading": heading,
            "count": f"{page.total:,} {words}",
            "page": page.number,
            "pages": page.count,
            "filtered": filtered,
            "cards": [_card(card) for card in cards],
        }

    @staticmethod
    def read_turn(event: gr.EventData) -> int:
        """The page that was asked for; it comes from a browser and is checked."""
        asked = event._data.get("page") if isinstance(event._data, dict) else None
        return min(max(int(asked), 0), 10_000_000) if isinstance(asked, int | float) and asked == asked else 0

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the page but events."""

    def postprocess(self, value: Any) -> str | None:
        """Turn what `show` made into JSON."""
        return None if value is None else json.dumps(value)

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return {"type": "string", "description": "a page of cases as JSON"}

    def example_payload(self) -> None:
        """Give a value that `preprocess` takes."""

    def example_value(self) -> dict[str, Any]:
        """Give a value that `postprocess` takes."""
        return self.show([], heading="cases: all", page=page_of(total=0, asked=0))


def _card(card: CaseCard) -> dict[str, Any]:
    picture = picture_of(card.dataset, card.case_id)
    scores = [
        (model, "could not be assessed" if score is None else f"score {score:.3f}") for model, score in card.scores
    ]
    return {
        "id": card.case_id,
        "label": f"label {card.label}",
        "picture": picture,
        "hint": "" if picture else HOW_TO_CONNECT.format(dataset=card.dataset or "this set"),
        "rows": [*scores, *card.readings],
        "more": card.facts,
    }
