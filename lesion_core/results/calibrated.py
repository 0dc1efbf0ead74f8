"""Calibration of a table of scores before and after Platt's sigmoid: slope, in the large, Brier score, per image.

Out of fold each fold is mapped by what the other folds teach. A final model's scores of another set are mapped by what
all out-of-fold scores taught: nothing is learnt from that set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lesion_core.errors import StatisticsError
from lesion_core.results.scores import ScoreTable
from lesion_core.stats.calibration import CalibrationLine, brier_score, calibration_line
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.inputs import Floats
from lesion_core.stats.recalibration import PlattMap, cross_fitted


@dataclass(frozen=True)
class Calibrated:
    """How far some numbers are from being probabilities.

    Attributes:
        dataset: where the images come from.
        target: what label 1 means.
        which: "scores", "cross-fitted" or "mapped".
        n: images.
        positives: among them.
        mean: of the numbers.
        line: slope, intercept, in the large.
        brier: the Brier score with its interval.
    """

    dataset: str
    target: str
    which: str
    n: int
    positives: int
    mean: float
    line: CalibrationLine
    brier: Estimate

    @property
    def row(self) -> str:
        """A row of a table in Markdown."""
        cells = (
            self.dataset,
            self.target,
            f"{self.n:,} ({self.positives:,}, {self.positives / self.n:.1%})",
            self.which,
            f"{self.mean:.3f}",
            _cell(self.line.slope),
            _cell(self.line.in_the_large),
            _cell(self.brier),
        )
        return f"| {' | '.join(cells)} |"


#: Above rows of `Calibrated.row`.
HEAD = (
    "| set | label 1 | n (label 1) | numbers | mean | slope (95 % CI) | in the large (95 % CI) | Brier (95 % CI) |",
    "|---|---|---|---|---|---|---|---|",
)


def before_and_after(table: ScoreTable, learnt: PlattMap | None) -> tuple[Calibrated, Calibrated]:
    """Scores as they are, and as probabilities.

    Args:
        table: out-of-fold scores, or those of a final model.
        learnt: the map for a final model's scores; not used out of fold.

    Raises:
        StatisticsError: folds that teach no map, or, for a final model's scores, no map.
    """
    if (table.folds > 0).all():
        return _measured(table, table.scores, "scores"), _measured(table, cross_fitted_map(table), "cross-fitted")
    if learnt is None:
        raise StatisticsError("scores of a final model need a map learnt on other scores: give the out-of-fold ones")
    return _measured(table, table.scores, "scores"), _measured(table, learnt.apply(table.scores), "mapped")


def cross_fitted_map(table: ScoreTable) -> Floats:
    """(n,) probabilities of out-of-fold scores, each fold by Platt's sigmoid of the others.

    Raises:
        StatisticsError: one fold only, or folds that teach no map.
    """
    return cross_fitted(table.labels, table.scores, table.folds, kind="platt", scale="logit")


def _measured(table: ScoreTable, numbers: Floats, which: str) -> Calibrated:
    groups = table.clusters.ids
    return Calibrated(
        dataset=", ".join(sorted({row.dataset for row in table.rows})),
        target=", ".join(sorted({row.target for row in table.rows})),
        which=which,
        n=len(table),
        positives=int(table.labels.sum()),
        mean=float(np.mean(numbers)),
        line=calibration_line(table.labels, numbers, groups=groups),
        brier=brier_score(table.labels, numbers, groups=groups).score,
    )


def _cell(estimate: Estimate) -> str:
    if not estimate.defined:
        return f"undefined: {estimate.reason}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
