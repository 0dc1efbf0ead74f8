"""The border canvas: an image on which the user draws the lesion's border, free-hand or point by point.

The browser shows a preview of at most 1600 px; points travel in pixels of the full-resolution image, (x, y), origin at
the top left corner, pixel centres at + 0.5. Only the value comes from the browser, and it is checked here; the image,
the rectangle and the area fed to the network go to the browser as properties. The border's geometry (repair, minimum-
area rectangle) is `lesion_core.imaging.border`; nothing of it is computed in the page.

Example:
    .. code-block:: python

        canvas = BorderCanvas(elem_id="lesion")
        upload.upload(lambda path: BorderCanvas.show(read(path).pixels), upload, canvas)
        canvas.border(answer, [canvas, image], [canvas, text], trigger_mode="always_last", show_progress="hidden")

        def answer(drawn: DrawnBorder, image):
            if not drawn.closed:
                return BorderCanvas.answer(drawn), ""
            ...
            return BorderCanvas.answer(drawn, rectangle=rectangle.corners, fed=roi.corners), text
"""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.events import EventListener
from numpy.typing import NDArray
from PIL import Image

from dashboards.widgets.drawn_border import DrawnBorder, drawing_schema, read_drawing
from lesion_core.errors import BorderError
from lesion_core.records import Point, Quad

PREVIEW_SIDE = 1_600
#: The preview stays in the server's memory for each visit: its JPEG may not grow beyond this.
PREVIEW_BYTES = 600_000
#: (longest side, JPEG quality), tried in turn until it fits; the last is smaller than that whatever it shows.
_PREVIEW_STEPS = ((PREVIEW_SIDE, 92), (PREVIEW_SIDE, 80), (PREVIEW_SIDE, 60), (800, 60), (400, 60))

_FRONT_END = Path(__file__).with_suffix("")
#: One idea a file; together they are the body of one function in the page, in this order.
_SCRIPTS = ("geometry", "outline", "view", "hits", "paint", "pointer", "keyboard", "canvas")


class BorderCanvas(gr.HTML):
    """Canvas for drawing a lesion's border; its value is a `DrawnBorder`.

    The event `border` comes when a border is closed, and when a closed one is edited, undone or cleared; never while
    the pointer moves. Use it with `trigger_mode="always_last"`.
    """

    EVENTS = [  # noqa: RUF012 (Gradio declares it as an instance attribute)
        EventListener("border", doc="Triggered when a border is closed, edited, undone or cleared.")
    ]

    def __init__(self, value: DrawnBorder | None = None, **props: Any) -> None:
        # Further named parameters would clash with Gradio's search for quoted event names in the script.
        html, css, script = _front_end()
        super().__init__(
            value=value,
            html_template=html,
            css_template=css,
            js_on_load=script,
            apply_default_css=False,
            **{**_EMPTY, **props},
        )

    def __getattr__(self, name: str) -> Any:
        """Undo the parent's rule that every word quoted in the script is an event: `border` alone is one."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def show(
        pixels: NDArray[np.uint8],
        points: Sequence[Point] = (),
        *,
        rectangle: Quad | None = None,
        fed: Quad | None = None,
        reference: Sequence[Point] = (),
        message: str = "",
        drawing_seconds: float = 0.0,
    ) -> dict[str, Any]:
        """Show a new image, empty or with a closed border that is at hand already.

        No `border` event follows: the caller knows the border.

        Args:
            pixels: (height, width, 3) uint8, RGB, 0-255, full resolution.
            points: the border, three (x, y) or more in image pixels; none for an empty drawing.
            rectangle: corners of its minimum-area rectangle.
            fed: corners of the area fed to the network, top left first, clockwise: the first edge is the skin side.
            reference: another reader's border, drawn beside this one and not to be edited; it stays with the image.
            message: a line of plain text below the image; shown until the next answer.
            drawing_seconds: how long that border took, where known.

        Returns:
            The update for the canvas, to be returned by an event handler.

        Raises:
            ValueError: `pixels` is no RGB image, or one or two points.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or 0 in pixels.shape:
            raise ValueError(f"pixels must be (height, width, 3) uint8, got {pixels.shape} {pixels.dtype}")
        if 0 < len(points) < 3:
            raise ValueError(f"a border needs at least 3 points, got {len(points)}")
        height, width = int(pixels.shape[0]), int(pixels.shape[1])
        drawn = DrawnBorder(
            points=tuple((float(x), float(y)) for x, y in points),
            closed=len(points) > 0,
            size=(height, width),
            drawing_seconds=drawing_seconds,
            revision=1 if len(points) else 0,
            image_id=secrets.token_hex(8),
        )
        shown: dict[str, Any] = {
            "image": _preview(pixels),
            "full_size": [height, width],
            "image_id": drawn.image_id,
            "reference": _points(reference),
        }
        answered = _answer(drawn if drawn.closed else None, rectangle, fed, message)
        return dict(gr.update(value=drawn, **shown, **answered))

    @staticmethod
    def answer(
        drawn: DrawnBorder, *, rectangle: Quad | None = None, fed: Quad | None = None, message: str = ""
    ) -> dict[str, Any]:
        """Draw what was computed from a border, leaving the drawing as it is.

        The page drops the answer when the border has been changed since.

        Args:
            drawn: the border that the answer belongs to, as the handler got it.
            rectangle: corners of its minimum-area rectangle.
            fed: corners of the area fed to the network, top left first, clockwise: the first edge is the skin side.
            message: a line of plain text below the image, such as the notes of a repaired border.

        Returns:
            The update for the canvas, to be returned by an event handler.
        """
        return dict(gr.update(**_answer(drawn, rectangle, fed, message)))

    @staticmethod
    def empty(message: str = "", *, image_id: str = "") -> dict[str, Any]:
        """Take away image and border.

        Args:
            message: a line of plain text below the empty canvas.
            image_id: tells this empty canvas from the next one, as the page sends it back; "" where nothing needs it.

        Returns:
            The update for the canvas, to be returned by an event handler.
        """
        shown = {**_EMPTY, "image_id": image_id, "message": message}
        return dict(gr.update(value=DrawnBorder(image_id=image_id), **shown))

    def preprocess(self, payload: Any) -> DrawnBorder:  # type: ignore[override]  # the parent's value is HTML
        """Check what the browser sent: it is untrusted.

        Args:
            payload: the value's JSON.

        Returns:
            The border as drawn; without points where there is none yet.

        Raises:
            gr.Error: anything that is not a border inside its image.
        """
        if payload is None:
            return DrawnBorder()
        try:
            return read_drawing(payload)
        except BorderError as error:
            raise gr.Error(str(error), title="Border", print_exception=False) from None

    def postprocess(  # type: ignore[override]  # the parent's value is HTML
        self, value: DrawnBorder | None
    ) -> dict[str, Any]:
        """Turn a border into the browser's JSON (None: no border)."""
        return asdict(value or DrawnBorder())

    def api_info(self) -> dict[str, Any]:
        """JSON schema of the value, for `gradio_client` and the API page."""
        return drawing_schema()

    def example_payload(self) -> dict[str, Any]:
        """Give a border that `preprocess` takes."""
        return asdict(_EXAMPLE)

    def example_value(self) -> DrawnBorder:
        """Give a border that `postprocess` takes."""
        return _EXAMPLE


#: Properties that go to the page; no None among them, because Gradio drops a None from an update.
_EMPTY: dict[str, Any] = {
    "image": "",
    "image_id": "",
    "full_size": [0, 0],
    "reference": [],
    "rectangle": [],
    "fed": [],
    "answer_to": [],
    "message": "",
}
_EXAMPLE = DrawnBorder(
    points=((120.0, 80.0), (310.5, 95.0), (290.0, 240.0), (130.0, 225.5)), closed=True, size=(480, 640), revision=1
)


def _answer(drawn: DrawnBorder | None, rectangle: Quad | None, fed: Quad | None, message: str) -> dict[str, Any]:
    """Properties that tell the page what was computed, and for which border (None: for none in particular)."""
    return {
        "rectangle": _points(rectangle or ()),
        "fed": _points(fed or ()),
        "answer_to": [drawn.image_id, drawn.revision] if drawn else [],
        "message": message,
    }


def _points(line: Sequence[Point]) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in line]


def _preview(pixels: NDArray[np.uint8]) -> str:
    """Encode an image as a JPEG data URL of at most `PREVIEW_SIDE` pixels and `PREVIEW_BYTES` bytes.

    Args:
        pixels: (height, width, 3) uint8, RGB, 0-255.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    # The mean over each preview pixel's area: a tenth of the time of a windowed sinc on 19 megapixels.
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.BOX, reducing_gap=None)
    small = np.asarray(image)
    if (small == small[..., :1]).all():
        image = image.convert("L")
    for side, quality in _PREVIEW_STEPS:
        image.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=None)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, subsampling=0)
        if buffer.tell() <= PREVIEW_BYTES:
            break
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


@cache
def _front_end() -> tuple[str, str, str]:
    """Template, style sheet and script of the page, all static."""
    html = (_FRONT_END / "canvas.html").read_text(encoding="utf-8")
    css = (_FRONT_END / "canvas.css").read_text(encoding="utf-8")
    scripts = [(_FRONT_END / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS]
    return html, css, "\n".join(['"use strict";', *scripts])
