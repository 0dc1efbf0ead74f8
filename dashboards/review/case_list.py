"""The case list: the cases behind a click, a page of them at a time, with RoI and border where their images are here.

Example:
    .. code-block:: python

        panel = case_list.build("cv-cases")                     # lays it out where it is called
        turn = gr.State(0)
        panel.turned(show_page, [..., turn], [panel.view, turn])
        ...
        page = case_list.page_of(total=len(rows), asked=0)      # only the rows of this page become cards
        cards = case_cards(source, run, rows[page.start:page.stop])
        return CaseList.show(cards, heading="patients: missed; fold 3", page=page)

Pictures are looked up by `pictures.picture_of(dataset, case_id)`; without one the card says how to connect the set.
"""

from __future__ import annotations

from dataclasses import dataclass

PER_PAGE = 12


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
