import math

import numpy as np
import pytest
from scipy import stats

from lesion_core.errors import StatisticsError
from lesion_core.results.observers.against_group import average_curve, complete_rows, group_review
from lesion_core.results.observers.panel import panel_of
from tests.results.observers.made import calls_of, random_study, run_of, source_of


def test_fixed_cases_are_a_t_test_over_readers_and_random_is_wider():
    panel = panel_of(random_study(readers=5), ["bnet@r"], unit="image")
    review = group_review(panel, "left out", margin=0.05)
    kept = np.all([each.assessable for each in panel.readers], axis=0)
    assert (review.n, review.left_out) == (int(kept.sum()), int((~kept).sum()))
    assert [each.figure for each in review.tests] == ["auc", "sensitivity", "specificity"]
    y = panel.labels[kept]
    model = panel.models[0].score[kept] >= 0.5
    differences = [model[y].mean() - each.called[kept][y].mean() for each in panel.readers]
    t = stats.ttest_1samp(differences, 0.0)
    test = review.tests[1]
    assert test.fixed_cases.value == pytest.approx(np.mean(differences))
    assert test.fixed_cases.p_value == pytest.approx(t.pvalue)
    assert test.random.se >= test.fixed_cases.se
    assert test.random.value == test.fixed_cases.value


def test_non_inferiority_by_hand():
    panel = panel_of(random_study(readers=5), ["bnet@r"], unit="image")
    test = group_review(panel, "left out", margin=0.1).tests[0]
    expected = stats.t.sf((test.random.value + 0.1) / test.random.se, test.random.df[0])
    assert test.noninferior_random.p_value == pytest.approx(expected)
    assert test.noninferior_random.level == pytest.approx(0.9)
    with pytest.raises(StatisticsError, match="margin"):
        group_review(panel, "left out", margin=0.0)


def test_fewer_than_three_readers_are_undefined_with_the_reason():
    panel = panel_of(random_study(readers=2), ["bnet@r"], unit="image")
    review = group_review(panel, "left out")
    assert review.tests == ()
    assert "at least 3 readers, here 2 answered" in review.reason


def test_readers_who_only_call_have_no_area():
    readings = [r for j in range(3) for r in calls_of(f"R{j}", [1, 0, j % 2, 1, 0, 0])]
    source = source_of(run_of([1, 1, 1, 0, 0, 0], [0.9, 0.4, 0.7, 0.6, 0.2, 0.1]), readings=readings)
    panel = panel_of(source, ["bnet@r"], unit="image")
    area, sensitivity, _ = group_review(panel, "left out").tests
    assert "a point and no curve" in area.random.reason
    assert math.isnan(area.random.p_value)
    assert sensitivity.random.value == pytest.approx(2 / 3 - 4 / 9)
    assert average_curve(panel, "left out") is None


def test_no_common_case_is_said():
    readings = [r for j in range(3) for r in calls_of(f"R{j}", [1 if i == j else None for i in range(4)])]
    source = source_of(run_of([1, 1, 0, 0], [0.9, 0.4, 0.7, 0.6]), readings=readings)
    review = group_review(panel_of(source, ["bnet@r"], unit="image"), "left out")
    assert review.reason == "Undefined: no case was answered by every chosen reader and model."


def test_the_average_curve_is_the_mean_of_the_readers_areas():
    panel = panel_of(random_study(readers=3), ["bnet@r"], unit="image")
    counted = panel.counted("left out")
    rows = complete_rows(counted)
    curve = average_curve(panel, "left out")
    areas = []
    for each in counted.at(rows).readers:
        pos, neg = each.rating[panel.labels[rows]], each.rating[~panel.labels[rows]]
        areas.append(np.mean([(p > neg).mean() + 0.5 * (p == neg).mean() for p in pos]))
    assert curve.mean_area.value == pytest.approx(np.mean(areas))
    assert np.trapezoid(curve.tpr, curve.fpr) == pytest.approx(np.mean(areas), abs=2e-3)
