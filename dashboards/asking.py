"""How a handler is asked while its earlier answer is outstanding: values of Gradio's `trigger_mode`.

Gradio's own mode drops such a question: the controls then say one thing and the page shows another.
"""

from __future__ import annotations

from typing import Any

#: Asked once more afterwards, with what the controls say once the answer was written into them: the last choice has
#: the last word, unless the answer overwrites the control that asked. Not for a handler that reads its event: Gradio
#: asks again with the data of the event that it has answered already.
LAST: dict[str, Any] = {"trigger_mode": "always_last"}
#: Every one is asked, with its own event: clicks, none of which may be taken for another one.
EACH: dict[str, Any] = {"trigger_mode": "multiple"}
