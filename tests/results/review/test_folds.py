import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.review.folds import cross_fitted, fold_curves, fold_rows, mean_curve, spread, table_three
from lesion_core.results.review.scores_file import read_scores_file
from lesion_core.results.scores import read_scores
from lesion_core.stats.roc import auc
from tests.results.review.columns import run
from tests.test_readme import ROOT

RELEASED = ROOT / "checkpoints" / "bnet" / "scores" / "busbra-10-out-of-fold.csv"


@pytest.fixture(scope="module")
def released():
    return read_scores_file(RELEASED).runs[0]


@pytest.mark.parametrize("unit", ["patient", "image"])
def test_the_table_has_the_figures_that_the_release_computes_another_way(released, unit):
    view = released.in_unit(unit)
    found = table_three(view, cross_fitted(view, 0.95).by_unit)
    expected = cross_fitted_performance(read_scores(RELEASED), wanted_sensitivity=0.95, unit=unit)
    for ours, theirs in (
        (found.pooled, expected.auc),
        (found.pooled_rates.sensitivity, expected.sensitivity),
        (found.pooled_rates.specificity, expected.specificity),
    ):
        assert (ours.value, ours.low, ours.high, ours.n) == pytest.approx(
            (theirs.value, theirs.low, theirs.high, theirs.n)
        )
    assert found.auc.mean == pytest.approx(expected.fold_mean)
    assert found.fold_averaged.value == pytest.approx(expected.fold_mean)
    assert found.auc.sd == pytest.approx(np.std(expected.fold_aucs, ddof=1))


def test_the_thresholds_of_a_fold_are_learnt_from_the_others():
    labels, scores, folds = [1, 1, 0, 1, 1, 0], [0.9, 0.8, 0.1, 0.6, 0.5, 0.55], [1, 1, 1, 2, 2, 2]
    found = cross_fitted(run(labels, scores, folds=folds).in_unit("image"), 1.0)
    assert found.by_fold == ((1, 0.5), (2, 0.8))
    assert found.by_unit.tolist() == [0.5] * 3 + [0.8] * 3


def test_a_threshold_that_nothing_teaches_is_told():
    found = cross_fitted(run([1, 0, 0, 0], [0.9, 0.1, 0.2, 0.3], folds=[1, 1, 2, 2]).in_unit("image"), 0.95)
    assert "other than fold 1" in found.reason
    assert np.isnan(found.by_fold[0][1])


def test_a_final_model_has_no_cross_fitted_threshold():
    with pytest.raises(StatisticsError, match="no cross validation"):
        cross_fitted(run([1, 0], [0.9, 0.1]).in_unit("image"), 0.95)


def test_rows_are_the_folds(released):
    view = released.in_unit("patient")
    rows = fold_rows(view, 0.3)
    assert [row.fold for row in rows] == list(range(1, 11))
    assert sum(row.n for row in rows) == 1064
    own = view.folds == 2
    assert rows[1].auc.value == auc(view.labels[own], view.scores[own])
    assert rows[1].rates.sensitivity.value == np.mean(view.scores[own & (view.labels == 1)] >= 0.3)


def test_spread_leaves_out_what_is_undefined():
    found = spread([1.0, float("nan"), 3.0])
    assert (found.mean, found.sd, found.folds) == pytest.approx((2.0, 2**0.5, 2))
    assert spread([]).folds == 0


def test_curves_and_their_mean(released):
    view = released.in_unit("patient")
    curves = fold_curves(view)
    assert len(curves) == 10
    band = mean_curve(view)
    at = np.mean([np.interp(0.25, curve.fpr, curve.tpr) for _, curve in curves])
    assert band.tpr[25] == pytest.approx(at)
    assert (band.low <= band.tpr + 1e-9).all()
    assert (band.tpr <= band.high + 1e-9).all()
