"""From scores to probabilities: Platt's sigmoid or a rising step function, learnt on training folds only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.inputs import Floats, cluster_codes, labelled_scores, one_class_reason, scores
from lesion_core.stats.logistic import expit, fit_logistic, log_odds

Kind = Literal["platt", "isotonic"]
Scale = Literal["logit", "raw"]


@dataclass(frozen=True)
class PlattMap:
    """A sigmoid: p = expit(intercept + slope x), x the score or its log odds.

    Attributes:
        intercept: on the log odds scale.
        slope: above 0 where the score points the right way.
        scale: "logit" takes the log odds of the score first, "raw" the score itself.
    """

    intercept: float
    slope: float
    scale: Scale

    def apply(self, y_score: ArrayLike) -> Floats:
        """Probabilities of scores.

        Args:
            y_score: (n,) finite; 0-1 on the logit scale.

        Returns:
            (n,) float64, 0-1.

        Raises:
            StatisticsError: unusable scores.
        """
        return expit(self.intercept + self.slope * _scaled(scores(y_score), self.scale))


@dataclass(frozen=True)
class IsotonicMap:
    """A rising function through knots, straight between them, flat beyond the ends.

    Attributes:
        knots: (k,) float64, rising: scores.
        values: (k,) float64, 0-1, never falling: probabilities.
    """

    knots: Floats
    values: Floats

    def apply(self, y_score: ArrayLike) -> Floats:
        """Probabilities of scores.

        Args:
            y_score: (n,) finite.

        Returns:
            (n,) float64, 0-1.

        Raises:
            StatisticsError: unusable scores.
        """
        return np.interp(scores(y_score), self.knots, self.values)


def fit_platt(y_true: ArrayLike, y_score: ArrayLike, *, scale: Scale = "logit", smooth: bool = False) -> PlattMap:
    """Fit Platt's sigmoid (1999) by maximum likelihood.

    Args:
        y_true: (n,) 0/1, both classes.
        y_score: (n,) finite; 0-1 on the logit scale.
        scale: "logit" for scores that are softmax outputs: then slope 1 and intercept 0 change nothing.
        smooth: fit Platt's targets (P + 1) / (P + 2) and 1 / (N + 2): a fit exists under perfect separation too.

    Raises:
        StatisticsError: unusable input, one class, or perfect separation without ``smooth``.
    """
    positive, score = labelled_scores(y_true, y_score)
    x = _scaled(score, scale)
    P, N = int(positive.sum()), int((~positive).sum())
    targets = np.where(positive, (P + 1) / (P + 2), 1 / (N + 2)) if smooth else None
    fit = fit_logistic(positive, np.column_stack([np.ones_like(x), x]), targets=targets)
    if fit.reason:
        raise StatisticsError(f"no Platt fit: {fit.reason}")
    return PlattMap(float(fit.coefficients[0]), float(fit.coefficients[1]), scale)


def fit_isotonic(y_true: ArrayLike, y_score: ArrayLike) -> IsotonicMap:
    """Fit the rising step function nearest to the labels (pool adjacent violators; Zadrozny and Elkan 2002).

    Args:
        y_true: (n,) 0/1, both classes.
        y_score: (n,) finite.

    Raises:
        StatisticsError: unusable input or one class.
    """
    from scipy.optimize import isotonic_regression

    positive, score = labelled_scores(y_true, y_score)
    reason = one_class_reason(int(positive.sum()), int((~positive).sum()))
    if reason:
        raise StatisticsError(f"no isotonic fit: {reason}")
    knots, member = np.unique(score, return_inverse=True)
    weights = np.bincount(member).astype(np.float64)
    means = np.bincount(member, weights=positive) / weights
    fitted = np.asarray(isotonic_regression(means, weights=weights).x, dtype=np.float64)
    # Inner knots of a flat stretch say nothing.
    flat = np.r_[False, (fitted[1:-1] == fitted[:-2]) & (fitted[1:-1] == fitted[2:]), False][: fitted.size]
    return IsotonicMap(knots[~flat], np.clip(fitted[~flat], 0.0, 1.0))


def cross_fitted(
    y_true: ArrayLike, y_score: ArrayLike, folds: ArrayLike, *, kind: Kind = "platt", scale: Scale = "logit"
) -> Floats:
    """Probabilities for each fold from a map learnt on the other folds alone.

    Args:
        y_true: (n,) 0/1.
        y_score: (n,) finite; 0-1 for Platt on the logit scale.
        folds: (n,) fold of each case; cases of a patient belong into one fold.
        kind: "platt" or "isotonic".
        scale: for Platt.

    Returns:
        (n,) float64, 0-1.

    Raises:
        StatisticsError: unusable input, an unknown kind, one fold only, or folds whose rest holds one class.
    """
    positive, score = labelled_scores(y_true, y_score)
    members = cluster_codes(folds, positive.size)
    if np.unique(members).size < 2:
        raise StatisticsError("cross-fitting needs at least 2 folds")
    if kind not in ("platt", "isotonic"):
        raise StatisticsError(f"no recalibration named {kind!r}: choose platt or isotonic")
    probability = np.empty(positive.size)
    for fold in np.unique(members):
        rest, here = members != fold, members == fold
        learnt: PlattMap | IsotonicMap = (
            fit_platt(positive[rest], score[rest], scale=scale)
            if kind == "platt"
            else fit_isotonic(positive[rest], score[rest])
        )
        probability[here] = learnt.apply(score[here])
    return probability


def _scaled(score: Floats, scale: Scale) -> Floats:
    if scale == "raw":
        return score
    if scale != "logit":
        raise StatisticsError(f"scale must be logit or raw, got {scale!r}")
    if score.size and (score.min() < 0 or score.max() > 1):
        raise StatisticsError(f"the logit scale needs scores from 0 to 1, got {score.min():g} to {score.max():g}")
    return log_odds(score)
