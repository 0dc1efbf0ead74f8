import numpy as np
import pytest

from lesion_core.results.observers.moved import moved

BEFORE, AFTER = np.array([0.4, 0.6, 0.5, 0.2]), np.array([0.5, 0.3, 0.5, 0.2])
PATIENTS = np.array([0, 0, 1, 2])


def test_by_hand():
    found = moved(BEFORE, AFTER, PATIENTS, 0.5, draws=50)
    assert found.change.value == pytest.approx(0.1)
    assert found.largest == pytest.approx(np.quantile([0.1, 0.3, 0.0, 0.0], 0.95))
    assert found.flipped.value == 0.5  # 0.4 to 0.5 is called now, 0.6 to 0.3 no longer
    assert (found.change.clusters, found.flipped.clusters) == (3, 3)
    assert found.flipped.sentence() in found.sentence
    assert "95th percentile 0.270" in found.sentence


def test_without_a_threshold_no_call_is_counted():
    found = moved(BEFORE, AFTER, PATIENTS, None, draws=50)
    assert found.flipped is None
    assert found.sentence.endswith("95th percentile 0.270")


def test_the_same_scores_do_not_move():
    found = moved(BEFORE, BEFORE, PATIENTS, 0.5, draws=50)
    assert (found.change.value, found.largest, found.flipped.value) == (0, 0, 0)
