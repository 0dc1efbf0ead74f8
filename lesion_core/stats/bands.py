"""Confidence bands of a ROC curve: pointwise by bootstrap, or simultaneous (the whole curve at once)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.bootstrap import bootstrap_counts
from lesion_core.stats.inputs import Bools, Floats, Ints, cluster_codes, cluster_count, confidence, labelled_scores
from lesion_core.stats.roc import RocCurve, roc_curve

BandMethod = Literal["bootstrap", "simultaneous"]


@dataclass(frozen=True)
class RocBand:
    """Sensitivity over a grid of false positive rates, with a band.

    Attributes:
        fpr: (g,) float64, 0-1, rising: 1 - specificity.
        tpr: (g,) float64, 0-1: the curve itself, interpolated.
        low: (g,) float64, 0-1: lower edge.
        high: (g,) float64, 0-1: upper edge.
        level: confidence level, 0-1.
        method: how the band was made.
        n: number of cases.
        clusters: number of patients; None when cases were taken as independent.
        reason: why there is none; "" when there is one (else tpr, low and high are NaN).
    """

    fpr: Floats
    tpr: Floats
    low: Floats
    high: Floats
    level: float
    method: str
    n: int
    clusters: int | None = None
    reason: str = ""


def roc_band(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    method: BandMethod = "bootstrap",
    level: float = 0.95,
    groups: ArrayLike | None = None,
    points: int = 101,
    draws: int = 2000,
    rng: np.random.Generator | int = 0,
) -> RocBand:
    """A band around the ROC curve on an even grid of false positive rates.

    - ``bootstrap``: percentiles of the sensitivity at each false positive rate, stratified, by patient with ``groups``:
      it covers each point of the curve at ``level``, not the curve as a whole (pROC's ``ci.se``).
    - ``simultaneous``: fixed width, from the Kolmogorov-Smirnov bounds of both classes (Campbell 1994, Statistics in
      Medicine 13:499): the whole curve at ``level``. Takes cases as independent.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite.
        method: one of the above.
        level: confidence level, 0-1.
        groups: (n,) patient ids; None takes the cases as independent.
        points: size of the grid, at least 2.
        draws: number of bootstrap samples.
        rng: source of chance, or a seed.

    Raises:
        StatisticsError: unusable input, an unknown method, or ``groups`` with the simultaneous band.
    """
    positive, score = labelled_scores(y_true, y_score)
    confidence(level)
    if method not in ("bootstrap", "simultaneous"):
        raise StatisticsError(f"no band named {method!r}: choose bootstrap or simultaneous")
    if points < 2:
        raise StatisticsError(f"points must be at least 2, got {points}")
    codes = None if groups is None else cluster_codes(groups, positive.size)
    if codes is not None and method == "simultaneous":
        raise StatisticsError("the simultaneous band takes cases as independent: use bootstrap with groups")
    clusters = cluster_count(codes)
    curve = roc_curve(positive, score)
    grid = np.linspace(0, 1, points)
    if curve.reason:
        nothing = np.full(points, math.nan)
        return RocBand(grid, nothing, nothing, nothing, level, method, positive.size, clusters, curve.reason)
    tpr = sensitivity_at(curve.fpr, curve.tpr, grid)
    if method == "simultaneous":
        low, high = _simultaneous(curve, grid, level)
        return RocBand(grid, tpr, low, high, level, "simultaneous, Kolmogorov-Smirnov", positive.size)
    samples = _bootstrap(positive, score, codes, grid, draws=draws, rng=rng)
    tail = (1 - level) / 2
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0)
    shown = f"stratified bootstrap, {draws:,} draws" + ("" if codes is None else ", by patient")
    return RocBand(grid, tpr, low, high, level, shown, positive.size, clusters)


def mean_roc_band(
    y_true: ArrayLike,
    y_score: ArrayLike,
    folds: ArrayLike,
    *,
    level: float = 0.95,
    groups: ArrayLike | None = None,
    points: int = 101,
    draws: int = 500,
    rng: np.random.Generator | int = 0,
) -> RocBand:
    """The vertical mean of the folds' ROC curves (Fawcett 2006, section 7) with a pointwise bootstrap band.

    Scores of different folds are never ranked against each other. Each draw samples every fold anew, stratified, by
    patient with ``groups``, and averages the curves. A fold with one class has no curve: it is left out.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite.
        folds: (n,) fold of each case; a patient's cases lie in one fold.
        level: confidence level, 0-1.
        groups: (n,) patient ids; None takes the cases as independent.
        points: size of the grid, at least 2.
        draws: number of bootstrap samples.
        rng: source of chance, or a seed.

    Raises:
        StatisticsError: unusable input or lengths that differ.
    """
    positive, score = labelled_scores(y_true, y_score)
    confidence(level)
    members = cluster_codes(folds, positive.size)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    generator = np.random.default_rng(rng)
    grid = np.linspace(0, 1, points)
    curves, sampled = [], []
    for fold in range(int(members.max(initial=-1)) + 1):
        own = members == fold
        curve = roc_curve(positive[own], score[own])
        if curve.reason:
            continue
        own_codes = None if codes is None else np.unique(codes[own], return_inverse=True)[1].astype(np.int64)
        curves.append(sensitivity_at(curve.fpr, curve.tpr, grid))
        sampled.append(_bootstrap(positive[own], score[own], own_codes, grid, draws=draws, rng=generator))
    clusters = cluster_count(codes)
    if not curves:
        nothing, reason = np.full(points, math.nan), "no fold has both classes"
        return RocBand(grid, nothing, nothing, nothing, level, "mean of folds", positive.size, clusters, reason)
    tail = (1 - level) / 2
    low, high = np.quantile(np.mean(sampled, axis=0), [tail, 1 - tail], axis=0)
    # Resampling a fold's few negatives leaves its largest one out and lifts the start of the step curve: the band of
    # the percentiles may lie beside the curve there. It is widened to hold it.
    mean = np.mean(curves, axis=0)
    low, high = np.minimum(low, mean), np.maximum(high, mean)
    shown = f"mean of {len(curves)} folds, stratified bootstrap within folds, {draws:,} draws"
    shown += "" if codes is None else ", by patient"
    return RocBand(grid, mean, low, high, level, shown, positive.size, clusters)


def sensitivity_at(fpr: Floats, tpr: Floats, grid: Floats, *, top: bool = True) -> Floats:
    """Sensitivity of a curve at given false positive rates, by straight lines.

    Args:
        fpr: (k,) rising, from 0 to 1.
        tpr: (k,) rising.
        grid: (g,) 0-1.
        top: on a vertical step, whether to take its top or its foot.

    Returns:
        (g,) float64.
    """
    # Of equal abscissae np.interp takes the last: the top of a step, and of the mirrored curve the foot.
    if top:
        return np.interp(grid, fpr, tpr)
    return 1 - np.interp(1 - grid, 1 - fpr[::-1], 1 - tpr[::-1])


def _bootstrap(
    positive: Bools, score: Floats, codes: Ints | None, grid: Floats, *, draws: int, rng: np.random.Generator | int
) -> Floats:
    order = np.argsort(-score, kind="stable")
    last_of_tie = np.flatnonzero(np.r_[np.diff(score[order]) != 0, True])
    samples = []
    for counts in bootstrap_counts(positive, codes, draws=draws, rng=rng):
        ranked, hits = counts[:, order], positive[order]
        tp = np.cumsum(ranked * hits, axis=1)[:, last_of_tie]
        fp = np.cumsum(ranked * ~hits, axis=1)[:, last_of_tie]
        for tps, fps in zip(tp, fp, strict=True):
            samples.append(sensitivity_at(np.r_[0, fps / fps[-1]], np.r_[0, tps / tps[-1]], grid))
    return np.array(samples)


def _simultaneous(curve: RocCurve, grid: Floats, level: float) -> tuple[Floats, Floats]:
    """Shift the curve by the Dvoretzky-Kiefer-Wolfowitz bound (Massart 1990) of each class, each at sqrt(level)."""
    alpha = 1 - math.sqrt(level)
    d, e = (math.sqrt(math.log(2 / alpha) / (2 * size)) for size in (curve.positives, curve.negatives))
    upper = sensitivity_at(curve.fpr, curve.tpr, np.minimum(grid + e, 1)) + d
    lower = sensitivity_at(curve.fpr, curve.tpr, np.maximum(grid - e, 0), top=False) - d
    lower[grid - e < 0] = 0
    return np.clip(lower, 0, 1), np.clip(upper, 0, 1)
