"""A Plotly figure that tells Python what was clicked; `gr.Plot` has no such event.

The library is Plotly's own bundle of the kinds of traces in `KINDS` (npm: plotly.js-cartesian-dist-min, of the version
that the Python package speaks): a third of the whole, and ready in less than half the time. It is served by the app
itself and loaded with the first plot that becomes visible. The figure takes the page's colours, light or dark; give it
`template="none"` and colours of its own only where they mean something.

- **Show**: as a value, or `ClickablePlot.show(figure, mark=, description=)` for its marked band and its words as well.
- **Mark**: `ClickablePlot.mark(start, end)` moves a shaded band with a line at its end, in values of the first x axis,
  over the whole height. It is no part of the figure but lies over it: a slider moves it without a redraw. One x axis
  is one band: subplots above each other share it. `at=` rings the point where the line is, e.g. an operating point. It
  lets clicks through and is not in the figure's SVG.
- **Save**: the bar over the figure saves it as SVG or PNG, on white, with the `caption` and the notice below it.
- **Clicks**: the event `point_click`, read with `ClickablePlot.read_click(event)`; what a point means to Python (a
  case, a threshold) travels in the trace's `customdata`. By default Gradio drops clicks while one is answered; take
  ``trigger_mode="multiple"``: with "always_last" it asks again with the click that it has answered.

Example:
    .. code-block:: python

        plot = ClickablePlot(figure, description="Singular values", height_px=420)
        plot.point_click(chosen, None, output, trigger_mode="multiple")
        slider.input(lambda rank: ClickablePlot.mark(0, rank), slider, plot)

        def chosen(event: gr.EventData):
            click = ClickablePlot.read_click(event)
            return click.x, click.custom
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
import plotly.graph_objects as go
from gradio.events import EventListener
from pydantic import BaseModel, Field, ValidationError

from lesion_core.errors import InputError
from lesion_core.notice import NOTICE

_FRONT_END = Path(__file__).with_suffix("")
LIBRARY = _FRONT_END / "plotly-cartesian.min.js"
#: What it draws; anything else it would draw as points, without a word.
KINDS = frozenset(
    {"bar", "box", "contour", "heatmap", "histogram", "histogram2d", "histogram2dcontour", "image", "pie", "scatter"}
    | {"scatterternary", "violin"}
)

_EARLY = """(() => {
  const { root = '', api_prefix = '/gradio_api' } = window.gradio_config ?? {};
  if (!TABS.includes(new URLSearchParams(window.location.search).get('tab'))) return;
  const early = Object.assign(document.createElement('link'), { rel: 'preload', as: 'script' });
  early.href = `${root.replace(/\\/$/, '')}${api_prefix}/file=${encodeURI(LIBRARY)}`;
  document.head.append(early);
})()"""

_Number = Annotated[float, Field(allow_inf_nan=False)]
_Coordinate = _Number | Annotated[str, Field(max_length=500)] | None
_Custom = _Coordinate | bool


@dataclass(frozen=True)
class PlotClick:
    """A clicked point of a figure.

    Attributes:
        curve: which trace, from 0.
        index: which point of it, from 0; (row, column) in a heatmap; None where the trace has none.
        x: of the point, a number or a category.
        y: likewise.
        z: value of a heatmap's cell.
        custom: the point's `customdata`.
    """

    curve: int
    index: int | tuple[int, ...] | None
    x: float | str | None
    y: float | str | None
    z: float | None
    custom: tuple[Any, ...]


class ClickablePlot(gr.HTML):
    """A figure with the event `point_click`; its value is a Plotly figure."""

    EVENTS = [  # noqa: RUF012 (Gradio declares it as an instance attribute)
        EventListener("point_click", doc="Triggered when a point of the figure is clicked.")
    ]

    def __init__(
        self, value: go.Figure | None = None, *, description: str = "", height_px: int = 320, **props: Any
    ) -> None:
        gr.set_static_paths([LIBRARY])
        html, css, script = _front_end()
        super().__init__(
            value=value,
            html_template=html,
            css_template=f".cp {{ --cp-height: {int(height_px)}px; }}\n{css}",
            js_on_load=script,
            apply_default_css=False,
            **{
                "mark": [],
                "description": description,
                "caption": "",
                **props,
            },
        )

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event: `point_click` alone is one."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def show(
        figure: go.Figure,
        *,
        mark: tuple[float, ...] | None = None,
        description: str | None = None,
        caption: str | None = None,
    ) -> dict[str, Any]:
        """The update that shows another figure.

        Args:
            figure: what to show.
            mark: ends of the marked band and, perhaps, the ringed value, see `mark`; none when left out.
            description: what it shows, for who cannot see it; as before when left out.
            caption: what a saved picture says below it; as before when left out.
        """
        texts = {"description": description, "caption": caption}
        words: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
        return dict(gr.update(value=figure, mark=list(mark or ()), **words))

    @staticmethod
    def mark(start: float, end: float, *, at: float | None = None) -> dict[str, Any]:
        """The update that shades a band over the whole height, with a line at its end.

        Args:
            start: where it begins, a value of the first x axis; equal to `end` for a line alone.
            end: where it ends.
            at: value of the first y axis that is ringed on the line; nothing is when left out.
        """
        return dict(gr.update(mark=[float(start), float(end), *([] if at is None else [float(at)])]))

    @staticmethod
    def read_click(event: gr.EventData) -> PlotClick:
        """Read what was clicked; it comes from a browser and is checked.

        Raises:
            gr.Error: no click on a point of a figure.
        """
        try:
            return _Payload.model_validate(event._data).clicked()
        except ValidationError:
            raise gr.Error("this click could not be read: click the point again", print_exception=False) from None

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the page but clicks."""

    def postprocess(self, value: go.Figure | None) -> str | None:
        """Turn the figure into JSON.

        Raises:
            InputError: a trace that the library does not draw.
        """
        if value is None:
            return None
        if unknown := {str(trace.type) for trace in value.data} - KINDS:
            named, known = (", ".join(sorted(kinds)) for kinds in (unknown, KINDS))
            raise InputError(f"the plot library of the page draws no {named}: take one of {known}")
        return str(value.to_json())

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return {"type": "string", "description": "a Plotly figure as JSON"}

    def example_payload(self) -> None:
        """Give a value that `preprocess` takes."""

    def example_value(self) -> go.Figure:
        """Give a value that `postprocess` takes."""
        return go.Figure()


def fetch_early(tabs: Collection[str]) -> str:
    """Markup for the page's head: a page that opens with one of these tabs fetches the library while it is built.

    Args:
        tabs: ids of the tabs that begin with a figure; the address names one as `tab`.
    """
    script = _EARLY.replace("TABS", json.dumps(sorted(tabs))).replace("LIBRARY", json.dumps(LIBRARY.as_posix()))
    return f"<script>{script}</script>"


class _Payload(BaseModel):
    """A click as JSON."""

    curve: Annotated[int, Field(ge=0)]
    index: Annotated[int, Field(ge=0)] | Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=3)] | None = None
    x: _Coordinate = None
    y: _Coordinate = None
    z: _Number | None = None
    custom: _Custom | Annotated[list[_Custom], Field(max_length=50)] = None

    def clicked(self) -> PlotClick:
        index = tuple(self.index) if isinstance(self.index, list) else self.index
        if self.custom is None:
            custom: tuple[Any, ...] = ()
        else:
            custom = tuple(self.custom) if isinstance(self.custom, list) else (self.custom,)
        return PlotClick(self.curve, index, self.x, self.y, self.z, custom)


@cache
def _front_end() -> tuple[str, str, str]:
    """Template, style sheet and script of the page, all static."""
    html = (_FRONT_END / "plot.html").read_text(encoding="utf-8")
    css = (_FRONT_END / "plot.css").read_text(encoding="utf-8")
    script = (_FRONT_END / "plot.js").read_text(encoding="utf-8")
    # Not as properties: of a plot that is updated before its tab is first shown, Gradio forgets those of the start.
    for name, text in (("__LIBRARY__", LIBRARY.as_posix()), ("__NOTICE__", NOTICE)):
        script = script.replace(f"'{name}'", json.dumps(text))
    return html, css, script
