"""Figures of the cross-validation tab: numbers in, figure out. Text and grid take the page's colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.review.palette import BAND, CHOSEN, DASHES, LABELS, MARKERS, MEAN, PATTERNS, QUIET, SERIES
from lesion_core.results.review.distribution import Calibration, Histogram
from lesion_core.results.review.history import EpochRow
from lesion_core.results.review.subgroups import Forest
from lesion_core.stats.bands import RocBand
from lesion_core.stats.roc import RocCurve

#: Points of one curve closer than this are drawn as one.
STEP = 0.002
ROC_PX, SCORES_PX, CURVES_PX, ROW_PX = 430, 430, 320, 34


def roc_figure(curves: Sequence[tuple[int, RocCurve]], band: RocBand, *, chosen: int | None = None) -> go.Figure:
    """Every fold's curve, their mean and its band.

    Args:
        curves: (fold, curve); a point's `customdata` is (fold, threshold).
        band: the mean with its band.
        chosen: the fold that is drawn in front.
    """
    figure = go.Figure()
    if not band.reason:
        figure.add_scatter(
            x=[*band.fpr, *band.fpr[::-1]],
            y=[*band.high, *band.low[::-1]],
            fill="toself",
            fillcolor=BAND,
            line={"width": 0},
            hoverinfo="skip",
            name=f"{band.level:.0%} band of the mean",
        )
    for fold, curve in sorted(curves, key=lambda each: each[0] == chosen):
        if not curve.reason:
            _add_curve(figure, fold, curve, chosen=fold == chosen)
    if not band.reason:
        figure.add_scatter(
            x=band.fpr,
            y=band.tpr,
            mode="lines",
            line={"color": MEAN, "width": 3.5},
            name="mean of the folds",
            hovertemplate="mean: 1 - specificity %{x:.3f}, sensitivity %{y:.3f}<extra></extra>",
        )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": QUIET, "dash": "dot", "width": 1},
        hoverinfo="skip",
        name="chance",
        showlegend=False,
    )
    _frame(figure, ROC_PX)
    figure.update_layout(hovermode="closest", legend={"orientation": "h", "y": -0.19, "x": 0, "yanchor": "top"})
    figure.update_xaxes(title_text="1 - specificity (false alarms)", range=[-0.01, 1.01])
    figure.update_yaxes(title_text="sensitivity (TPR)", range=[-0.01, 1.01])
    return figure


def scores_figure(bars: Histogram, calibrated: Calibration) -> go.Figure:
    """Above the scores by label, label 1 upwards and label 0 downwards; below observed against predicted.

    Args:
        bars: the histogram; a bar's `customdata` is (low, high, label).
        calibrated: the reliability curve; a point's `customdata` is (low, high).
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1, row_heights=[0.5, 0.5])
    middle = (bars.edges[:-1] + bars.edges[1:]) / 2
    ends = [[float(low), float(high)] for low, high in zip(bars.edges[:-1], bars.edges[1:], strict=True)]
    for label, counts, sign in ((1, bars.positives, 1), (0, bars.negatives, -1)):
        figure.add_bar(
            x=middle,
            y=sign * counts,
            width=float(bars.edges[1]) * 0.92,
            customdata=[[*each, label, int(n)] for each, n in zip(ends, counts, strict=True)],
            name=f"label {label} ({'up' if sign > 0 else 'down'})",
            marker={
                "color": LABELS[label],
                "pattern": {"shape": PATTERNS[label], "fgcolor": "#ffffff", "fillmode": "overlay", "size": 5},
            },
            hovertemplate="score %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{customdata[3]}<extra></extra>",
            row=1,
            col=1,
        )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": QUIET, "dash": "dot", "width": 1},
        hoverinfo="skip",
        name="perfect",
        showlegend=False,
        row=2,
        col=1,
    )
    bins = calibrated.bins
    figure.add_scatter(
        x=[each.predicted for each in bins],
        y=[each.observed.value for each in bins],
        customdata=[[each.low, each.high, each.observed.n] for each in bins],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [each.observed.high - each.observed.value for each in bins],
            "arrayminus": [each.observed.value - each.observed.low for each in bins],
            "color": MEAN,
            "thickness": 1.2,
        },
        mode="lines+markers",
        line={"color": MEAN, "width": 1.5},
        marker={"size": 8},
        name="observed share of label 1",
        hovertemplate="score %{x:.3f}: observed %{y:.3f}, n = %{customdata[2]}<extra></extra>",
        row=2,
        col=1,
    )
    _frame(figure, SCORES_PX)
    reach = max(int(bars.positives.max(initial=1)), int(bars.negatives.max(initial=1)), 1) * 1.08
    ticks = [each for each in np.linspace(-reach, reach, 5) if each]
    ticks = sorted({_round(each) for each in ticks} | {0.0})
    figure.update_layout(
        barmode="overlay",
        bargap=0,
        hovermode="closest",
        legend={"orientation": "h", "y": -0.17, "x": 0, "yanchor": "top"},
    )
    figure.update_xaxes(range=[-0.01, 1.01])
    figure.update_xaxes(title_text="score", row=2, col=1)
    figure.update_yaxes(
        title_text="count",
        range=[-reach, reach],
        tickvals=ticks,
        ticktext=[f"{abs(each):,.0f}" for each in ticks],
        row=1,
        col=1,
    )
    figure.update_yaxes(title_text="observed", range=[-0.03, 1.03], row=2, col=1)
    return figure


def forest_figure(found: Forest, *, chosen: str = "") -> go.Figure:
    """A figure by subgroup with intervals; a row's `customdata` is its level.

    Args:
        found: the subgroups.
        chosen: level of the row whose cases are listed.
    """
    figure = go.Figure()
    rows = found.rows[::-1]
    names = [f"{'▶ ' if row.level == chosen else ''}{_short(row.level)}" for row in rows]
    for at, row in enumerate(rows):
        estimate = row.estimate
        has_interval = estimate.defined and not math.isnan(estimate.low)
        figure.add_scatter(
            x=[estimate.value if estimate.defined else 0.0],
            y=[at],
            customdata=[[row.level, row.n, row.positives, estimate.reason]],
            mode="markers",
            cliponaxis=False,
            marker={
                "symbol": "square" if estimate.defined else "x-thin-open",
                "size": 7 + 9 * math.sqrt(row.n / max(each.n for each in rows)) if row.n else 7,
                "color": CHOSEN if row.level == chosen else MEAN,
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [estimate.high - estimate.value],
                "arrayminus": [estimate.value - estimate.low],
                "color": CHOSEN if row.level == chosen else MEAN,
                "thickness": 1.6,
            }
            if has_interval
            else None,
            hovertemplate=(
                "%{customdata[0]}: n = %{customdata[1]}, %{customdata[2]} with label 1. "
                + (f"{found.figure} %{{x:.3f}}" if estimate.defined else "undefined: %{customdata[3]}")
                + "<extra></extra>"
            ),
            showlegend=False,
        )
    if found.overall.defined:
        figure.add_vline(x=found.overall.value, line={"color": QUIET, "dash": "dash", "width": 1.5})
    _frame(figure, 100 + ROW_PX * len(rows))
    figure.update_layout(hovermode="closest", margin={"l": 10, "r": 12, "t": 8, "b": 48})
    lows = [row.estimate.low for row in rows if not math.isnan(row.estimate.low)] or [0.0]
    start = 0.0 if any(not row.estimate.defined for row in rows) else max(0.0, math.floor(20 * min(lows)) / 20 - 0.02)
    figure.update_xaxes(title_text=found.figure, range=[start, 1.02], nticks=5, tickangle=0)
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=names, range=[-0.6, len(rows) - 0.4], automargin=True, showgrid=False
    )
    return figure


def training_figure(rows: Sequence[EpochRow]) -> go.Figure:
    """Loss by epoch, a line for each fold, told apart by colour and marker: solid in training, dashed in validation."""
    figure = go.Figure()
    folds = list(dict.fromkeys(row.fold for row in rows))
    for at, fold in enumerate(folds):
        own = [row for row in rows if row.fold == fold]
        colour = SERIES[at % len(SERIES)]
        marker = MARKERS[(at + at // len(SERIES)) % len(MARKERS)]  # the seventh colour is the first one again
        name = f"fold {fold}" if fold else "final model"
        for what, dash in (("loss", "solid"), ("validation_loss", "dash")):
            values = [getattr(row, what) for row in own]
            if any(value is not None for value in values):
                figure.add_scatter(
                    x=[row.epoch for row in own],
                    y=values,
                    mode="lines+markers",
                    line={"color": colour, "dash": dash if what != "loss" else DASHES[0], "width": 1.5},
                    marker={"size": 6, "symbol": marker},
                    name=f"{name}, {'validation' if what != 'loss' else 'training'}",
                    hovertemplate=f"{name}, {what.replace('_', ' ')}: %{{y:.4f}} (epoch %{{x}})<extra></extra>",
                )
    _frame(figure, CURVES_PX + 40)
    figure.update_layout(margin_b=110, legend={"orientation": "h", "y": -0.3, "font_size": 10})
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(title_text="loss", rangemode="tozero")
    return figure


def _add_curve(figure: go.Figure, fold: int, curve: RocCurve, *, chosen: bool) -> None:
    kept = _thinned(curve)
    thresholds = [[fold, float(min(max(t, 0.0), 1.0))] for t in curve.thresholds[kept]]
    figure.add_scatter(
        x=curve.fpr[kept],
        y=curve.tpr[kept],
        customdata=thresholds,
        mode="lines",
        line={
            "color": CHOSEN if chosen else QUIET,
            "width": 2.5 if chosen else 1,
            "dash": "dash" if chosen else "solid",
        },
        name=f"fold {fold}",
        showlegend=chosen,
        hovertemplate=f"fold {fold}: threshold %{{customdata[1]:.3f}}, 1 - specificity %{{x:.3f}}, "
        "sensitivity %{y:.3f}<extra></extra>",
    )


def _thinned(curve: RocCurve) -> list[int]:
    """Points that a screen can tell apart, both ends among them."""
    kept = [0]
    for at in range(1, curve.fpr.size - 1):
        last = kept[-1]
        if curve.fpr[at] - curve.fpr[last] >= STEP or curve.tpr[at] - curve.tpr[last] >= STEP:
            kept.append(at)
    return [*kept, curve.fpr.size - 1] if curve.fpr.size > 1 else kept


def _frame(figure: go.Figure, height_px: int) -> None:
    figure.update_layout(template="none", height=height_px, margin={"l": 56, "r": 12, "t": 10, "b": 48}, dragmode=False)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)


def _round(value: float) -> float:
    """To one leading digit."""
    if not value:
        return 0.0
    size = float(10 ** math.floor(math.log10(abs(value))))
    return math.trunc(value / size) * size


def _short(text: str, limit: int = 22) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
