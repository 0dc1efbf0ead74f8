import numpy as np
import pytest

from lesion_core.results.observers.figures_of_merit import merit_rows
from lesion_core.results.observers.panel import panel_of
from lesion_core.stats.proportions import wilson
from tests.results.observers.made import calls_of, random_study, run_of, source_of


def slow_area(labels, values):
    pairs = [
        (values[i] > values[j]) + 0.5 * (values[i] == values[j])
        for i in range(len(labels))
        for j in range(len(labels))
        if labels[i] and not labels[j]
    ]
    return sum(pairs) / len(pairs)


def test_a_study_by_hand():
    labels = [1, 1, 1, 0, 0, 0, 0]
    readings = calls_of("R1", [1, 1, 0, 0, 0, 1, "?"])
    source = source_of(run_of(labels, [0.9, 0.6, 0.4, 0.5, 0.1, 0.2, 0.3]), readings=readings)
    model, reader = merit_rows(panel_of(source, ["bnet@r"], unit="image"), "left out")
    assert (model.point.tp, model.point.positives, model.point.tn, model.point.negatives) == (2, 3, 3, 4)
    assert (reader.point.tp, reader.point.positives, reader.point.tn, reader.point.negatives) == (2, 3, 2, 3)
    assert (reader.n, reader.unread, reader.unassessed) == (6, 1, 1)
    assert reader.area_kind == "balanced accuracy"
    assert reader.area.value == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert reader.sensitivity.low == pytest.approx(wilson(2, 3).low)
    worst = merit_rows(panel_of(source, ["bnet@r"], unit="image"), "counted as wrong")[1]
    assert (worst.point.tn, worst.point.negatives, worst.n, worst.unread) == (2, 4, 7, 0)


def test_areas_of_scores_and_categories_by_counting_pairs():
    source = random_study()
    panel = panel_of(source, ["bnet@r"], unit="image")
    rows = merit_rows(panel, "left out")
    assert rows[0].area.value == pytest.approx(slow_area(panel.labels, panel.models[0].score))
    for row, reader in zip(rows[1:], panel.readers, strict=True):
        read = reader.assessable
        assert row.area_kind == "AUC of ordered categories"
        assert row.area.value == pytest.approx(slow_area(panel.labels[read], reader.rating[read]))
        assert row.n + row.unread == panel.n


def test_counting_as_wrong_never_flatters():
    panel = panel_of(random_study(unsure=0.2), ["bnet@r"], unit="image")
    for left, wrong in zip(merit_rows(panel, "left out"), merit_rows(panel, "counted as wrong"), strict=True):
        assert wrong.area.value <= left.area.value + 1e-12
        assert wrong.accuracy.value <= left.accuracy.value + 1e-12


def test_a_model_without_a_threshold_has_a_curve_and_no_point():
    source = source_of(run_of([1, 0, 1, 0], [0.9, 0.2, 0.8, 0.4]), thresholds=())
    (row,) = merit_rows(panel_of(source, ["bnet@r"], unit="image"), "left out")
    assert row.point is None
    assert row.area.value == 1.0
    assert "these scores did not choose" in row.sensitivity.reason


def test_one_class_is_undefined():
    source = source_of(run_of([1, 1], [0.9, 0.2]), readings=calls_of("R", [1, 0]))
    for row in merit_rows(panel_of(source, ["bnet@r"], unit="image"), "left out"):
        assert np.isnan(row.area.value)
        assert row.area.reason
        assert row.specificity.reason
