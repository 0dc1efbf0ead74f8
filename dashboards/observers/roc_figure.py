"""Figure 4: ROC curves of models with readers as points or ordinal curves, the average reader, and bands.

Numbers in, figure out. What a colour says, a dash, a marker or a word in the legend says too.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboards.review.palette import BAND, CHOSEN, DASHES, MARKERS, QUIET, SERIES
from lesion_core.results.observers.figures_of_merit import MeritRow
from lesion_core.results.observers.panel import ModelColumn, Panel
from lesion_core.results.observers.published import PublishedRow
from lesion_core.results.observers.reader_column import ReaderColumn
from lesion_core.stats.average_reader import AverageReader
from lesion_core.stats.bands import RocBand
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.inputs import Bools, Floats
from lesion_core.stats.roc import RocCurve, roc_curve

#: A curve is drawn through at most so many points.
MOST_POINTS = 600
#: Points of readers get their interval drawn where there are few of them.
MOST_WITH_INTERVALS = 3
#: Kinds of area as short as a legend on a phone needs them.
SHORT = {"AUC": "AUC", "AUC of ordered categories": "ordinal AUC", "balanced accuracy": "balanced acc."}
#: Where the names of TNet, R1, R2, R3, AvgR and the category stand beside their points.
PLACES = ("top left", "bottom right", "top right", "bottom center", "bottom right", "bottom right")
#: Heights of the plot, of the axis below it, and of a line of the legend.
PLOT_PX, AXIS_PX, LEGEND_PX = 400, 70, 20
READER_COLOURS = ("#d97706", "#b45309", "#db2777", "#7c3aed", "#0d9488", "#64748b")


@dataclass(frozen=True)
class ChosenPoint:
    """A moved threshold, drawn on its model's curve.

    Attributes:
        model: name of the model.
        threshold: calls are score >= threshold.
        fpr: 1 - specificity.
        tpr: sensitivity.
    """

    model: str
    threshold: float
    fpr: float
    tpr: float


def roc_figure(
    panel: Panel,
    rows: Sequence[MeritRow],
    *,
    references: Panel | None = None,
    band: RocBand | None = None,
    average: AverageReader | None = None,
    chosen: ChosenPoint | None = None,
) -> go.Figure:
    """Figure 4 of a panel.

    Args:
        panel: with "cannot assess" already counted one way.
        rows: its figures of merit, same order: models, then readers.
        references: the reference models (the outline alone, the network alone, ...), drawn quietly.
        band: of the first model's curve.
        average: of the readers' ordinal curves.
        chosen: a threshold that was moved.
    """
    figure = go.Figure()
    _chance(figure)
    if references is not None:
        for at, model in enumerate(references.models):
            _reference(figure, references, model, at)
    if band is not None and not band.reason:
        _band(figure, band, panel.models[0].name)
    merits = {(row.who, row.is_model): row for row in rows}
    for at, model in enumerate(panel.models):
        _model(figure, panel, model, merits[model.name, True], at)
    few = len(panel.readers) <= MOST_WITH_INTERVALS
    for at, reader in enumerate(panel.readers):
        _reader(figure, panel, reader, merits[reader.name, False], at, intervals=few)
    if average is not None and not average.reason:
        figure.add_scatter(
            x=average.fpr,
            y=average.tpr,
            mode="lines",
            line={"color": QUIET, "width": 4, "dash": "dash"},
            name=f"average reader: mean AUC {_area(average.mean_area)}",
            hovertemplate="average reader<br>1 - specificity %{x:.3f}<br>mean sensitivity %{y:.3f}<extra></extra>",
        )
    if chosen is not None:
        figure.add_scatter(
            x=[chosen.fpr],
            y=[chosen.tpr],
            mode="markers",
            marker={"color": CHOSEN, "size": 15, "symbol": "star-open", "line": {"width": 3}},
            name=f"{as_text(chosen.model)} at {chosen.threshold:.3f}, moved (post hoc)",
            hovertemplate="moved threshold<extra></extra>",
        )
    return _laid_out(figure)


def published_figure(rows: Sequence[PublishedRow]) -> go.Figure:
    """The paper's readers and TNet as points with intervals: there is no curve behind any of them.

    Args:
        rows: of one test set.
    """
    figure = go.Figure()
    _chance(figure)
    for at, row in enumerate(rows):
        is_model = row.reader == "TNet"
        colour = SERIES[0] if is_model else READER_COLOURS[(at - 1) % len(READER_COLOURS)]
        x, y = 1 - row.specificity.value, row.sensitivity.value
        kind = SHORT["AUC of ordered categories" if row.reader.startswith("recorded") else "balanced accuracy"]
        figure.add_scatter(
            x=[x],
            y=[y],
            mode="markers+text",
            text=[row.reader],
            textposition=PLACES[at % len(PLACES)],
            marker={"color": colour, "size": 13, "symbol": "star" if is_model else MARKERS[at % len(MARKERS)]},
            error_x=_error(1 - row.specificity.high, x, 1 - row.specificity.low, colour),
            error_y=_error(row.sensitivity.low, y, row.sensitivity.high, colour),
            name=f"{row.reader}: {kind} {_area(row.area)}",
            customdata=[["reader", row.reader]],
            hovertemplate=f"{row.reader}<br>sensitivity %{{y:.3f}}<br>1 - specificity %{{x:.3f}}<extra></extra>",
        )
    return _laid_out(figure)


def in_words(panel: Panel, rows: Sequence[MeritRow]) -> str:
    """Figure 4 for who cannot see it."""
    parts = []
    for row in rows:
        point = ""
        if row.point is not None:
            point = f", sensitivity {row.point.sensitivity:.3f}, specificity {row.point.specificity:.3f}"
        parts.append(f"{row.who}: {row.area_kind} {_area(row.area)}{point}, n = {row.n}")
    return f"ROC space of {panel.n} {panel.unit}s. " + ". ".join(parts)


def published_in_words(rows: Sequence[PublishedRow]) -> str:
    """The paper's points for who cannot see them."""
    return "ROC space of the paper's counts. " + ". ".join(
        f"{row.reader}: sensitivity {row.counts.tp}/{row.counts.positives}, "
        f"specificity {row.counts.tn}/{row.counts.negatives}"
        for row in rows
    )


def as_text(name: str) -> str:
    """A name from a file as Plotly shows it: nothing in it is markup."""
    return html.escape(name, quote=False).replace("%{", "% {")


def _chance(figure: go.Figure) -> None:
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": QUIET, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )


def _reference(figure: go.Figure, panel: Panel, model: ModelColumn, at: int) -> None:
    curve = _curve(panel.labels[model.assessed], model.score[model.assessed])
    if curve.reason:
        return
    keep = _thinned(curve)
    figure.add_scatter(
        x=curve.fpr[keep],
        y=curve.tpr[keep],
        mode="lines",
        line={"color": QUIET, "width": 1.6, "dash": ("dot", "dashdot")[at % 2]},
        name=f"reference, {model.name}: AUC {_trapezoid(curve):.3f}",
        hovertemplate=f"{model.name}<br>1 - specificity %{{x:.3f}}<br>sensitivity %{{y:.3f}}<extra></extra>",
    )


def _band(figure: go.Figure, band: RocBand, name: str) -> None:
    figure.add_scatter(
        x=np.r_[band.fpr, band.fpr[::-1]],
        y=np.r_[band.high, band.low[::-1]],
        fill="toself",
        fillcolor=BAND,
        mode="lines",
        line={"width": 0},
        name=f"{as_text(name)}: pointwise {band.level:.0%} band, bootstrap",
        hoverinfo="skip",
    )


def _model(figure: go.Figure, panel: Panel, model: ModelColumn, row: MeritRow, at: int) -> None:
    colour, dash = SERIES[at % len(SERIES)] if at else SERIES[0], DASHES[at % len(DASHES)]
    curve = _curve(panel.labels[model.assessed], model.score[model.assessed])
    if not curve.reason:
        keep = _thinned(curve)
        thresholds = np.where(np.isinf(curve.thresholds), 1.0, curve.thresholds)[keep]
        figure.add_scatter(
            x=curve.fpr[keep],
            y=curve.tpr[keep],
            mode="lines+markers",
            marker={"size": 5, "opacity": 0.01},
            line={"color": colour, "width": 2.5, "dash": dash},
            name=f"{as_text(model.name)}: AUC {_area(row.area)}",
            customdata=[["model", model.key, float(each)] for each in thresholds],
            hovertemplate=(
                f"{as_text(model.name)}, threshold %{{customdata[2]:.3f}}<br>sensitivity %{{y:.3f}}"
                "<br>1 - specificity %{x:.3f}<extra></extra>"
            ),
        )
    if row.point is not None and row.point.positives and row.point.negatives:
        figure.add_scatter(
            x=[1 - row.point.specificity],
            y=[row.point.sensitivity],
            mode="markers",
            marker={"color": colour, "size": 14, "symbol": "star", "line": {"width": 1, "color": "white"}},
            name=f"{as_text(model.name)} at its stated threshold",
            hovertemplate=f"{as_text(model.name)}, {row.how}<extra></extra>",
        )


def _reader(figure: go.Figure, panel: Panel, reader: ReaderColumn, row: MeritRow, at: int, *, intervals: bool) -> None:
    colour, marker = READER_COLOURS[at % len(READER_COLOURS)], MARKERS[at % len(MARKERS)]
    name = as_text(reader.name)
    legend = f"{name}: {SHORT[row.area_kind]} {_area(row.area)}"
    if reader.ordinal and reader.read.any():
        curve = _curve(panel.labels[reader.read], reader.rating[reader.read])
        if not curve.reason:
            figure.add_scatter(
                x=curve.fpr,
                y=curve.tpr,
                mode="lines+markers",
                line={"color": colour, "width": 1.2, "dash": DASHES[(at + 1) % len(DASHES)]},
                marker={"color": colour, "size": 6, "symbol": f"{marker}-open"},
                legendgroup=reader.name,
                showlegend=False,
                customdata=[["reader", reader.name]] * curve.fpr.size,
                hovertemplate=f"{name}<br>sensitivity %{{y:.3f}}<br>1 - specificity %{{x:.3f}}<extra></extra>",
            )
    point = row.point
    if point is None or not point.positives or not point.negatives:
        return
    x, y = 1 - point.specificity, point.sensitivity
    bars = {}
    if intervals:
        bars = {
            "error_x": _error(1 - row.specificity.high, x, 1 - row.specificity.low, colour),
            "error_y": _error(row.sensitivity.low, y, row.sensitivity.high, colour),
        }
    figure.add_scatter(
        x=[x],
        y=[y],
        mode="markers+text",
        text=[as_text(_short(reader.name))],
        textposition="bottom right",
        marker={"color": colour, "size": 12, "symbol": marker, "line": {"width": 1, "color": "white"}},
        name=legend,
        legendgroup=reader.name,
        customdata=[["reader", reader.name]],
        hovertemplate=f"{name}, {row.how}<br>sensitivity %{{y:.3f}}<br>1 - specificity %{{x:.3f}}<extra></extra>",
        **bars,
    )


def _short(name: str) -> str:
    """A reader's name on the plot: the last word of it."""
    return name.split()[-1][:12]


def _curve(labels: Bools, values: Floats) -> RocCurve:
    return roc_curve(labels, values)


def _thinned(curve: RocCurve) -> np.ndarray:
    """Rows of the curve that are drawn: all, or about `MOST_POINTS` at even distances along it."""
    if curve.fpr.size <= MOST_POINTS:
        return np.arange(curve.fpr.size)
    along = curve.fpr + curve.tpr
    wanted = np.linspace(0, along[-1], MOST_POINTS)
    return np.unique(np.r_[0, np.searchsorted(along, wanted), curve.fpr.size - 1].clip(0, curve.fpr.size - 1))


def _trapezoid(curve: RocCurve) -> float:
    return float(np.trapezoid(curve.tpr, curve.fpr))


def _area(estimate: Estimate) -> str:
    if not estimate.defined:
        return f"undefined ({estimate.reason})"
    if math.isnan(estimate.low):
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f}-{estimate.high:.3f})"


def _error(low: float, value: float, high: float, colour: str) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, high - value)],
        "arrayminus": [max(0.0, value - low)],
        "color": colour,
        "thickness": 1.2,
        "width": 4,
    }


def _laid_out(figure: go.Figure) -> go.Figure:
    shown = sum(trace.showlegend is not False for trace in figure.data)
    below = AXIS_PX + LEGEND_PX * shown
    figure.update_layout(
        template="none",
        height=PLOT_PX + 10 + below,
        margin={"l": 56, "r": 12, "t": 10, "b": below},
        dragmode=False,
        hovermode="closest",
        legend={
            "orientation": "v",
            "x": -0.12,
            "xanchor": "left",
            "y": -(AXIS_PX - 2) / PLOT_PX,
            "yanchor": "top",
            "itemclick": False,
            "itemdoubleclick": False,
            "font": {"size": 10},
        },
    )
    figure.update_xaxes(
        title_text="1 - specificity (false positive rate)",
        range=[-0.02, 1.02],
        fixedrange=True,
        dtick=0.2,
        zeroline=False,
    )
    figure.update_yaxes(title_text="sensitivity (TPR)", range=[-0.02, 1.02], fixedrange=True, dtick=0.2, zeroline=False)
    return figure
