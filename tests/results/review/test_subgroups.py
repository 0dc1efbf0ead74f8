import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.results.review.attributes import NONE, Attributes
from lesion_core.results.review.subgroups import attributes_for, forest
from lesion_core.stats.intervals import auc_interval
from tests.results.review.columns import run

RNG = np.random.default_rng(3)
LABELS = np.tile([0, 1], 40)
RUN = run(
    LABELS.tolist(),
    np.clip(RNG.normal(0.4 + 0.2 * LABELS, 0.2), 0, 1).tolist(),
    patients=[f"p{i // 2}" for i in range(80)],
)
KNOWN = Attributes(RUN.case_ids, {"machine": np.array(["x"] * 30 + ["y"] * 40 + [""] * 10), "same": np.full(80, "s")})


def test_rows_are_the_levels_and_unknown_is_one():
    view = RUN.in_unit("image")
    found = forest(view, KNOWN, "machine", "AUC", threshold=0.5)
    assert [(row.level, row.n, row.positives) for row in found.rows] == [
        ("x", 30, 15),
        ("y", 40, 20),
        ("not stated", 10, 5),
    ]
    expected = auc_interval(view.labels[:30], view.scores[:30], groups=view.groups[:30])
    assert (found.rows[0].estimate.value, found.rows[0].estimate.low) == (expected.value, expected.low)
    assert found.test.df == (2.0,)
    assert found.overall.value == auc_interval(view.labels, view.scores).value


def test_rates_depend_on_the_threshold():
    view = RUN.in_unit("image")
    found = forest(view, KNOWN, "machine", "sensitivity", threshold=0.6)
    own = (view.labels == 1) & (np.arange(80) < 30)
    assert found.rows[0].estimate.value == np.mean(view.scores[own] >= 0.6)


def test_what_cannot_be_cut_by_is_not_offered():
    assert attributes_for(RUN.in_unit("image"), KNOWN) == ("machine",)
    assert attributes_for(RUN.in_unit("image"), NONE) == ()


def test_patients_in_several_subgroups_are_told():
    split = Attributes(RUN.case_ids, {"view": np.tile(["l", "r"], 40)})
    labels = np.repeat([0, 1], 40)
    other = run(labels.tolist(), RUN.scores.tolist(), patients=[f"p{i // 2}" for i in range(80)])
    found = forest(other.in_unit("image"), split, "view", "AUC", threshold=0.5)
    assert "several subgroups" in found.test.notes[-1]
    by_patient = forest(other.in_unit("patient"), split, "view", "AUC", threshold=0.5)
    assert [row.level for row in by_patient.rows] == ["several"]


def test_an_unknown_figure():
    with pytest.raises(StatisticsError, match="choose one of"):
        forest(RUN.in_unit("image"), KNOWN, "machine", "F1", threshold=0.5)
