"""One model against a group of readers on the same cases.

The model is no fake reader: it is a constant that each reader is compared with, so the readers' differences from it are
analysed in the one-treatment Obuchowski-Rockette form (Hillis 2014; Chakraborty's "stand-alone CAD" analysis). Whether
the cases are taken as a sample too changes the answer a lot: both are given, side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.estimate import Comparison, undefined_test
from lesion_core.stats.figures import Covariance, Figure, check_readings, figure_covariance, figure_values
from lesion_core.stats.inputs import Floats, cluster_codes, cluster_count, confidence, truth
from lesion_core.stats.multiplicity import holm_tests
from lesion_core.stats.reader_mean import FEW_READERS, MIN_READERS, random_reader_variance
from lesion_core.stats.wald import difference_test


@dataclass(frozen=True)
class ModelAgainstReaders:
    """A model and a group of readers, in one figure of merit. All differences are model minus readers.

    Attributes:
        figure: figure of merit.
        model: the model's figure, 0-1.
        readers: (r,) float64, 0-1: the readers' figures.
        random: readers and cases are samples.
        fixed_cases: other readers, these very cases: the narrower claim, shown beside the first.
        fixed_readers: these readers, other cases.
        each: the model against each reader, cases a sample, p corrected after Holm.
    """

    figure: str
    model: float
    readers: Floats
    random: Comparison
    fixed_cases: Comparison
    fixed_readers: Comparison
    each: tuple[Comparison, ...]

    def sentence(self) -> str:
        """The two readings that belong together, in words."""
        return f"{self.random.sentence()} {self.fixed_cases.sentence()}"


def model_against_readers(
    y_true: ArrayLike,
    model: ArrayLike,
    readings: ArrayLike,
    *,
    figure: Figure = "auc",
    covariance: Covariance = "jackknife",
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> ModelAgainstReaders:
    """Compare a model with the mean of a group of readers.

    Args:
        y_true: (n,) 0/1.
        model: (n,) the model's scores for "auc", its calls 0/1 otherwise.
        readings: (readers, n) ratings or calls; no reading may be missing.
        figure: figure of merit. Readers who only call have one point each: their "auc" is balanced accuracy, and a note
            says so; sensitivity and specificity at the model's threshold are the fair figures then.
        covariance: how the covariances over cases are estimated.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.

    Returns:
        The comparison. With fewer than 3 readers whatever takes readers as a sample is undefined, with the reason.

    Raises:
        StatisticsError: unusable labels, scores or readings.
    """
    positive = truth(y_true)
    rows = check_readings(readings, positive.size, figure)
    own = check_readings(np.asarray(model)[None], positive.size, figure)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    clusters = cluster_count(codes)
    if rows.shape[0] == 0:
        raise StatisticsError("readings holds no reader")
    r = rows.shape[0]
    every = np.vstack([own, rows])
    values = figure_values(positive, every, figure)
    differences = values[0] - values[1:]
    if np.isnan(values).any():
        matrix = np.full((r, r), math.nan)
    else:
        whole = figure_covariance(positive, every, figure, method=covariance, codes=codes)
        contrast = np.hstack([np.ones((r, 1)), -np.eye(r)])
        matrix = contrast @ whole @ contrast.T
    suffix = f", {covariance} covariances" + ("" if codes is None else ", clustered")
    note = _note(rows, figure)
    n, name = positive.size, f"{figure}, model minus {r} readers"

    def test(variance: float, df: float, applies_to: str) -> Comparison:
        found = difference_test(
            name,
            float(differences.mean()),
            variance,
            method=f"one-treatment Obuchowski-Rockette, result for {applies_to}{suffix}",
            n=n,
            level=confidence(level),
            df=df,
            clusters=clusters,
        )
        return found.with_note(note) if note else found

    each = tuple(
        difference_test(
            f"{figure}, model minus reader {j + 1}",
            float(differences[j]),
            float(matrix[j, j]),
            method=f"paired{suffix}",
            n=n,
            level=level,
            clusters=clusters,
        )
        for j in range(r)
    )
    if r < MIN_READERS:
        random, fixed_cases = (
            undefined_test(
                name,
                FEW_READERS,
                method=f"one-treatment Obuchowski-Rockette, result for {applies_to}{suffix}",
                n=n,
                level=level,
                value=float(differences.mean()),
                clusters=clusters,
            )
            for applies_to in ("readers and cases", "readers")
        )
    else:
        random = test(*random_reader_variance(differences, matrix), "readers and cases")
        fixed_cases = test(float(differences.var(ddof=1)) / r, r - 1.0, "readers")
    return ModelAgainstReaders(
        figure=figure,
        model=float(values[0]),
        readers=values[1:],
        random=random,
        fixed_cases=fixed_cases,
        fixed_readers=test(float(matrix.sum()) / r**2, math.inf, "cases"),
        each=holm_tests(each),
    )


def against_published_readers(
    model: float, readers: ArrayLike, *, n: int, level: float = 0.95, name: str = "model minus readers"
) -> Comparison:
    """A model's figure against readers' published figures: other readers, these very cases (one-sample t).

    Nothing more can be had from figures alone: the covariance over cases needs the readings. Reproduces a published CAD
    system and nine radiologists: t 3.21350501 (readers minus model), df 8, p .01235909.

    Args:
        model: the model's figure.
        readers: (r,) the readers' figures on the same cases.
        n: number of cases.
        level: confidence level, 0-1.
        name: what the difference is called in sentences.

    Returns:
        The test; undefined with fewer than 3 readers.

    Raises:
        StatisticsError: figures that are not numbers.
    """
    figures = np.asarray(readers, dtype=np.float64)
    if figures.ndim != 1 or not np.isfinite(figures).all() or not math.isfinite(model):
        raise StatisticsError("readers and model must be finite figures")
    differences = model - figures
    method = "one-sample t over readers, cases fixed"
    mean = float(differences.mean()) if differences.size else math.nan
    if differences.size < MIN_READERS:
        return undefined_test(name, FEW_READERS, method=method, n=n, level=confidence(level), value=mean)
    variance = float(differences.var(ddof=1)) / differences.size
    note = "It holds for these very cases: whether it would on others cannot be told from the figures alone."
    return difference_test(
        name, mean, variance, method=method, n=n, level=confidence(level), df=differences.size - 1.0
    ).with_note(note)


def _note(rows: Floats, figure: str) -> str:
    if figure == "auc" and any(np.unique(row).size <= 2 for row in rows):
        return 'Readers who only call have one operating point: their "auc" is balanced accuracy.'
    return ""
