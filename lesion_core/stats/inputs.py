"""What is checked before anything is computed.

Conventions everywhere in ``stats``: ``y_true`` holds 0 and 1, 1 is the positive class (malignant); a higher ``y_score``
is more suspicious; a case is called positive when its score is at or above the threshold.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lesion_core.errors import StatisticsError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def truth(y_true: ArrayLike, *, name: str = "y_true") -> Bools:
    """Labels (or calls) as a mask of the positives.

    Args:
        y_true: (n,) integers, booleans or floats, each exactly 0 or 1.
        name: what to call them in an error.

    Returns:
        (n,) bool, True where the label is 1.

    Raises:
        StatisticsError: not one-dimensional, strings, NaN, or a value other than 0 and 1.
    """
    values = _one_dimensional(y_true, name)
    if values.dtype.kind not in "biuf":
        shown = ", ".join(repr(value) for value in list(dict.fromkeys(values.tolist()))[:3])
        raise StatisticsError(f"{name} must be 0 or 1 (1 = positive), got {shown}: map the labels to 0 and 1 first")
    bad = values[~((values == 0) | (values == 1))]
    if bad.size:
        raise StatisticsError(f"{name} must be 0 or 1 (1 = positive), got {bad[0]} among {values.size} values")
    return np.asarray(values == 1, dtype=np.bool_)


def scores(y_score: ArrayLike, *, name: str = "y_score") -> Floats:
    """Scores as float64 (every rank is taken in float64: float32 arithmetic has given AUCs above 1 elsewhere).

    Args:
        y_score: (n,) finite numbers, higher = more suspicious.
        name: what to call them in an error.

    Returns:
        (n,) float64.

    Raises:
        StatisticsError: not one-dimensional, not numbers, NaN or infinite.
    """
    values = _one_dimensional(y_score, name)
    if values.dtype.kind not in "biuf":
        raise StatisticsError(f"{name} must be numbers, got {values.dtype}: convert them first")
    finite = np.isfinite(values)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise StatisticsError(
            f"{name} must be finite, got {values[row]} in row {row} ({int((~finite).sum())} such): "
            "drop or score those cases"
        )
    return values.astype(np.float64, copy=False)


def labelled_scores(y_true: ArrayLike, y_score: ArrayLike, *, name: str = "y_score") -> tuple[Bools, Floats]:
    """Labels and scores of the same cases.

    Raises:
        StatisticsError: as `truth` and `scores`, or when the lengths differ.
    """
    positive = truth(y_true)
    score = scores(y_score, name=name)
    same_length(positive.size, score.size, "y_true", name)
    return positive, score


def cluster_codes(groups: ArrayLike, n: int) -> Ints:
    """Patients (or other groups) numbered 0 .. k-1.

    Args:
        groups: (n,) ids of any kind, one per case.
        n: number of cases.

    Returns:
        (n,) int64.

    Raises:
        StatisticsError: another length, or a missing id (None, NaN, "").
    """
    ids = np.asarray(groups)
    if ids.ndim != 1:
        raise StatisticsError(f"groups must be one-dimensional, got shape {ids.shape}")
    same_length(n, ids.size, "y_true", "groups")
    missing = _missing(ids)
    if missing.any():
        row = int(np.flatnonzero(missing)[0])
        raise StatisticsError(
            f"groups has no id in row {row} ({int(missing.sum())} such): "
            "give each case of an unknown patient its own id"
        )
    if ids.dtype.kind == "O":
        ids = ids.astype(str)
    return np.unique(ids, return_inverse=True)[1].astype(np.int64)


def cluster_count(codes: Ints | None) -> int | None:
    """How many patients there are; None where cases are taken as independent.

    Args:
        codes: (n,) int64, or None.
    """
    return None if codes is None else int(np.unique(codes).size)


def confidence(level: float) -> float:
    """A confidence level strictly between 0 and 1.

    Raises:
        StatisticsError: outside that range.
    """
    if not 0 < level < 1:
        raise StatisticsError(f"level must lie between 0 and 1, got {level}: 0.95 means 95 %")
    return float(level)


def share(value: float, name: str) -> float:
    """A proportion from 0 to 1, ends included.

    Raises:
        StatisticsError: outside that range or NaN.
    """
    if not 0 <= value <= 1:
        raise StatisticsError(f"{name} must lie from 0 to 1, got {value}")
    return float(value)


def same_length(first: int, second: int, first_name: str, second_name: str) -> None:
    """Two arrays describe the same cases.

    Raises:
        StatisticsError: the lengths differ.
    """
    if first != second:
        raise StatisticsError(f"{first_name} has {first} values and {second_name} has {second}: one of each per case")


def one_class_reason(positives: int, negatives: int) -> str:
    """Why nothing can be ranked, or "" when both classes are there."""
    if positives and negatives:
        return ""
    return f"both classes are needed, got {positives} positive and {negatives} negative cases"


def _one_dimensional(values: ArrayLike, name: str) -> NDArray[np.generic]:
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.float64)
    if array.ndim != 1:
        raise StatisticsError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.dtype.kind == "O":
        # Text that happens to hold digits is still text: a column read as strings is a mistake to be told.
        if any(isinstance(value, str | bytes) for value in array.tolist()):
            return array
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            return array
    return array


def _missing(ids: NDArray[np.generic]) -> Bools:
    if ids.dtype.kind == "f":
        return np.asarray(np.isnan(ids.astype(np.float64)), dtype=np.bool_)
    if ids.dtype.kind in "US":
        return np.asarray(ids == "", dtype=np.bool_)
    if ids.dtype.kind == "O":
        return np.array(
            [
                value is None or value == "" or (isinstance(value, float) and math.isnan(value))
                for value in ids.tolist()
            ],
            dtype=np.bool_,
        )
    return np.zeros(ids.shape, dtype=np.bool_)
