import numpy as np

from lesion_core.results.performance import cross_fitted_performance, performance
from lesion_core.results.scores import Score, ScoreTable
from lesion_core.stats.roc import point_at_sensitivity, youden_point
from lesion_core.training.card_figures import metrics_of, operating_point, out_of_fold_metrics, youden_of


def test_the_threshold_comes_from_all_scores_and_its_rates_are_cross_fitted():
    rng = np.random.default_rng(0)
    labels = [at // 2 % 2 for at in range(24)]
    values = np.clip(0.4 + 0.2 * np.array(labels) + 0.2 * rng.standard_normal(24), 0.01, 0.99).round(6)
    scores = ScoreTable(
        tuple(
            Score("r", "bnet", f"c{at}", label, "mixed", float(value), patient_id=f"p{at // 2}", fold=1 + at // 4 % 3)
            for at, (label, value) in enumerate(zip(labels, values, strict=True))
        )
    )
    point = operating_point(scores, 0.95, "Phantoms")
    learnt = point_at_sensitivity(scores.labels, scores.scores, 0.95)
    assert point.threshold == learnt.threshold
    assert (point.rule, point.dataset) == ("95 % sensitivity", "Phantoms, out of fold, per image")
    fitted = cross_fitted_performance(scores, wanted_sensitivity=0.95, unit="image")
    assert point.sensitivity == round(fitted.sensitivity.value, 6)
    assert point.specificity == round(fitted.specificity.value, 6)
    assert (point.sensitivity, point.specificity) != (round(learnt.sensitivity, 6), round(learnt.specificity, 6))
    assert point.prevalence == 0.5
    youden = youden_of(scores, "Phantoms")
    learnt = youden_point(scores.labels, scores.scores)
    assert (youden.threshold, youden.rule) == (learnt.threshold, "largest Youden index")
    fitted = cross_fitted_performance(scores, wanted_sensitivity=None, unit="image")
    assert (youden.sensitivity, youden.specificity) == (
        round(fitted.sensitivity.value, 6),
        round(fitted.specificity.value, 6),
    )
    assert (fitted.sensitivity.value, fitted.specificity.value) != (learnt.sensitivity, learnt.specificity)


def test_scores_that_rank_upside_down_have_no_youden_threshold():
    rows = tuple(
        Score("r", "bnet", f"c{at}", at % 2, "mixed", 1.0 if at % 2 == 0 else 0.0, fold=1 + at // 4) for at in range(8)
    )
    assert youden_of(ScoreTable(rows), "Phantoms") is None


def test_undefined_figures_are_left_out():
    rows = tuple(Score("r", "bnet", f"c{at}", 1, "mixed", 0.5) for at in range(3))
    found = performance(ScoreTable(rows), 0.4, unit="image")
    kept = metrics_of(found, dataset="d", protocol="external", label="mixed")
    assert [metric.name for metric in kept] == ["sensitivity"]


def test_rates_say_what_taught_their_thresholds():
    """Per patient it is not the threshold that is served: that one was learnt per image."""
    rows = tuple(
        Score(
            "r", "tbnet", f"c{at}", label := at // 2 % 2, "mixed", round(0.3 + 0.3 * label + 0.01 * (at * 7 % 13), 6),
            organ="breast" if at < 24 else "thyroid", dataset="busbra" if at < 24 else "ddti",
            patient_id=f"p{at // 2}", fold=1 + at // 4 % 3,
        )
        for at in range(48)
    )  # fmt: skip
    found = out_of_fold_metrics(ScoreTable(rows), 0.95, dataset="d", protocol="p", label="mixed")
    notes = {(metric.dataset, metric.unit, metric.name): metric.note for metric in found}
    assert notes["d", "image", "sensitivity"] == ""
    assert notes["d", "patient", "specificity"] == (
        "at thresholds learnt on patients' mean scores; the one in use was learnt per image"
    )
    assert notes["BUS-BRA", "image", "sensitivity"] == "at thresholds learnt on both organs together"
    assert notes["DDTI", "patient", "sensitivity"].startswith(
        "at thresholds learnt on both organs together, on patients' mean scores; the one in use"
    )
    assert "thresholds" not in notes["d", "patient", "AUC"]
