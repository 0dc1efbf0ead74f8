"""Logistic regression with few columns: maximum likelihood by Newton's method, and the sandwich over patients."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lesion_core.stats.inputs import Bools, Floats, Ints, one_class_reason

SMALLEST = 1e-12
STEPS = 50
#: Rounding of the likelihood, relative: a step that changes it by less is not held to be a step down.
ROUNDING = 1e-13


@dataclass(frozen=True)
class LogisticFit:
    """A fit.

    Attributes:
        coefficients: (d,) float64; NaN when there is no fit.
        covariance: (d, d) float64.
        reason: why there is no fit; "" when there is one.
    """

    coefficients: Floats
    covariance: Floats
    reason: str = ""


def fit_logistic(
    positive: Bools,
    columns: Floats,
    *,
    offset: Floats | None = None,
    codes: Ints | None = None,
    targets: Floats | None = None,
) -> LogisticFit:
    """Maximum likelihood fit of logit P(y = 1) = offset + columns @ coefficients.

    Args:
        positive: (n,) bool.
        columns: (n, d) float64; the first usually ones.
        offset: (n,) float64 known part of the log odds; 0 when left out.
        codes: (n,) int64 patients for a sandwich covariance (CR1: times k / (k - 1)); None for the information matrix.
        targets: (n,) float64 0-1 to fit in place of the labels (Platt's smoothed ones).

    Returns:
        The fit; without one, with the reason, where a class is missing or a column separates the classes perfectly (the
        coefficients run off to infinity).
    """
    d = columns.shape[1]
    reason = one_class_reason(int(positive.sum()), int((~positive).sum()))
    if reason:
        return _no_fit(d, reason)
    y = positive.astype(np.float64) if targets is None else targets
    known = np.zeros(y.size) if offset is None else offset
    # Scaled columns keep Newton's steps tame when log odds run to +-27.
    scale = np.maximum(np.sqrt((columns**2).mean(axis=0)), 1e-300)
    x = columns / scale
    beta = np.zeros(d)
    loss = _loss(y, known + x @ beta)
    for _ in range(STEPS):
        p = expit(known + x @ beta)
        information = (x * (p * (1 - p))[:, None]).T @ x
        gradient = x.T @ (y - p)
        if np.linalg.cond(information) > 1e13:
            return _no_fit(d, "the log odds do not vary, or separate the classes perfectly: no maximum")
        step = np.linalg.solve(information, gradient)
        beta, loss, moved = _line_search(y, known, x, beta, step, loss)
        if np.abs(step).max() < 1e-10 or not moved:
            break
    p = expit(known + x @ beta)
    if np.abs(x.T @ (y - p)).max() > 1e-6 * y.size:
        return _no_fit(d, "the classes are separated perfectly: the likelihood has no maximum")
    if targets is None and loss < 1e-7 * y.size:
        return _no_fit(d, "the classes are separated perfectly: the likelihood has no maximum")
    inverse = np.linalg.inv((x * (p * (1 - p))[:, None]).T @ x)
    covariance = inverse if codes is None else inverse @ _meat(x * (y - p)[:, None], codes) @ inverse
    return LogisticFit(beta / scale, covariance / np.outer(scale, scale))


def log_odds(p: Floats) -> Floats:
    """Log odds of probabilities, 0 and 1 first moved to 1e-12 and 1 - 1e-12.

    Args:
        p: (n,) float64, 0-1.

    Returns:
        (n,) float64.
    """
    inside = np.clip(p, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=np.float64)


def expit(x: Floats) -> Floats:
    """The inverse: 1 / (1 + exp(-x)), without overflow.

    Args:
        x: (n,) float64.

    Returns:
        (n,) float64, 0-1.
    """
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, small) / (1 + small), dtype=np.float64)


def _line_search(
    y: Floats, known: Floats, x: Floats, beta: Floats, step: Floats, loss: float
) -> tuple[Floats, float, bool]:
    """The Newton step, halved until the likelihood does not fall by more than its rounding."""
    for half in range(30):
        tried = beta + step / 2**half
        new = _loss(y, known + x @ tried)
        if new <= loss + ROUNDING * (1 + abs(loss)):
            return tried, new, True
    return beta, loss, False


def _loss(y: Floats, eta: Floats) -> float:
    return float((np.logaddexp(0, eta) - y * eta).sum())


def _meat(scores: Floats, codes: Ints) -> Floats:
    """Sum over patients of the outer product of their summed scores, times k / (k - 1)."""
    local = np.unique(codes, return_inverse=True)[1]
    k = int(local.max()) + 1
    sums = np.array([np.bincount(local, weights=column, minlength=k) for column in scores.T])
    factor = k / (k - 1) if k > 1 else math.nan
    return np.asarray(factor * sums @ sums.T, dtype=np.float64)


def _no_fit(d: int, reason: str) -> LogisticFit:
    return LogisticFit(np.full(d, math.nan), np.full((d, d), math.nan), reason)
