"""Tables of the cross-validation tab: numbers in, cells out; and the methods behind them."""

from __future__ import annotations

import math

from dashboards.crossval_view import CrossvalView
from dashboards.review.wording import mean_and_sd, size_and_method, tested, with_interval
from lesion_core.results.review.attributes import title_of
from lesion_core.results.review.subgroups import Forest
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.heterogeneity import METHOD, RATES_METHOD

FOLD_HEAD = ("Fold", "n (label 1)", "Threshold", "AUC (95 % CI)", "TPR (95 % CI)", "TNR (95 % CI)", "ACC (95 % CI)")
METHODS = (
    "Every score is out of fold: made by a model that had not seen the case.",
    "Cross-fitted thresholds: fold k uses the highest threshold that reaches 95 % sensitivity on the other folds.",
    "Table 3: mean (SD) over folds. The SD says how folds differ; it is no standard error, nothing is tested with it.",
    "AUC of one fold, of a subgroup and pooled AUC: DeLong, clustered by patient where images are counted; where its "
    "standard error is 0 or unknown, Newcombe's score interval (2006). The pooled AUC mixes the scales of the folds' "
    "models. Fold-averaged AUC: influence curve over folds (LeDell 2015).",
    "Sensitivity, specificity, accuracy: Wilson, at the effective size where images are counted (Rao and Scott 1992). "
    "Likelihood ratios: log (Simel 1991). Predictive values: logit (Mercaldo 2007), prevalence taken as known.",
    "Per 1,000 examined: sensitivity and specificity carried over to the chosen prevalence, which they need not keep.",
    "Band of the mean ROC curve: pointwise, stratified bootstrap within folds, by patient.",
    "Calibration: raw scores against labels, ten groups of equal size, Wilson. A score is not a probability.",
    f"Subgroups: an interval for each. The test of areas is {METHOD}, that of sensitivity, specificity and accuracy "
    f"{RATES_METHOD}; not corrected for the number of attributes looked at.",
    "Units that could not be assessed are left out of every headline figure and counted as wrong beside it.",
)


def figures_table(view: CrossvalView) -> tuple[tuple[str, ...], ...]:
    """Every figure at the threshold with its interval, size and method; heads first."""
    at = view.at
    rows: list[tuple[str, Estimate, int]] = [
        ("Sensitivity (TPR)", at.rates.sensitivity, 3),
        ("Specificity (TNR)", at.rates.specificity, 3),
        ("Accuracy (ACC)", at.rates.accuracy, 3),
    ]
    if at.as_wrong:
        rows += [
            ("Sensitivity, not assessed = missed", at.as_wrong.sensitivity, 3),
            ("Specificity, not assessed = false alarm", at.as_wrong.specificity, 3),
            ("Accuracy, not assessed = wrong", at.as_wrong.accuracy, 3),
        ]
    rows += [
        (f"PPV at prevalence {at.prevalence:.1%}", at.ppv, 3),
        (f"NPV at prevalence {at.prevalence:.1%}", at.npv, 3),
        ("LR+", at.lr_positive, 2),
        ("LR-", at.lr_negative, 3),
        (f"{_missed(view)} missed per 1,000", at.missed_per_1000, 1),
        ("Biopsies too many per 1,000", at.extra_per_1000, 1),
    ]
    clusters = view.counted.clusters_are
    shown = (
        (name, with_interval(each, decimals=d), size_and_method(each, clusters=clusters)) for name, each, d in rows
    )
    return (("", "Value (95 % CI)", "Size and method"), *shown)


def table_three_rows(view: CrossvalView) -> tuple[tuple[str, ...], ...]:
    """Table 3; heads first."""
    head = ("Unit", "n (label 1)", "TPR, %", "TNR, %", "ACC, %", "AUC of folds", "Fold-averaged AUC", "Pooled AUC")
    rows = [
        (
            f"per {each.unit}",
            f"{each.n:,} ({each.positives:,})",
            mean_and_sd(each.sensitivity, percent=True),
            mean_and_sd(each.specificity, percent=True),
            mean_and_sd(each.accuracy, percent=True),
            mean_and_sd(each.auc, percent=False),
            with_interval(each.fold_averaged),
            with_interval(each.pooled),
        )
        for each in view.tables
    ]
    return (head, *rows)


def fold_table(view: CrossvalView) -> dict[str, tuple[str, ...]]:
    """Fold -> cells, as `FOLD_HEAD` names them."""
    return {
        str(row.fold): (
            f"fold {row.fold}",
            f"{row.n:,} ({row.positives:,})" + (f", {row.unassessed:,} not assessed" if row.unassessed else ""),
            "none" if math.isnan(row.threshold) else f"{row.threshold:.3f}",
            with_interval(row.auc),
            with_interval(row.rates.sensitivity),
            with_interval(row.rates.specificity),
            with_interval(row.rates.accuracy),
        )
        for row in view.rows
    }


def forest_rows(found: Forest) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Heads, level -> cells, and the last row: all units, and whether the subgroups differ.

    A row says how its interval is made where that is another method than that of all units.
    """
    head = (title_of(found.attribute), "n (label 1)", f"{found.figure} (95 % CI)")
    rows: dict[str, tuple[str, ...]] = {
        row.level: (
            row.level,
            f"{row.n:,} ({row.positives:,})" + (f", {row.unassessed:,} not assessed" if row.unassessed else ""),
            with_interval(row.estimate) + _other_method(row.estimate, found.overall),
        )
        for row in found.rows
    }
    total, positives = sum(row.n for row in found.rows), sum(row.positives for row in found.rows)
    foot = (
        "all",
        f"{total:,} ({positives:,})",
        f"{with_interval(found.overall)}; do they differ: {tested(found.test)}",
    )
    return head, rows, foot


def calibration_words(view: CrossvalView) -> str:
    """How far the scores are from probabilities, in one paragraph."""
    found = view.calibrated
    parts = [
        f"slope {with_interval(found.line.slope, decimals=2)}",
        f"intercept {with_interval(found.line.intercept, decimals=2)}",
        f"Brier score {with_interval(found.brier.score)}",
    ]
    size = size_and_method(found.brier.score, clusters=view.counted.clusters_are)
    return f"Calibration of the {found.what} ({size}): {', '.join(parts)}. A score is not a probability."


def _other_method(estimate: Estimate, usual: Estimate) -> str:
    other = estimate.defined and not math.isnan(estimate.low) and estimate.method != usual.method
    return f", {estimate.method}" if other else ""


def _missed(view: CrossvalView) -> str:
    return "Cancers" if view.run.target in ("histology malignant", "labelled malignant") else "Positives"
