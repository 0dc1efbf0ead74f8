"""What the held-out test tab shows: from a checked choice the strip, figures, tables and cases.

No statistic is computed here: everything comes from `lesion_core.results.observers`. What takes time is kept for a few
choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go

from dashboards.observers import tables
from dashboards.observers.choice import Choice, Own, images, joined, panel, references, source_of
from dashboards.observers.roc_figure import (
    ChosenPoint,
    in_words,
    published_figure,
    published_in_words,
    roc_figure,
)
from dashboards.review.wording import with_interval
from lesion_core.cases.flow import Flow
from lesion_core.model.card import models_folder
from lesion_core.results.observers.against_each import PairTest, pair_tests
from lesion_core.results.observers.against_group import GroupReview, average_curve, group_review
from lesion_core.results.observers.agreement_groups import AgreementGroup, Kappa, agreement_groups, kappas
from lesion_core.results.observers.figures_of_merit import MeritRow, merit_rows
from lesion_core.results.observers.flow import panel_flow
from lesion_core.results.observers.panel import ModelColumn, Panel
from lesion_core.results.observers.published import NO_CASES, published_rows
from lesion_core.results.observers.reader_column import NotAssessed
from lesion_core.results.observers.reference_names import ALONE, SHAPE, SIZE, is_reference
from lesion_core.results.observers.simulated import description
from lesion_core.results.observers.stability import Stability, bundled_nudges, summarise
from lesion_core.results.observers.views import ViewAgreement, view_agreement
from lesion_core.results.paper import SECONDS_RADIOLOGIST, SECONDS_TNET, Organ
from lesion_core.results.paper_cohort import published_flow
from lesion_core.results.review.distribution import calibration
from lesion_core.results.review.folds import fold_averaged
from lesion_core.results.review.report import HeaderFacts, ThresholdFact
from lesion_core.results.review.scored import ScoredRun, Unit
from lesion_core.results.review.source import ReviewSource
from lesion_core.stats.bands import RocBand, roc_band
from lesion_core.stats.reader_mean import MIN_READERS
from lesion_core.stats.roc import point_at_threshold

BAND_DRAWS = 400
FEW_READERS = (
    "What is shown is a difference from these recorded answers, not from radiologists: a claim about readers in "
    "general needs at least three of them."
)
CATEGORY_CURVE = (
    "A reader's curve runs through ordered categories by straight lines; a model's area above it is no better reading: "
    "compare the points, at the reader's own sensitivity and specificity."
)


@dataclass(frozen=True)
class Main:
    """The upper half of the tab.

    Attributes:
        facts: of the strip.
        figure: Figure 4.
        words: the same for who cannot see it.
        table: Tables 4 and 5.
        note: what a reader of them should know, whole sentences.
    """

    facts: HeaderFacts
    figure: go.Figure
    words: str
    table: tables.Rows
    note: str


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
        note=" ".join(_notes(choice, own, whole, rows, quiet)),
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


def pairs_note(tests: Sequence[PairTest]) -> str:
    """How the tests of each model against each reader were made."""
    if not tests:
        return "No reader is chosen or recorded here."
    defined = sum(each.test.defined for each in tests)
    undefined = "" if defined == len(tests) else f" that are defined (of {len(tests)})"
    return (
        f"Sensitivity and specificity are tested apart: McNemar (clustered where patients have several images), p "
        f"corrected over all {defined} tests{undefined} (Holm); intervals are not corrected, so one that leaves out "
        "0 may stand beside p above 0.05. At the reader's own sensitivity or specificity the model's "
        "threshold is chosen on these very cases, so that p is optimistic; the last column chooses it anew in every "
        "bootstrap sample. No claim about radiologists in general follows from one reader."
    )


def group_note(group: GroupReview) -> str:
    """What the group's table rests on."""
    if group.reason:
        return group.reason
    return (
        f"{len(group.readers)} readers, n = {group.n:,} that every one of them and every model answered "
        f"({group.left_out:,} left out). **Readers and cases random** says what other readers would do on other cases; "
        f"**these cases fixed** only what other readers would do on these. Margin {group.margin:g}; one-sided 5 %. "
        "p is not corrected for the number of rows and columns."
    )


def border_note(choice: Choice, nudged: Sequence[tuple[str, tuple[Stability, ...]]]) -> str:
    """What is shown of borders and views, and what is missing."""
    if not nudged:
        return (
            "No table of nudged borders is bundled for this model: "
            "`python -m lesion_core stability MODEL --cases CASES --out checkpoints/MODEL/stability/SET.csv` makes one."
        )
    return (
        f"Every border of {nudged[0][0]} was displaced smoothly along its normals and scored again, once for each "
        "size; labels were not looked at. Beside it: two views of one lesion in the chosen set."
    )


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
    return Main(facts, published_figure(rows), published_in_words(rows), tables.published_table(rows), note)


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


def _notes(choice: Choice, own: Own, whole: Panel, rows: Sequence[MeritRow], quiet: Panel | None) -> list[str]:
    notes = [f"**{description()}**"] if whole.synthetic and any(each.synthetic for each in whole.readers) else []
    notes.append(tables.unassessed_in_words(whole, choice.how))
    if whole.unit == "patient" and whole.readers:
        notes.append("Per patient: the model's mean score, a reader's most suspicious answer over the views.")
    if any(row.area_kind == "AUC of ordered categories" for row in rows):
        notes.append(CATEGORY_CURVE)
    if any(row.area_kind == "balanced accuracy" for row in rows):
        notes.append("A reader who only called has one point: its area is balanced accuracy, not an AUC.")
    if 0 < len(whole.readers) < MIN_READERS:
        notes.append(FEW_READERS)
    if not whole.readers:
        notes.append("No reader is chosen or recorded here: upload a readings.csv, or take the synthetic study.")
    notes += [*_pooled_notes(choice, own), *_calibration_notes(choice, own)]
    if quiet is not None:
        notes += _reference_notes(merit_rows(quiet, choice.how))
    return notes


def _pooled_notes(choice: Choice, own: Own) -> list[str]:
    """That areas are pooled over folds, and the mean of the folds' areas of each model."""
    folded = [run for run in _chosen_runs(choice, own) if run.out_of_fold]
    if not folded:
        return []
    means = ", ".join(f"{run.model} {with_interval(fold_averaged(run.in_unit(choice.unit)))}" for run in folded)
    return [
        "Areas of out-of-fold scores, curves and tests pool the folds, whose models may score on different scales; "
        f"fold-averaged AUC: {means}."
    ]


def _calibration_notes(choice: Choice, own: Own) -> list[str]:
    """How far the scores of final models are from probabilities on this set."""
    found = []
    for run in _chosen_runs(choice, own):
        if run.out_of_fold or is_reference(run.model):
            continue
        at = calibration(run.in_unit(choice.unit))
        found.append(
            f"{run.model} slope {with_interval(at.line.slope, decimals=2)}, intercept "
            f"{with_interval(at.line.intercept, decimals=2)}, Brier score {with_interval(at.brier.score)}"
        )
    if not found:
        return []
    return [f"Calibration on this set, per {choice.unit} (a probability has slope 1, intercept 0): {'; '.join(found)}."]


def _chosen_runs(choice: Choice, own: Own) -> list[ScoredRun]:
    """The runs of the chosen models that know the chosen unit."""
    source = source_of(choice.test_set, choice.readings, own)
    return [run for run in map(source.run, choice.models) if choice.unit in run.units]


def _reference_notes(rows: Sequence[MeritRow]) -> list[str]:
    """What each kind of thin line is, with its areas: what it sees of image and outline differs."""
    kinds: dict[str, list[str]] = {}
    for row in rows:
        if row.who in (SIZE, SHAPE):
            kind = "use no pixel of the image, only the outline that a person drew"
        elif row.who.endswith(f"-{ALONE}"):
            kind = "are the network alone: it sees the image inside the outline, no measurement of the outline is added"
        else:
            kind = "are models made beside the released ones (README.md says which)"
        kinds.setdefault(kind, []).append(f"{row.who} AUC {with_interval(row.area)}")
    notes = [f"Thin lines that {kind}: {', '.join(lines)}." for kind, lines in kinds.items()]
    return [*notes, "What a model adds must be seen beside them."]
