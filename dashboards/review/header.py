"""The header strip that never leaves: what the figures below rest on. It stays at the top while the page scrolls.

On a phone it would cover the figures, so it has a share of the window: what does not fit is scrolled to, or shown by
the button that stands at its lower edge then.

Example:
    .. code-block:: python

        strip = HeaderStrip(elem_id="cv-header")                # once, first thing of the tab
        ...
        return HeaderStrip.show(facts), ...                     # facts: lesion_core.results.review.report.HeaderFacts
"""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from lesion_core.notice import NOTICE
from lesion_core.results.review.report import HeaderFacts

_HTML = """<section class='hs' tabindex='0' aria-label='What these figures rest on'>
<p class='hs-what'></p><dl></dl><button type='button' class='hs-more' hidden></button></section>"""
_CSS = """
.hs { border: 1px solid var(--border-color-primary); border-left: 4px solid var(--color-accent);
  background: var(--background-fill-primary); border-radius: .4rem; padding: .35rem .7rem; font-size: var(--text-sm);
  color: var(--body-text-color); max-height: 40vh; overflow-y: auto; }
.hs-what { margin: 0 0 .15rem; font-weight: 600; }
.hs dl { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: 0; }
.hs dl div { display: flex; gap: .35rem; min-width: 0; } .hs dl div.wide { flex-basis: 100%; }
.hs dt { color: var(--body-text-color-subdued); white-space: nowrap; }
.hs dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.hs .post-hoc { font-weight: 700; }
.hs.open { max-height: 85vh; }
.hs-more { display: block; position: sticky; bottom: -.35rem; width: calc(100% + 1.4rem); margin: .2rem -.7rem -.35rem;
  padding: .3rem .7rem; border: 0; border-top: 1px solid var(--border-color-primary); text-align: left; font: inherit;
  font-weight: 600; background: var(--background-fill-primary); color: inherit; cursor: pointer; }
.hs-more[hidden] { display: none; }
.hs-more:focus-visible { outline: 3px solid var(--color-accent); outline-offset: -3px; }
.hs:focus-visible { outline: 3px solid var(--color-accent); outline-offset: 2px; }
@media (max-width: 640px) { .hs:not(.open) { max-height: 22vh; } .hs dl { display: block; } }
"""
_JS = """
const strip = element.querySelector('.hs'), more = element.querySelector('.hs-more');
const what = element.querySelector('.hs-what'), list = element.querySelector('dl');
// The button is there while something is cut off, or was uncovered by it.
function offer() {
  const open = strip.classList.contains('open');
  more.hidden = true;
  more.hidden = !open && strip.scrollHeight <= strip.clientHeight + 1;
  more.textContent = open ? 'Fewer facts \u25b4' : 'All facts \u25be';
  more.setAttribute('aria-expanded', open);
}
more.onclick = () => {
  strip.classList.toggle('open');
  strip.scrollTop = 0;
  offer();
};
new ResizeObserver(offer).observe(strip);
function draw() {
  const value = props.value ? JSON.parse(props.value) : { what: '', entries: [] };
  what.textContent = value.what;
  list.replaceChildren(...value.entries.map(([term, text, kind]) => {
    const pair = document.createElement('div'), dt = document.createElement('dt'), dd = document.createElement('dd');
    pair.className = kind === 'wide' ? 'wide' : '';
    dd.className = kind === 'post-hoc' ? 'post-hoc' : '';
    dt.textContent = term;
    dd.textContent = text;
    pair.append(dt, dd);
    return pair;
  }));
  offer();
}
watch('value', draw);
draw();
"""


class HeaderStrip(gr.HTML):
    """The strip; its value is made by `show`. It is drawn sticky by the rule `.review-header` of `style.CSS`."""

    def __init__(self, value: str | None = None, **props: Any) -> None:
        super().__init__(
            value=value,
            html_template=_HTML,
            css_template=_CSS,
            js_on_load=_JS,
            apply_default_css=False,
            **{"elem_classes": "review-header", **props},
        )

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def show(facts: HeaderFacts) -> str:
        """The value that shows these facts, with the notice."""
        (_, what), *entries = facts.entries()
        shown = [
            (term, text, "post-hoc" if term == "Threshold" and facts.post_hoc else "wide" if term == "Note" else "")
            for term, text in entries
        ]
        return json.dumps({"what": what, "entries": [*shown, ("", NOTICE, "wide")]})

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the page."""

    def postprocess(self, value: str | None) -> str | None:
        """It is JSON already."""
        return value

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return {"type": "string", "description": "the facts of the header strip as JSON"}

    def example_payload(self) -> None:
        """Give a value that `preprocess` takes."""

    def example_value(self) -> str:
        """Give a value that `postprocess` takes."""
        return json.dumps({"what": "", "entries": []})
