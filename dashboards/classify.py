"""The Classify tab: upload, outline, answer. Handlers are plain functions; a user's mistake becomes a warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from dashboards import answer_panel, serving
from dashboards.uploads import Source, load
from dashboards.widgets.border_canvas import BorderCanvas
from dashboards.widgets.drawn_border import DrawnBorder
from lesion_core.errors import BorderError, ImageError, LesionError
from lesion_core.imaging.border import border_from_json, border_from_points, read_border
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.imaging.prepare import prepare
from lesion_core.imaging.read import frame_count
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.model.answer import answer_record
from lesion_core.records import Border, LoadedImage

NO_MODEL = "There is no model in the folder checkpoints: train one with `python -m lesion_core train`."
INTRODUCTION = (
    "**1.** Choose an image (PNG, JPEG, TIFF, BMP, DICOM ...) or an example. "
    "**2.** Outline the lesion: press and draw around it, or click point by point. "
    "**3.** Read the answer; drag a vertex to see how much it depends on the border."
)


def open_upload(path: str | None, model: str) -> tuple[Any, ...]:
    """Show an uploaded image on an empty canvas.

    Returns:
        Updates of the source, the canvas, the frame slider, the RoI and the answer.
    """
    if not path:
        return Source(), BorderCanvas.empty(), gr.update(visible=False), None, answer_panel.waiting()
    source = Source(path=path)
    try:
        image = load(source)
        frames = frame_count(path)
    except ImageError as error:
        gr.Warning(str(error), title="This file cannot be used")
        return Source(), BorderCanvas.empty(), gr.update(visible=False), None, answer_panel.failed(str(error))
    slider = gr.update(visible=frames > 1, maximum=max(2, frames), value=image.frame + 1)
    return source, BorderCanvas.show(image.pixels), slider, None, answer_panel.waiting(_outline_it(image))


def open_frame(source: Source, number: float) -> tuple[Any, ...]:
    """Show another frame of the uploaded file on an empty canvas; outputs as `open_upload`, without the slider."""
    chosen = Source(path=source.path, frame=int(number) - 1)
    try:
        image = load(chosen)
    except ImageError as error:
        gr.Warning(str(error), title="This frame cannot be shown")
        return source, gr.skip(), gr.skip(), answer_panel.failed(str(error))
    return chosen, BorderCanvas.show(image.pixels), None, answer_panel.waiting(_outline_it(image))


def open_example(title: str, model: str) -> Iterator[tuple[Any, ...]]:
    """Show a phantom with its border, and classify it.

    Yields:
        Updates of the source, the upload, the canvas, the frame slider, the RoI and the answer.
    """
    source, phantom = Source(example=title), example(title)
    shown = _Shown(source, phantom.border, 0.0)
    first = True
    for rectangle, fed, roi, answer in _steps(shown, model):
        canvas = (
            BorderCanvas.show(phantom.pixels, phantom.border.points, rectangle=rectangle, fed=fed)
            if first
            else gr.skip()
        )
        yield source, None, canvas, gr.update(visible=False), roi, answer
        first = False


def open_border_file(path: str | None, source: Source, model: str) -> Iterator[tuple[Any, ...]]:
    """Take a border from a file (JSON points or a mask of the image's size) and classify with it.

    Yields:
        Updates of the canvas, the RoI and the answer.
    """
    if not path:
        return
    try:
        image = load(source)
        border = read_border(path, image.size)
    except (ImageError, BorderError) as error:
        gr.Warning(str(error), title="This border cannot be used")
        yield gr.skip(), gr.skip(), answer_panel.failed(str(error))
        return
    first = True
    for rectangle, fed, roi, answer in _steps(_Shown(source, border, 0.0), model):
        message = " ".join(border.notes)
        canvas = (
            BorderCanvas.show(image.pixels, border.points, rectangle=rectangle, fed=fed, message=message)
            if first
            else gr.skip()
        )
        yield canvas, roi, answer
        first = False


def classify(drawn: DrawnBorder, source: Source, model: str) -> Iterator[tuple[Any, ...]]:
    """Answer for what was drawn: first the rectangle and the RoI, then the score.

    Yields:
        Updates of the canvas, the RoI and the answer.
    """
    if not drawn.closed:
        yield BorderCanvas.answer(drawn), None, _asked_for(source)
        return
    try:
        border = border_from_points(drawn.points, load(source).size)
    except (ImageError, BorderError) as error:
        gr.Warning(str(error), title="This border cannot be used")
        yield BorderCanvas.answer(drawn, message=str(error)), None, answer_panel.failed(str(error))
        return
    first = True
    for rectangle, fed, roi, answer in _steps(_Shown(source, border, drawn.drawing_seconds), model):
        message = " ".join(border.notes)
        canvas = BorderCanvas.answer(drawn, rectangle=rectangle, fed=fed, message=message) if first else gr.skip()
        yield canvas, roi, answer
        first = False


def classify_api(image: str, border: Any, model: str, frame: float | None) -> dict[str, Any]:
    """Classify one lesion: the endpoint for programs.

    Args:
        image: the uploaded file.
        border: a list of [x, y] in image pixels, or an object with such a list under "points".
        model: name of a model.
        frame: of a file with several, from 0; empty lets the reader choose.

    Returns:
        The answer as `lesion_core.model.answer.answer_record` describes it.
    """
    try:
        loaded = load(Source(path=image or "", frame=None if frame is None else int(frame)))
        outline = border_from_json(border if border is not None else [], loaded.size)
        prediction = serving.predictor(model).predict(loaded.pixels, outline)
    except LesionError as error:
        raise gr.Error(str(error)) from error
    return answer_record(prediction, loaded)


def build() -> None:
    """Lay out the tab; call inside a `gr.Tab`."""
    models = serving.choices()
    source = gr.State(Source(), time_to_live=3600)
    gr.Markdown(INTRODUCTION)
    with gr.Row():
        with gr.Column(scale=3, min_width=340):
            upload = gr.File(label="Image file", type="filepath", height=150, elem_id="upload")
            with gr.Row(equal_height=True):
                examples = [gr.Button(title, size="sm", min_width=160) for title in EXAMPLES]
            frame = gr.Slider(1, 2, value=1, step=1, label="Frame", visible=False, elem_id="frame")
            canvas = BorderCanvas(elem_id="lesion")
            with gr.Accordion("Take the border from a file", open=False):
                border_file = gr.File(
                    label="JSON with [[x, y], ...], or a mask of the image's size", type="filepath", height=110
                )
        with gr.Column(scale=2, min_width=320):
            model = gr.Dropdown(models, value=models[0][1] if models else None, label="Model", elem_id="model")
            answer = gr.HTML(answer_panel.waiting() if models else answer_panel.failed(NO_MODEL), elem_id="answer")
            roi = gr.Image(
                label="What the network sees",
                format="png",
                height=300,
                interactive=False,
                buttons=["download", "fullscreen"],
                elem_id="roi",
            )
    # Not `change`: an example takes the upload away too, and must not be answered with an empty page.
    for event in (upload.upload, upload.clear):
        _on(event, open_upload, [upload, model], [source, canvas, frame, roi, answer])
    _on(frame.release, open_frame, [source, frame], [source, canvas, roi, answer])
    for title, button in zip(EXAMPLES, examples, strict=True):
        _on(button.click, open_example, [gr.State(title), model], [source, upload, canvas, frame, roi, answer])
    _on(border_file.upload, open_border_file, [border_file, source, model], [canvas, roi, answer])
    _on(canvas.border, classify, [canvas, source, model], [canvas, roi, answer])
    _on(model.change, classify, [canvas, source, model], [canvas, roi, answer])
    _endpoint(model)


def _on(event: Callable[..., Any], handler: Callable[..., Any], inputs: list[Any], outputs: list[Any]) -> None:
    """Wire an event of the page: the last one counts, no spinner over the canvas, no endpoint for programs."""
    event(
        handler,
        inputs,
        outputs,
        trigger_mode="always_last",
        show_progress="hidden",
        api_name=f"page_{handler.__name__}",  # or it would take the endpoint's name
        api_visibility="private",
    )


class _Shown:
    """A border on an image of a page."""

    def __init__(self, source: Source, border: Border, drawing_seconds: float) -> None:
        self.source, self.border, self.drawing_seconds = source, border, drawing_seconds


def _steps(shown: _Shown, model: str) -> Iterator[tuple[Any, Any, NDArray[np.uint8] | None, Any]]:
    """Yield (rectangle, area fed, RoI, answer) twice: what is quick, then the score."""
    rectangle = minimum_area_rectangle(shown.border).corners
    if not model:
        yield rectangle, None, None, answer_panel.failed(NO_MODEL)
        return
    try:
        image = load(shown.source)
        roi = prepare(image.pixels, shown.border, serving.card(model).input)
        yield rectangle, roi.corners, roi.pixels, gr.skip()
        prediction = serving.predictor(model).predict(image.pixels, shown.border)
    except LesionError as error:
        gr.Warning(str(error))
        yield rectangle, None, None, answer_panel.failed(str(error))
        return
    panel = answer_panel.answered(prediction, image, drawing_seconds=shown.drawing_seconds)
    yield rectangle, roi.corners, gr.skip(), panel


def _asked_for(source: Source) -> str:
    """What is missing while there is no border."""
    if source == Source():
        return answer_panel.waiting()
    try:
        return answer_panel.waiting(_outline_it(load(source)))
    except ImageError as error:
        return answer_panel.failed(str(error))


def _outline_it(image: LoadedImage) -> str:
    return " ".join([*image.notes, "Now outline the lesion: press and draw around it, or click point by point."])


def _endpoint(model: gr.Dropdown) -> None:
    """The named endpoint, on components that nobody sees."""
    image = gr.File(label="image", type="filepath", visible=False)
    border = gr.JSON(label="border", visible=False)
    frame = gr.Number(label="frame", value=None, precision=0, visible=False)
    answer = gr.JSON(label="answer", visible=False)
    hidden = gr.Button(visible=False)
    hidden.click(classify_api, [image, border, model, frame], answer, api_name="classify")
