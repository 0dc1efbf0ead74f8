"""How a handler is asked while its earlier answer is outstanding: values of Gradio's `trigger_mode`.

Gradio's own mode drops such a question: the controls then say one thing and the page shows another. And what opens
something else, a set or a run, has a number: a question that was put before its answer was on the page carries the
controls of what was open before.
"""

from __future__ import annotations

import time
from itertools import count
from typing import Any, NamedTuple

#: Asked once more afterwards, with what the controls say once the answer was written into them: the last choice has
#: the last word, unless the answer overwrites the control that asked. Not for a handler that reads its event: Gradio
#: asks again with the data of the event that it has answered already.
LAST: dict[str, Any] = {"trigger_mode": "always_last"}
#: Every one is asked, with its own event: clicks, none of which may be taken for another one.
EACH: dict[str, Any] = {"trigger_mode": "multiple"}
#: How long an answer that opens something may be on its way to the page, in seconds. Later it was lost, or the server
#: has forgotten what is open there; then the page is taken as it is.
ON_THE_WAY_S = 30.0
_numbers = count(1)


class Opening(NamedTuple):
    """Something that was opened, as the server knows it; the page has the number and sends it with its questions.

    Attributes:
        key: of what was opened; "" before anything is.
        number: of this opening: what is opened once more, with other readings, is a change too.
        at: when, by `time.monotonic`.
    """

    key: str = ""
    number: int = 0
    at: float = 0.0

    @classmethod
    def of(cls, key: str) -> Opening:
        """Opened now."""
        return cls(key, next(_numbers), time.monotonic())

    def overtakes(self, number: float | None) -> bool:
        """Whether a question with this number was put before the opening was on the page."""
        return not self.arrived(number) and time.monotonic() - self.at < ON_THE_WAY_S

    def arrived(self, number: float | None) -> bool:
        """Whether a page with this number shows the opening, or a later one."""
        return (number or 0) >= self.number
