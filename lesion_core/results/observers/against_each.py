"""Each model against each reader: sensitivity and specificity tested apart, p corrected after Holm.

Three questions: at the model's own stated threshold, who finds more and who alarms less; at the reader's specificity,
who finds more; at the reader's sensitivity, who alarms less. The last two choose the model's threshold on these very
cases and say so; their second interval chooses it anew in every bootstrap sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from lesion_core.results.observers.panel import ModelColumn, Panel
from lesion_core.results.observers.reader_column import NotAssessed, ReaderColumn
from lesion_core.stats.estimate import Comparison, Estimate, undefined_test
from lesion_core.stats.inputs import Bools, Ints
from lesion_core.stats.multiplicity import holm_tests
from lesion_core.stats.paired import compare_at_reader, compare_calls
from lesion_core.stats.reader_point import Discordance, MatchedPoint, discordance

Setting = Literal["own threshold", "reader's specificity", "reader's sensitivity"]
Rate = Literal["sensitivity", "specificity"]
DRAWS = 1000


@dataclass(frozen=True)
class PairTest:
    """One model against one reader in one rate. Differences are model minus reader.

    Attributes:
        model: its name.
        reader: the reader's.
        setting: which question.
        rate: what is tested.
        threshold: of the model; None where it differs by fold, or where there is none.
        model_rate: of the model, 0-1.
        reader_rate: of the reader, 0-1.
        kept: the matched rate of model and reader, in words; "" at the model's own threshold.
        right: who is right on the cases that the rate counts; None where there is no comparison.
        test: the difference with its interval and Holm's p.
        refitted: the difference with the threshold chosen anew in every bootstrap sample; None at the own threshold.
    """

    model: str
    reader: str
    setting: Setting
    rate: Rate
    threshold: float | None
    model_rate: float
    reader_rate: float
    kept: str
    right: Discordance | None
    test: Comparison
    refitted: Estimate | None


def pair_tests(panel: Panel, how: NotAssessed, *, draws: int = DRAWS) -> tuple[PairTest, ...]:
    """All models against all readers; p corrected over all tests of the answer.

    Args:
        panel: models and readers, as joined.
        how: which way "cannot assess" is counted.
        draws: bootstrap samples of the interval that chooses the threshold anew.
    """
    counted = panel.counted(how)
    found = [
        test
        for model in counted.models
        for reader in counted.readers
        for test in (*_at_own_threshold(counted, model, reader), *_matched(counted, model, reader, draws))
    ]
    corrected = holm_tests([each.test for each in found])
    return tuple(replace(each, test=test) for each, test in zip(found, corrected, strict=True))


def _at_own_threshold(panel: Panel, model: ModelColumn, reader: ReaderColumn) -> list[PairTest]:
    rows = model.assessed & reader.read
    y, groups = panel.labels[rows], _groups(panel, rows)
    calls, own = model.called[rows], reader.called[rows]
    right = discordance(y, calls, own) if model.stated and rows.any() else (None, None)
    threshold = float(model.threshold[0]) if model.stated and len(set(model.threshold.tolist())) == 1 else None
    tests: list[PairTest] = []
    rates: tuple[Rate, Rate] = ("sensitivity", "specificity")
    for rate, table in zip(rates, right, strict=True):
        name = f"{rate}, {model.name} minus {reader.name}"
        if table is None:
            reason = "no threshold of this model is stated" if rows.any() else "no case was read by both"
            n = int(rows.sum())
            test = undefined_test(name, reason, method="McNemar, mid-p", n=n, level=0.95)
        else:
            test = compare_calls(y, calls, own, rate=rate, groups=groups, name=name)
        model_rate, reader_rate = _shares(table)
        tests.append(
            PairTest(
                model.name,
                reader.name,
                "own threshold",
                rate,
                threshold,
                model_rate,
                reader_rate,
                "",
                table,
                test,
                None,
            )
        )
    return tests


def _matched(panel: Panel, model: ModelColumn, reader: ReaderColumn, draws: int) -> list[PairTest]:
    rows = model.assessed & reader.read
    y, groups = panel.labels[rows], _groups(panel, rows)
    found = compare_at_reader(y, model.score[rows], reader.called[rows], groups=groups, draws=draws)
    answers: tuple[tuple[Setting, Rate, MatchedPoint | None], ...] = (
        ("reader's specificity", "sensitivity", found.at_specificity),
        ("reader's sensitivity", "specificity", found.at_sensitivity),
    )
    return [_pair(model, reader, setting, rate, matched, found.reason) for setting, rate, matched in answers]


def _pair(
    model: ModelColumn, reader: ReaderColumn, setting: Setting, rate: Rate, matched: MatchedPoint | None, reason: str
) -> PairTest:
    name = f"{rate}, {model.name} minus {reader.name}, at the {setting}"
    if matched is None:
        test = undefined_test(name, reason, method="McNemar, mid-p", n=0, level=0.95)
        nan = float("nan")
        return PairTest(model.name, reader.name, setting, rate, None, nan, nan, "", None, test, None)
    counted, kept = (
        (matched.positives, matched.negatives) if rate == "sensitivity" else (matched.negatives, matched.positives)
    )
    model_rate, reader_rate = _shares(counted)
    kept_model, kept_reader = _shares(kept)
    other = "specificity" if rate == "sensitivity" else "sensitivity"
    return PairTest(
        model.name,
        reader.name,
        setting,
        rate,
        matched.point.threshold,
        model_rate,
        reader_rate,
        f"{other} {kept_model:.3f} (model), {kept_reader:.3f} (reader)",
        counted,
        replace(matched.difference, name=name),
        matched.refitted,
    )


def _shares(table: Discordance | None) -> tuple[float, float]:
    """Rates of model and reader from who is right."""
    if table is None or not table.n:
        return float("nan"), float("nan")
    return (table.both + table.model_only) / table.n, (table.both + table.reader_only) / table.n


def _groups(panel: Panel, rows: Bools) -> Ints | None:
    return None if panel.groups is None else panel.groups[rows]
