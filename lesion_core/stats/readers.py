"""Multi-reader studies: several readers read the same cases with several modalities (fully crossed).

Obuchowski and Rockette 1995 (Communications in Statistics B 24:285) with Hillis's degrees of freedom (Hillis 2007,
Statistics in Medicine 26:596; 2014, 33:330). With jackknife covariances this is the analysis of Dorfman, Berbaum and
Metz 1992 as Hillis corrected it. The mean of one group of readers stands in ``reader_mean``, one model against readers
in ``one_model``, average readers in ``average_reader``, agreement in ``agreement``; all can be imported from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.agreement import cohen_kappa, fleiss_kappa, gwet_ac1
from lesion_core.stats.average_reader import average_point, average_reader
from lesion_core.stats.distributions import chi2_upper, f_upper
from lesion_core.stats.estimate import NAN, Comparison, Estimate, undefined_test
from lesion_core.stats.figures import Covariance, Figure, check_readings, figure_covariance, figure_values
from lesion_core.stats.inputs import Floats, cluster_codes, cluster_count, confidence, truth
from lesion_core.stats.one_model import against_published_readers, model_against_readers
from lesion_core.stats.reader_mean import (
    FEW_READERS,
    MIN_READERS,
    mean_estimate,
    mean_over_readers,
    random_reader_variance,
)
from lesion_core.stats.wald import NO_VARIANCE, difference_test

__all__ = [
    "ReaderAnalysis",
    "ReaderStudy",
    "VarianceComponents",
    "against_published_readers",
    "average_point",
    "average_reader",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "mean_over_readers",
    "model_against_readers",
    "obuchowski_rockette",
]


@dataclass(frozen=True)
class VarianceComponents:
    """What the Obuchowski-Rockette model is made of.

    Attributes:
        var: variance of a reader's figure over samples of cases.
        cov1: covariance, same reader, different modality.
        cov2: covariance, different reader, same modality.
        cov3: covariance, different reader, different modality.
        ms_modality: mean square between modalities.
        ms_interaction: mean square modality x reader.
    """

    var: float
    cov1: float
    cov2: float
    cov3: float
    ms_modality: float
    ms_interaction: float


@dataclass(frozen=True)
class ReaderAnalysis:
    """One way of saying to whom the result applies.

    Attributes:
        applies_to: "readers and cases", "cases" (these readers) or "readers" (these cases).
        test: all modalities equal; with two modalities its value and interval are those of their difference.
        differences: each modality minus each later one.
        modalities: mean figure of each modality over the readers.
    """

    applies_to: str
    test: Comparison
    differences: tuple[Comparison, ...]
    modalities: tuple[Estimate, ...]


@dataclass(frozen=True)
class ReaderStudy:
    """A multi-reader study, analysed three ways.

    Attributes:
        figure: figure of merit.
        values: (modalities, readers) float64: the figure of each reading.
        components: variances and mean squares.
        random: readers and cases are both samples: the claim most studies want to make.
        fixed_readers: these readers, other cases.
        fixed_cases: other readers, these cases.
    """

    figure: str
    values: Floats
    components: VarianceComponents
    random: ReaderAnalysis
    fixed_readers: ReaderAnalysis
    fixed_cases: ReaderAnalysis


@dataclass(frozen=True)
class _Design:
    """Everything the three analyses share."""

    values: Floats
    covariance: Floats
    parts: VarianceComponents
    names: tuple[str, ...]
    figure: str
    n: int
    clusters: int | None
    level: float
    suffix: str


def obuchowski_rockette(
    y_true: ArrayLike,
    readings: ArrayLike,
    *,
    figure: Figure = "auc",
    covariance: Covariance = "delong",
    groups: ArrayLike | None = None,
    level: float = 0.95,
    modalities: tuple[str, ...] = (),
) -> ReaderStudy:
    """Compare modalities over readers and cases.

    Reproduces the Van Dyke study: F 4.484854, df2 15.06611, p .05123303 with DeLong's covariances; F 4.46, df2 15.26,
    p .0517 with the jackknife (Iowa's OR-DBM).

    Args:
        y_true: (n,) 0/1.
        readings: (modalities, readers, n): ratings for "auc", calls 0/1 otherwise; no reading may be missing.
        figure: figure of merit.
        covariance: how the covariances over cases are estimated; "jackknife" is Dorfman-Berbaum-Metz.
        groups: (n,) patient ids; None takes the cases as independent.
        level: confidence level, 0-1.
        modalities: their names; "1", "2", ... when left out.

    Returns:
        The study. With fewer than 3 readers whatever takes readers as a sample is undefined, with the reason; with a
        class missing all of it.

    Raises:
        StatisticsError: unusable labels or readings, fewer than two modalities, or names that do not fit.
    """
    positive = truth(y_true)
    array = np.asarray(readings)
    if array.ndim != 3 or array.shape[0] < 2:
        raise StatisticsError(
            f"readings must be (modalities, readers, cases) with two modalities or more, got shape {array.shape}"
        )
    t, r, _ = array.shape
    names = modalities or tuple(str(i + 1) for i in range(t))
    if len(names) != t:
        raise StatisticsError(f"{len(names)} names for {t} modalities")
    rows = check_readings(array.reshape(t * r, -1), positive.size, figure)
    codes = None if groups is None else cluster_codes(groups, positive.size)
    values = figure_values(positive, rows, figure).reshape(t, r)
    if np.isnan(values).any():
        matrix = np.full((t, r, t, r), math.nan)
    else:
        matrix = figure_covariance(positive, rows, figure, method=covariance, codes=codes).reshape(t, r, t, r)
    design = _Design(
        values=values,
        covariance=matrix,
        parts=_components(values, matrix),
        names=names,
        figure=figure,
        n=positive.size,
        clusters=cluster_count(codes),
        level=confidence(level),
        suffix=f", {covariance} covariances" + ("" if codes is None else ", clustered"),
    )
    return ReaderStudy(figure, values, design.parts, _random(design), _fixed_readers(design), _fixed_cases(design))


def _components(values: Floats, c: Floats) -> VarianceComponents:
    t, r = values.shape
    same_t, same_r = np.eye(t, dtype=np.bool_)[:, None, :, None], np.eye(r, dtype=np.bool_)[None, :, None, :]

    def mean(chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
        cells = c[np.broadcast_to(chosen, c.shape)]
        return float(cells.mean()) if cells.size else 0.0

    grand = values.mean()
    per_t, per_r = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    interaction = values - per_t - per_r + grand
    return VarianceComponents(
        var=mean(same_t & same_r),
        cov1=mean(~same_t & same_r),
        cov2=mean(same_t & ~same_r),
        cov3=mean(~same_t & ~same_r),
        ms_modality=float(r * ((per_t - grand) ** 2).sum() / (t - 1)),
        ms_interaction=float((interaction**2).sum() / ((t - 1) * (r - 1))) if r > 1 else math.nan,
    )


def _random(d: _Design) -> ReaderAnalysis:
    t, r = d.values.shape
    p = d.parts
    error = p.ms_interaction + r * max(p.cov2 - p.cov3, 0.0)
    df2 = error**2 / (p.ms_interaction**2 / ((t - 1) * (r - 1))) if p.ms_interaction > NO_VARIANCE else math.inf
    few = FEW_READERS if r < MIN_READERS else ""
    spreads = [
        random_reader_variance(d.values[i], d.covariance[i, :, i, :]) if not few else (NAN, NAN) for i in range(t)
    ]
    return _analysis(d, "readers and cases", error, df2, spreads, few)


def _fixed_readers(d: _Design) -> ReaderAnalysis:
    t, r = d.values.shape
    p = d.parts
    error = p.var - p.cov1 + (r - 1) * max(p.cov2 - p.cov3, 0.0)
    spreads = [(float(d.covariance[i, :, i, :].sum()) / r**2, math.inf) for i in range(t)]
    return _analysis(d, "cases", error, math.inf, spreads, "")


def _fixed_cases(d: _Design) -> ReaderAnalysis:
    t, r = d.values.shape
    few = FEW_READERS if r < MIN_READERS else ""
    spreads = [(float(row.var(ddof=1)) / r, r - 1.0) if not few else (NAN, NAN) for row in d.values]
    return _analysis(d, "readers", d.parts.ms_interaction, float((t - 1) * (r - 1)), spreads, few)


def _analysis(
    d: _Design, applies_to: str, error: float, df: float, spreads: list[tuple[float, float]], few: str
) -> ReaderAnalysis:
    """F (or chi squared), pairwise differences and modality means from the error term of one analysis.

    A difference of two modality means has variance 2 error / r.
    """
    t, r = d.values.shape
    means = d.values.mean(axis=1)
    method = f"Obuchowski-Rockette, result for {applies_to}{d.suffix}"
    reason = few or ("a class is missing" if np.isnan(d.values).any() else "")
    if not reason and math.isnan(error):
        reason = "too few cases or patients to estimate a variance"
    differences = tuple(
        undefined_test(
            _name(d, i, j),
            reason,
            method=method,
            n=d.n,
            level=d.level,
            value=float(means[i] - means[j]),
            clusters=d.clusters,
        )
        if reason
        else difference_test(
            _name(d, i, j),
            float(means[i] - means[j]),
            2 * error / r,
            method=method,
            n=d.n,
            level=d.level,
            df=df,
            clusters=d.clusters,
        )
        for i, j in combinations(range(t), 2)
    )
    modalities = tuple(
        mean_estimate(
            f"mean {d.figure}, modality {name}", float(mean), v, v_df, method, n=d.n, level=d.level,
            clusters=d.clusters, reason=reason,
        )
        for name, mean, (v, v_df) in zip(d.names, means, spreads, strict=True)
    )  # fmt: skip
    return ReaderAnalysis(applies_to, _overall(d, error, df, differences, reason, method), differences, modalities)


def _overall(
    d: _Design, error: float, df: float, differences: tuple[Comparison, ...], reason: str, method: str
) -> Comparison:
    t = d.values.shape[0]
    first = differences[0]
    name = first.name if t == 2 else f"{d.figure}, {t} modalities equal"
    if reason or not error > NO_VARIANCE:
        reason = reason or first.reason or "a standard error of 0"
        value = first.value if t == 2 else NAN
        return undefined_test(name, reason, method=method, n=d.n, level=d.level, value=value, clusters=d.clusters)
    statistic, df1 = d.parts.ms_modality / error, float(t - 1)
    dfs: tuple[float, ...] = (df1, df)
    if math.isinf(df):
        statistic *= df1
        dfs = (df1,)
    p_value = chi2_upper(statistic, df1) if math.isinf(df) else f_upper(statistic, df1, df)
    value, low, high, se = (first.value, first.low, first.high, first.se) if t == 2 else (NAN,) * 4
    return Comparison(
        name, value, low, high, d.level, method, d.n, statistic, p_value, df=dfs, se=se, clusters=d.clusters,
        chi_squared=math.isinf(df),
    )  # fmt: skip


def _name(d: _Design, i: int, j: int) -> str:
    return f"mean {d.figure}, modality {d.names[i]} minus {d.names[j]}"
