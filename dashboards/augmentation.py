"""The Augmentation tab: the paper's eight variants of an RoI, and what the rank of an SVD does to it.

Handlers are plain functions. Decompositions and answers come from `lesion_core`; the network is loaded only when it is
first asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder

from dashboards import augmentation_view as view
from dashboards import serving
from dashboards.asking import EACH, LAST
from dashboards.saving import SAVE
from dashboards.specimen import SIDE, WHOLE, Specimen, ask, cut, decomposed
from dashboards.spectrum import kept_band, spectrum_figure
from dashboards.uploads import Source, load
from dashboards.widgets.border_canvas import BorderCanvas, DrawnBorder
from dashboards.widgets.cached_file import cached_file
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.comparison import Comparison
from dashboards.widgets.first_sight import first_sight
from lesion_core.augment.channels import to_pixels
from lesion_core.augment.export import VariantScores, augmentation_zip
from lesion_core.augment.quality import compare, difference_image
from lesion_core.augment.svd import rank_by_count
from lesion_core.augment.variants import SVD_RATIOS, eight_variants
from lesion_core.errors import LesionError
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.phantom import EXAMPLES, example

GAIN = 4.0
START = "Choose an example or upload an image."
ASKING = "Asking the network about all eight ..."
NO_MODEL = "There is no model in the folder checkpoints, so nothing can be asked."


@dataclass(frozen=True)
class Answered:
    """What the network said, and of which RoI: the page may show another by the time it comes.

    Attributes:
        specimen: the RoI it was asked about.
        markup: what the page shows of it.
        scores: of the eight variants; None where there are none.
    """

    specimen: Specimen
    markup: str
    scores: VariantScores | None = None


def open_default(shown: Specimen | None, model: str | None, rank: float) -> tuple[Any, ...]:
    """Show the first example when the tab is first looked at; outputs as `open_example`."""
    if shown is not None:
        return tuple(gr.skip() for _ in range(8))
    return open_example(next(iter(EXAMPLES)), model, rank)


def open_example(title: str, model: str | None, rank: float) -> tuple[Any, ...]:
    """Show a phantom's RoI.

    Returns:
        Updates of the upload, the canvas and those of `_views`.
    """
    phantom = example(title)
    try:
        specimen = cut(Source(example=title), phantom.border, model)
    except LesionError as error:
        gr.Warning(str(error))
        return None, gr.skip(), *_nothing(str(error))
    canvas = BorderCanvas.show(phantom.pixels, phantom.border.points, rectangle=specimen.rectangle, fed=specimen.fed)
    return None, canvas, *_views(specimen, model, rank)


def open_upload(path: str | None, model: str | None, rank: float) -> tuple[Any, ...]:
    """Show an uploaded image, ready to be outlined; without a border all of it is the RoI.

    Returns:
        Updates of the panel around the canvas, the canvas and those of `_views`.
    """
    source = Source(path=path or "")
    try:
        image = load(source)
        specimen = cut(source, None, model)
    except LesionError as error:
        gr.Warning(str(error), title="This file cannot be used")
        return gr.skip(), BorderCanvas.empty(), *_nothing(str(error))
    canvas = BorderCanvas.show(image.pixels, message=WHOLE)
    return gr.update(open=True), canvas, *_views(specimen, model, rank)


def outline(drawn: DrawnBorder, shown: Specimen | None, model: str | None, rank: float) -> tuple[Any, ...]:
    """Cut the RoI along a drawn border; when it is cleared, take the whole image again.

    Returns:
        Updates of the canvas and those of `_views`.
    """
    if shown is None:
        return tuple(gr.skip() for _ in range(7))
    source = shown.source
    try:
        border = border_from_points(drawn.points, load(source).size) if drawn.closed else None
        specimen = cut(source, border, model)
    except LesionError as error:
        gr.Warning(str(error), title="This border cannot be used")
        return BorderCanvas.answer(drawn, message=str(error)), *(gr.skip() for _ in range(6))
    message = WHOLE if border is None else " ".join(border.notes)
    canvas = BorderCanvas.answer(drawn, rectangle=specimen.rectangle, fed=specimen.fed, message=message)
    return canvas, *_views(specimen, model, rank)


def change_model(shown: Specimen | None, model: str | None, rank: float) -> tuple[Any, ...]:
    """Cut the RoI as another model takes it; outputs as `_views`."""
    if shown is None:
        return tuple(gr.skip() for _ in range(6))
    try:
        specimen = cut(shown.source, shown.border, model)
    except LesionError as error:
        gr.Warning(str(error))
        return _nothing(str(error))
    return _views(specimen, model, rank)


def answer_variants(shown: Specimen | None, model: str | None) -> Any:
    """Ask the network about the eight variants of the RoI that is shown when it is asked.

    Returns:
        What `show_answer` takes.
    """
    if shown is None or not model:
        return gr.skip()
    variants = eight_variants(shown.roi)
    try:
        scores = ask(model, shown)
    except LesionError as error:
        return Answered(shown, view.tiles(variants, notes=(*shown.notes, str(error))))
    return Answered(shown, view.tiles(variants, notes=shown.notes, answers=scores), scores)


def show_answer(shown: Specimen | None, answered: Answered | None) -> Any:
    """Show an answer, unless the page has gone on to another RoI."""
    return answered.markup if answered is not None and answered.specimen is shown else gr.skip()


def show_rank(rank: float, shown: Specimen | None) -> tuple[Any, ...]:
    """Rebuild the RoI from another number of singular values.

    Returns:
        Updates of the pair of images, the difference with the numbers, and the spectrum.
    """
    if shown is None:
        return gr.skip(), gr.skip(), gr.skip()
    number = _whole_rank(rank)
    return *_at_rank(shown, number), ClickablePlot.mark(*kept_band(number))


def choose_rank(event: gr.EventData) -> int:
    """The rank that was clicked in the spectrum."""
    click = ClickablePlot.read_click(event)
    if not isinstance(click.x, int | float):
        raise gr.Error("this click names no rank: click a point of the curve", print_exception=False)
    return _whole_rank(click.x)


def answer_rank(rank: float, shown: Specimen | None, model: str | None, variants: Answered | None) -> Any:
    """Ask the network about the reconstruction at a rank.

    Returns:
        What `show_answer` takes.
    """
    if shown is None:
        return gr.skip()
    if not model:
        return Answered(shown, view.waiting(NO_MODEL))
    number = _whole_rank(rank)
    rebuilt = to_pixels(decomposed(shown).rebuild(number))
    try:
        answers = _scores_of(shown, variants) or ask(model, shown)
        score = float(serving.predictor(model).scores(rebuilt[None], shown.border)[0])
    except LesionError as error:
        return Answered(shown, view.waiting(str(error)))
    return Answered(shown, view.rank_answer(score, answers, number))


def pack(rank: float, shown: Specimen | None, variants: Answered | None) -> str:
    """Write everything about the RoI into a ZIP in the page's cache, and return its path."""
    if shown is None:
        raise gr.Error(START, print_exception=False)
    name = shown.source.example or "upload"
    answers = _scores_of(shown, variants)
    content = augmentation_zip(
        shown.roi,
        _whole_rank(rank),
        source=" ".join([shown.source.example or "an uploaded image", *shown.notes]),
        answers=[answers] if answers else [],
    )
    file_name = "augmentation-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + ".zip"
    return cached_file(content, file_name, get_upload_folder())


def build() -> None:
    """Lay out the tab; call inside a `gr.Tab`."""
    models = serving.choices()
    shown, variants, at_rank = (gr.State(time_to_live=3600) for _ in range(3))
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            upload = gr.File(
                label="Image: PNG, JPEG, TIFF, BMP, DICOM", type="filepath", height=120, elem_id="aug-upload"
            )
        with gr.Column(scale=1, min_width=300):
            examples = [gr.Button(title, size="sm") for title in EXAMPLES]
        with gr.Column(scale=1, min_width=300, visible=bool(models)):
            model = gr.Dropdown(
                models, value=models[0][1] if models else None, label="Model that answers", elem_id="aug-model"
            )
    with gr.Accordion("Outline the lesion in the image", open=False) as panel:
        canvas = BorderCanvas(elem_id="aug-canvas")
    gr.Markdown("### The eight training images of one lesion")
    tiles = gr.HTML(view.waiting(START), css_template=view.TILES_CSS, elem_id="aug-tiles")
    gr.Markdown("### How many singular values does it take?")
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            rank = gr.Slider(1, SIDE, value=101, step=1, label="Singular values kept (rank)", elem_id="aug-rank")
            with gr.Row():
                presets = [
                    (
                        ratio,
                        gr.Button(f"{100 * ratio:.0f} %", size="sm", min_width=60, elem_id=f"aug-{100 * ratio:.0f}"),
                    )
                    for ratio in (*sorted(SVD_RATIOS.values()), 1.0)
                ]
            plot = ClickablePlot(
                description="Singular values on a log scale, and the energy they keep. Click one to keep all up to it.",
                height_px=430,
                elem_id="aug-spectrum",
            )
        with gr.Column(scale=2, min_width=260):
            pair = Comparison(interactive=False, show_label=False, buttons=[], max_height=420, elem_id="aug-pair")
            gr.Markdown("Left of the handle the **original**, right of it the **reconstruction**: drag it.")
            asking = gr.Button(
                "Ask the network about this reconstruction", size="sm", visible=bool(models), elem_id="aug-ask"
            )
            download = gr.Button("Download everything (ZIP)", size="sm", elem_id="aug-download")
            zipped = gr.DownloadButton(visible="hidden", elem_id="aug-zip")
            # Below the buttons: leaving the rank's field asks the network, and a button that its answer moved away from
            # under the pointer between press and release would miss the click.
            answer = gr.HTML(css_template=view.READOUT_CSS, elem_id="aug-answer")
        with gr.Column(scale=2, min_width=260):
            numbers = gr.HTML(css_template=view.READOUT_CSS, elem_id="aug-numbers")
    with gr.Accordion("What happens here", open=True):
        gr.Markdown(view.EXPLANATION, latex_delimiters=_LATEX)
    sight = first_sight(elem_id="aug-sight")

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    views = [shown, tiles, pair, numbers, plot, answer]
    drawn: dict[str, Any] = {"inputs": [canvas, shown, model, rank], "outputs": [canvas, *views]}
    sight.first_sight(open_default, [shown, model, rank], [upload, canvas, *views], **private)
    for title, button in zip(EXAMPLES, examples, strict=True):
        button.click(open_example, [gr.State(title), model, rank], [upload, canvas, *views], **private)
    upload.upload(open_upload, [upload, model, rank], [panel, canvas, *views], **LAST, **private)
    canvas.border(outline, **drawn, **LAST, **private)
    model.input(change_model, [shown, model, rank], views, **LAST, **private)
    # Whichever way another RoI comes, the network is asked about it; one event, so that the last one has the last word.
    asked = shown.change(answer_variants, [shown, model], variants, **LAST, **private)
    asked.then(show_answer, [shown, variants], tiles, **LAST, **private)
    live: dict[str, Any] = {**LAST, "queue": False}
    # Of another RoI too: the rank may have been moved while it was opened.
    gr.on([rank.change, shown.change], show_rank, [rank, shown], [pair, numbers, plot], **live, **private)
    asked = gr.on([rank.release, asking.click], answer_rank, [rank, shown, model, variants], at_rank, **LAST, **private)
    asked.then(show_answer, [shown, at_rank], answer, **LAST, **private)
    for ratio, button in presets:
        button.click(None, None, rank, js=f"() => {rank_by_count(ratio, (SIDE, SIDE))}", **private)
    plot.point_click(choose_rank, None, rank, **EACH, queue=False, **private)
    download.click(pack, [rank, shown, variants], zipped, **private).success(None, zipped, None, js=SAVE, **private)


_LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def _views(specimen: Specimen, model: str | None, rank: float) -> tuple[Any, ...]:
    """A new RoI, all but the network's answers, which `answer_variants` fetches.

    Returns:
        Updates of the RoI that the page keeps, the tiles, the pair of images, the difference with the numbers, the
        spectrum and the answer at the rank.
    """
    number = _whole_rank(rank)
    decomposition = decomposed(specimen)
    figure = spectrum_figure(decomposition.values, decomposition.energy_share())
    notes = (*specimen.notes, ASKING if model else NO_MODEL)
    tiles = view.tiles(eight_variants(specimen.roi), notes=notes)
    return specimen, tiles, *_at_rank(specimen, number), ClickablePlot.show(figure, mark=kept_band(number)), ""


def _scores_of(specimen: Specimen, variants: Answered | None) -> VariantScores | None:
    """The answers for the eight, where they are of this RoI."""
    return variants.scores if variants is not None and variants.specimen is specimen else None


def _nothing(message: str) -> tuple[Any, ...]:
    """Outputs of `_views` when there is no RoI."""
    return None, view.waiting(message), None, "", gr.skip(), ""


def _at_rank(specimen: Specimen, rank: int) -> tuple[Any, str]:
    """The pair of images, and the difference with the numbers, at a rank."""
    decomposition = decomposed(specimen)
    rebuilt = to_pixels(decomposition.rebuild(rank))
    difference = difference_image(specimen.roi, rebuilt, gain=GAIN)
    numbers = view.readout(decomposition, rank, compare(specimen.roi, rebuilt), difference, GAIN)
    return (specimen.roi, rebuilt), numbers


def _whole_rank(rank: float) -> int:
    """A rank from the page: untrusted, so rounded and limited."""
    return int(min(max(round(rank), 1), SIDE)) if np.isfinite(rank) else SIDE
