"""Two runs side by side on the cases that both scored, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.crossval_view import WANTED, CrossvalView
from dashboards.review import sources
from dashboards.review.wording import with_interval
from lesion_core.results.review.comparison import compare_runs
from lesion_core.results.review.folds import cross_fitted
from lesion_core.results.review.scored import Floats, ScoredRun, Unit
from lesion_core.results.review.source import ReviewSource
from lesion_core.stats.estimate import Comparison, p_words, signed


def others(view: CrossvalView, own: Sequence[ReviewSource]) -> list[tuple[str, str]]:
    """The runs that have cases in common with the one that is open.

    Args:
        view: what is open.
        own: the visitor's sources.
    """
    offered = []
    for shown, key in sources.choices(own):
        if key == view.key:
            continue
        _, run = sources.find(key, own)
        if any(case in view.run.position for case in run.position):
            offered.append((shown, key))
    return offered


def comparison_rows(view: CrossvalView, own: Sequence[ReviewSource], other: str) -> tuple[tuple[str, ...], ...]:
    """The comparison as a table; heads first.

    Args:
        view: run A.
        own: the visitor's sources.
        other: key of run B.

    Raises:
        InputError: no such run, no case in common, or labels that differ.
    """
    source, run = sources.find(other, own)
    threshold, words = _threshold(source, run, view)
    in_use = view.in_use
    of_cases: float | Floats = in_use if isinstance(in_use, float) else in_use[view.counted.unit_of]
    found = compare_runs(view.run, run, view.unit, thresholds=(of_cases, threshold))
    rows = [
        ("AUC of A", with_interval(found.areas[0]), "", found.areas[0].method),
        ("AUC of B", with_interval(found.areas[1]), "", found.areas[1].method),
        _test("AUC, A minus B", found.area),
        _test("Sensitivity, A minus B", found.sensitivity),
        _test("Specificity, A minus B", found.specificity),
    ]
    size = f"{found.n:,} {found.unit}s in common ({found.positives:,} with label 1)"
    lost = f", {found.left_out:,} left out: not assessed by one" if found.left_out else ""
    fact = view.facts().threshold
    first = fact.sentence() if fact else "none"
    notes = [("Size", size + lost, "", ""), ("Thresholds", f"A: {first}; B: {words}", "", "")]
    notes += [("Note", note, "", "") for note in found.notes]
    return (("A is the run above", "Value (95 % CI)", "p", "Method"), *rows, *notes)


def _test(name: str, test: Comparison) -> tuple[str, str, str, str]:
    low_high = f" ({signed(test.low)} to {signed(test.high)})" if test.low == test.low else ""
    value = f"{signed(test.value)}{low_high}" if test.value == test.value else f"undefined: {test.reason}"
    p = p_words(test.p_value) if test.defined else f"undefined: {test.reason}"
    return name, value, p, test.method


def _threshold(source: ReviewSource, run: ScoredRun, view: CrossvalView) -> tuple[float | Floats, str]:
    """What B is called by: cross-fitted in a cross validation, else its card's threshold, else the slider's."""
    if run.out_of_fold:
        unit: Unit = view.unit if view.unit in run.units else run.units[0]
        counted = run.in_unit(unit)
        return cross_fitted(counted, WANTED).by_unit[counted.unit_of], f"cross-fitted, {WANTED:.0%} sensitivity"
    stated = source.threshold_of(run)
    if stated:
        return stated.value, f"{stated.value:.4g}, pre-stated: {stated.words}"
    return view.threshold, f"{view.threshold:.4g}, the slider's: post hoc"
