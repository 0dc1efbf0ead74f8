import numpy as np
import pytest
import statsmodels.api as sm

from lesion_core.errors import StatisticsError
from lesion_core.results.calibrated import HEAD, before_and_after, cross_fitted_map
from lesion_core.results.scores import Score, ScoreTable
from lesion_core.stats.recalibration import PlattMap


def fold_of(at, folds):
    return at % folds + 1 if folds else None


def table(n=200, *, folds=4, seed=0):
    """Scores that are too extreme: their log odds are twice those of the truth."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(size=n)
    labels = rng.random(n) < 1 / (1 + np.exp(-odds))
    return ScoreTable(
        tuple(
            Score(
                "r",
                "m",
                f"c{at}",
                int(label),
                "t",
                float(1 / (1 + np.exp(-2 * x))),
                fold=at % folds + 1 if folds else None,
            )
            for at, (x, label) in enumerate(zip(odds, labels, strict=True))
        )
    )


def test_each_fold_by_the_sigmoid_of_the_others():
    scores = table()
    found = cross_fitted_map(scores)
    x = sm.add_constant(np.log(scores.scores / (1 - scores.scores)))
    for fold in range(1, 5):
        own = scores.folds == fold
        fitted = sm.Logit(scores.labels[~own], x[~own]).fit(disp=0)
        assert found[own] == pytest.approx(fitted.predict(x[own]), abs=1e-5)


def test_before_and_after_out_of_fold():
    scores = table(600)
    before, after = before_and_after(scores, None)
    assert (before.which, after.which) == ("scores", "cross-fitted")
    assert before.line.slope.high < 0.8
    assert after.line.slope.low < 1 < after.line.slope.high
    assert before.brier.value == pytest.approx(np.mean((scores.scores - scores.labels) ** 2))
    assert after.brier.value < before.brier.value
    assert after.row.count("|") == before.row.count("|") == HEAD[0].count("|")
    assert f"600 ({scores.labels.sum()}, " in before.row


def test_a_final_models_scores_teach_nothing():
    outside, learnt = table(folds=0), PlattMap(0.3, 0.5, "logit")
    _, mapped = before_and_after(outside, learnt)
    assert mapped.which == "mapped"
    assert mapped.mean == pytest.approx(learnt.apply(outside.scores).mean())
    with pytest.raises(StatisticsError, match="need a map"):
        before_and_after(outside, None)
