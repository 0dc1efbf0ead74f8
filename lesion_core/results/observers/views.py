"""How far a model's answers for two views of one lesion agree: what a redraw or another view may change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from lesion_core.results.review.scored import ScoredRun
from lesion_core.stats.agreement import cohen_kappa
from lesion_core.stats.bootstrap import bootstrap_interval
from lesion_core.stats.estimate import Estimate, undefined
from lesion_core.stats.inputs import Floats, Ints
from lesion_core.stats.proportions import proportion_interval

NO_VIEWS = "no lesion of this set has two scored views"
DRAWS = 1000


@dataclass(frozen=True)
class ViewAgreement:
    """Two views of one lesion, over all pairs of views.

    Attributes:
        lesions: that have two views or more.
        first: (k,) float64: score of the first view of each pair, in the order of the file.
        second: (k,) float64: of the second.
        labels: (k,) int64.
        difference: mean absolute difference of the two scores, bootstrap by patient, by lesion where none is known.
        limits: 95 % limits of agreement (Bland and Altman 1986) of second minus first; NaN with fewer than two pairs.
        same_call: share of pairs with the same call at the threshold, clustered by patient; undefined without one.
        kappa: Cohen's kappa of the two calls.
    """

    lesions: int
    first: Floats
    second: Floats
    labels: Ints
    difference: Estimate
    limits: tuple[float, float]
    same_call: Estimate
    kappa: Estimate


def view_agreement(run: ScoredRun, thresholds: Floats, *, draws: int = DRAWS) -> ViewAgreement:
    """Every two views of a lesion against each other.

    Args:
        run: scores per image.
        thresholds: (n,) float64, the operating point of each case; NaN where none is known.
        draws: bootstrap samples.
    """
    pairs = _pairs(run)
    left, right = (np.array(side, dtype=np.int64) for side in (pairs.T if pairs.size else ((), ())))
    first, second = run.scores[left], run.scores[right]
    lesions = int(np.unique(run.lesion_ids[left]).size)
    # Lesions of unknown patients are clusters of their own, never one patient without a name.
    known = run.patient_ids[left] != ""
    ids = np.where(known, np.char.add("p", run.patient_ids[left]), np.char.add("l", run.lesion_ids[left]))
    codes = np.unique(ids, return_inverse=True)[1].astype(np.int64)
    if not left.size:
        nothing = undefined("mean difference of two views", NO_VIEWS, method="", n=0, level=0.95)
        return ViewAgreement(0, first, second, run.labels[left], nothing, (np.nan, np.nan), nothing, nothing)
    gap = np.abs(second - first)
    difference = bootstrap_interval(
        partial(_mean, gap),
        run.labels[left] == 1,
        codes,
        value=float(gap.mean()),
        name="mean difference of two views",
        draws=draws,
    )
    spread = float((second - first).std(ddof=1)) if left.size > 1 else np.nan
    middle = float((second - first).mean())
    calls = first >= thresholds[left], second >= thresholds[right]
    if np.isnan(thresholds[left]).any():
        same = kappa = undefined("same call", "no threshold is known", method="", n=left.size, level=0.95)
    else:
        same = proportion_interval(calls[0] == calls[1], groups=codes, name="same call of both views")
        kappa = cohen_kappa(*calls, categories=[False, True], groups=codes)
    limits = (middle - 1.96 * spread, middle + 1.96 * spread)
    return ViewAgreement(lesions, first, second, run.labels[left], difference, limits, same, kappa)


def _pairs(run: ScoredRun) -> np.ndarray:
    """(k, 2) rows of two scored views of one lesion."""
    views: dict[str, list[int]] = {}
    for row, lesion in enumerate(run.lesion_ids.tolist()):
        if lesion and not np.isnan(run.scores[row]):
            views.setdefault(lesion, []).append(row)
    return np.array([pair for rows in views.values() for pair in combinations(rows, 2)], dtype=np.int64)


def _mean(gap: Floats, rows: Ints) -> float:
    return float(gap[rows].mean())
