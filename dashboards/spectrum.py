"""The singular value spectrum as a figure: numbers in, figure out."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from lesion_core.augment.svd import rank_by_count
from lesion_core.augment.variants import SVD_RATIOS

_ONE = (("all channels", "#0d9488", "solid"),)
_THREE = (("red", "#dc2626", "solid"), ("green", "#16a34a", "dash"), ("blue", "#2563eb", "dot"))
#: Smaller than this share of the largest, a singular value is rounding noise and not drawn.
_NOISE = 1e-12


def spectrum_figure(values: NDArray[np.float64], energy: NDArray[np.float64]) -> go.Figure:
    """Singular values on a log scale above the energy that each rank keeps.

    Args:
        values: (3, n) singular values of red, green and blue, descending.
        energy: (n,) share of the energy that ranks 1 to n keep, 0-1.

    Returns:
        A figure whose points' x is a rank.
    """
    count = values.shape[1]
    ranks = np.arange(1, count + 1)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.62, 0.38], vertical_spacing=0.06)
    grey = bool((values == values[:1]).all())
    for (name, colour, dash), line in zip(_ONE if grey else _THREE, values, strict=False):
        shown = np.where(line > _NOISE * max(line[0], 1.0), line, np.nan)
        figure.add_trace(
            go.Scatter(
                x=ranks,
                y=shown,
                name=name,
                mode="lines+markers",
                line={"color": colour, "width": 1.5, "dash": dash},
                marker={"size": 3},
                hovertemplate="value %{x}: %{y:.4g}<extra>" + ("" if grey else name) + "</extra>",
                showlegend=not grey,
            ),
            row=1,
            col=1,
        )
    _add_energy(figure, ranks, energy)
    figure.update_layout(**_layout(count))
    figure.update_xaxes(range=[0, count + 1], fixedrange=True)
    figure.update_xaxes(title_text="singular values kept (rank)", row=2, col=1)
    figure.update_yaxes(type="log", dtick=1, title_text="singular value", fixedrange=True, row=1, col=1)
    figure.update_yaxes(range=[0, 104], title_text="energy kept, %", fixedrange=True, row=2, col=1)
    return figure


def kept_band(rank: int) -> tuple[float, float]:
    """The ends of the band over the figure that holds the kept values, in ranks."""
    return 0.5, rank + 0.5


def _add_energy(figure: go.Figure, ranks: NDArray[np.int64], energy: NDArray[np.float64]) -> None:
    """All energy, and the energy without the first value, which is the mean brightness and hides the rest."""
    first = energy[0]
    rest = (energy - first) / (1 - first) if first < 1 - 1e-12 else np.ones_like(energy)
    for name, share, dash in (("all energy", energy, "solid"), ("without the first value", rest, "dot")):
        figure.add_trace(
            go.Scatter(
                x=ranks,
                y=100 * share,
                name=name,
                mode="lines",
                line={"color": "#d97706", "width": 2, "dash": dash},
                hovertemplate=f"{name}: %{{y:.2f}} %<extra></extra>",
            ),
            row=2,
            col=1,
        )


def _layout(count: int) -> dict[str, Any]:
    ticks = [
        {
            "x": rank_by_count(ratio, (count, count)),
            "y": 1.0,
            "xref": "x",
            "yref": "paper",
            "yanchor": "bottom",
            "text": f"{100 * ratio:.0f}" + ("%" if ratio == max(SVD_RATIOS.values()) else ""),
            "showarrow": False,
            "font": {"size": 10},
        }
        for ratio in SVD_RATIOS.values()
    ]
    return {
        "template": "none",
        "height": 430,
        "margin": {"l": 62, "r": 12, "t": 26, "b": 88},
        "hovermode": "x",
        "hoverdistance": -1,
        "dragmode": False,
        "legend": {"orientation": "h", "y": -0.19, "yanchor": "top", "x": 0},
        "annotations": ticks,
    }
