"""One model against a group of three or more readers: readers random, cases random and fixed side by side.

Every figure is model minus the readers' mean, on the cases that the model scored and every reader answered. The claim
most studies want takes readers and cases as samples; with the cases fixed the same data say less and look surer, so
both stand together. Non-inferiority needs a margin that was stated beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lesion_core.results.observers.panel import Panel
from lesion_core.results.observers.reader_column import NotAssessed
from lesion_core.stats.average_reader import AverageReader, average_reader
from lesion_core.stats.estimate import Comparison, Estimate, undefined_test
from lesion_core.stats.figures import Covariance, Figure
from lesion_core.stats.inputs import Bools, Floats
from lesion_core.stats.noninferiority import noninferiority
from lesion_core.stats.one_model import model_against_readers
from lesion_core.stats.reader_mean import MIN_READERS, mean_over_readers

MARGIN = 0.05
#: DeLong's (Obuchowski's with patients): the jackknife gives nearly the same and takes seconds on thousands of cases.
COVARIANCE: Covariance = "delong"
TOO_FEW = (
    "Undefined: a claim about readers needs at least {needed} readers, here {there} answered. "
    "With one or two, only the model against each of them can be tested."
)
ONLY_CALLS = "not every reader gave ordered categories: a reader who only calls has a point and no curve"
NO_THRESHOLD = "no threshold is known for this model that these scores did not choose"


@dataclass(frozen=True)
class GroupTest:
    """A model against the mean of the readers in one figure of merit.

    Attributes:
        model: its name.
        figure: "auc", "sensitivity" or "specificity".
        model_value: of the model, 0-1; NaN when undefined.
        mean: of the readers, readers and cases as samples.
        random: readers and cases are samples.
        fixed_cases: other readers, these very cases.
        fixed_readers: these readers, other cases.
        noninferior_random: the first with the margin, one-sided.
        noninferior_fixed_cases: the second with the margin, one-sided.
    """

    model: str
    figure: Figure
    model_value: float
    mean: Estimate | None
    random: Comparison
    fixed_cases: Comparison
    fixed_readers: Comparison
    noninferior_random: Comparison
    noninferior_fixed_cases: Comparison


@dataclass(frozen=True)
class GroupReview:
    """A group of readers.

    Attributes:
        readers: their names.
        n: cases that every reader and every model answered.
        left_out: cases that not all of them answered.
        tests: for each model the three figures.
        margin: of non-inferiority.
        reason: why there is none; "" when there is.
    """

    readers: tuple[str, ...]
    n: int
    left_out: int
    tests: tuple[GroupTest, ...]
    margin: float
    reason: str = ""


def group_review(panel: Panel, how: NotAssessed, *, margin: float = MARGIN) -> GroupReview:
    """Every model against the mean of the readers.

    Args:
        panel: models and readers, as joined.
        how: which way "cannot assess" is counted.
        margin: the largest acceptable loss, stated before the data were seen, above 0.

    Raises:
        StatisticsError: a margin not above 0.
    """
    counted = panel.counted(how)
    names = tuple(each.name for each in counted.readers)
    if len(names) < MIN_READERS:
        return GroupReview(names, 0, 0, (), margin, TOO_FEW.format(needed=MIN_READERS, there=len(names)))
    complete = complete_rows(counted)
    kept = counted.at(complete)
    tests = tuple(_test(kept, name, figure, margin) for name in _models(kept) for figure in _FIGURES)
    reason = "" if kept.n else "Undefined: no case was answered by every chosen reader and model."
    return GroupReview(names, kept.n, int((~complete).sum()), tests if kept.n else (), margin, reason)


def complete_rows(panel: Panel) -> Bools:
    """(n,) bool: the cases that every model scored and every reader answered.

    Args:
        panel: with "cannot assess" already counted one way.
    """
    rows = np.ones(panel.n, dtype=np.bool_)
    for model in panel.models:
        rows &= model.assessed
    for reader in panel.readers:
        rows &= reader.read
    return rows


def average_curve(panel: Panel, how: NotAssessed) -> AverageReader | None:
    """The average of the readers' ordinal curves; None unless two or more readers all gave ordered categories."""
    counted = panel.counted(how)
    kept = counted.at(complete_rows(counted))
    if len(kept.readers) < 2 or not kept.n or not all(each.ordinal for each in kept.readers):
        return None
    return average_reader(kept.labels, _ratings(kept), groups=kept.groups)


_FIGURES: tuple[Figure, ...] = ("auc", "sensitivity", "specificity")


def _models(panel: Panel) -> tuple[str, ...]:
    return tuple(each.name for each in panel.models)


def _ratings(panel: Panel) -> Floats:
    return np.array([each.rating for each in panel.readers])


def _test(panel: Panel, name: str, figure: Figure, margin: float) -> GroupTest:
    model = panel.model(name)
    ordinal = all(each.ordinal for each in panel.readers)
    reason = ONLY_CALLS if figure == "auc" and not ordinal else ""
    reason = reason or (NO_THRESHOLD if figure != "auc" and not model.stated else "")
    if reason:
        nothing = undefined_test(f"{figure}, {name} minus readers", reason, method="", n=panel.n, level=0.95)
        return GroupTest(name, figure, float("nan"), None, *[nothing] * 5)
    readings = _ratings(panel) if figure == "auc" else np.array([each.called for each in panel.readers])
    own = model.score if figure == "auc" else model.called
    found = model_against_readers(
        panel.labels, own, readings, figure=figure, covariance=COVARIANCE, groups=panel.groups
    )
    label = f"{figure}, {name} minus {len(panel.readers)} readers"
    random, cases, readers = (
        replace(each, name=label) for each in (found.random, found.fixed_cases, found.fixed_readers)
    )
    return GroupTest(
        name,
        figure,
        found.model,
        mean_over_readers(panel.labels, readings, figure=figure, covariance=COVARIANCE, groups=panel.groups),
        random,
        cases,
        readers,
        noninferiority(random, margin),
        noninferiority(cases, margin),
    )
