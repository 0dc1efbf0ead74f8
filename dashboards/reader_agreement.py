"""How far readers' borders agree: the three outlines of DDTI's re-reading, as a section of the Borders tab."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, partial

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from dashboards.cohort_figures import agreement_figure
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.plain_table import PlainTable
from lesion_core.cases.ddti_readers import ReaderPair, read_pairs
from lesion_core.stats.bootstrap import bootstrap_interval
from lesion_core.stats.estimate import Estimate

DRAWS = 1000
INTRODUCTION = (
    "How much two readers differ can be measured on DDTI (thyroid): its images were outlined again in 2023 by a "
    "radiologist and two residents. **The two residents' masks are identical in {same} of {both} images**, so they are "
    "one outline and not two; what is left is one comparison. Where readers outlined different nodules, that lowers "
    "the overlap too."
)
HEAD = (
    "Readers",
    "Images (cases)",
    "Median Dice (95 % CI)",
    "Median Hausdorff distance, px",
    "Median mean distance, px",
    "Identical",
)


def agreement_rows(pairs: Sequence[ReaderPair]) -> list[list[str]]:
    """Each two readers: how many images of how many cases, medians, and the interval of the overlap by case."""
    rows = []
    for first, second in dict.fromkeys((each.first, each.second) for each in pairs):
        own = [each for each in pairs if (each.first, each.second) == (first, second)]
        dice = np.array([each.agreement.dice for each in own])
        case = np.unique([each.image.split("_")[0] for each in own], return_inverse=True)[1].astype(np.int64)
        median = bootstrap_interval(
            partial(_median_of, dice),
            np.ones(len(own), dtype=bool),
            case,
            value=float(np.median(dice)),
            name="median Dice",
            draws=DRAWS,
        )
        rows.append(
            [
                f"{first} and {second}",
                f"{len(own)} ({case.max() + 1})",
                f"{median.value:.3f} ({_interval(median)})",
                f"{np.median([each.agreement.hausdorff_px for each in own]):.1f}",
                f"{np.median([each.agreement.mean_px for each in own]):.1f}",
                f"{sum(each.agreement.dice == 1 for each in own)} of {len(own)}",
            ]
        )
    return rows


def build() -> None:
    """Lay out the section; call inside a `gr.Tab`."""
    pairs = _pairs()
    residents = [each for each in pairs if each.first.startswith("resident")]
    same = sum(each.agreement.dice == 1 for each in residents)
    gr.Markdown(f"### Do readers draw the same border?\n{INTRODUCTION.format(same=same, both=len(residents))}")
    rows = _agreement_rows()
    words = "; ".join(f"{row[0]}: median Dice {row[2]}, {row[1]} images (cases)" for row in rows)
    ClickablePlot(agreement_figure(pairs), description=words, height_px=380, elem_id="borders-agreement")
    table = PlainTable.show([HEAD, *rows], name="Agreement of two readers")
    PlainTable(table, elem_id="borders-agreement-table")
    gr.Markdown(
        f"Intervals: percentile bootstrap of whole cases, {DRAWS:,} draws. Dice 1 is equal, 0 apart; distances in "
        "pixels of the image. Made again with `python -m lesion_core agreement`."
    )


def _median_of(values: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
    return float(np.median(values[rows]))


@cache
def _pairs() -> tuple[ReaderPair, ...]:
    return read_pairs()


@cache
def _agreement_rows() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in agreement_rows(_pairs()))


def _interval(estimate: Estimate) -> str:
    """Its ends, or that there is none."""
    return "no interval" if math.isnan(estimate.low) else f"{estimate.low:.3f} to {estimate.high:.3f}"
