"""How the scores lie: a histogram by label, and how far they are from being probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lesion_core.results.review.scored import Floats, Ints, UnitView
from lesion_core.stats.calibration import (
    BrierScore,
    CalibrationLine,
    ReliabilityBin,
    brier_score,
    calibration_line,
    reliability_curve,
)

BARS = 20


@dataclass(frozen=True)
class Histogram:
    """Units by score.

    Attributes:
        edges: (b + 1,) from 0 to 1; a bar holds its lower end, the last one its upper end too.
        negatives: (b,) units with label 0.
        positives: (b,) units with label 1.
    """

    edges: Floats
    negatives: Ints
    positives: Ints


@dataclass(frozen=True)
class Calibration:
    """Observed against predicted.

    Attributes:
        bins: with intervals.
        line: slope, intercept, in the large.
        brier: the score and its parts.
        what: which scores these are: "raw scores" or "recalibrated scores".
    """

    bins: tuple[ReliabilityBin, ...]
    line: CalibrationLine
    brier: BrierScore
    what: str


def histogram(view: UnitView, *, bars: int = BARS) -> Histogram:
    """Count the units that could be assessed."""
    edges = np.linspace(0, 1, bars + 1)
    counts = [
        np.histogram(view.scores[view.assessed & (view.labels == label)], edges)[0].astype(np.int64) for label in (0, 1)
    ]
    return Histogram(edges, *counts)


def calibration(view: UnitView) -> Calibration:
    """How far the raw scores are from probabilities on these units."""
    there = view.assessed
    label, score, groups = view.labels[there], view.scores[there], view.assessed_groups
    return Calibration(
        bins=reliability_curve(label, score, groups=groups),
        line=calibration_line(label, score, groups=groups),
        brier=brier_score(label, score, groups=groups),
        what="raw scores",
    )
