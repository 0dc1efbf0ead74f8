from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.results.review.attributes import NONE, Attributes
from lesion_core.results.review.subgroups import LEAST, attributes_for, every_forest, forest
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


def test_small_subgroups_are_shown_but_not_tested():
    view = RUN.in_unit("image")
    every = forest(view, KNOWN, "machine", "AUC", threshold=0.5)
    some = forest(view, KNOWN, "machine", "AUC", threshold=0.5, least=LEAST)
    assert [row.level for row in some.rows] == [row.level for row in every.rows] == ["x", "y", "not stated"]
    assert [row.counted("AUC") for row in some.rows] == [15, 20, 5]
    assert (every.test.df, some.test.df) == ((2.0,), (1.0,))
    assert [row.tested("AUC", LEAST) for row in some.rows] == [True, True, False]
    assert not replace(some.rows[0], level="not stated").tested("AUC", LEAST)
    assert replace(some.rows[0], level="not stated").tested("AUC", 0)
    x, y = (row.estimate for row in some.rows[:2])
    assert some.test.statistic == pytest.approx((x.value - y.value) ** 2 / (x.se**2 + y.se**2))


def test_every_attribute_with_rates_where_a_level_is_one_class():
    types = np.where(LABELS == 1, "cancer", np.where(np.arange(80) < 40, "cyst", "adenoma"))
    known = Attributes(RUN.case_ids, {"machine": KNOWN.columns["machine"], "histology": types})
    view = RUN.in_unit("image")
    found = every_forest(view, known, 0.5)
    assert [(each.attribute, each.figure) for each in found] == [
        ("machine", "AUC"),
        ("histology", "sensitivity"),
        ("histology", "specificity"),
    ]
    assert [row.level for row in found[2].rows if row.estimate.defined] == ["adenoma", "cyst"]
    alone = forest(view, known, "machine", "AUC", threshold=0.5, least=LEAST).test.p_value
    other = forest(view, known, "histology", "specificity", threshold=0.5, least=LEAST).test.p_value
    assert not found[1].test.defined  # one level only
    small, large = sorted([alone, other])
    assert sorted([found[0].test.p_value, found[2].test.p_value]) == pytest.approx(
        [min(1, 2 * small), max(min(1, 2 * small), large)]
    )
