"""The binormal ROC curve through ordinal readings, by maximum likelihood.

Dorfman and Alf 1969 (Journal of Mathematical Psychology 6:487): the rating is a normal latent value cut at thresholds,
N(0, 1) for negatives and N(a / b, 1 / b) for positives; TPR = Phi(a + b Phi^-1(FPR)); area Phi(a / sqrt(1 + b^2)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.stats.distributions import critical, normal_cdf, normal_quantile
from lesion_core.stats.estimate import NAN, Estimate, undefined
from lesion_core.stats.inputs import (
    Bools,
    Floats,
    Ints,
    cluster_codes,
    cluster_count,
    confidence,
    labelled_scores,
    one_class_reason,
)

MAX_CATEGORIES = 20
METHOD = "binormal, maximum likelihood"


@dataclass(frozen=True)
class BinormalFit:
    """A fitted binormal curve.

    Attributes:
        a: intercept on the probit scale; NaN when there is no fit.
        b: slope on the probit scale, above 0.
        se_a: standard error of ``a``.
        se_b: standard error of ``b``.
        cuts: (k - 1,) float64: thresholds between the categories on the negatives' scale, rising.
        log_likelihood: of the ratings.
        area: area under the fitted curve with its interval (delta method).
        categories: how many rating categories were fitted.
        reason: why there is no fit; "" when there is one.
    """

    a: float
    b: float
    se_a: float
    se_b: float
    cuts: Floats
    log_likelihood: float
    area: Estimate
    categories: int
    reason: str = ""

    def tpr(self, fpr: ArrayLike) -> Floats:
        """Sensitivity on the curve.

        Args:
            fpr: (g,) false positive rates, 0-1.

        Returns:
            (g,) float64, 0-1; NaN when there is no fit.
        """
        from scipy.special import ndtr, ndtri

        return np.asarray(ndtr(self.a + self.b * ndtri(np.asarray(fpr, dtype=np.float64))), dtype=np.float64)


def binormal_fit(
    y_true: ArrayLike,
    rating: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    name: str = "binormal AUC",
) -> BinormalFit:
    """Fit the binormal curve to ordinal readings.

    Scores of more than 20 different values are first cut into 20 bins of equal count (Metz, Herman and Shen 1998 merge
    likewise). Ratings on which the curve is not identified (fewer than three categories) or degenerate (b goes to 0 or
    infinity, as under perfect separation) have no fit, with the reason.

    Reproduces Stata's rocfit on Hanley and McNeil's 109 readings: a 1.656782, b 0.713002, area 0.911331, SE 0.029506.

    Args:
        y_true: (n,) 0/1.
        rating: (n,) ordinal ratings or scores, higher = more suspicious.
        groups: (n,) patient ids: standard errors are then the sandwich over patients; None takes cases as independent.
        level: confidence level, 0-1.
        name: what the area is called in sentences.

    Raises:
        StatisticsError: unusable labels or ratings, or lengths that differ.
    """
    positive, score = labelled_scores(y_true, rating)
    confidence(level)
    reason = one_class_reason(int(positive.sum()), int((~positive).sum()))
    cells, counts = _counts(positive, score)
    k = counts.shape[1]
    codes = None if groups is None else cluster_codes(groups, positive.size)
    clusters = cluster_count(codes)
    if not reason and k < 3:
        reason = f"{k} rating categories: a binormal curve needs 3 or more"
    if not reason and _inner_points(counts) < 2:
        reason = "fewer than two points inside the ROC square: the curve is degenerate"
    if reason:
        return _no_fit(name, reason, positive.size, level, k, clusters)
    return _fit(counts, cells, codes, level=level, name=name, clusters=clusters)


def _fit(
    counts: Floats, cells: Ints, codes: Ints | None, *, level: float, name: str, clusters: int | None
) -> BinormalFit:
    from scipy.optimize import minimize

    n, k = int(counts.sum()), counts.shape[1]
    start = _start(counts)
    found = minimize(_loss, start, args=(counts,), jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 500})
    parameters = _polish(found.x, counts)
    a, b, cuts = _unpack(parameters)
    loss, gradient = _loss(parameters, counts)
    if not (np.abs(gradient).max() < 1e-5 and 0.02 < b < 50):
        reason = "the likelihood has no maximum inside: the curve is degenerate"
        return _no_fit(name, reason, n, level, k, clusters)
    covariance = np.linalg.inv(_hessian(parameters, counts))
    if codes is not None:
        covariance = covariance @ _meat(parameters, counts, cells, codes) @ covariance
    # Parameters are a, log b, ...: the delta method brings log b back to b.
    se_a, se_b = math.sqrt(covariance[0, 0]), b * math.sqrt(covariance[1, 1])
    area = normal_cdf(a / math.sqrt(1 + b * b))
    density = math.exp(-(a * a) / (2 * (1 + b * b))) / math.sqrt(2 * math.pi)
    slope = np.zeros(parameters.size)
    slope[0] = density / math.sqrt(1 + b * b)
    slope[1] = -density * a * b / (1 + b * b) ** 1.5 * b
    se = math.sqrt(float(slope @ covariance @ slope))
    reach = critical(level) * se
    method = METHOD if codes is None else f"{METHOD}, clustered"
    ends = (max(0.0, area - reach), min(1.0, area + reach))
    estimate = Estimate(name, area, *ends, level, method, n, se=se, clusters=clusters)
    return BinormalFit(a, b, se_a, se_b, cuts, -loss, estimate, k)


def _counts(positive: Bools, score: Floats) -> tuple[Ints, Floats]:
    """Cell of each case (category, k more for a positive), and (2, k) counts of negatives and positives."""
    values = np.unique(score)
    if values.size > MAX_CATEGORIES:
        edges = np.unique(np.quantile(score, np.linspace(0, 1, MAX_CATEGORIES + 1)[1:-1]))
        codes = np.searchsorted(edges, score, side="left")
    else:
        codes = np.searchsorted(values, score)
    codes = np.unique(codes, return_inverse=True)[1]
    k = int(codes.max(initial=-1)) + 1
    cells = codes + k * positive
    return cells, np.bincount(cells, minlength=2 * k).astype(np.float64).reshape(2, k)


def _meat(parameters: Floats, counts: Floats, cells: Ints, codes: Ints) -> Floats:
    """Sum over patients of the outer product of their summed gradients, times k / (k - 1)."""
    gradients = np.empty((counts.size, parameters.size))
    for cell in range(counts.size):
        alone = np.zeros(counts.size)
        alone[cell] = 1.0
        gradients[cell] = _loss(parameters, alone.reshape(counts.shape))[1]
    local = np.unique(codes, return_inverse=True)[1]
    k = int(local.max()) + 1
    sums = np.array([np.bincount(local, weights=column, minlength=k) for column in gradients[cells].T])
    return np.asarray((k / (k - 1) if k > 1 else math.nan) * (sums @ sums.T), dtype=np.float64)


def _inner_points(counts: Floats) -> int:
    """Points of the empirical curve with both rates strictly between 0 and 1."""
    rates = np.cumsum(counts, axis=1)[:, :-1] / counts.sum(axis=1, keepdims=True)
    return int(((rates > 0) & (rates < 1)).all(axis=0).sum())


def _start(counts: Floats) -> Floats:
    """A line through the empirical points on the probit scale."""
    rates = (np.cumsum(counts, axis=1)[:, :-1] + 0.25) / (counts.sum(axis=1, keepdims=True) + 0.5)
    z = np.array([[normal_quantile(rate) for rate in row] for row in rates])
    cuts = z[0]
    centred = cuts - cuts.mean()
    b = float(np.clip((z[1] @ centred) / max(float(centred @ centred), 1e-9), 0.2, 5.0))
    a = float(b * cuts.mean() - z[1].mean())
    steps = np.log(np.maximum(np.diff(cuts), 1e-3))
    return np.concatenate([[a, math.log(b), cuts[0]], steps])


def _unpack(parameters: Floats) -> tuple[float, float, Floats]:
    """Parameters a, log b, first cut, logs of the steps between cuts."""
    cuts = parameters[2] + np.concatenate([[0.0], np.cumsum(np.exp(parameters[3:]))])
    return float(parameters[0]), math.exp(parameters[1]), cuts


def _loss(parameters: Floats, counts: Floats) -> tuple[float, Floats]:
    """Negative log likelihood and its gradient."""
    from scipy.special import ndtr

    a, b, cuts = _unpack(parameters)
    inner = np.array([cuts, b * cuts - a])
    edges = np.concatenate([np.full((2, 1), -np.inf), inner, np.full((2, 1), np.inf)], axis=1)
    # Upper tails for the upper half: differences of two numbers near 1 would lose all digits.
    flipped = edges[:, :-1] > 0
    low, high = np.where(flipped, -edges[:, 1:], edges[:, :-1]), np.where(flipped, -edges[:, :-1], edges[:, 1:])
    chance = np.maximum(ndtr(high) - ndtr(low), 1e-300)
    loss = -float((counts * np.log(chance)).sum())
    ratio = counts / chance
    density = np.exp(-(inner**2) / 2) / math.sqrt(2 * math.pi)
    along = -density * (ratio[:, :-1] - ratio[:, 1:])
    by_cut = along[0] + b * along[1]
    later = np.cumsum(by_cut[::-1])[::-1]
    steps = np.exp(parameters[3:])
    gradient = np.concatenate([[-along[1].sum(), b * float(along[1] @ cuts), later[0]], steps * later[1:]])
    return loss, gradient


def _polish(parameters: Floats, counts: Floats) -> Floats:
    """A few Newton steps: BFGS stops at about half the digits."""
    for _ in range(8):
        gradient = _loss(parameters, counts)[1]
        try:
            step = np.linalg.solve(_hessian(parameters, counts), gradient)
        except np.linalg.LinAlgError:
            break
        if not np.isfinite(step).all() or np.abs(step).max() > 1:
            break
        parameters = parameters - step
    return parameters


def _hessian(parameters: Floats, counts: Floats) -> Floats:
    """Second derivatives by central differences of the gradient."""
    size = parameters.size
    hessian = np.empty((size, size))
    for i in range(size):
        step = np.zeros(size)
        step[i] = 1e-5 * max(1.0, abs(parameters[i]))
        difference = _loss(parameters + step, counts)[1] - _loss(parameters - step, counts)[1]
        hessian[i] = difference / (2 * step[i])
    return (hessian + hessian.T) / 2


def _no_fit(name: str, reason: str, n: int, level: float, categories: int, clusters: int | None) -> BinormalFit:
    area = undefined(name, reason, method=METHOD, n=n, level=level, clusters=clusters)
    return BinormalFit(NAN, NAN, NAN, NAN, np.array([]), NAN, area, categories, reason)
