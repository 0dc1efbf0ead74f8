import math
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.results.performance import cross_fitted_performance, performance, units_known
from lesion_core.results.scores import Score, ScoreTable
from lesion_core.stats.clustered import clustered_auc_covariance
from lesion_core.stats.placements import placements
from lesion_core.stats.roc import point_at_sensitivity


def table(rows):
    """From (fold, label, score) or (fold, label, score, patient)."""
    return ScoreTable(
        tuple(
            Score("r", "bnet", f"c{at}", label, "mixed", value, fold=fold, patient_id=rest[0] if rest else f"p{at}")
            for at, (fold, label, value, *rest) in enumerate(rows)
        )
    )


#: Fold 1 scores low, fold 2 high: any threshold learnt from fold 1 itself would find its positive.
SHIFTED = table(
    [(1, 1, 0.3), (1, 0, 0.1), (1, 0, 0.2), (1, 0, 0.4), (2, 1, 0.8), (2, 0, 0.6), (2, 0, 0.7), (2, 0, 0.9)]
)


def test_a_folds_threshold_is_never_learnt_from_the_fold_itself():
    found = cross_fitted_performance(SHIFTED, wanted_sensitivity=0.95, unit="image")
    # Fold 1 gets fold 2's threshold 0.80: calls nothing. Fold 2 gets fold 1's threshold 0.30: calls all.
    assert found.sensitivity.value == 1 / 2
    assert found.specificity.value == 3 / 6
    # Learnt from all scores, or from the fold itself, every positive would be found.
    cheating = point_at_sensitivity(SHIFTED.labels, SHIFTED.scores, 0.95)
    assert (cheating.sensitivity, cheating.specificity) == (1.0, 2 / 6)
    own = [point_at_sensitivity(SHIFTED.labels[part], SHIFTED.scores[part], 0.95) for part in (slice(4), slice(4, 8))]
    assert sum(point.tp for point in own) / 2 == 1.0


def test_moving_a_folds_own_scores_leaves_its_threshold_alone():
    """With the other fold untouched, calls in fold 1 depend on its own scores only by comparison with 0.80."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        labels = rng.integers(0, 2, 4)
        values = rng.uniform(0, 1, 4).round(3)
        rows = [(1, int(label), float(value)) for label, value in zip(labels, values, strict=True)]
        rows += [(2, 1, 0.80), (2, 0, 0.60), (2, 0, 0.70)]
        if set(labels.tolist()) != {0, 1}:
            continue
        found = cross_fitted_performance(table(rows), wanted_sensitivity=1.0, unit="image")
        lowest = values[labels == 1].min()
        hits = int((values[labels == 1] >= 0.8).sum()) + int(lowest <= 0.8)
        passed = int((values[labels == 0] < 0.8).sum()) + sum(score < lowest for score in (0.6, 0.7))
        assert found.sensitivity.value == pytest.approx(hits / (int(labels.sum()) + 1))
        assert found.specificity.value == pytest.approx(passed / (int((labels == 0).sum()) + 2))


def test_per_patient_is_the_mean_of_the_views_and_learns_its_threshold_so():
    views = table(
        [
            *[(1, 1, 0.2, "a"), (1, 1, 0.8, "a"), (1, 0, 0.1, "b"), (1, 0, 0.2, "b")],
            *[(2, 1, 0.9, "c"), (2, 1, 0.1, "c"), (2, 0, 0.4, "d"), (2, 0, 0.2, "d")],
        ]
    )
    patient = cross_fitted_performance(views, wanted_sensitivity=1.0, unit="patient")
    assert (patient.n, patient.positives) == (4, 2)  # means 0.5, 0.15, 0.5, 0.3
    assert patient.auc.value == 1.0
    assert (patient.sensitivity.value, patient.specificity.value) == (1.0, 1.0)
    image = cross_fitted_performance(views, wanted_sensitivity=1.0, unit="image")
    assert (image.n, image.positives) == (8, 4)
    assert image.auc.value == 10.5 / 16
    # Thresholds 0.1 (from fold 2) and 0.2 (from fold 1): one positive is missed, no negative passes.
    assert (image.sensitivity.value, image.specificity.value) == (3 / 4, 0.0)


def test_images_of_one_patient_count_as_dependent():
    rng = np.random.default_rng(1)
    rows = []
    for patient in range(30):
        base = rng.normal(patient % 2, 1)
        rows += [
            (1 + patient % 3 // 2, patient % 2, float(1 / (1 + np.exp(-base - 0.1 * rng.normal()))), f"p{patient}")
            for _ in range(3)
        ]
    views = table(rows)
    found = performance(views, 0.5, unit="image")
    assert (found.auc.clusters, found.auc.n) == (30, 90)
    codes = np.unique(views.patients, return_inverse=True)[1]
    variance = clustered_auc_covariance(views.labels == 1, codes, placements(views.labels == 1, views.scores))
    assert found.auc.high - found.auc.low == pytest.approx(2 * 1.959963984540054 * math.sqrt(variance))
    unknown = ScoreTable(tuple(Score("r", "m", row.case_id, row.label, "mixed", row.score) for row in views.rows))
    naive = performance(unknown, 0.5, unit="image")
    assert naive.auc.clusters is None
    assert naive.auc.high - naive.auc.low < 0.8 * (found.auc.high - found.auc.low)


def views_of_lesions(patients):
    """30 lesions of three alike views; a patient's id is what `patients` gives for the row."""
    rng = np.random.default_rng(2)
    rows = []
    for at in range(90):
        label, base = (at // 3) % 2, at // 3 % 7 / 10 + at // 3 % 2 / 10
        value = round(float(base + rng.uniform(0, 0.02)), 6)
        rows.append(Score("r", "m", f"c{at}", label, "mixed", value, lesion_id=f"l{at // 3}", patient_id=patients(at)))
    return ScoreTable(tuple(rows))


@pytest.mark.parametrize("patients", [lambda at: "", lambda at: "" if at == 7 else f"l{at // 3}"])
def test_views_of_a_lesion_count_as_dependent_where_a_patient_is_unknown(patients):
    known = performance(views_of_lesions(lambda at: f"l{at // 3}"), 0.4, unit="image")
    found = performance(views_of_lesions(patients), 0.4, unit="image")
    for name in ("auc", "sensitivity", "specificity"):
        assert getattr(found, name) == getattr(known, name)
    assert (found.auc.clusters, found.auc.method) == (30, "DeLong, clustered")


def test_a_fixed_threshold_calls_at_or_above_it():
    found = performance(table([(None, 1, 0.5), (None, 1, 0.4), (None, 0, 0.5), (None, 0, 0.1)]), 0.5, unit="image")
    assert (found.sensitivity.value, found.specificity.value) == (0.5, 0.5)
    assert found.fold_aucs == ()
    assert math.isnan(found.fold_mean)
    assert len(found.lines()) == 3
    assert found.lines()[0].startswith("per image: AUC 0.625 (95 % CI ")
    assert all("n = " in line for line in found.lines())


def test_the_mean_of_the_folds_stands_beside_the_pooled_area():
    found = cross_fitted_performance(SHIFTED, wanted_sensitivity=0.95, unit="image")
    assert found.fold_aucs == pytest.approx((2 / 3, 2 / 3))
    assert found.fold_mean == pytest.approx(2 / 3)
    assert found.auc.value == (2 + 5) / 12
    assert found.lines()[3] == "per image: mean of the folds' AUCs 0.667 (0.667, 0.667)"


def test_a_fold_of_one_class_is_left_out_of_the_mean_and_named():
    rows = [(1, 1, 0.9), (1, 0, 0.1), (2, 0, 0.3), (2, 0, 0.2), (3, 1, 0.4), (3, 0, 0.6)]
    found = cross_fitted_performance(table(rows), wanted_sensitivity=1.0, unit="image")
    assert found.fold_mean == 0.5
    assert found.lines()[3] == "per image: mean of the folds' AUCs 0.500 (1.000, undefined, 0.000)"


def test_rates_without_a_threshold_are_undefined_with_the_reason_and_never_0():
    rows = [(1, 1, 0.9), (1, 0, 0.1), (2, 0, 0.3), (2, 0, 0.2)]
    found = cross_fitted_performance(table(rows), wanted_sensitivity=1.0, unit="image")
    assert found.auc.defined
    for rate in (found.sensitivity, found.specificity):
        assert not rate.defined
        assert "the folds other than fold 1" in rate.reason
        assert "both classes are needed" in rate.reason
    assert "undefined" in found.lines()[1]


def test_one_fold_cannot_be_cross_fitted():
    with pytest.raises(StatisticsError, match="at least two folds, got 1"):
        cross_fitted_performance(table([(1, 1, 0.9), (1, 0, 0.1)]), wanted_sensitivity=0.95, unit="image")
    rows = [(1, 1, 0.9), (2, 0, 0.1), (None, 0, 0.1), (None, 1, 0.2)]
    with pytest.raises(StatisticsError, match="2 of 4 scores have no fold"):
        cross_fitted_performance(table(rows), wanted_sensitivity=0.95, unit="image")


def test_patients_in_two_folds_have_no_cross_fitted_figures():
    torn = table([(1, 1, 0.9, "a"), (2, 1, 0.8, "a"), (1, 0, 0.1, "b"), (2, 0, 0.2, "c")])
    assert units_known(torn) == ("image",)
    with pytest.raises(StatisticsError, match="patients stand in more than one fold: a"):
        cross_fitted_performance(torn, wanted_sensitivity=0.95, unit="patient")
    assert cross_fitted_performance(torn, wanted_sensitivity=0.95, unit="image").auc.clusters == 3


def test_which_units_can_be_counted():
    assert units_known(SHIFTED) == ("patient", "image")
    assert units_known(table([(None, 1, 0.9, ""), (None, 0, 0.1, "b")])) == ("image",)
    assert units_known(table([(None, 1, 0.9, "a"), (None, 0, 0.1, "a")])) == ("patient", "image")


def test_where_images_have_several_outlines_the_figures_say_what_n_is():
    names = ("ddti-1_1-1", "ddti-1_1-2", "ddti-2_1-1", "ddti-3_1-1")
    rows = tuple(
        Score("r", "bnet", name, label, "TI-RADS 4a or higher", score, patient_id=name[:6], dataset="ddti")
        for name, label, score in zip(names, (1, 1, 0, 0), (0.6, 0.4, 0.5, 0.2), strict=True)
    )
    image, patient = (performance(ScoreTable(rows), 0.5, unit=unit) for unit in ("image", "patient"))
    assert (image.n, patient.n) == (4, 3)
    assert image.lines()[-1] == f"per image: {image.note}"
    assert image.note == "n counts outlines: 4 of 3 images, all of one patient with one label"
    assert patient.note.startswith("a patient's score is the mean over all outlines (4 of 3 images)")
    apart = ScoreTable(tuple(replace(row, dataset="mine") for row in rows))
    assert performance(apart, 0.5, unit="image").note == ""
