import numpy as np

from lesion_core.results.review.distribution import calibration, histogram
from lesion_core.stats.calibration import brier_score
from tests.results.review.columns import run

NAN = float("nan")


def test_every_assessed_unit_stands_in_one_bar():
    view = run([1, 0, 1, 0, 1], [1.0, 0.0, 0.05, 0.949, NAN]).in_unit("image")
    found = histogram(view)
    assert found.edges.size == 21
    assert int(found.positives.sum() + found.negatives.sum()) == 4
    assert found.positives[[1, 19]].tolist() == [1, 1]
    assert found.negatives[[0, 18]].tolist() == [1, 1]


def test_calibration_leaves_out_what_could_not_be_assessed():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 101)
    scores = np.clip(rng.normal(0.3 + 0.4 * labels, 0.2), 0.01, 0.99)
    scores[100] = NAN
    found = calibration(run(labels.tolist(), scores.tolist()).in_unit("image"))
    assert sum(each.observed.n for each in found.bins) == 100
    assert found.brier.score.value == brier_score(labels[:100], scores[:100]).score.value
