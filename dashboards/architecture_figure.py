"""The network drawn as the paper's Figure 3: numbers in, figure out.

Each layer is a slab: its height follows the image's height there, its width the number of channels, both as square
roots so that 224 and 7, 64 and 4096 stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import plotly.graph_objects as go

#: kind -> (colour, pattern): told apart without colours too.
KINDS = {
    "input": ("#64748b", ""),
    "convolution": ("#0d9488", ""),
    "pooling": ("#b45309", "/"),
    "normalisation": ("#7c3aed", "x"),
    "fully connected": ("#2563eb", "."),
    "softmax": ("#be123c", "-"),
}
GAP, BLOCK_GAP = 2.2, 6.0
HEIGHT_PX = 390
#: Half the height of the tallest slab, the input's: all labels begin below it, so that none lies over a slab.
TALLEST = math.sqrt(224) / 2


class Drawable(Protocol):
    """A layer, as `lesion_core.model.layers.Layer` describes it."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    detail: str


def architecture_figure(layers: Sequence[Drawable]) -> go.Figure:
    """Draw the layers from left to right.

    Args:
        layers: in the order in which an image passes them.
    """
    figure = go.Figure()
    places = _places(layers)
    for kind, (colour, pattern) in KINDS.items():
        own = [(layer, place) for layer, place in zip(layers, places, strict=True) if layer.kind == kind]
        if not own:
            continue
        figure.add_bar(
            x=[left + width / 2 for _, (left, width, _) in own],
            y=[height for _, (_, _, height) in own],
            base=[-height / 2 for _, (_, _, height) in own],
            width=[width for _, (_, width, _) in own],
            name=kind,
            marker={"color": colour, "pattern": {"shape": pattern, "size": 5, "solidity": 0.25}},
            customdata=[[layer.name, in_words(layer)] for layer, _ in own],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        )
    for layer, (left, width, _) in zip(layers, places, strict=True):
        if label := _label(layer):
            figure.add_annotation(
                x=left + width / 2,
                y=-TALLEST - 0.6,
                text=label,
                showarrow=False,
                textangle=-60,
                xanchor="right",
                yanchor="top",
                font={"size": 11},
            )
    figure.update_layout(
        template="none",
        height=HEIGHT_PX,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        bargap=0,
        barmode="overlay",
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True, range=[-TALLEST - 9.5, TALLEST + 0.5])
    return figure


def in_words(layer: Drawable) -> str:
    """A layer's output, parameters and detail."""
    shape = " × ".join(f"{each:,}" for each in (*layer.shape[1:], layer.shape[0]))
    size = f"{layer.parameters:,} parameters" if layer.parameters else "no parameters"
    return ", ".join(filter(None, (f"{layer.kind}, {shape}", size, layer.detail)))


def _label(layer: Drawable) -> str:
    """Under the first slab of a block, and under each that is no convolution; pooling speaks for itself."""
    if layer.kind == "pooling" or (layer.kind == "convolution" and not layer.name.endswith("_1")):
        return ""
    name = layer.name.partition("_")[0]
    return f"{name} {'×'.join(str(each) for each in (*layer.shape[1:], layer.shape[0]))}"


def _places(layers: Sequence[Drawable]) -> list[tuple[float, float, float]]:
    """(left, width, height) of each slab."""
    places, left = [], 0.0
    for layer in layers:
        channels = layer.shape[0]
        height = math.sqrt(layer.shape[1]) if len(layer.shape) == 3 else max(1.0, math.sqrt(channels) / 5)
        width = max(1.2, math.sqrt(channels) / 5) if len(layer.shape) == 3 else 1.6
        places.append((left, width, height))
        left += width + (BLOCK_GAP if layer.kind in ("pooling", "input", "normalisation") else GAP)
    return places
