"""Figures of the Cohort tab: numbers in, figure out. Text and grid take the page's colours, light or dark."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lesion_core.cases.cohort import UNKNOWN, PopulationTable
from lesion_core.cases.ddti_readers import ReaderPair
from lesion_core.cases.flow import Box, Flow

#: label -> colour; told apart by colour-blind eyes too.
COLOURS = {1: "#b45309", 0: "#0d9488"}
LINE = "#64748b"
#: Four boxes side by side stay readable on a phone: font sizes and characters for each place in width.
WIDE_PX, NARROW_PX, PER_PLACE = 11, 9, 12.9
WIDEST = 1.9
_LINE_PX = 15


def flow_figure(flow: Flow) -> go.Figure:
    """The study flow as boxes and arrows.

    Args:
        flow: from `lesion_core.cases.flow`.
    """
    texts = [_box_text(box) for box in flow.boxes]
    heights = [(len(text) + 0.7) * _LINE_PX for text in texts]
    levels = range(max(box.level for box in flow.boxes) + 1)
    tallest = [max(h for h, box in zip(heights, flow.boxes, strict=True) if box.level == level) for level in levels]
    tops = [-sum(tallest[:level]) - 34 * level for level in levels]
    figure = go.Figure()
    shapes, annotations = [], []
    places: list[tuple[float, float, float]] = []
    for box, text, height in zip(flow.boxes, texts, heights, strict=True):
        top = tops[box.level]
        places.append((box.column, top, top - height))
        shapes.append(_rectangle(box, top, top - height))
        annotations.append(
            {
                "x": box.column,
                "y": top - height / 2,
                "text": "<br>".join(text),
                "showarrow": False,
                "font": {"size": _font_px(box)},
                "align": "center",
            }
        )
    annotations += [_arrow(flow, places, start, end) for start, end in flow.arrows]
    left = min(box.column - _width(box) / 2 for box in flow.boxes)
    right = max(box.column + _width(box) / 2 for box in flow.boxes)
    bottom = tops[-1] - tallest[-1]
    figure.update_layout(
        template="none",
        height=int(16 - bottom),
        margin={"l": 4, "r": 4, "t": 8, "b": 8},
        shapes=shapes,
        annotations=annotations,
        dragmode=False,
        hovermode=False,
    )
    figure.update_xaxes(visible=False, fixedrange=True, range=[left - 0.03, right + 0.03])
    figure.update_yaxes(visible=False, fixedrange=True, range=[bottom - 1, 1])
    return figure


def flow_in_words(flow: Flow) -> str:
    """The flow for who cannot see it."""
    return ". ".join(f"{box.title}: {', '.join(box.lines)}" for box in flow.boxes)


def categories_figure(table: PopulationTable) -> go.Figure:
    """Reading categories by class: each bar is a share of its class, with the count when pointed at.

    Args:
        table: of the paper or of a case table; without categories the figure says so.
    """
    section = next((line.section for line in table.lines if "RADS" in line.section), "")
    lines = [line for line in table.lines if line.section == section and line.level != UNKNOWN] if section else []
    figure = go.Figure()
    parts = list(dict.fromkeys(column.part for column in table.columns))
    for position, column in enumerate(table.columns):
        total = sum(line.counts[position] for line in lines)
        if not total:
            continue
        figure.add_bar(
            x=[line.level for line in lines],
            y=[100 * line.counts[position] / total for line in lines],
            customdata=[[line.counts[position], total] for line in lines],
            name=f"{column.part}, {column.name} (n = {total:,})",
            marker={
                "color": COLOURS[column.label],
                "pattern": {"shape": ("", "/", "x")[min(parts.index(column.part), 2)]},
            },
            hovertemplate="%{x}: %{customdata[0]} of %{customdata[1]} (%{y:.1f} %)<extra></extra>",
        )
    figure.update_layout(
        template="none",
        height=380,
        margin={"l": 52, "r": 8, "t": 10, "b": 130},
        barmode="group",
        dragmode=False,
        legend={"orientation": "h", "y": -0.3, "yanchor": "top", "x": -0.12},
    )
    if figure.data:
        figure.update_xaxes(title_text=section, type="category", fixedrange=True)
        figure.update_yaxes(title_text="share of the class, %", rangemode="tozero", fixedrange=True)
    else:
        _say(figure, "No BI-RADS or TI-RADS categories are given.")
    return figure


def agreement_figure(pairs: Sequence[ReaderPair]) -> go.Figure:
    """Overlap of each two readers, one point per image, with quartiles.

    Args:
        pairs: measured image by image.
    """
    figure = go.Figure()
    for first, second in dict.fromkeys((each.first, each.second) for each in pairs):
        own = [each for each in pairs if (each.first, each.second) == (first, second)]
        figure.add_box(
            y=[each.agreement.dice for each in own],
            x=[f"{first}<br>and<br>{second}"] * len(own),
            customdata=[[each.image, each.agreement.hausdorff_px] for each in own],
            boxpoints="all",
            jitter=0.6,
            pointpos=0,
            fillcolor="rgba(13,148,136,0.15)",
            line={"color": COLOURS[0], "width": 1.5},
            marker={"color": COLOURS[1], "size": 4, "opacity": 0.6},
            hovertemplate="image %{customdata[0]}: Dice %{y:.3f}, Hausdorff %{customdata[1]:.0f} px<extra></extra>",
            hoveron="points",
            showlegend=False,
        )
    figure.update_layout(template="none", height=380, margin={"l": 52, "r": 8, "t": 10, "b": 64}, dragmode=False)
    figure.update_xaxes(fixedrange=True, tickangle=0)
    figure.update_yaxes(title_text="Dice", range=[-0.03, 1.03], fixedrange=True)
    return figure


def _width(box: Box) -> float:
    return min(box.span, WIDEST) - 0.06


def _font_px(box: Box) -> int:
    return WIDE_PX if box.span > 1 else NARROW_PX


def _box_text(box: Box) -> list[str]:
    characters = int(PER_PLACE * _width(box) * NARROW_PX / _font_px(box)) + 1
    title = [f"<b>{line}</b>" for line in textwrap.wrap(box.title, characters)]
    parts = [part.strip() for line in box.lines for part in line.split(", ")]
    return title + [line for part in parts for line in textwrap.wrap(part, characters + 1)]


def _rectangle(box: Box, top: float, bottom: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": box.column - _width(box) / 2,
        "x1": box.column + _width(box) / 2,
        "y0": bottom,
        "y1": top,
        "line": {"color": LINE if box.aside else COLOURS[0], "width": 1.5, "dash": "dot" if box.aside else "solid"},
        "fillcolor": "rgba(13,148,136,0.07)",
        "layer": "below",
    }


def _arrow(flow: Flow, places: Sequence[tuple[float, float, float]], start: int, end: int) -> dict[str, Any]:
    column, top, bottom = places[start]
    to_column, to_top, to_bottom = places[end]
    if flow.boxes[end].aside:
        middle = max((top + bottom) / 2, (to_top + to_bottom) / 2)
        tail = (column + _width(flow.boxes[start]) / 2, middle)
        head = (to_column - _width(flow.boxes[end]) / 2, middle)
    else:
        tail, head = (column, bottom), (to_column, to_top)
    return {
        "x": head[0],
        "y": head[1],
        "ax": tail[0],
        "ay": tail[1],
        "xref": "x",
        "yref": "y",
        "axref": "x",
        "ayref": "y",
        "text": "",
        "showarrow": True,
        "arrowhead": 2,
        "arrowsize": 1.2,
        "arrowwidth": 1.5,
        "arrowcolor": LINE,
    }


def _say(figure: go.Figure, text: str) -> None:
    figure.add_annotation(text=text, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 13})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
