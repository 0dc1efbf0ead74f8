"""How a model's score becomes a probability, and for whom: Platt's sigmoid, learnt on out-of-fold scores. No torch.

A probability holds for the share of positives it was learnt at. Where fewer lesions are of class 1 it is too high.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lesion_core.stats.recalibration import PlattMap


@dataclass(frozen=True)
class CalibrationPart:
    """A sigmoid and what it can be expected to do: p = expit(intercept + slope * logit(score)).

    Attributes:
        intercept: on the log odds scale.
        slope: above 0.
        learnt_on: the scores it was learnt on, in words.
        n: how many they are.
        prevalence: share of class 1 among them, 0-1; the probabilities hold for it.
        fitted_slope: calibration slope when cross-fitted, each fold by the map of the others; 1 is right.
        fitted_in_the_large: likewise the calibration in the large; 0 is right.
        fitted_brier: likewise the Brier score.
    """

    intercept: float
    slope: float
    learnt_on: str
    n: int
    prevalence: float
    fitted_slope: float
    fitted_in_the_large: float
    fitted_brier: float

    @property
    def map(self) -> PlattMap:
        """As a function of scores."""
        return PlattMap(self.intercept, self.slope, "logit")

    def problems(self) -> list[str]:
        """What is of the right type and still wrong."""
        numbers = (self.intercept, self.slope, self.fitted_slope, self.fitted_in_the_large)
        problems = [] if all(map(math.isfinite, numbers)) else ["the calibration's coefficients are not all numbers"]
        if self.slope <= 0:
            problems.append(f"the calibration's slope is {self.slope}, not above 0")
        if not 0 < self.prevalence < 1:
            problems.append(f"the calibration's prevalence {self.prevalence} is not between 0 and 1")
        if not 0 <= self.fitted_brier <= 1:
            problems.append(f"the calibration's Brier score {self.fitted_brier} is not from 0 to 1")
        if self.n < 1:
            problems.append(f"the calibration was learnt on {self.n} scores")
        return problems
