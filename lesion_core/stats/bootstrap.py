"""The stratified bootstrap, by case or by patient, and a quick one for areas.

Stratified: positives and negatives are drawn apart, so that every sample has both. By patient: whole patients are
drawn, apart for those with positives alone, with negatives alone and with both. A sample is held as how often each case
counts: thousands of areas then cost a few passes over the sorted scores.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lesion_core.errors import StatisticsError
from lesion_core.stats.estimate import NAN, Estimate
from lesion_core.stats.inputs import Bools, Floats, Ints, cluster_count, confidence

CHUNK = 2_000_000
#: Samples closer than this are alike but for rounding.
SAME = 1e-12
Counts = NDArray[np.int64]


def bootstrap_aucs(
    positive: Bools, all_scores: Sequence[Floats], codes: Ints | None, *, draws: int, rng: np.random.Generator | int
) -> Floats:
    """Areas of the same bootstrap samples for several scores.

    Args:
        positive: (n,) bool, both classes there.
        all_scores: k scores, (n,) float64 each.
        codes: (n,) int64 patients, or None for independent cases.
        draws: number of samples.
        rng: source of chance, or a seed.

    Returns:
        (k, draws) float64, 0-1.

    Raises:
        StatisticsError: fewer than 2 draws.
    """
    plans = [_plan(positive, score) for score in all_scores]
    areas = np.empty((len(plans), draws))
    done = 0
    for counts in bootstrap_counts(positive, codes, draws=draws, rng=rng):
        rows = slice(done, done + counts.shape[0])
        for k, plan in enumerate(plans):
            areas[k, rows] = _weighted_areas(counts, plan)
        done += counts.shape[0]
    return areas


def bootstrap_counts(
    positive: Bools, codes: Ints | None, *, draws: int, rng: np.random.Generator | int
) -> Iterator[Counts]:
    """How often each case counts in each sample, in blocks that fit in memory.

    Args:
        positive: (n,) bool.
        codes: (n,) int64 patients, or None for independent cases.
        draws: number of samples.
        rng: source of chance, or a seed.

    Yields:
        (rows, n) int64.

    Raises:
        StatisticsError: fewer than 2 draws.
    """
    if draws < 2:
        raise StatisticsError(f"draws must be at least 2, got {draws}")
    source = np.random.default_rng(rng)
    strata, member = _strata(positive, codes)
    units = sum(stratum.size for stratum in strata)
    block = max(1, CHUNK // max(positive.size, 1))
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        drawn = np.zeros((rows, units), dtype=np.int64)
        for stratum in strata:
            picks = source.integers(0, stratum.size, size=(rows, stratum.size), dtype=np.int32)
            picks += (np.arange(rows, dtype=np.int32) * stratum.size)[:, None]
            counted = np.bincount(picks.ravel(), minlength=rows * stratum.size)
            drawn[:, stratum] = counted.reshape(rows, stratum.size)
        yield drawn if member is None else drawn[:, member]


def bootstrap_interval(
    statistic: Callable[[Ints], float],
    positive: Bools,
    codes: Ints | None,
    *,
    value: float,
    name: str,
    level: float = 0.95,
    draws: int = 2000,
    rng: np.random.Generator | int = 0,
) -> Estimate:
    """Percentile interval of any statistic of the cases (Efron and Tibshirani 1993, chapter 13).

    Args:
        statistic: takes row numbers (with repeats) and gives a number; NaN where the sample has none.
        positive: (n,) bool, for the strata.
        codes: (n,) int64 patients, or None for independent cases.
        value: the statistic of the data themselves.
        name: what it is called in sentences.
        level: confidence level, 0-1.
        draws: number of samples.
        rng: source of chance, or a seed.

    Raises:
        StatisticsError: fewer than 2 draws, or ``level`` outside 0-1.
    """
    rows = np.arange(positive.size)
    samples = [
        statistic(np.repeat(rows, counts))
        for block in bootstrap_counts(positive, codes, draws=draws, rng=rng)
        for counts in block
    ]
    return percentile_estimate(
        np.asarray(samples, dtype=np.float64), codes, value=value, name=name, level=level, n=positive.size
    )


def percentile_estimate(
    samples: Floats, codes: Ints | None, *, value: float, name: str, level: float, n: int
) -> Estimate:
    """Percentile interval from bootstrap samples of a statistic; samples without a value (NaN) are left out, and told.

    Args:
        samples: (draws,) float64.
        codes: (n,) int64 patients, or None for independent cases.
        value: the statistic of the data themselves.
        name: what it is called in sentences.
        level: confidence level, 0-1.
        n: number of cases.
    """
    confidence(level)
    kept = samples[~np.isnan(samples)]
    clusters = cluster_count(codes)
    method = f"stratified bootstrap, {samples.size:,} draws" + ("" if codes is None else ", by patient")
    if kept.size < 2 or math.isnan(value):
        reason = "the statistic is undefined in the data or in nearly every bootstrap sample"
        return Estimate(name, value, NAN, NAN, level, method, n, clusters=clusters, reason=reason)
    tail = (1 - level) / 2
    low, high = (float(end) for end in np.quantile(kept, [tail, 1 - tail]))
    if high - low < SAME:
        reason = "every bootstrap sample gives the same value: no interval"
        return Estimate(name, value, NAN, NAN, level, method, n, clusters=clusters, reason=reason)
    missing = samples.size - kept.size
    notes = (f"{missing} of {samples.size} bootstrap samples had no value and were left out.",) if missing else ()
    se = float(kept.std(ddof=1))
    return Estimate(name, value, low, high, level, method, n, se=se, clusters=clusters, notes=notes)


def _strata(positive: Bools, codes: Ints | None) -> tuple[list[Ints], Ints | None]:
    """Units to draw from each stratum, and the unit of each case (None where cases are the units)."""
    if codes is None:
        strata = [np.flatnonzero(positive), np.flatnonzero(~positive)]
        return [stratum for stratum in strata if stratum.size], None
    units, member = np.unique(codes, return_inverse=True)
    has_positive = np.bincount(member, weights=positive, minlength=units.size) > 0
    has_negative = np.bincount(member, weights=~positive, minlength=units.size) > 0
    kind = has_positive * 2 + has_negative
    strata = [np.flatnonzero(kind == each) for each in np.unique(kind)]
    return strata, member.astype(np.int64)


def _plan(positive: Bools, score: Floats) -> tuple[Ints, Ints, Ints, Ints]:
    """Rows of positives and of sorted negatives, and for each positive where it falls among the latter."""
    rows_x, rows_y = np.flatnonzero(positive), np.flatnonzero(~positive)
    rows_x = rows_x[np.argsort(score[rows_x], kind="stable")]
    rows_y = rows_y[np.argsort(score[rows_y], kind="stable")]
    low = np.searchsorted(score[rows_y], score[rows_x], side="left")
    high = np.searchsorted(score[rows_y], score[rows_x], side="right")
    return rows_x, rows_y, low, high


def _weighted_areas(counts: Counts, plan: tuple[Ints, Ints, Ints, Ints]) -> Floats:
    """Area of each row of counts: sum over pairs of count x count x (1, 1/2 or 0) over the number of pairs."""
    rows_x, rows_y, low, high = plan
    below = np.zeros((counts.shape[0], rows_y.size + 1), dtype=np.int64)
    np.cumsum(counts[:, rows_y], axis=1, out=below[:, 1:])
    beaten = below[:, low]
    beaten += below[:, high]
    x = counts[:, rows_x]
    pairs = x.sum(axis=1) * below[:, -1]
    return np.asarray(np.einsum("ij,ij->i", x, beaten) / (2.0 * pairs), dtype=np.float64)
