"""One model beside the categories that one reader recorded: at the reader's two rates, as areas, within a category.

The threshold is cross-fitted: for each fold the other folds teach the one that reaches the reader's rate on them. Two
tests, sensitivity at the reader's specificity and specificity at the reader's sensitivity, corrected after Holm; and
whether the model is at most `MARGIN` worse, the margin set before these figures were computed. Both take the thresholds
as given. Beside them, as the held-out test shows it, the threshold chosen on these very cases with an interval that
chooses it anew in every bootstrap sample: that of the rate itself, and wider.

A reader's categories give a curve of a few straight lines, whose area is smaller than that of a score of the same
quality. So three areas stand side by side: of the score, of the score cut into levels of the reader's sizes, and of the
binormal curve through the reader's counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lesion_core.errors import InputError
from lesion_core.results.observers.panel import Panel
from lesion_core.results.observers.reader_column import ReaderColumn
from lesion_core.results.review.scored import ScoredRun
from lesion_core.stats.accuracy import sensitivity, specificity
from lesion_core.stats.binormal import binormal_fit
from lesion_core.stats.estimate import Comparison, Estimate
from lesion_core.stats.inputs import Bools, Floats, Ints
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.mcnemar import compare_calls
from lesion_core.stats.multiplicity import holm_tests
from lesion_core.stats.noninferiority import noninferiority, noninferiority_of_proportions
from lesion_core.stats.paired import delong_test
from lesion_core.stats.reader_point import MatchedPoint, compare_at_reader, discordance
from lesion_core.stats.roc import point_at_sensitivity, point_at_specificity

Rate = Literal["sensitivity", "specificity"]
OTHER: dict[Rate, Rate] = {"sensitivity": "specificity", "specificity": "sensitivity"}
#: The largest loss in a rate that still counts as not inferior.
MARGIN = 0.05
LEVEL = 0.05
DRAWS = 1000


@dataclass(frozen=True)
class AtReadersRate:
    """The model at one of the reader's rates. Differences are model minus reader.

    Attributes:
        rate: what is compared; the other rate is the matched one.
        model: the model's, with its interval.
        reader: the reader's.
        kept_model: the matched rate that the cross-fitted thresholds reached.
        kept_reader: the reader's.
        test: McNemar, paired, Holm over the two rates.
        not_inferior: one-sided, at most `MARGIN` worse.
        post_hoc: the same with the threshold chosen on these very cases.
    """

    rate: Rate
    model: Estimate
    reader: Estimate
    kept_model: Estimate
    kept_reader: Estimate
    test: Comparison
    not_inferior: Comparison
    post_hoc: MatchedPoint

    @property
    def verdict(self) -> str:
        """Whether the two differ, for a sentence; the test takes the thresholds as given."""
        return "differs" if self.test.p_value < LEVEL else "does not differ significantly"


@dataclass(frozen=True)
class WithinCategory:
    """The model among the units of one category, where the reader's category says nothing more.

    Attributes:
        category: as recorded.
        n: units.
        positives: among them.
        area: AUC of the model.
    """

    category: str
    n: int
    positives: int
    area: Estimate


@dataclass(frozen=True)
class BesideCategories:
    """Everything of one model and one reader.

    Attributes:
        model: its name.
        reader: the reader's name.
        unit: what is counted.
        n: units that both answered.
        positives: among them.
        cut: how categories became calls, in words.
        at_rates: sensitivity at the reader's specificity, then specificity at the reader's sensitivity.
        area: AUC of the score.
        levels: AUC of the score cut into as many levels as the reader used, each of the reader's size.
        reader_area: AUC of the categories, straight lines.
        levels_minus_reader: the two before, paired.
        binormal: area of the binormal curve through the reader's counts.
        within: by category, lowest first.
    """

    model: str
    reader: str
    unit: str
    n: int
    positives: int
    cut: str
    at_rates: tuple[AtReadersRate, AtReadersRate]
    area: Estimate
    levels: Estimate
    reader_area: Estimate
    levels_minus_reader: Comparison
    binormal: Estimate
    within: tuple[WithinCategory, ...]

    def lines(self) -> list[str]:
        """For the terminal: one finding each."""
        words = [
            f"{self.model} beside {self.reader}, per {self.unit}: n = {self.n}, {self.positives} of label 1; {self.cut}"
        ]
        for at in self.at_rates:
            words += [
                f"{at.rate} at the reader's {OTHER[at.rate]}, thresholds cross-fitted:",
                f"    model {_short(at.model)}, reader {_short(at.reader)}",
                f"    {OTHER[at.rate]} there: model {_short(at.kept_model)}, reader {_short(at.kept_reader)}",
                f"    {at.test.sentence()} -> at these thresholds the model {at.verdict} from these recorded "
                "categories",
                f"    {at.not_inferior.sentence()} -> {'shown' if at.not_inferior.p_value < LEVEL else 'not shown'}",
                f"    chosen on these cases ({at.post_hoc.point.threshold:.4f}), {at.post_hoc.refitted.sentence()}",
            ]
        words += [
            f"{self.model}, {self.area.sentence()}",
            f"{self.model} cut into levels of the reader's sizes, {self.levels.sentence()}",
            f"{self.reader}, {self.reader_area.sentence()}",
            self.levels_minus_reader.sentence(),
            f"{self.reader}, {self.binormal.sentence()}",
        ]
        for each in self.within:
            words.append(
                f"{self.model} within category {each.category} (n = {each.n}, {each.positives} of label 1): "
                f"{each.area.sentence()}"
            )
        return words


def beside_categories(
    panel: Panel, run: ScoredRun, model: str, reader: str, *, margin: float = MARGIN, draws: int = DRAWS
) -> BesideCategories:
    """Compare on the units that the reader read and could assess and the model scored.

    Args:
        panel: as joined.
        run: the model's out-of-fold scores that the panel was made of.
        model: name of the model in the panel.
        reader: name of the reader.
        margin: largest loss that counts as not inferior, above 0.
        draws: bootstrap samples of the interval that chooses the threshold anew.

    Raises:
        InputError: scores of a final model, a reader without categories, or one class only.
        StatisticsError: a margin not above 0.
    """
    if not run.out_of_fold:
        raise InputError(f"{run.key} is not out of fold: a threshold at the reader's rates cannot be cross-fitted")
    counted = panel.counted("left out")
    column, answers = counted.model(model), counted.reader(reader)
    rows = column.assessed & answers.read
    if not answers.ordinal:
        raise InputError(f"{reader} gave no category for some cases: only readers with categories can be compared here")
    y = panel.labels[rows]
    if y.all() or not y.any():
        raise InputError(f"{int(rows.sum())} {panel.unit}s read by {reader} and scored by {model} have one class only")
    score, called, rating = column.score[rows], answers.called[rows], answers.rating[rows]
    folds = np.array([int(run.folds[run.position[members[0]]]) for members in panel.members], dtype=np.int64)[rows]
    groups = None if panel.groups is None else panel.groups[rows]
    levels = cut_like(score, rating)
    return BesideCategories(
        model=model,
        reader=reader,
        unit=panel.unit,
        n=int(y.size),
        positives=int(y.sum()),
        cut=answers.cut or "the reader's own calls",
        at_rates=_at_rates(y, score, called, folds, groups, margin, draws),
        area=auc_interval(y, score, groups=groups),
        levels=auc_interval(y, levels, groups=groups, name="AUC in levels"),
        reader_area=auc_interval(y, rating, groups=groups, name="AUC of the categories, straight lines"),
        levels_minus_reader=delong_test(y, levels, rating, groups=groups, name="AUC in levels, model minus categories"),
        binormal=binormal_fit(y, rating, groups=groups, name="AUC of the binormal curve through the categories").area,
        within=_within(y, score, rating, groups, answers),
    )


def cut_like(score: Floats, rating: Floats) -> Floats:
    """The score in as many levels as there are ratings, each level as large as that rating (no label is used).

    Tied scores go to one level, the lower one.

    Args:
        score: (n,) finite.
        rating: (n,) ordinal.

    Returns:
        (n,) float64: ranks of the levels from 0.
    """
    ordered = np.sort(score)
    below = np.cumsum(np.unique(rating, return_counts=True)[1])[:-1]
    return np.searchsorted(ordered[below - 1], score, side="left").astype(np.float64)


def cross_fitted_calls(y: Bools, score: Floats, called: Bools, folds: Ints, kept: Rate) -> Bools:
    """The model's calls with each fold's threshold the one that reaches the reader's rate on the other folds.

    Args:
        y: (n,) bool.
        score: (n,) finite.
        called: (n,) bool, the reader's.
        folds: (n,) at least two of them.
        kept: the rate that is matched.

    Returns:
        (n,) bool.

    Raises:
        InputError: the other folds of one have one class only.
    """
    calls = np.zeros(y.size, dtype=np.bool_)
    for fold in np.unique(folds):
        rest, here = folds != fold, folds == fold
        if y[rest].all() or not y[rest].any():
            raise InputError(f"the folds other than {fold} have one class only: no threshold can be learnt on them")
        point = (
            point_at_specificity(y[rest], score[rest], float((~called[rest & ~y]).mean()))
            if kept == "specificity"
            else point_at_sensitivity(y[rest], score[rest], float(called[rest & y].mean()))
        )
        calls[here] = score[here] >= point.threshold
    return calls


def _at_rates(
    y: Bools, score: Floats, called: Bools, folds: Ints, groups: Ints | None, margin: float, draws: int
) -> tuple[AtReadersRate, AtReadersRate]:
    whole = compare_at_reader(y, score, called, groups=groups, draws=draws)
    matched = (whole.at_specificity, whole.at_sensitivity)
    rates: tuple[Rate, Rate] = ("sensitivity", "specificity")
    calls = [cross_fitted_calls(y, score, called, folds, OTHER[rate]) for rate in rates]
    tests = holm_tests(
        [
            compare_calls(y, own, called, rate=rate, groups=groups, name=f"{rate}, model minus reader")
            for rate, own in zip(rates, calls, strict=True)
        ]
    )
    found = []
    for rate, own, test, point in zip(rates, calls, tests, matched, strict=True):
        assert point is not None, "both classes are there"
        estimate = {"sensitivity": sensitivity, "specificity": specificity}
        found.append(
            AtReadersRate(
                rate=rate,
                model=estimate[rate](y, own, groups=groups),
                reader=estimate[rate](y, called, groups=groups),
                kept_model=estimate[OTHER[rate]](y, own, groups=groups),
                kept_reader=estimate[OTHER[rate]](y, called, groups=groups),
                test=test,
                not_inferior=_not_inferior(y, own, called, groups, rate, margin),
                post_hoc=point,
            )
        )
    return found[0], found[1]


def _not_inferior(y: Bools, own: Bools, called: Bools, groups: Ints | None, rate: Rate, margin: float) -> Comparison:
    name = f"{rate}, model minus reader"
    if groups is not None:
        return noninferiority(compare_calls(y, own, called, rate=rate, groups=groups, name=name), margin)
    right = discordance(y, own, called)[0 if rate == "sensitivity" else 1]
    return noninferiority_of_proportions(right.model_only, right.reader_only, right.n, margin, name=name)


def _within(
    y: Bools, score: Floats, rating: Floats, groups: Ints | None, answers: ReaderColumn
) -> tuple[WithinCategory, ...]:
    found = []
    for rank, category in enumerate(answers.categories):
        own = rating == rank
        if own.any():
            area = auc_interval(y[own], score[own], groups=None if groups is None else groups[own])
            found.append(WithinCategory(category, int(own.sum()), int(y[own].sum()), area))
    return tuple(found)


def _short(rate: Estimate) -> str:
    return f"{rate.value:.3f} ({rate.low:.3f}-{rate.high:.3f})"
