import math

import numpy as np
import pandas as pd
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats import inputs


@pytest.mark.parametrize(
    "y", [[0, 1, 1], [False, True, True], [0.0, 1.0, 1.0], np.array([0, 1, 1], np.uint8), pd.Series([0, 1, 1])]
)
def test_truth_takes_any_0_and_1(y):
    assert inputs.truth(y).tolist() == [False, True, True]
    assert inputs.truth(y).dtype == bool


@pytest.mark.parametrize(
    "y",
    [
        ["0", "1"],
        [0, 2],
        [0, math.nan],
        [None, 1],
        [-1, 1],
        ["benign", 1],
        [[0], [1]],
        1,
        np.array(["0", "1"], dtype=object),
    ],
)
def test_truth_refuses_the_rest(y):
    with pytest.raises(StatisticsError, match="y_true must be"):
        inputs.truth(y)


def test_scores_are_float64():
    assert inputs.scores(np.array([0.1], np.float32)).dtype == np.float64
    assert inputs.scores([True, False]).tolist() == [1, 0]
    assert inputs.scores(pd.Series([1, 2], dtype="Int64").to_numpy()).tolist() == [1, 2]
    assert inputs.scores([]).size == 0
    with pytest.raises(StatisticsError, match=r"row 1 \(2 such\)"):
        inputs.scores([0, math.nan, math.inf])
    with pytest.raises(StatisticsError, match="must be numbers"):
        inputs.scores([1j, 2])
    with pytest.raises(StatisticsError, match="must be finite, got nan"):
        inputs.scores([None, 0.5])


def test_cluster_codes():
    assert inputs.cluster_codes(["b", "a", "b"], 3).tolist() == [1, 0, 1]
    assert inputs.cluster_codes([7, 7, 3], 3).tolist() == [1, 1, 0]
    assert inputs.cluster_codes(pd.Series(["x", "y"]), 2).tolist() == [0, 1]
    assert inputs.cluster_codes(np.array(["x", 3], dtype=object), 2).size == 2
    for groups in ([None, "a"], ["", "a"], [math.nan, 1.0], pd.Series(["a", None])):
        with pytest.raises(StatisticsError, match=r"no id in row|own id"):
            inputs.cluster_codes(groups, 2)
    with pytest.raises(StatisticsError, match="one-dimensional"):
        inputs.cluster_codes([[1, 2]], 2)
    with pytest.raises(StatisticsError, match="groups has 1"):
        inputs.cluster_codes([1], 2)


def test_text_is_not_a_score():
    for text in (["0.1", "0.2"], np.array(["0.1", "0.2"], dtype=object), pd.Series(["0.1", "0.2"])):
        with pytest.raises(StatisticsError, match="must be numbers"):
            inputs.scores(text)


def test_cluster_count():
    assert inputs.cluster_count(None) is None
    assert inputs.cluster_count(np.array([0, 4, 4])) == 2


def test_ranges():
    assert inputs.confidence(0.95) == 0.95
    assert inputs.share(0, "x") == 0
    for level in (0, 1, 95, math.nan):
        with pytest.raises(StatisticsError, match="level"):
            inputs.confidence(level)
    with pytest.raises(StatisticsError, match="prevalence must lie from 0 to 1"):
        inputs.share(math.nan, "prevalence")


def test_one_class_reason():
    assert inputs.one_class_reason(1, 1) == ""
    assert "3 positive and 0 negative" in inputs.one_class_reason(3, 0)
