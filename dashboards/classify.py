"""The Classify tab: upload, outline, answer. Handlers are plain functions; a user's mistake becomes a warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from dashboards import answer_panel, serving
from dashboards.asking import EACH, LAST
from dashboards.uploads import Source, load
from dashboards.widgets.border_canvas import BorderCanvas
from dashboards.widgets.drawn_border import DrawnBorder
from dashboards.widgets.lossless_image import LosslessImage
from lesion_core.errors import BorderError, ImageError, LesionError
from lesion_core.imaging.border import border_from_json, border_from_points, read_border
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.imaging.prepare import prepare
from lesion_core.imaging.read import frame_count
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.model.answer import answer_record
from lesion_core.records import Border, LoadedImage

NO_MODEL = "There is no model in the folder checkpoints: train one with `python -m lesion_core train`."
ASKING = "Asking the network ..."
#: Revision of a border that came with its image and was not changed (`BorderCanvas.show`).
GIVEN = 1
INTRODUCTION = (
    "**1.** Choose an image (PNG, JPEG, TIFF, BMP, DICOM ...) or an example. "
    "**2.** Outline the lesion: press and draw around it, or click point by point. "
    "**3.** Read the answer; drag a vertex to see how much it depends on the border."
)


@dataclass(frozen=True)
class Opened:
    """What was opened last, on the server.

    Attributes:
        source: where the image comes from.
        image_id: of the canvas that shows it; empty when nothing is open.
        border: that came with the image, as long as nobody changes it; None for none.
        problem: why nothing is open; empty where nothing was asked for.
    """

    source: Source = field(default_factory=Source)
    image_id: str = ""
    border: Border | None = None
    problem: str = ""


@dataclass(frozen=True)
class Answered:
    """An answer, and of which image: the page may show another by the time it comes.

    Attributes:
        image_id: of the canvas that showed it.
        panel: the answer as HTML.
    """

    image_id: str
    panel: str


def open_upload(path: str | None) -> tuple[Any, ...]:
    """Show an uploaded image on an empty canvas.

    Returns:
        Updates of what is open, the canvas, the frame slider, the RoI and the answer.
    """
    if not path:
        return Opened(), BorderCanvas.empty(), gr.update(visible=False), None, answer_panel.waiting()
    source = Source(path=path)
    try:
        image = load(source)
        frames = frame_count(path)
    except ImageError as error:
        gr.Warning(str(error), title="This file cannot be used")
        nothing = Opened(problem=str(error))
        return nothing, BorderCanvas.empty(), gr.update(visible=False), None, answer_panel.failed(str(error))
    slider = gr.update(visible=frames > 1, maximum=max(2, frames), value=image.frame + 1)
    canvas = BorderCanvas.show(image.pixels)
    return Opened(source, canvas["image_id"]), canvas, slider, None, answer_panel.waiting(_outline_it(image))


def open_frame(opened: Opened, number: float) -> tuple[Any, ...]:
    """Show another frame of the uploaded file on an empty canvas; outputs as `open_upload`, without the slider."""
    chosen = Source(path=opened.source.path, frame=int(number) - 1)
    try:
        image = load(chosen)
    except ImageError as error:
        gr.Warning(str(error), title="This frame cannot be shown")
        return gr.skip(), gr.skip(), gr.skip(), answer_panel.failed(str(error))
    canvas = BorderCanvas.show(image.pixels)
    return Opened(chosen, canvas["image_id"]), canvas, None, answer_panel.waiting(_outline_it(image))


def open_example(title: str) -> tuple[Any, ...]:
    """Show a phantom with its border, to be classified.

    Returns:
        Updates of what is open, the upload, the canvas, the frame slider, the RoI and the answer.
    """
    phantom = example(title)
    canvas = BorderCanvas.show(phantom.pixels, phantom.border.points)
    opened = Opened(Source(example=title), canvas["image_id"], phantom.border)
    return opened, None, canvas, gr.update(visible=False), None, answer_panel.waiting(ASKING)


def open_border_file(path: str | None, opened: Opened) -> tuple[Any, ...]:
    """Take a border from a file (JSON points or a mask of the image's size), to classify with it.

    Returns:
        Updates of what is open, the canvas, the RoI and the answer.
    """
    if not path:
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    try:
        image = load(opened.source)
        border = read_border(path, image.size)
    except (ImageError, BorderError) as error:
        gr.Warning(str(error), title="This border cannot be used")
        return gr.skip(), gr.skip(), gr.skip(), answer_panel.failed(str(error))
    canvas = BorderCanvas.show(image.pixels, border.points, message=" ".join(border.notes))
    return Opened(opened.source, canvas["image_id"], border), canvas, None, answer_panel.waiting(ASKING)


def classify(drawn: DrawnBorder, opened: Opened, model: str) -> Iterator[tuple[Any, ...]]:
    """Answer for what the page shows: first the rectangle and the RoI, then the score.

    Yields:
        Updates of the canvas, the RoI and the answer, which `show_answer` takes.
    """
    if opened.image_id and drawn.image_id != opened.image_id:  # the page is about to show that, and asks then
        yield gr.skip(), gr.skip(), gr.skip()
        return
    if not drawn.closed:
        yield BorderCanvas.answer(drawn), None, Answered(drawn.image_id, _asked_for(opened))
        return
    try:
        image = load(opened.source)
        untouched = opened.border if drawn.revision == GIVEN else None
        border = untouched or border_from_points(drawn.points, image.size)
    except (ImageError, BorderError) as error:
        gr.Warning(str(error), title="This border cannot be used")
        failed = Answered(drawn.image_id, answer_panel.failed(str(error)))
        yield BorderCanvas.answer(drawn, message=str(error)), None, failed
        return
    first = True
    for rectangle, fed, roi, panel in _steps(image, border, drawn.drawing_seconds, model):
        message = " ".join(border.notes)
        canvas = BorderCanvas.answer(drawn, rectangle=rectangle, fed=fed, message=message) if first else gr.skip()
        yield canvas, roi, Answered(drawn.image_id, panel) if panel else gr.skip()
        first = False


def show_answer(opened: Opened, answered: Answered | None) -> Any:
    """Show an answer, unless another image was opened since it was asked for."""
    return answered.panel if answered is not None and answered.image_id == opened.image_id else gr.skip()


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
    opened = gr.State(Opened(), time_to_live=3600)
    answered = gr.State(time_to_live=3600)
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
                    label="JSON with [[x, y], ...], or a mask of the image's size",
                    type="filepath",
                    height=110,
                    elem_id="border-file",
                )
        with gr.Column(scale=2, min_width=320):
            model = gr.Dropdown(models, value=models[0][1] if models else None, label="Model", elem_id="model")
            answer = gr.HTML(answer_panel.waiting() if models else answer_panel.failed(NO_MODEL), elem_id="answer")
            roi = LosslessImage(
                label="What the network sees",
                height=300,
                interactive=False,
                buttons=["download", "fullscreen"],
                elem_id="roi",
            )
    # Not `change`: an example takes the upload away too, and must not be answered with an empty page.
    for event in (upload.upload, upload.clear):
        _opens(event, open_upload, [upload], [opened, canvas, frame, roi, answer])
    _opens(frame.release, open_frame, [opened, frame], [opened, canvas, roi, answer])
    for title, button in zip(EXAMPLES, examples, strict=True):
        _opens(button.click, open_example, [gr.State(title)], [opened, upload, canvas, frame, roi, answer])
    _opens(border_file.upload, open_border_file, [border_file, opened], [opened, canvas, roi, answer])
    # Whatever was opened, drawn or chosen, the network is asked by one event: the last one has the last word.
    last: dict[str, Any] = {**LAST, **_quiet(classify)}
    asked = gr.on(
        [opened.change, canvas.border, model.change], classify, [canvas, opened, model], [canvas, roi, answered], **last
    )
    asked.then(show_answer, [opened, answered], answer, **{**last, **_quiet(show_answer)})
    _endpoint(model)


def _opens(event: Callable[..., Any], handler: Callable[..., Any], inputs: list[Any], outputs: list[Any]) -> None:
    """Wire an event that opens something: one after another, in the order in which the user asked for them."""
    event(handler, inputs, outputs, **EACH, concurrency_id="classify-open", **_quiet(handler))


def _quiet(handler: Callable[..., Any]) -> dict[str, Any]:
    """No spinner over the canvas, no endpoint for programs; the name, or it would take the endpoint's."""
    return {"show_progress": "hidden", "api_name": f"page_{handler.__name__}", "api_visibility": "private"}


def _steps(
    image: LoadedImage, border: Border, drawing_seconds: float, model: str
) -> Iterator[tuple[Any, Any, Any, str]]:
    """Yield (rectangle, area fed, RoI, answer) twice: what is quick, without an answer, then the score."""
    rectangle = minimum_area_rectangle(border).corners
    if not model:
        yield rectangle, None, None, answer_panel.failed(NO_MODEL)
        return
    try:
        roi = prepare(image.pixels, border, serving.card(model).input)
        yield rectangle, roi.corners, roi.pixels, ""
        prediction = serving.predictor(model).predict(image.pixels, border)
    except LesionError as error:
        gr.Warning(str(error))
        yield rectangle, None, None, answer_panel.failed(str(error))
        return
    # The RoI again: a quick answer may overtake the page's showing it for the first time.
    yield rectangle, roi.corners, roi.pixels, answer_panel.answered(prediction, image, drawing_seconds=drawing_seconds)


def _asked_for(opened: Opened) -> str:
    """What is missing while there is no border."""
    if opened.problem:
        return answer_panel.failed(opened.problem)
    if opened == Opened():
        return answer_panel.waiting()
    try:
        return answer_panel.waiting(_outline_it(load(opened.source)))
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
