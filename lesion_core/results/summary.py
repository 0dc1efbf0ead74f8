"""A table of scores summed up as JSON: what the endpoint for programs answers with.

Figures with intervals, each with its method and n; what is undefined is null, with the reason.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import Any

import lesion_core
from lesion_core.errors import InputError
from lesion_core.notice import NOTICE
from lesion_core.results.performance import Performance, cross_fitted_performance, performance, units_known
from lesion_core.results.scores import Score, ScoreTable, Unit
from lesion_core.stats.estimate import Estimate, undefined

FORMAT = 1
WANTED_SENSITIVITY = 0.95
#: Models and runs that are summed up in one answer; each takes time of its own, however few its rows are.
MOST_RUNS = 200


def summary_record(table: ScoreTable, *, threshold: float | None = None) -> dict[str, Any]:
    """Sum up every model and run of a table.

    Args:
        table: the scores.
        threshold: one that was fixed before these scores were looked at, 0-1. Without it, out-of-fold scores get a
            threshold from the other folds, and a final model's scores get none.

    Raises:
        InputError: the threshold is not from 0 to 1, or there are more than `MOST_RUNS` models and runs.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise InputError(f"threshold {threshold} is not from 0 to 1")
    runs: defaultdict[tuple[str, str], list[Score]] = defaultdict(list)
    for row in table.rows:
        runs[row.run, row.model].append(row)
    if len(runs) > MOST_RUNS:
        raise InputError(
            f"the table has {len(runs):,} models and runs, at most {MOST_RUNS} are summed up at once: split the table"
        )
    return {
        "format": FORMAT,
        "runs": [_run(replace(table, rows=tuple(rows)), threshold) for rows in runs.values()],
        "software": f"lesion_core {lesion_core.__version__}",
        "notice": NOTICE,
    }


def estimate_record(estimate: Estimate) -> dict[str, Any]:
    """An estimate as JSON; NaN becomes null."""
    return {
        "name": estimate.name,
        "value": _plain(estimate.value),
        "low": _plain(estimate.low),
        "high": _plain(estimate.high),
        "level": estimate.level,
        "method": estimate.method,
        "n": estimate.n,
        "clusters": estimate.clusters,
        "reason": estimate.reason,
        "notes": list(estimate.notes),
    }


def _run(own: ScoreTable, threshold: float | None) -> dict[str, Any]:
    """What is said of the scores of one model in one run."""
    return {
        "run": own.rows[0].run,
        "model": own.rows[0].model,
        "datasets": sorted({row.dataset for row in own.rows}),
        "targets": sorted({row.target for row in own.rows}),
        "threshold": _rule(own, threshold),
        "figures": [_figures(own, unit, threshold) for unit in units_known(own)],
    }


def _rule(table: ScoreTable, threshold: float | None) -> str:
    if threshold is not None:
        return f"{threshold:g}, given by the caller"
    if _has_folds(table):
        return f"{100 * WANTED_SENSITIVITY:.0f} % sensitivity, learnt on the other folds"
    return "none: give one that was fixed before these scores were looked at"


def _figures(table: ScoreTable, unit: Unit, threshold: float | None) -> dict[str, Any]:
    if threshold is None and _has_folds(table):
        found = cross_fitted_performance(table, wanted_sensitivity=WANTED_SENSITIVITY, unit=unit)
    else:
        found = performance(table, 0.5 if threshold is None else threshold, unit=unit)
        if threshold is None:
            found = _without_threshold(found)
    return {
        "unit": unit,
        "n": found.n,
        "positives": found.positives,
        "note": table.clusters.note if unit == "image" else "",
        "auc": estimate_record(found.auc),
        "sensitivity": estimate_record(found.sensitivity),
        "specificity": estimate_record(found.specificity),
        "mean_of_the_folds_aucs": _plain(found.fold_mean),
    }


def _without_threshold(found: Performance) -> Performance:
    def none(each: Estimate) -> Estimate:
        return undefined(each.name, "there is no threshold", method=each.method, n=each.n, level=each.level)

    return replace(found, sensitivity=none(found.sensitivity), specificity=none(found.specificity))


def _has_folds(table: ScoreTable) -> bool:
    return bool((table.folds > 0).all()) and len(set(table.folds.tolist())) > 1


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
