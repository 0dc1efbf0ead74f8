"""Agreement between readers: Cohen's kappa, Fleiss' kappa and Gwet's AC1, weighted too, with intervals.

All are (p_a - p_e) / (1 - p_e): agreement seen against agreement by chance, which each defines its own way. Standard
errors are the spread of each case's influence: Fleiss, Cohen and Everitt 1969 for two readers, Gwet 2014 (Handbook of
Inter-Rater Reliability, 4th edition, chapter 5) for more. With patient ids a patient's influences are added first. AC1
stays sensible where nearly all cases fall into one category and kappa collapses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.clustered import cluster_sums
from lesion_core.stats.distributions import t_quantile
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import Floats, Ints, cluster_codes, confidence, same_length

Weights = Literal["none", "linear", "quadratic"]


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    weights: Weights = "none",
    categories: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Agreement of two readers, each with habits of their own (Cohen 1960, 1968).

    Reproduces Gwet's package irrCAC on two abstractors of 100 cases: 0.7964094, SE 0.05891072.

    Args:
        first: (n,) categories given by one reader, of any kind.
        second: (n,) categories given by the other.
        weights: "none" counts full agreement only; "linear" and "quadratic" give credit for near misses.
        categories: all categories in order; by default those that occur, sorted. Weights count steps in this list.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable input, lengths that differ, or a category that is not in the list.
    """
    ratings, labels = _ratings([first, second], categories)
    if (ratings < 0).any():
        raise StatisticsError("both readers must have rated every case: leave out cases with one reading")
    name = {"none": "Cohen's kappa"}.get(weights, f"Cohen's kappa, {weights} weights")
    n, q = ratings.shape[1], labels
    w = _weights(weights, q)
    if n == 0:
        return undefined(name, "no case was read", method="Gwet", n=0, level=confidence(level))
    share_a, share_b = (np.bincount(row, minlength=q) / n for row in ratings)
    seen = w[ratings[0], ratings[1]]
    p_a, p_e = float(seen.mean()), float(share_a @ w @ share_b)
    chance = (w @ share_b)[ratings[0]] + (w.T @ share_a)[ratings[1]]
    return _estimate(name, p_a, p_e, seen, chance - 2 * p_e, groups, level, method="Fleiss-Cohen-Everitt")


def fleiss_kappa(
    ratings: Sequence[ArrayLike],
    *,
    weights: Weights = "none",
    categories: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Agreement of two readers or more, taken as exchangeable (Fleiss 1971).

    Reproduces irrCAC: 0.4139265, SE 0.08119291 (15 patients, 6 psychiatrists); with missing readings 0.76117. There its
    SE is larger than the one here: it counts cases with one reading as seen without agreement.

    Args:
        ratings: (readers, n) categories; None or NaN where a reader did not read. Cases with one reading count for the
            shares of categories only.
        categories: all categories; by default those that occur.
        weights: as in `cohen_kappa` (Gwet 2014, chapter 4).
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable input, or a category that is not in the list.
    """
    return _multi(ratings, categories, groups, level, weights, name="Fleiss' kappa")


def gwet_ac1(
    ratings: Sequence[ArrayLike],
    *,
    weights: Weights = "none",
    categories: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Agreement of two readers or more with a chance term that does not collapse under imbalance (Gwet 2008).

    Reproduces irrCAC: 0.8493305 (two abstractors); 0.4448007, SE 0.08418757 (6 psychiatrists); with missing readings
    0.77544 (and a smaller SE, see `fleiss_kappa`).

    Args:
        ratings: (readers, n) categories; None or NaN where a reader did not read.
        categories: all categories that could be given (their number matters); by default those that occur.
        weights: as in `cohen_kappa` (Gwet 2014, chapter 4); AC1 with weights is called AC2.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Raises:
        StatisticsError: unusable input, or a category that is not in the list.
    """
    name = "Gwet's AC1" if weights == "none" else "Gwet's AC2"
    return _multi(ratings, categories, groups, level, weights, name=name)


def _multi(
    ratings: Sequence[ArrayLike],
    categories: ArrayLike | None,
    groups: ArrayLike | None,
    level: float,
    weights: Weights,
    *,
    name: str,
) -> Estimate:
    rows, q = _ratings(ratings, categories)
    w = _weights(weights, q)
    name = name if weights == "none" else f"{name}, {weights} weights"
    if rows.shape[0] < 2:
        raise StatisticsError(f"agreement needs at least 2 readers, got {rows.shape[0]}")
    counts = np.array([(rows == k).sum(axis=0) for k in range(q)], dtype=np.float64).reshape(q, rows.shape[1]).T
    readings = counts.sum(axis=1)
    kept = readings > 0
    counts, readings = counts[kept], readings[kept]
    ids = None if groups is None else np.asarray(groups)
    if ids is not None:
        same_length(kept.size, ids.size, "each reader", "groups")
        ids = ids[kept]
    n = counts.shape[0]
    twice = readings >= 2
    if not twice.any():
        reason = "no case was read by two readers"
        return undefined(name, reason, method="Gwet", n=n, level=confidence(level))
    shares = (counts / readings[:, None]).mean(axis=0)
    seen = np.zeros(n)
    seen[twice] = (counts * (counts @ w - 1)).sum(axis=1)[twice] / (readings * (readings - 1))[twice]
    p_a = float(seen[twice].mean())
    if name.startswith("Gwet"):
        if q < 2:
            reason = "one category only: pass all that could be given as `categories`"
            return undefined(name, reason, method="Gwet", n=n, level=level)
        credit = float(w.sum()) / (q * (q - 1))
        p_e = float((shares * (1 - shares)).sum()) * credit
        chance = (counts @ (1 - shares)) / readings * credit
    else:
        p_e = float(shares @ w @ shares)
        chance = (counts @ (w @ shares)) / readings
    # A case with one reading has no agreement of its own: Gwet scales the seen part to the cases that have.
    seen = np.where(twice, seen - p_a, 0.0) * (n / twice.sum()) + p_a
    return _estimate(name, p_a, p_e, seen, 2 * (chance - p_e), ids, level)


def _estimate(
    name: str,
    p_a: float,
    p_e: float,
    seen: Floats,
    chance: Floats,
    groups: ArrayLike | None,
    level: float,
    *,
    method: str = "Gwet",
) -> Estimate:
    """Coefficient with the t interval of its cases' influences.

    Args:
        name: of the coefficient.
        p_a: agreement seen.
        p_e: agreement by chance.
        seen: (n,) each case's agreement; its mean is ``p_a``.
        chance: (n,) each case's influence on ``p_e``; its mean is 0.
        groups: (n,) patient ids, or None.
        level: confidence level, 0-1.
        method: whose standard error; "Gwet" divides by n - 1, Fleiss, Cohen and Everitt by n.
    """
    n = seen.size
    codes = np.arange(n) if groups is None else cluster_codes(groups, n)
    clusters = None if groups is None else int(np.unique(codes).size)
    per_case = method
    method += "" if clusters is None else ", clustered"
    if p_e >= 1:
        reason = "every reading is of one category: chance alone would agree always"
        return undefined(name, reason, method=method, n=n, level=confidence(level), clusters=clusters)
    value = (p_a - p_e) / (1 - p_e)
    influence = (seen - p_a) / (1 - p_e) - (1 - value) * chance / (1 - p_e)
    sums = cluster_sums(influence, codes)
    k = sums.size
    if k < 2:
        reason = "fewer than two cases or patients"
        return Estimate(name, value, NAN, NAN, level, method, n, clusters=clusters, reason=reason)
    small_sample = 1.0 if per_case != "Gwet" and clusters is None else k / (k - 1)
    se = math.sqrt(small_sample * float(sums @ sums)) / n
    if se < 1e-12:
        reason = "a standard error of 0"
        return Estimate(name, value, NAN, NAN, level, method, n, clusters=clusters, reason=reason)
    reach = t_quantile(0.5 + confidence(level) / 2, k - 1) * se
    low, high = max(-1.0, value - reach), min(1.0, value + reach)
    return Estimate(name, value, low, high, level, method, n, se=se, clusters=clusters)


def _ratings(readers: Sequence[ArrayLike], categories: ArrayLike | None) -> tuple[Ints, int]:
    """Categories as numbers (readers, n), -1 where missing, and how many categories there are."""
    rows = [np.asarray(row, dtype=object) for row in readers]
    if len({row.shape for row in rows}) > 1 or any(row.ndim != 1 for row in rows):
        raise StatisticsError("every reader needs one rating per case: ratings must be (readers, n)")
    flat = [value for row in rows for value in row.tolist()]
    missing = [value is None or (isinstance(value, float) and math.isnan(value)) for value in flat]
    given = [value for value, absent in zip(flat, missing, strict=True) if not absent]
    order = sorted(set(given)) if categories is None else list(np.asarray(categories, dtype=object).tolist())
    place = {category: i for i, category in enumerate(order)}
    unknown = [value for value in given if value not in place]
    if unknown:
        raise StatisticsError(f"rating {unknown[0]!r} is not among the categories {order}")
    codes = [-1 if absent else place[value] for value, absent in zip(flat, missing, strict=True)]
    width = rows[0].size if rows else 0
    return np.array(codes, dtype=np.int64).reshape(len(rows), width), len(order)


def _weights(kind: Weights, q: int) -> Floats:
    """(q, q) credit for each pair of categories, 1 on the diagonal."""
    if kind not in ("none", "linear", "quadratic"):
        raise StatisticsError(f"weights must be none, linear or quadratic, got {kind!r}")
    steps = np.abs(np.subtract.outer(np.arange(q), np.arange(q))) / max(q - 1, 1)
    if kind == "none":
        return np.eye(q)
    return np.asarray(1 - steps if kind == "linear" else 1 - steps**2, dtype=np.float64)
