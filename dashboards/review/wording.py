"""Numbers of the review as text: every value with its interval, what is undefined with the reason."""

from __future__ import annotations

import math

from lesion_core.results.review.folds import Spread
from lesion_core.stats.estimate import Comparison, Estimate, p_words, signed


def with_interval(estimate: Estimate, *, decimals: int = 3) -> str:
    """E.g. "0.942 (0.911 to 0.962)"; without an interval, or undefined, with the reason."""
    if not estimate.defined:
        return f"undefined: {estimate.reason}"
    value = _number(estimate.value, decimals)
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return f"{value} (no interval: {estimate.reason})"
    return f"{value} ({_number(estimate.low, decimals)} to {_number(estimate.high, decimals)})"


def difference(test: Comparison) -> str:
    """E.g. "-0.012 (-0.040 to +0.016)"; without an interval, or undefined, with the reason."""
    if math.isnan(test.value):
        return f"undefined: {test.reason}"
    if math.isnan(test.low):
        return f"{signed(test.value)} (no interval: {test.reason})"
    return f"{signed(test.value)} ({signed(test.low)} to {signed(test.high)})"


def size_and_method(estimate: Estimate, *, clusters: str) -> str:
    """E.g. "n = 342, Wilson" or "n = 607 in 342 patients, Wilson, clustered".

    Args:
        estimate: any.
        clusters: what its clusters are, as `UnitView.clusters_are` says.
    """
    groups = "" if estimate.clusters is None else f" in {estimate.clusters:,} {clusters or 'clusters'}"
    return f"n = {estimate.n:,}{groups}, {estimate.method}"


def mean_and_sd(spread: Spread, *, percent: bool) -> str:
    """E.g. "94.2 (4.5)", as the paper prints it."""
    if math.isnan(spread.mean):
        return "undefined: no fold has it"
    scale, decimals = (100, 1) if percent else (1, 3)
    sd = "SD undefined: one fold" if math.isnan(spread.sd) else f"{scale * spread.sd:.{decimals}f}"
    return f"{scale * spread.mean:.{decimals}f} ({sd})"


def tested(test: Comparison) -> str:
    """E.g. "p = 0.226 (Cochran's Q = 4.35, df 3)"; undefined with the reason."""
    notes = " ".join(("", *test.notes))
    if not test.defined:
        return f"test undefined: {test.reason}{notes}"
    df = ", ".join(f"{each:g}" for each in test.df)
    return f"{p_words(test.p_value)} ({test.method} = {test.statistic:.2f}{f', df {df}' if df else ''}){notes}"


def _number(value: float, decimals: int) -> str:
    return "infinite" if math.isinf(value) else f"{value:z.{decimals}f}"
