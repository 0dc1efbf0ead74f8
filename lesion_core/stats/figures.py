"""Figures of merit of many readings of the same cases, and how they vary together because the cases were drawn.

A reading is (n,) ratings or scores for the figure "auc", (n,) calls 0/1 for the others.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.clustered import clustered_auc_covariance
from lesion_core.stats.inputs import Bools, Floats, Ints, scores, truth
from lesion_core.stats.paired import delong_covariance_matrix
from lesion_core.stats.placements import placements

Figure = Literal["auc", "sensitivity", "specificity", "accuracy"]
Covariance = Literal["delong", "jackknife"]


def check_readings(readings: ArrayLike, n: int, figure: str) -> Floats:
    """Readings as (k, n) float64, each complete and fit for the figure.

    Args:
        readings: (k, n), one row per reading.
        n: number of cases.
        figure: name of the figure of merit.

    Raises:
        StatisticsError: another shape, a missing reading, an unknown figure, or calls that are not 0 or 1.
    """
    if figure not in get_args(Figure):
        raise StatisticsError(f"no figure of merit named {figure!r}: choose one of {', '.join(get_args(Figure))}")
    rows = np.asarray(readings)
    if rows.ndim != 2 or rows.shape[1] != n:
        raise StatisticsError(f"readings must be (readings, {n}): every reading of every case, got shape {rows.shape}")
    checked = []
    for i, row in enumerate(rows):
        name = f"reading {i + 1}"
        checked.append(scores(row, name=name) if figure == "auc" else truth(row, name=name).astype(np.float64))
    return np.array(checked, dtype=np.float64).reshape(rows.shape)


def figure_values(positive: Bools, readings: Floats, figure: Figure) -> Floats:
    """The figure of each reading.

    Args:
        positive: (n,) bool.
        readings: (k, n) as from `check_readings`.
        figure: name of the figure of merit.

    Returns:
        (k,) float64, 0-1; NaN where the class it needs is missing.
    """
    if figure == "auc":
        if positive.all() or not positive.any():
            return np.full(readings.shape[0], math.nan)
        return np.array([placements(positive, row).auc for row in readings])
    right = _right(positive, readings)[:, _counted(positive, figure)]
    return right.mean(axis=1) if right.shape[1] else np.full(readings.shape[0], math.nan)


def figure_covariance(
    positive: Bools, readings: Floats, figure: Figure, *, method: Covariance = "delong", codes: Ints | None = None
) -> Floats:
    """Covariance matrix of the figures over samples of cases.

    ``delong``: DeLong's for areas (Obuchowski's with patients), the sample covariance of hits for proportions.
    ``jackknife``: each case (patient) left out in turn, (k - 1) / k sum of squares of the figures left (Tukey 1958).

    Args:
        positive: (n,) bool.
        readings: (k, n) as from `check_readings`.
        figure: name of the figure of merit.
        method: one of the above.
        codes: (n,) int64 patients, or None for independent cases.

    Returns:
        (k, k) float64; NaN where there are too few cases or patients.

    Raises:
        StatisticsError: an unknown method.
    """
    if method == "jackknife":
        return _jackknife(positive, readings, figure, codes)
    if method != "delong":
        raise StatisticsError(f"no covariance named {method!r}: choose delong or jackknife")
    if figure == "auc":
        parts = [placements(positive, row) for row in readings]
        if codes is None:
            return delong_covariance_matrix(positive, parts)
        return np.array([[clustered_auc_covariance(positive, codes, x, y) for y in parts] for x in parts])
    counted = _counted(positive, figure)
    right = _right(positive, readings)[:, counted]
    units = np.arange(right.shape[1]) if codes is None else np.unique(codes[counted], return_inverse=True)[1]
    clusters = int(units.max(initial=-1)) + 1
    if clusters < 2:
        return np.full((readings.shape[0], readings.shape[0]), math.nan)
    residual = right - right.mean(axis=1, keepdims=True)
    sums = np.array([np.bincount(units, weights=row, minlength=clusters) for row in residual])
    return np.asarray(clusters / (clusters - 1) * (sums @ sums.T) / right.shape[1] ** 2, dtype=np.float64)


def _jackknife(positive: Bools, readings: Floats, figure: Figure, codes: Ints | None) -> Floats:
    if figure == "auc" and codes is None:
        left = _areas_without_each_case(positive, readings)
    else:
        units = np.arange(positive.size) if codes is None else codes
        left = np.array(
            [
                figure_values(positive[units != unit], readings[:, units != unit], figure)
                for unit in range(int(units.max()) + 1)
            ]
        ).T
    k = left.shape[1]
    if k < 2 or np.isnan(left).any():
        return np.full((readings.shape[0], readings.shape[0]), math.nan)
    residual = left - left.mean(axis=1, keepdims=True)
    return np.asarray((k - 1) / k * (residual @ residual.T), dtype=np.float64)


def _areas_without_each_case(positive: Bools, readings: Floats) -> Floats:
    """(k, n) areas with each case left out, from the structural components; NaN where that empties a class."""
    P, N = int(positive.sum()), int((~positive).sum())
    left = np.full(readings.shape, math.nan)
    for row, out in zip(readings, left, strict=True):
        part = placements(positive, row)
        if P > 1:
            out[positive] = (P * part.auc - part.v10) / (P - 1)
        if N > 1:
            out[~positive] = (N * part.auc - part.v01) / (N - 1)
    return left


def _right(positive: Bools, readings: Floats) -> Floats:
    return np.asarray(readings.astype(np.bool_) == positive, dtype=np.float64)


def _counted(positive: Bools, figure: Figure) -> Bools:
    """The cases over which a proportion is taken."""
    if figure == "sensitivity":
        return positive
    return ~positive if figure == "specificity" else np.ones_like(positive)
