"""What the outline adds to the network: a logistic combination of its score and two measurements of the border.

A network that sees every lesion scaled to the same square judges texture well and shape badly; the border's own
numbers (`lesion_core.imaging.outline`) make up for it. The coefficients are learnt on out-of-fold scores (stacking:
Wolpert 1992), so the combination is as honest as they are. No torch in here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.imaging.outline import NAMES, Outline

#: Scores nearer to 0 or 1 are taken as this far away from them.
SMALLEST = 1e-6


@dataclass(frozen=True)
class OutlinePart:
    """The combination: log odds = intercept + network * logit(score) + the sum of coefficient * measurement.

    Attributes:
        intercept: of the log odds.
        network: factor of the log odds of the network's score.
        coefficients: of irregularity and parallelism.
        average: of both over the cases it was learnt on; stands in where no border is at hand.
        learnt_on: the scores it was learnt on, in words.
        n: how many they are.
    """

    intercept: float
    network: float
    coefficients: tuple[float, float]
    average: tuple[float, float]
    learnt_on: str
    n: int

    def combine(self, scores: NDArray[np.float64], measured: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores with the outline taken into account.

        Args:
            scores: (n,) of the network alone, 0-1.
            measured: (n, 2) or (2,) float64 in the order of `NAMES`.

        Returns:
            (n,) float64, 0-1.
        """
        odds = self.intercept + self.network * logit(scores) + measured @ np.array(self.coefficients)
        combined: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
        return combined

    def shares(self, outline: Outline) -> tuple[tuple[str, float, float, float], ...]:
        """What each measurement adds to the log odds against an average lesion: (name, value, average, added)."""
        return tuple(
            (name, value, average, factor * (value - average))
            for name, value, average, factor in zip(NAMES, outline.row, self.average, self.coefficients, strict=True)
        )

    def problems(self) -> list[str]:
        """What is of the right type and still wrong."""
        numbers: Sequence[float] = (self.intercept, self.network, *self.coefficients, *self.average)
        problems = [] if all(map(math.isfinite, numbers)) else ["the outline's coefficients are not all numbers"]
        if self.network <= 0:
            problems.append(f"the outline's factor of the network is {self.network}, not above 0")
        if self.n < 1:
            problems.append(f"the outline was learnt on {self.n} scores")
        return problems


def logit(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds of scores, (n,), those at the ends drawn in by `SMALLEST`."""
    inside = np.clip(scores, SMALLEST, 1 - SMALLEST)
    odds: NDArray[np.float64] = np.log(inside / (1 - inside))
    return odds
