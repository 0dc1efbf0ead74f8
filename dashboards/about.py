"""The About tab: what this is, the network drawn from the network itself, each model's card, what to cite, limits."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import gradio as gr

from dashboards import serving
from dashboards.architecture_figure import HEIGHT_PX, architecture_figure, in_words
from dashboards.asking import LAST
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.first_sight import first_sight
from dashboards.widgets.plain_table import PlainTable
from lesion_core.errors import LesionError
from lesion_core.model.card import model_folder
from lesion_core.notice import NOTICE
from lesion_core.publish.cards import body
from lesion_core.publish.measured import check_metrics, measure

INTRODUCTION = (
    "One generic network for two organs, after the paper *A generic deep learning framework to classify thyroid and "
    "breast lesions in ultrasound images*: a person outlines a lesion, the area inside is fed to a VGG-19, and its "
    "score is compared with a threshold that was fixed beforehand. Everything here runs on public data; the code "
    "computes every figure from the scores beside the models."
)
LIMITS = (
    "- For research and teaching only. A score below the threshold does not exclude cancer; a score is not a "
    "probability.\n"
    "- The answer depends on the border, which a person has to draw.\n"
    "- Data sets of biopsied lesions are no screening population; a label by TI-RADS is a suspicion, not histology.\n"
    "- Uploads stay on the server for an hour at most and are served to whoever knows their hashed address, except "
    "where they are worked on: a study and its images stay in the readings database, a table on the Borders tab stays "
    "with its decisions, until whoever runs the server deletes them. Do not upload what names a person.\n"
    "- Programs use the endpoints `/classify`, `/augment` and `/statistics`: the link *Use via API* below, or "
    "docs/api.md."
)
PAPER = (
    "Zhu YC, AlZoubi A, Jassim S, Jiang Q, Zhang Y, Wang YB, Ye XD, Du H. A generic deep learning framework to "
    "classify thyroid and breast lesions in ultrasound images. Ultrasonics 2021;110:106300. "
    "doi:10.1016/j.ultras.2020.106300"
)
NO_MODEL = "There is no model in the folder checkpoints."


def show_network(name: str | None) -> tuple[Any, Any]:
    """The layers of a model, read off the loaded network.

    Returns:
        Updates of the figure and of the table.
    """
    if not name:
        return gr.skip(), gr.skip()
    try:
        layers = _layers(name)
    except LesionError as error:
        gr.Warning(str(error), title="This model cannot be drawn")
        return gr.skip(), gr.skip()
    words = "; ".join(f"{layer.name}: {in_words(layer)}" for layer in layers)
    total = sum(layer.parameters for layer in layers)
    rows = [
        ["Layer", "What", "Output (height × width × channels)", "Parameters", ""],
        *(
            [
                layer.name,
                layer.kind,
                " × ".join(f"{each:,}" for each in (*layer.shape[1:], layer.shape[0])),
                f"{layer.parameters:,}",
                layer.detail,
            ]
            for layer in layers
        ),
        ["all", "", "", f"{total:,}", ""],
    ]
    table = PlainTable.show(rows, name=f"Layers of {name}")
    return ClickablePlot.show(architecture_figure(layers), description=words), table


def show_card(name: str | None) -> str:
    """A model's page, as it is published, or why it cannot be shown."""
    if not name:
        return NO_MODEL
    try:
        return _page(name)
    except LesionError as error:
        return "```text\n" + str(error).replace("```", "'''") + "\n```"


def build() -> None:
    """Lay out the tab; call inside a `gr.Tab`."""
    models = serving.choices()
    first = models[0][1] if models else None
    gr.Markdown(INTRODUCTION)
    model = gr.Dropdown(models, value=first, label="Model", visible=bool(models), elem_id="about-model")
    sight = first_sight(elem_id="about-sight")
    gr.Markdown("### The network (Figure 3 of the paper), drawn from the loaded model")
    figure = ClickablePlot(description="The network", height_px=HEIGHT_PX, elem_id="about-network")
    with gr.Accordion("All layers", open=False):
        table = PlainTable(elem_id="about-layers")
    with gr.Accordion("The model's card", open=True):
        card = gr.Markdown(elem_id="about-card", elem_classes="card-page")
    gr.Markdown(f"### What to cite\n- {PAPER}\n- The data sets and the trunk: in each model's card.")
    gr.Markdown(f"### Limits\n{LIMITS}")
    gr.Markdown(NOTICE, elem_classes="notice")
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    for event in (sight.first_sight, model.input):
        event(show_card, model, card, **LAST, **private)
        event(show_network, model, [figure, table], **LAST, **private)


@cache
def _layers(name: str) -> tuple[Any, ...]:
    from lesion_core.model.layers import layers_of

    return layers_of(serving.network(name).network)


@cache
def _page(name: str) -> str:
    card, folder = serving.card(name), model_folder(name)
    measured = measure(card, folder)
    check_metrics(card, measured)
    text = body(card, folder, measured, address=name)
    # Headings one step down: the tab has its own.
    return re.sub(r"^#", "###", text, flags=re.MULTILINE)
