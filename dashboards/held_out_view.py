"""What the held-out test tab shows: from a checked choice the strip, figures, tables and cases.

No statistic is computed here: everything comes from `lesion_core.results.observers`. What takes time is kept for a few
choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go

from dashboards.held_out_notes import main_notes
from dashboards.observers import tables
from dashboards.observers.choice import Choice, Own, images, joined, panel, references, source_of
from dashboards.observers.roc_figure import (
    ChosenPoint,
    in_words,
    published_figure,
    published_in_words,
    roc_figure,
)
from lesion_core.cases.flow import Flow
from lesion_core.model.card import models_folder
from lesion_core.results.observers.against_each import PairTest, pair_tests
from lesion_core.results.observers.against_group import GroupReview, average_curve, group_review
from lesion_core.results.observers.agreement_groups import AgreementGroup, Kappa, agreement_groups, kappas
from lesion_core.results.observers.figures_of_merit import merit_rows
from lesion_core.results.observers.flow import panel_flow
from lesion_core.results.observers.panel import ModelColumn, Panel
from lesion_core.results.observers.published import NO_CASES, published_rows
from lesion_core.results.observers.reader_column import NotAssessed
from lesion_core.results.observers.stability import Stability, bundled_nudges, summarise
from lesion_core.results.observers.views import ViewAgreement, view_agreement
from lesion_core.results.paper import SECONDS_RADIOLOGIST, SECONDS_TNET, Organ
from lesion_core.results.paper_cohort import published_flow
from lesion_core.results.review.report import HeaderFacts, ThresholdFact
from lesion_core.results.review.scored import Unit
from lesion_core.results.review.source import ReviewSource
from lesion_core.stats.bands import RocBand, roc_band
from lesion_core.stats.roc import point_at_threshold

BAND_DRAWS = 400


@dataclass(frozen=True)
class Main:
    """The upper half of the tab.

    Attributes:
        facts: of the strip.
        figure: Figure 4.
        words: the same for who cannot see it.
        table: Tables 4 and 5.
        notes: what a reader of them should know, whole sentences; bold ones in Markdown.
    """

    facts: HeaderFacts
    figure: go.Figure
    words: str
    table: tables.Rows
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Agreement:
    """Where model and readers agree.

    Attributes:
        groups: all of them, those that are empty too.
        kappas: beyond chance.
        threshold: the model's; None where each fold has its own.
        note: how it was counted.
    """

    groups: tuple[AgreementGroup, ...]
    kappas: tuple[Kappa, ...]
    threshold: float | None
    note: str


def main_of(choice: Choice, own: Own = ()) -> Main:
    """Strip, Figure 4 and Tables 4 and 5.

    Raises:
        InputError: models that scored no case in common, or categories that cannot be put in order.
    """
    if choice.organ:
        return _published(choice.organ)
    whole = panel(choice, own)
    counted = whole.counted(choice.how)
    rows = merit_rows(whole, choice.how)
    quiet = references(choice, own)
    other: NotAssessed = "left out" if choice.how == "counted as wrong" else "counted as wrong"
    return Main(
        facts=facts_of(choice, own),
        figure=roc_figure(
            counted,
            rows,
            references=None if quiet is None else quiet.counted(choice.how),
            band=_band(counted),
            average=average_curve(whole, choice.how),
            chosen=_moved(choice, counted),
        ),
        words=in_words(whole, rows),
        table=tables.merit_table(rows, merit_rows(whole, other), other),
        notes=tuple(main_notes(choice, own, whole, rows, quiet)),
    )


def facts_of(choice: Choice, own: Own = ()) -> HeaderFacts:
    """What stands above every figure of a set with cases."""
    whole, source = panel(choice, own), source_of(choice.test_set, choice.readings, own)
    model = model_of(choice, whole)
    named = " and ".join(each.name for each in whole.models)
    readers = f"against {len(whole.readers)} reader{'s' if len(whole.readers) != 1 else ''}" if whole.readers else ""
    return HeaderFacts(
        what=" ".join(filter(None, (f"{named} on {source.title}", readers))),
        target=whole.target,
        label_source=source.label_source,
        unit=whole.unit,
        n=whole.n,
        positives=int(whole.labels.sum()),
        unassessed=int((~model.assessed).sum()),
        threshold=threshold_of(choice, model),
        openings=source.openings,
        notes=whole.notes,
    )


def threshold_of(choice: Choice, model: ModelColumn) -> ThresholdFact | None:
    """The threshold that the agreement view looks at."""
    if choice.threshold is not None:
        return ThresholdFact(choice.threshold, "post hoc", f"moved by hand, {model.name}")
    if not model.stated:
        return None
    origin, _, words = model.origin.partition(": ")
    value = None if len(set(model.threshold.tolist())) > 1 else float(model.threshold[0])
    return ThresholdFact(value, "cross-fitted" if origin == "cross-fitted" else "pre-stated", f"{words} ({model.name})")


def model_of(choice: Choice, whole: Panel) -> ModelColumn:
    """The model that the agreement view looks at."""
    return next(each for each in whole.models if each.key == choice.model)


def flow_of(choice: Choice, own: Own = ()) -> tuple[Flow, str]:
    """The STARD flow and how to read it; the paper's, of both organs, for its sets."""
    if choice.organ:
        return published_flow(), f"Figure 1 of the paper, both organs. {NO_CASES}"
    whole, source = panel(choice, own), source_of(choice.test_set, choice.readings, own)
    model = model_of(choice, whole)
    flow = panel_flow(source, whole, choice.how, model=model.name, threshold=choice.threshold)
    fact = threshold_of(choice, model)
    calls = f"Calls at threshold {fact.sentence()}." if fact else f"{model.name} has no threshold."
    return flow, f"Counted by {choice.unit}; each {choice.unit} left out once, under the first reason. {calls}"


def pairs_of(choice: Choice, own: Own = ()) -> tuple[PairTest, ...]:
    """Every chosen model against every chosen reader."""
    if choice.organ:
        return ()
    source = source_of(choice.test_set, choice.readings, own)
    return _pairs(source, choice.models, choice.readers, choice.unit, choice.cut, choice.how)


def group_of(choice: Choice, own: Own = ()) -> GroupReview:
    """Every chosen model against the group; the paper's readers have no cases to be tested on.

    Raises:
        StatisticsError: a margin not above 0.
    """
    if choice.organ:
        return GroupReview((), 0, 0, (), choice.margin, NO_CASES)
    whole = panel(choice, own)
    return group_review(whole, choice.how, margin=choice.margin)


def agreement_of(choice: Choice, own: Own = ()) -> Agreement | None:
    """Groups and kappas; None without a reader or for the paper's counts."""
    if choice.organ:
        return None
    whole = panel(choice, own)
    if not whole.readers:
        return None
    model = model_of(choice, whole)
    if choice.threshold is None and not model.stated:
        return None
    groups = agreement_groups(whole, model.name, choice.against, choice.how, threshold=choice.threshold)
    fact = threshold_of(choice, model)
    note = f"{model.name} at threshold {fact.sentence() if fact else ''}; {choice.against}. "
    note += tables.unassessed_in_words(whole, choice.how)
    beyond = kappas(whole, choice.how, model=model.name, threshold=choice.threshold)
    return Agreement(groups, beyond, None if fact is None else fact.value, note)


def chosen_group(choice: Choice, found: Agreement | None) -> AgreementGroup | None:
    """The group whose cases are listed."""
    if found is None:
        return None
    return next((each for each in found.groups if tables.group_key(each) == choice.group), None)


def views_of(choice: Choice, own: Own = ()) -> ViewAgreement | None:
    """The model's two views of each lesion; None for the paper's counts."""
    if choice.organ:
        return None
    source = source_of(choice.test_set, "", own)
    model = images(choice, own).models[0]
    thresholds = model.threshold if choice.threshold is None else np.full(model.threshold.size, choice.threshold)
    return view_agreement(source.run(choice.model), thresholds)


def stability_of(choice: Choice, own: Own = ()) -> tuple[tuple[str, tuple[Stability, ...]], ...]:
    """(data set, what nudges do) for the agreement view's model; () where no table is bundled."""
    if choice.organ:
        return ()
    source = source_of(choice.test_set, "", own)
    run = source.run(choice.model)
    rule = source.threshold_of(run)
    return _stability(run.model, None if rule is None else rule.value)


def _published(organ: Organ) -> Main:
    rows = published_rows(organ)
    first = rows[0].counts
    low, high = SECONDS_RADIOLOGIST
    facts = HeaderFacts(
        what=f"The paper's held-out test (paper), {organ}: TNet, three radiologists and the recorded category",
        target="histology malignant",
        label_source="histopathology, as the paper says",
        unit="lesion",
        n=first.positives + first.negatives,
        positives=first.positives,
        threshold=None,
        openings="not stated by the paper",
        notes=(
            NO_CASES,
            "The test cases come from the same hospital as the development cases.",
            f"Reading time: {SECONDS_TNET} s by TNet leaves out the outline that it needs, drawn by hand; "
            f"{low:.0f} to {high:.0f} s by the radiologists.",
        ),
    )
    note = (
        'Each reader and TNet is one operating point: its printed "AUC" is balanced accuracy. Rates have Wilson\'s '
        "interval; the figure shows the true sizes."
    )
    return Main(facts, published_figure(rows), published_in_words(rows), tables.published_table(rows), (note,))


def _moved(choice: Choice, counted: Panel) -> ChosenPoint | None:
    if choice.threshold is None:
        return None
    model = model_of(choice, counted)
    rows = model.assessed
    point = point_at_threshold(counted.labels[rows], model.score[rows], choice.threshold)
    if point.reason:
        return None
    return ChosenPoint(model.name, choice.threshold, 1 - point.specificity, point.sensitivity)


def _band(counted: Panel) -> RocBand | None:
    model = counted.models[0]
    rows = model.assessed
    groups = None if counted.groups is None else counted.groups[rows].tobytes()
    return _kept_band(counted.labels[rows].tobytes(), model.score[rows].tobytes(), groups)


@lru_cache(maxsize=16)
def _kept_band(labels: bytes, scores: bytes, groups: bytes | None) -> RocBand:
    """The band of these very numbers; kept, because it takes longest."""
    return roc_band(
        np.frombuffer(labels, dtype=np.bool_),
        np.frombuffer(scores, dtype=np.float64),
        groups=None if groups is None else np.frombuffer(groups, dtype=np.int64),
        draws=BAND_DRAWS,
    )


@lru_cache(maxsize=24)
def _pairs(
    source: ReviewSource, models: tuple[str, ...], readers: tuple[str, ...], unit: Unit, cut: str, how: NotAssessed
) -> tuple[PairTest, ...]:
    return pair_tests(joined(source, models, unit, cut).chosen(readers), how)


@lru_cache(maxsize=16)
def _stability(model: str, threshold: float | None) -> tuple[tuple[str, tuple[Stability, ...]], ...]:
    return tuple(
        (dataset, summarise(rows, threshold)) for dataset, rows in bundled_nudges(models_folder(), model) if rows
    )
