"""Tables of the held-out test tab as rows of text: numbers with intervals, what is undefined with the reason."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards.review.wording import difference, with_interval
from lesion_core.results.observers.against_each import PairTest
from lesion_core.results.observers.against_group import GroupReview
from lesion_core.results.observers.agreement_groups import AgreementGroup, Kappa
from lesion_core.results.observers.figures_of_merit import MeritRow
from lesion_core.results.observers.organ_matrix import TITLES, MatrixCell, OrganMatrix, PublishedCell
from lesion_core.results.observers.panel import Panel
from lesion_core.results.observers.published import PublishedRow, method_shown, published_tests, rate_ranges
from lesion_core.results.observers.reference_names import SHAPE
from lesion_core.results.observers.stability import Stability
from lesion_core.results.observers.views import ViewAgreement
from lesion_core.results.paper import Organ
from lesion_core.results.paper_findings import Finding
from lesion_core.stats.estimate import Comparison, Estimate, p_words, signed
from lesion_core.stats.overlaps import PRange

Rows = list[tuple[str, ...]]

MERIT_HEAD = (
    "Model or reader",
    "n",
    "TPR, sensitivity (95 % CI)",
    "TNR, specificity (95 % CI)",
    "ACC (95 % CI)",
    "AUC or balanced accuracy (95 % CI)",
    "Could not be assessed",
    "Operating point",
)
PAIR_HEAD = (
    "Model and reader",
    "Where",
    "Rate",
    "Model",
    "Reader",
    "Difference (95 % CI)",
    "p (Holm)",
    "Right: both, model only, reader only, none",
    "Threshold chosen anew (95 % CI)",
)
GROUP_HEAD = (
    "Model minus readers",
    "Model",
    "Readers' mean (95 % CI)",
    "Readers and cases random",
    "These cases fixed",
    "These readers fixed",
    "Not inferior by the margin: readers and cases random",
    "Not inferior by the margin: these cases fixed",
)
PUBLISHED_HEAD = (
    "Reader",
    "Counts TP, TN",
    "TPR / TNR / ACC, % printed",
    "Recomputed, with Wilson's 95 % CI",
    "AUC printed (95 % CI)",
    "Recomputed by",
    "Recomputed",
    "Over the true sizes, DeLong",
    "Follows?",
)


def merit_table(rows: Sequence[MeritRow], other: Sequence[MeritRow], other_how: str) -> Rows:
    """Tables 4 and 5 in one.

    Args:
        rows: "cannot assess" counted one way.
        other: the same counted the other way, shown beside where it matters.
        other_how: which way that is.
    """
    shown: Rows = [MERIT_HEAD]
    for row, second in zip(rows, other, strict=True):
        counts = ("", "")
        if row.point is not None:
            counts = (f"{row.point.tp}/{row.point.positives}", f"{row.point.tn}/{row.point.negatives}")
        unread = f"; {row.unread:,} not counted" if row.unread else ""
        both = ""
        if row.unassessed:
            both = f"; {other_how}: TPR {_plain(second.sensitivity.value)}, TNR {_plain(second.specificity.value)}"
        shown.append(
            (
                row.who,
                f"{row.n:,}{unread}",
                _rate(row.sensitivity, counts[0]),
                _rate(row.specificity, counts[1]),
                with_interval(row.accuracy),
                f"{row.area_kind} {with_interval(row.area)}, {row.area.method}",
                f"{row.unassessed:,}{both}",
                row.how,
            )
        )
    return shown


def pair_table(tests: Sequence[PairTest]) -> Rows:
    """Each model against each reader."""
    shown: Rows = [PAIR_HEAD]
    for each in tests:
        where = each.setting if not each.kept else f"at the {each.setting}: {each.kept}"
        right = (
            ""
            if each.right is None
            else f"{each.right.both}, {each.right.model_only}, {each.right.reader_only}, {each.right.neither}"
        )
        shown.append(
            (
                f"{each.model} and {each.reader}",
                where if each.kept else f"at the model's {where}",
                each.rate,
                _plain(each.model_rate),
                _plain(each.reader_rate),
                difference(each.test),
                _p(each.test),
                right,
                "" if each.refitted is None else with_interval(each.refitted),
            )
        )
    return shown


def published_pair_table(organ: Organ) -> Rows:
    """Each radiologist against TNet: the range of p over every overlap that the counts allow."""
    shown: Rows = [
        (
            "TNet and",
            "p printed",
            "DeLong on the points",
            "McNemar, accuracy",
            "McNemar, sensitivity",
            "McNemar, specificity",
            "Can the printed p come from these counts?",
        )
    ]
    for each in published_tests(organ):
        sensitivity, specificity = rate_ranges(organ, each.reader)
        verdict = "none printed" if each.published is None else "yes" if each.possible else "no: outside every range"
        shown.append(
            (
                each.reader,
                "none" if each.published is None else str(each.published),
                _range(each.delong),
                _range(each.accuracy),
                _range(sensitivity),
                _range(specificity),
                verdict,
            )
        )
    return shown


def group_table(review: GroupReview) -> Rows:
    """The model against the mean of the readers."""
    shown: Rows = [GROUP_HEAD]
    for each in review.tests:
        mean = "" if each.mean is None else with_interval(each.mean)
        shown.append(
            (
                f"{each.model}: {_figure(each.figure)}",
                _plain(each.model_value),
                mean,
                _tested(each.random),
                _tested(each.fixed_cases),
                _tested(each.fixed_readers),
                _noninferior(each.noninferior_random, review.margin),
                _noninferior(each.noninferior_fixed_cases, review.margin),
            )
        )
    return shown


def agreement_rows(groups: Sequence[AgreementGroup]) -> dict[str, tuple[str, ...]]:
    """Key of each group -> its row; groups of cases that could not be assessed only where there are any."""
    totals = {positive: sum(each.n for each in groups if each.positive == positive) for positive in (True, False)}
    return {
        group_key(each): (
            f"label {int(each.positive)}, {right_in_words(each)}",
            f"{each.n:,}",
            f"{each.n / totals[each.positive]:.1%}" if totals[each.positive] else "undefined (n = 0)",
        )
        for each in groups
        if each.right != "not assessed" or each.n
    }


def group_key(group: AgreementGroup) -> str:
    """Names a group in clicks and links, e.g. "model only/1"."""
    return f"{group.right}/{int(group.positive)}"


def right_in_words(group: AgreementGroup) -> str:
    """Who is right."""
    return "could not be assessed" if group.right == "not assessed" else f"right: {group.right}"


def kappa_table(found: Sequence[Kappa]) -> Rows:
    """Agreement beyond chance."""
    shown: Rows = [("Between", "On", "Coefficient", "Value (95 % CI)", "n")]
    shown += [
        (each.between, each.on, each.estimate.name, with_interval(each.estimate), f"{each.estimate.n:,}")
        for each in found
    ]
    return shown


def published_table(rows: Sequence[PublishedRow]) -> Rows:
    """Tables 4 and 5 as printed, beside what the counts give."""
    shown: Rows = [PUBLISHED_HEAD]
    for row in rows:
        used = row.as_printed
        follows = "yes" if not row.reason else f"no: {row.reason}"
        if used is None:
            follows = row.reason
        elif row.reason.startswith("one imaginary"):
            follows = f"yes, but {row.reason}"
        shown.append(
            (
                row.reader,
                f"{row.counts.tp}/{row.counts.positives}, {row.counts.tn}/{row.counts.negatives}",
                " / ".join(row.printed_rates) or "not printed",
                " / ".join(_percent(each) for each in (row.sensitivity, row.specificity, row.accuracy)),
                row.printed_area or "not printed",
                method_shown(row),
                "" if used is None else f"{used.value:.3f} ({used.low:.3f}-{used.high:.3f})",
                with_interval(row.area),
                follows,
            )
        )
    return shown


def findings_table(found: Sequence[Finding]) -> Rows:
    """Every published figure beside the recomputed one."""
    shown: Rows = [("Where", "Published", "Recomputed", "Follows?", "How")]
    shown += [
        (each.about, each.published, each.recomputed, "yes" if each.follows else "NO", each.how) for each in found
    ]
    return shown


def matrix_table(matrix: OrganMatrix) -> Rows:
    """The cross-organ matrix."""
    shown: Rows = [("Model", "thyroid", "breast")]
    for model in matrix.models:
        cells = {cell.organ: cell for cell in matrix.cells if cell.model == model}
        shown.append((TITLES.get(model, model), *(_cell(cells[organ]) for organ in ("thyroid", "breast"))))
    return shown


def matrix_tests_table(matrix: OrganMatrix) -> Rows:
    """Models on the same cases."""
    shown: Rows = [("Test", "Difference (95 % CI)", "p (Holm)", "Method")]
    shown += [(each.name, difference(each), _p(each), each.method) for each in matrix.tests]
    return shown


def matrix_note(matrix: OrganMatrix) -> str:
    """How the tests of the matrix were made, as they say it themselves, and what its last row is for."""
    apart = "".join(f" {title}: {found.sentence()}" for title, found in matrix.outlines)
    if matrix.reason:
        return f"Paired tests: {matrix.reason}.{apart}"
    tested = [test for test in matrix.tests if test.defined]
    clustered = sum(test.clusters is not None for test in tested)
    how = "; ".join(dict.fromkeys(test.method for test in tested))
    shape = (
        " A model that reaches no more than the outline's shape alone shows no transfer between organs. On an external "
        "set the shape has one fit, whatever the model beside it learnt from."
    )
    return (
        f"Paired tests: {how}. p is corrected over {len(tested)} tests, intervals are not. {clustered} tests per image "
        "are clustered by patient; without patient ids images count as independent. Areas out of fold pool the folds."
        + (shape if SHAPE in matrix.models else "")
        + apart
    )


def published_matrix_table(cells: Sequence[PublishedCell], pair: PRange) -> Rows:
    """The paper's matrix."""
    shown: Rows = [("Model", "Organ", "TPR / TNR / ACC printed, %", "Counts")]
    shown += [(each.model, each.organ, each.printed, each.words) for each in cells]
    shown.append(("BNet against TNet", "breast", "no test printed", pair.sentence()))
    return shown


def stability_table(found: Sequence[Stability]) -> Rows:
    """What nudges of each size do."""
    shown: Rows = [
        (
            "Largest displacement",
            "n",
            "Mean change of the score (95 % CI)",
            "95th percentile",
            "Calls that change (95 % CI)",
        )
    ]
    shown += [
        (
            f"{each.nudge:.0%} of the diameter",
            f"{each.n:,}",
            with_interval(each.moved.change),
            f"{each.moved.largest:.3f}",
            "no threshold" if each.moved.flipped is None else with_interval(each.moved.flipped),
        )
        for each in found
    ]
    return shown


def views_table(found: ViewAgreement) -> Rows:
    """Two views of one lesion."""
    low, high = found.limits
    limits = "undefined: fewer than two pairs" if math.isnan(low) else f"{signed(low)} to {signed(high)}"
    return [
        ("Two views of one lesion", "Value (95 % CI)"),
        ("Lesions with two views or more; pairs of views", f"{found.lesions:,}; {found.first.size:,}"),
        ("Mean absolute difference of the two scores", with_interval(found.difference)),
        ("95 % limits of agreement, second minus first", limits),
        ("Same call of both views", with_interval(found.same_call)),
        ("Cohen's kappa of the two calls", with_interval(found.kappa)),
    ]


def unassessed_in_words(panel: Panel, how: str) -> str:
    """How many answers could not be assessed, and how they are counted here."""
    readers = sum(each.unassessed for each in panel.readers)
    models = sum(int((~each.assessed).sum()) for each in panel.models)
    if not readers and not models:
        return "Every reading and score could be assessed."
    return f"{readers:,} readings and {models:,} scores could not be assessed; here they are {how}."


def _cell(cell: MatrixCell) -> str:
    if not cell.entries:
        return cell.reason
    return "; ".join(
        f"AUC {with_interval(each.area)} per {each.unit}, n = {each.area.n:,} ({each.positives:,} positive), "
        f"{each.source}, label: {each.target}"
        for each in cell.entries
    )


def _rate(estimate: Estimate, counts: str) -> str:
    return with_interval(estimate) if not counts or not estimate.defined else f"{with_interval(estimate)}, {counts}"


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.1f} ({100 * estimate.low:.1f}-{100 * estimate.high:.1f})"


def _plain(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.3f}"


def _p(test: Comparison) -> str:
    return p_words(test.p_value) if test.defined else f"undefined: {test.reason}"


def _tested(test: Comparison) -> str:
    return f"undefined: {test.reason}" if not test.defined else f"{difference(test)}, {_p(test)}"


def _noninferior(test: Comparison, margin: float) -> str:
    if not test.defined:
        return f"undefined: {test.reason}"
    verdict = "shown" if test.low > -margin else "not shown"
    return f"{verdict}: {test.level:.0%} CI from {signed(test.low)}, one-sided {p_words(test.p_value)}"


def _figure(figure: str) -> str:
    return "AUC" if figure == "auc" else figure


def _range(found: PRange) -> str:
    return f"undefined: {found.reason}" if found.reason else f"{found.lowest:.2g} to {found.highest:.2g}"
