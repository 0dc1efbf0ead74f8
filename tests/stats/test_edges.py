"""Every statistic on data that barely exist: an answer or a reason, never a crash, a warning or a point interval."""

import math

import numpy as np
import pytest

from lesion_core.stats import bands, binormal, calibration, intervals, netbenefit, paired, partial, readers
from lesion_core.stats.accuracy import accuracy, sensitivity, specificity
from lesion_core.stats.estimate import Comparison, Estimate

DATA = {
    "no case": ([], []),
    "one positive": ([1], [0.5]),
    "one negative": ([0], [0.5]),
    "one of each, tied": ([1, 0], [0.5, 0.5]),
    "one of each, apart": ([1, 0], [0.9, 0.1]),
    "negatives only": ([0, 0, 0], [0.1, 0.2, 0.3]),
    "positives only": ([1, 1, 1], [0.1, 0.2, 0.3]),
    "all tied": ([0, 0, 1, 1], [0.5, 0.5, 0.5, 0.5]),
    "perfect": ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]),
    "perfectly wrong": ([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9]),
    "one positive among three": ([1, 0, 0, 0], [0.2, 0.3, 0.1, 0.9]),
    "certain": ([1, 0, 1, 0, 1], [0.0, 1.0, 1.0, 0.0, 0.5]),
}
GROUPS = {
    "independent": lambda n: None,
    "one patient": lambda n: np.zeros(n, int),
    "own patients": lambda n: np.arange(n),
    "pairs": lambda n: np.arange(n) // 2,
}


def everything(y, s, groups):
    """Name and call of each statistic."""
    c = (s >= 0.5).astype(int)
    turned = s[::-1]
    yield from (
        (method, lambda m=method: intervals.auc_interval(y, s, method=m, groups=groups, draws=30))
        for method in intervals.AUC_METHODS
        if groups is None or method not in ("hanley-mcneil", "spss")
    )
    for rate in (sensitivity, specificity, accuracy):
        yield rate.__name__, lambda rate=rate: rate(y, c, groups=groups)
    yield "LR+", lambda: intervals.likelihood_ratios(y, c, groups=groups).positive
    yield "LR-", lambda: intervals.likelihood_ratios(y, c, groups=groups).negative
    yield "PPV", lambda: intervals.predictive_values(y, c, prevalence=0.1, groups=groups).positive
    yield "NPV", lambda: intervals.predictive_values(y, c, prevalence=0.1, groups=groups).negative
    yield "folds", lambda: intervals.cross_validated_auc(y, s, np.arange(y.size) % 2, groups=groups)
    yield "partial", lambda: partial.partial_auc_interval(y, s, groups=groups, draws=20)
    yield "delong", lambda: paired.delong_test(y, s, turned, groups=groups)
    yield "all", lambda: paired.delong_test_all(y, [s, turned, s * 2], groups=groups)
    yield "unpaired", lambda: paired.delong_test_unpaired(y, s, y, turned, groups_a=groups, groups_b=groups)
    yield "permutation", lambda: paired.permutation_test(y, s, turned, groups=groups, draws=20)
    for rate in ("sensitivity", "specificity", "accuracy"):
        yield f"mcnemar {rate}", lambda rate=rate: paired.compare_calls(y, c, c[::-1], rate=rate, groups=groups)
    yield "binormal", lambda: binormal.binormal_fit(y, s, groups=groups).area
    for figure, rows in (("auc", [s, turned, s * 2]), ("sensitivity", [c, c[::-1], c]), ("accuracy", [c, c, c])):
        for covariance in ("delong", "jackknife"):
            study = {"figure": figure, "covariance": covariance, "groups": groups}
            both = np.array([rows, rows[::-1]])
            for part in ("random", "fixed_readers", "fixed_cases"):
                yield (
                    f"readers {figure} {covariance} {part}",
                    lambda part=part, study=study, both=both: (
                        getattr(readers.obuchowski_rockette(y, both, **study), part).test
                    ),
                )
                yield (
                    f"model {figure} {covariance} {part}",
                    lambda part=part, study=study, rows=rows: getattr(
                        readers.model_against_readers(y, rows[0], np.array(rows), **study), part
                    ),
                )
            yield (
                f"mean {figure} {covariance}",
                lambda rows=rows, study=study: readers.mean_over_readers(y, np.array(rows), **study),
            )
    yield "kappa", lambda: readers.cohen_kappa(y, c, groups=groups)
    yield "fleiss", lambda: readers.fleiss_kappa([y, c, c], groups=groups)
    yield "ac1", lambda: readers.gwet_ac1([y, c, c], groups=groups)
    yield "slope", lambda: calibration.calibration_line(y, s, groups=groups).slope
    yield "brier", lambda: calibration.brier_score(y, s, groups=groups).score
    yield "spiegelhalter", lambda: calibration.spiegelhalter_test(y, s, groups=groups)
    yield "benefit", lambda: netbenefit.decision_curve(y, s, [0.2], groups=groups)[0].model
    yield (
        "benefit elsewhere",
        lambda: netbenefit.decision_curve(y, s, [0.2], prevalence=0.3, groups=groups)[0].over_best,
    )


@pytest.mark.parametrize("grouping", GROUPS)
@pytest.mark.parametrize("kind", DATA)
def test_an_answer_or_a_reason(kind, grouping):
    y, s = np.array(DATA[kind][0], dtype=int), np.array(DATA[kind][1], dtype=float)
    for name, call in everything(y, s, GROUPS[grouping](y.size)):
        found = call()
        assert isinstance(found, Estimate | Comparison), name
        assert name
        assert found.sentence()
        needed = (found.value, found.low) if isinstance(found, Estimate) else (found.p_value,)
        if any(math.isnan(x) for x in needed):
            assert found.reason, name
        if not math.isnan(found.low):
            assert found.low < found.high, name
            assert found.low <= found.value <= found.high, name
            assert not found.reason, name


@pytest.mark.parametrize("kind", DATA)
def test_bands_and_curves(kind):
    y, s = np.array(DATA[kind][0], dtype=int), np.array(DATA[kind][1], dtype=float)
    band = bands.roc_band(y, s, draws=20)
    assert bool(band.reason) == np.isnan(band.tpr).all()
    curve = readers.average_reader(y, np.array([s, s[::-1], s]))
    assert bool(curve.reason) == np.isnan(curve.tpr).all()
    point = readers.average_point(y, np.array([s >= 0.5] * 3).astype(int))
    assert point.points.shape == (3, 2)
    at = paired.compare_at_reader(y, s, (s[::-1] >= 0.5).astype(int), draws=20)
    assert (at.at_specificity is None) == bool(at.reason)
    for each in calibration.reliability_curve(y, s):
        assert each.observed.n > 0
