"""The frozen-trunk linear baseline: what ImageNet's features of the RoI say through one linear layer.

All of pool5 (25,088 numbers), square root, unit length; logistic regression with an L2 penalty. Each fold's penalty is
the best of `STRENGTHS` by the mean AUC over inner folds by patient inside its training part, so the outer out-of-fold
scores chose nothing. It is no classifier to use: every model stands beside it, so that everyone sees what training
more than one layer adds.

The fits are made on n numbers a case instead of 25,088: rows are turned so that the n of them lie in n dimensions,
which leaves their inner products, and with them a penalised linear fit, as they are (Hastie and Tibshirani 2004,
Biostatistics 5:329).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lesion_core.cases.folds import Scheme
from lesion_core.cases.splits import check_scheme, make_scheme
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError, MissingExtraError, TrainingError
from lesion_core.results.observers.reference_names import LINEAR
from lesion_core.results.scores import ScoreTable, score_rows
from lesion_core.stats.roc import auc

Floats = NDArray[np.float64]
#: What is chosen from: the inverse of the penalty (C of scikit-learn).
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)
INNER_FOLDS = 5
ITERATIONS = 5000


@dataclass(frozen=True)
class FoldChoice:
    """What a fold chose.

    Attributes:
        fold: its number.
        strength: inverse of the penalty.
        areas: mean inner AUC of each of `STRENGTHS`, on its training part.
    """

    fold: int
    strength: float
    areas: tuple[float, ...]


@dataclass(frozen=True)
class LinearFolds:
    """A cross validation of the baseline.

    Attributes:
        scores: out of fold.
        choices: one for each fold.
    """

    scores: ScoreTable
    choices: tuple[FoldChoice, ...]


def unit_rows(features: NDArray[np.float16]) -> NDArray[np.float32]:
    """Square root, then unit length.

    Args:
        features: (n, d) float16, none below 0: output of a ReLU.

    Returns:
        (n, d) float32.

    Raises:
        InputError: a row below 0, without anything above 0, or not a number.
    """
    wide = features.astype(np.float32)
    if not np.isfinite(wide).all() or wide.min(initial=0) < 0:
        raise InputError("the features of pool5 are finite and not below 0: delete the cache and compute them again")
    rows = np.sqrt(wide)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        raise InputError(f"{int((lengths == 0).sum())} RoIs have no feature above 0: look at them with `audit`")
    return np.asarray(rows / lengths, dtype=np.float32)


def turned(rows: NDArray[np.float32]) -> Floats:
    """The same rows in as few dimensions as they span: all inner products stay.

    Args:
        rows: (n, d).

    Returns:
        (n, r) float64, r at most n.
    """
    values, directions = np.linalg.eigh((rows @ rows.T).astype(np.float64))
    kept = values > values[-1] * 1e-7
    return np.asarray(directions[:, kept] * np.sqrt(values[kept]), dtype=np.float64)


def cross_fit(
    table: CaseTable,
    features: NDArray[np.float16],
    scheme: Scheme,
    *,
    run: str,
    tell: Callable[[FoldChoice], None] = lambda choice: None,
) -> LinearFolds:
    """Score every case by a baseline that never saw its patient.

    Args:
        table: n development cases, every one of them in the scheme.
        features: (n, d) float16: pool5 of their RoIs.
        scheme: folds that keep patients together.
        run: name of the run.
        tell: told each finished fold.

    Raises:
        InputError: cases without a fold, patients in two folds, a division by image, too few patients for the inner
            folds, or features that do not fit.
        TrainingError: a fit that does not converge.
    """
    if len(features) != len(table):
        raise InputError(f"{len(table)} cases and {len(features)} rows of features: compute them for these cases")
    if scheme.level != "patient":
        raise InputError(f"scheme {scheme.name!r} is divided by image: patients stand on both sides")
    check_scheme(table.cases, scheme)
    points = turned(unit_rows(features))
    labels = table.labels
    folds = np.array([scheme.fold[case.case_id] for case in table.cases], dtype=np.int64)
    scores = np.full(len(table), np.nan)
    choices = []
    with threadpool_limits(1, user_api="blas"):  # BLAS threads wait for each other on a busy machine
        for fold in scheme.folds:
            learn, test = folds != fold, folds == fold
            cases = tuple(case for case, chosen in zip(table.cases, learn.tolist(), strict=True) if chosen)
            areas = inner_areas(cases, points[learn], labels[learn], seed=fold)
            strength = STRENGTHS[int(np.argmax(areas))]
            scores[test] = _scored(points[learn], labels[learn], points[test], strength)
            choices.append(FoldChoice(fold, strength, areas))
            tell(choices[-1])
    return LinearFolds(score_rows(table.cases, scores, run=run, model=LINEAR, folds=folds.tolist()), tuple(choices))


def inner_areas(cases: tuple[Case, ...], points: Floats, labels: NDArray[np.int64], *, seed: int) -> tuple[float, ...]:
    """Mean AUC of each strength over inner folds by patient.

    Args:
        cases: n cases of a training part.
        points: (n, r) float64 from `turned`.
        labels: (n,) 0 or 1.
        seed: of the inner folds.

    Raises:
        InputError: too few patients of a class.
        TrainingError: a fit that does not converge.
    """
    scheme = make_scheme(cases, INNER_FOLDS, rng=np.random.default_rng((1, seed)))
    folds = np.array([scheme.fold[case.case_id] for case in cases], dtype=np.int64)
    found = []
    for strength in STRENGTHS:
        areas = []
        for fold in scheme.folds:
            learn, test = folds != fold, folds == fold
            areas.append(auc(labels[test], _scored(points[learn], labels[learn], points[test], strength)))
        found.append(float(np.mean(areas)))
    return tuple(found)


def _scored(points: Floats, labels: NDArray[np.int64], others: Floats, strength: float) -> Floats:
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        raise MissingExtraError(
            "scikit-learn", "the linear baseline", "pip install -r requirements-train.txt"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fitted = LogisticRegression(C=strength, max_iter=ITERATIONS).fit(points, labels)
        except ConvergenceWarning as error:
            raise TrainingError(f"the linear baseline does not converge at strength {strength:g}: {error}") from error
    return np.asarray(fitted.predict_proba(others)[:, 1], dtype=np.float64)
