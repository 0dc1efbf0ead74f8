"""The endpoints for programs beside `/classify`: `/augment` and `/statistics`; docs/api.md has examples.

They stand on components that nobody sees, so that Gradio takes uploads and documents them as it does for the page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from dashboards import serving
from dashboards.specimen import SIDE, cut
from dashboards.uploads import Source, load
from dashboards.widgets.cached_file import cached_file
from lesion_core.augment.export import augmentation_zip
from lesion_core.errors import InputError, LesionError
from lesion_core.imaging.border import border_from_json
from lesion_core.results.review.scores_file import check_size
from lesion_core.results.scores import read_scores
from lesion_core.results.summary import summary_record

#: All endpoints for programs; docs/api.md documents them.
NAMED = ("classify", "augment", "statistics")


def augment_api(image: str | None, border: Any, model: str | None, rank: float | None) -> str:
    """The paper's eight variants of one lesion, and its reconstruction from few singular values, as a ZIP.

    Args:
        image: the uploaded file.
        border: a list of [x, y] in image pixels; empty takes the whole image.
        model: whose rule cuts the RoI; empty takes the paper's (minimum-area rectangle).
        rank: singular values kept in the reconstruction, 1 to 224; empty keeps 101 (45 %).

    Returns:
        Path of a ZIP with pictures, singular values and a note.
    """
    try:
        number = 101 if rank is None else int(rank)
        if not 1 <= number <= SIDE:
            raise InputError(f"rank {number} is not from 1 to {SIDE}")
        source = Source(path=image or "")
        outline = border_from_json(border, load(source).size) if border else None
        specimen = cut(source, outline, model or None)
    except LesionError as error:
        raise gr.Error(str(error), print_exception=False) from error
    content = augmentation_zip(specimen.roi, number, source=" ".join(["an uploaded image", *specimen.notes]))
    return cached_file(content, "augmentation.zip", get_upload_folder())


def statistics_api(scores: str | None, threshold: float | None) -> dict[str, Any]:
    """AUC, sensitivity and specificity with intervals, per patient where patients are known and per image.

    Args:
        scores: a scores.csv (docs/api.md says its columns); any classifier may have written it.
        threshold: fixed before these scores were looked at, 0-1; empty lets the other folds teach one.

    Returns:
        The figures as `lesion_core.results.summary.summary_record` describes them.
    """
    try:
        if not scores:
            raise InputError("there is no file: send a scores.csv")
        check_size(Path(scores))
        return summary_record(read_scores(scores), threshold=threshold)
    except LesionError as error:
        raise gr.Error(str(error), print_exception=False) from error


def keep_named(page: gr.Blocks) -> None:
    """Make the page's own events no endpoints for programs; call inside the page's `gr.Blocks`, after everything.

    Their inputs and outputs change with the page, some hold what a visitor opened: only `NAMED` are kept working.
    """
    for event in page.fns.values():
        if event.api_name not in NAMED:
            event.api_visibility = "private"


def build() -> None:
    """Add the endpoints; call inside the page's `gr.Blocks`."""
    models = serving.choices()
    with gr.Column(visible=False):
        image = gr.File(label="image", type="filepath")
        border = gr.JSON(label="border")
        model = gr.Dropdown(models, value=None, label="model")
        rank = gr.Number(label="rank", value=None, precision=0)
        variants = gr.File(label="variants")
        gr.Button().click(augment_api, [image, border, model, rank], variants, api_name="augment")
        scores = gr.File(label="scores", type="filepath")
        threshold = gr.Number(label="threshold", value=None)
        figures = gr.JSON(label="figures")
        gr.Button().click(statistics_api, [scores, threshold], figures, api_name="statistics")
