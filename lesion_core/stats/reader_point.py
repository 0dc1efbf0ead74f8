"""A model with scores against a reader with calls, compared at the reader's own operating point.

A reader who only calls is a point. The fair questions: at the reader's specificity, who finds more; at the reader's
sensitivity, who alarms less? The cases on which the two disagree are counted apart for positives and negatives (the
2 x 2 x 2 table: model right, reader right, truth).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.stats.bootstrap import bootstrap_interval
from lesion_core.stats.estimate import Comparison, Estimate, undefined
from lesion_core.stats.inputs import Bools, Floats, Ints, cluster_codes, labelled_scores, same_length, truth
from lesion_core.stats.mcnemar import McNemarMethod, compare_calls
from lesion_core.stats.roc import OperatingPoint, point_at_sensitivity, point_at_specificity, point_at_threshold

POST_HOC = "The model's threshold was chosen on these very cases."


@dataclass(frozen=True)
class Discordance:
    """Who is right on the cases of one truth.

    Attributes:
        positive: whether these are the positive cases.
        both: both right.
        model_only: only the model right.
        reader_only: only the reader right.
        neither: both wrong.
    """

    positive: bool
    both: int
    model_only: int
    reader_only: int
    neither: int

    @property
    def n(self) -> int:
        """Number of cases."""
        return self.both + self.model_only + self.reader_only + self.neither


@dataclass(frozen=True)
class MatchedPoint:
    """Model and reader at one matched rate.

    Attributes:
        point: the model's operating point.
        positives: who is right on the positives.
        negatives: who is right on the negatives.
        difference: model minus reader in the other rate, McNemar at this threshold (taken as given).
        refitted: the same difference with a bootstrap interval that chooses the threshold anew in every sample.
    """

    point: OperatingPoint
    positives: Discordance
    negatives: Discordance
    difference: Comparison
    refitted: Estimate


@dataclass(frozen=True)
class ReaderPoint:
    """A model beside one reader who calls.

    Attributes:
        reader: the reader's operating point.
        at_specificity: the model at a specificity at least the reader's: sensitivities compared.
        at_sensitivity: the model at a sensitivity at least the reader's: specificities compared.
        reason: why there is no comparison; "" when there is one (else both points are None).
    """

    reader: OperatingPoint
    at_specificity: MatchedPoint | None
    at_sensitivity: MatchedPoint | None
    reason: str = ""


def discordance(y_true: ArrayLike, model_call: ArrayLike, reader_call: ArrayLike) -> tuple[Discordance, Discordance]:
    """The 2 x 2 x 2 table: who is right on the positives, and on the negatives.

    Args:
        y_true: (n,) 0/1.
        model_call: (n,) 0/1.
        reader_call: (n,) 0/1.

    Raises:
        StatisticsError: unusable labels or calls, or lengths that differ.
    """
    positive = truth(y_true)
    model, reader = truth(model_call, name="model_call"), truth(reader_call, name="reader_call")
    same_length(positive.size, model.size, "y_true", "model_call")
    same_length(positive.size, reader.size, "y_true", "reader_call")
    right_model, right_reader = model == positive, reader == positive
    return _table(positive, right_model, right_reader, True), _table(~positive, right_model, right_reader, False)


def compare_at_reader(
    y_true: ArrayLike,
    model_score: ArrayLike,
    reader_call: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    method: McNemarMethod = "mid-p",
    level: float = 0.95,
    draws: int = 2000,
    rng: np.random.Generator | int = 0,
) -> ReaderPoint:
    """Compare a model with a reader at the reader's specificity and at the reader's sensitivity.

    The model's threshold is the one whose matched rate is at least the reader's, so ties in the score cost the model,
    not the reader.

    Args:
        y_true: (n,) 0/1.
        model_score: (n,) finite.
        reader_call: (n,) 0/1.
        groups: (n,) patient ids; None takes the cases as independent.
        method: McNemar's variant; not used with ``groups``.
        level: confidence level, 0-1.
        draws: bootstrap samples for the interval that chooses the threshold anew.
        rng: source of chance, or a seed.

    Raises:
        StatisticsError: unusable input or lengths that differ.
    """
    positive, score = labelled_scores(y_true, model_score, name="model_score")
    reader = truth(reader_call, name="reader_call")
    same_length(positive.size, reader.size, "y_true", "reader_call")
    codes = None if groups is None else cluster_codes(groups, positive.size)
    own = point_at_threshold(positive, reader.astype(np.float64), 0.5)
    if own.reason:
        return ReaderPoint(own, None, None, own.reason)

    def matched(rate: str) -> MatchedPoint:
        point = _model_point(positive, score, reader, rate)
        calls = score >= point.threshold
        positives, negatives = discordance(positive, calls, reader)
        name = f"{rate}, model minus reader"
        difference = compare_calls(
            positive,
            calls,
            reader,
            rate="sensitivity" if rate == "sensitivity" else "specificity",
            method=method,
            groups=codes,
            level=level,
            name=name,
        ).with_note(POST_HOC)
        refitted = _refitted(positive, score, reader, codes, rate, level=level, draws=draws, rng=rng)
        return MatchedPoint(point, positives, negatives, difference, refitted)

    return ReaderPoint(own, matched("sensitivity"), matched("specificity"))


def _table(chosen: Bools, model: Bools, reader: Bools, positive: bool) -> Discordance:
    return Discordance(
        positive=positive,
        both=int((model & reader & chosen).sum()),
        model_only=int((model & ~reader & chosen).sum()),
        reader_only=int((~model & reader & chosen).sum()),
        neither=int((~model & ~reader & chosen).sum()),
    )


def _model_point(positive: Bools, score: Floats, reader: Bools, rate: str) -> OperatingPoint:
    """The model's point at the reader's other rate."""
    if rate == "sensitivity":
        return point_at_specificity(positive, score, float((~reader[~positive]).mean()))
    return point_at_sensitivity(positive, score, float(reader[positive].mean()))


def _refitted(
    positive: Bools,
    score: Floats,
    reader: Bools,
    codes: Ints | None,
    rate: str,
    *,
    level: float,
    draws: int,
    rng: np.random.Generator | int,
) -> Estimate:
    def difference(rows: Ints) -> float:
        y, s, calls = positive[rows], score[rows], reader[rows]
        point = _model_point(y, s, calls, rate)
        if rate == "sensitivity":
            return point.sensitivity - float(calls[y].mean())
        return point.specificity - float((~calls[~y]).mean())

    value = difference(np.arange(positive.size))
    name = f"{rate}, model minus reader, threshold chosen anew"
    if math.isnan(value):
        return undefined(name, "a class is missing", method="bootstrap", n=positive.size, level=level)
    return bootstrap_interval(difference, positive, codes, value=value, name=name, level=level, draws=draws, rng=rng)
