"""The cross-validated area: the mean of the folds' areas, never mixing the scales of different models.

LeDell, Petersen and van der Laan 2015 (Electronic Journal of Statistics 9:1583): its influence curve is the mean of the
folds', so the variance is a sum of squares of per-patient influences. The SD over folds is not a standard error.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.clustered import clustered_auc_covariance
from lesion_core.stats.distributions import critical
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import Bools, Floats, Ints, cluster_codes, cluster_count, confidence, labelled_scores
from lesion_core.stats.placements import Placements, placements


def cross_validated_auc(
    y_true: ArrayLike,
    y_score: ArrayLike,
    folds: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    name: str = "fold-averaged AUC",
) -> Estimate:
    """Mean of the folds' areas with an influence-curve interval, clustered by patient.

    Each fold's variance is DeLong's, or Obuchowski's with ``groups``; a patient with cases in several folds (a leak
    that a split by patient excludes) adds the covariance that this brings, and a note. A fold with one class has no
    area: it is left out and named. With one fold this is `auc_interval` exactly.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite, each from the model that did not see the case.
        folds: (n,) fold of each case, any ids.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.
        name: what the area is called in sentences.

    Raises:
        StatisticsError: unusable input or lengths that differ.
    """
    positive, score = labelled_scores(y_true, y_score)
    confidence(level)
    ids = np.asarray(folds)
    if ids.shape != positive.shape:
        raise StatisticsError(f"folds must hold one fold per case, got shape {ids.shape} for {positive.size} cases")
    members = cluster_codes(ids, positive.size)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    clusters = cluster_count(codes)
    method = "influence curve over folds" + ("" if codes is None else ", clustered")
    rows = [np.flatnonzero(members == fold) for fold in range(int(members.max(initial=-1)) + 1)]
    kept = [each for each in rows if 0 < positive[each].sum() < each.size]
    left_out = [str(ids[each[0]]) for each in rows if not 0 < positive[each].sum() < each.size]
    if not kept:
        reason = "no fold has both classes"
        return undefined(name, reason, method=method, n=positive.size, level=level, clusters=clusters)
    units = np.arange(positive.size) if codes is None else codes
    parts = [placements(positive[each], score[each]) for each in kept]
    value = float(np.mean([part.auc for part in parts]))
    variance = _variance(positive, units, kept, parts)
    notes = _notes(units, kept, left_out)
    used = sum(each.size for each in kept)
    if math.isnan(variance) or variance <= 0:
        reason = "a fold has fewer than two cases (or patients) of a class" if math.isnan(variance) else "SE of 0"
        return Estimate(name, value, NAN, NAN, level, method, used, clusters=clusters, reason=reason, notes=notes)
    se = math.sqrt(variance)
    reach = critical(level) * se
    low, high = max(0.0, value - reach), min(1.0, value + reach)
    return Estimate(name, value, low, high, level, method, used, se=se, clusters=clusters, notes=notes)


def _variance(positive: Bools, units: Ints, kept: list[Ints], parts: list[Placements]) -> float:
    total = 0.0
    for each, part in zip(kept, parts, strict=True):
        local = np.unique(units[each], return_inverse=True)[1]
        total += clustered_auc_covariance(positive[each], local, part)
    influences = [_influence(positive[each], units[each], part) for each, part in zip(kept, parts, strict=True)]
    for (first, x), (second, y) in combinations(influences, 2):
        shared, i, j = np.intersect1d(first, second, return_indices=True)
        if shared.size:
            total += 2 * float(x[i] @ y[j])
    return total / len(kept) ** 2


def _influence(positive: Bools, units: Ints, part: Placements) -> tuple[Ints, Floats]:
    """Patients of a fold and the sum of the influences of each one's cases on the fold's area."""
    influence = np.empty(positive.size)
    influence[positive] = (part.v10 - part.auc) / part.v10.size
    influence[~positive] = (part.v01 - part.auc) / part.v01.size
    names, local = np.unique(units, return_inverse=True)
    return names, np.bincount(local, weights=influence).astype(np.float64)


def _notes(units: Ints, kept: list[Ints], left_out: list[str]) -> tuple[str, ...]:
    notes = []
    if left_out:
        notes.append(f"Left out for holding one class only: fold {', '.join(left_out)}.")
    seen = [np.unique(units[each]) for each in kept]
    shared = sum(part.size for part in seen) - np.unique(np.concatenate(seen)).size
    if shared:
        notes.append(f"Patients lie in more than one fold ({shared} repeats): the split leaks.")
    return tuple(notes)
