"""The smaller figures of the held-out test tab: agreement, differences, stability, views. Numbers in, figure out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboards.observers.roc_figure import as_text
from dashboards.observers.tables import group_key, right_in_words
from dashboards.review.palette import LABELS, MARKERS, QUIET, SERIES
from lesion_core.results.observers.against_each import PairTest
from lesion_core.results.observers.agreement_groups import AgreementGroup
from lesion_core.results.observers.stability import Stability
from lesion_core.results.observers.views import ViewAgreement
from lesion_core.stats.estimate import signed

#: A row of the differences: two lines of words above the interval.
ROW_PX = 58


def agreement_figure(groups: Sequence[AgreementGroup], *, chosen: str = "") -> go.Figure:
    """The paper's Figures 2 and 5 in numbers: for each label, who is right. Each cell can be clicked.

    Args:
        groups: of `agreement_groups`.
        chosen: key of the group whose cases are listed.
    """
    shown = [each for each in groups if each.right != "not assessed"]
    if any(each.n for each in groups if each.right == "not assessed"):
        shown = list(groups)
    columns = list(dict.fromkeys(each.right for each in shown))
    rows = (False, True)  # drawn from below: label 1 on top
    totals = {positive: sum(each.n for each in groups if each.positive == positive) for positive in rows}
    cell = {(each.positive, each.right): each for each in shown}
    share = [[cell[p, c].n / totals[p] if totals[p] else 0.0 for c in columns] for p in rows]
    figure = go.Figure(
        go.Heatmap(
            z=share,
            x=[_two_lines(c) for c in columns],
            y=[f"label {int(p)}<br>n = {totals[p]:,}" for p in rows],
            customdata=[[group_key(cell[p, c]) for c in columns] for p in rows],
            zmin=0,
            zmax=1,
            colorscale=[[0, "rgba(37,99,235,0.04)"], [1, "rgba(37,99,235,0.50)"]],
            showscale=False,
            xgap=3,
            ygap=3,
            hovertemplate="%{y}, %{x}: %{z:.1%}<br>click to list the cases<extra></extra>",
        )
    )
    for y, p in enumerate(rows):
        for x, c in enumerate(columns):
            n = cell[p, c].n
            words = f"<b>{n:,}</b><br>{n / totals[p]:.1%}" if totals[p] else "none"
            # As annotations, because text of a heatmap takes no colour of the page.
            figure.add_annotation(x=x, y=y, text=words, showarrow=False, font={"size": 12})
    figure.update_layout(template="none", height=260, margin={"l": 74, "r": 8, "t": 72, "b": 8}, dragmode=False)
    figure.update_xaxes(side="top", title_text="right:", fixedrange=True, tickangle=0, showgrid=False)
    figure.update_yaxes(fixedrange=True, showgrid=False)
    for y, p in enumerate(rows):
        for x, c in enumerate(columns):
            if group_key(cell[p, c]) == chosen:
                figure.add_shape(
                    type="rect",
                    x0=x - 0.48,
                    x1=x + 0.48,
                    y0=y - 0.47,
                    y1=y + 0.47,
                    line={"color": SERIES[3], "width": 3},
                )
    return figure


def agreement_in_words(groups: Sequence[AgreementGroup]) -> str:
    """The same for who cannot see it."""
    return ". ".join(f"label {int(each.positive)}, {right_in_words(each)}: {each.n}" for each in groups if each.n)


def pair_figure(tests: Sequence[PairTest]) -> go.Figure:
    """Differences of sensitivity and specificity, model minus reader, with intervals.

    Args:
        tests: of `pair_tests`.
    """
    figure = go.Figure()
    names = [f"{as_text(each.model)} - {as_text(each.reader)}<br>{each.rate} at the {_where(each)}" for each in tests]
    for at, rate in enumerate(("sensitivity", "specificity")):
        own = [(name, each) for name, each in zip(names, tests, strict=True) if each.rate == rate and each.test.defined]
        figure.add_scatter(
            x=[each.test.value for _, each in own],
            y=[name for name, _ in own],
            mode="markers",
            marker={"color": SERIES[at], "symbol": MARKERS[at], "size": 9},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [each.test.high - each.test.value for _, each in own],
                "arrayminus": [each.test.value - each.test.low for _, each in own],
                "color": SERIES[at],
            },
            name=rate,
            customdata=[signed(each.test.value) for _, each in own],
            hovertemplate="%{y}: %{customdata}<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": QUIET, "dash": "dot"})
    figure.update_layout(
        template="none",
        height=80 + ROW_PX * max(len(tests), 1),
        margin={"l": 12, "r": 12, "t": 36, "b": 44},
        dragmode=False,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
    for name in names:
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=name, yshift=20, text=name, align="left", showarrow=False,
            font={"size": 10},
        )  # fmt: skip
    figure.update_xaxes(
        title_text="model minus reader (95 % CI)", fixedrange=True, zeroline=False, tickangle=0, nticks=6
    )
    figure.update_yaxes(
        fixedrange=True,
        type="category",
        categoryorder="array",
        categoryarray=names[::-1],
        range=[-0.4, max(len(tests), 1) - 0.2],
        showticklabels=False,
        showgrid=False,
    )
    return figure


def stability_figure(found: Sequence[Stability]) -> go.Figure:
    """Mean change of the score and share of calls that change, by size of the nudge.

    Args:
        found: of one model and set, smallest nudge first.
    """
    figure = go.Figure()
    x = [100 * each.nudge for each in found]
    series = [("mean change of the score", [each.moved.change for each in found])]
    if all(each.moved.flipped is not None for each in found):
        series.append(
            ("share of calls that change", [each.moved.flipped for each in found if each.moved.flipped is not None])
        )
    for at, (name, estimates) in enumerate(series):
        figure.add_scatter(
            x=x,
            y=[each.value for each in estimates],
            mode="lines+markers",
            line={"color": SERIES[at], "dash": ("solid", "dash")[at]},
            marker={"symbol": MARKERS[at], "size": 8, "color": SERIES[at]},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [each.high - each.value for each in estimates],
                "arrayminus": [each.value - each.low for each in estimates],
                "color": SERIES[at],
            },
            name=name,
            hovertemplate=f"{name}: %{{y:.3f}} at %{{x:.0f}} %<extra></extra>",
        )
    figure.update_layout(
        template="none",
        height=320,
        margin={"l": 56, "r": 12, "t": 40, "b": 64},
        dragmode=False,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(title_text="largest displacement,<br>% of the lesion's diameter", dtick=1, fixedrange=True)
    figure.update_yaxes(title_text="change (95 % CI)", rangemode="tozero", fixedrange=True)
    return figure


def views_figure(found: ViewAgreement) -> go.Figure:
    """The two views' scores against each other.

    Args:
        found: of one run.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": QUIET, "dash": "dot"}, hoverinfo="skip", showlegend=False
    )
    for label in (0, 1):
        own = found.labels == label
        figure.add_scatter(
            x=found.first[own],
            y=found.second[own],
            mode="markers",
            marker={"color": LABELS[label], "symbol": ("circle-open", "x")[label], "size": 6, "opacity": 0.7},
            name=f"label {label} (n = {int(own.sum()):,} pairs)",
            hovertemplate="first view %{x:.3f}, second view %{y:.3f}<extra></extra>",
        )
    figure.update_layout(
        template="none",
        height=360,
        margin={"l": 56, "r": 12, "t": 40, "b": 50},
        dragmode=False,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(title_text="score of the first view", range=[-0.02, 1.02], fixedrange=True, zeroline=False)
    figure.update_yaxes(title_text="score of the second view", range=[-0.02, 1.02], fixedrange=True, zeroline=False)
    return figure


def stability_in_words(found: Sequence[Stability]) -> str:
    """Stability for who cannot see it."""
    return ". ".join(f"nudged by {each.nudge:.0%}: mean change {each.moved.change.value:z.3f}" for each in found)


def views_in_words(found: ViewAgreement) -> str:
    """Views for who cannot see them."""
    if not found.first.size:
        return found.difference.reason
    correlation = float(np.corrcoef(found.first, found.second)[0, 1]) if found.first.size > 2 else math.nan
    return f"{found.first.size} pairs of views, correlation of the scores {correlation:.2f}"


def _two_lines(right: str) -> str:
    return right.replace(" ", "<br>")


def _where(test: PairTest) -> str:
    return "model's own threshold" if test.setting == "own threshold" else test.setting
