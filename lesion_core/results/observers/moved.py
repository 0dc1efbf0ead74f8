"""How far scores move when the border of a lesion is another one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from lesion_core.stats.bootstrap import bootstrap_interval
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.inputs import Floats, Ints
from lesion_core.stats.proportions import proportion_interval

DRAWS = 1000


@dataclass(frozen=True)
class Moved:
    """What another border does to the score.

    Attributes:
        change: mean absolute difference of the scores, bootstrap by cluster.
        largest: its 95th percentile.
        flipped: share of calls that change at the threshold, clustered; None without a threshold.
    """

    change: Estimate
    largest: float
    flipped: Estimate | None

    @property
    def sentence(self) -> str:
        """For the terminal."""
        flipped = "" if self.flipped is None else f"; {self.flipped.sentence()}"
        return f"{self.change.sentence()}; 95th percentile {self.largest:.3f}{flipped}"


def moved(before: Floats, after: Floats, clusters: Ints, threshold: float | None, *, draws: int = DRAWS) -> Moved:
    """Compare scores under two borders.

    Args:
        before: (n,) float64, 0-1.
        after: (n,) float64, 0-1, of the same lesions.
        clusters: (n,) what is drawn together: patients, or cases.
        threshold: calls are score >= threshold; None when there is none.
        draws: bootstrap samples.
    """
    gap = np.abs(after - before)
    change = bootstrap_interval(
        partial(_mean, gap),
        np.ones(gap.size, dtype=np.bool_),
        clusters,
        value=float(gap.mean()),
        name="mean change of the score",
        draws=draws,
    )
    flipped = None
    if threshold is not None:
        changed = (before >= threshold) != (after >= threshold)
        flipped = proportion_interval(changed, groups=clusters, name="calls that change")
    return Moved(change, float(np.quantile(gap, 0.95)), flipped)


def _mean(gap: Floats, rows: Ints) -> float:
    return float(gap[rows].mean())
