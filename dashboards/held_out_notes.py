"""What a reader of the held-out test tab should know, in whole sentences beside its figures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboards.observers import tables
from dashboards.observers.choice import Choice, Own, source_of
from dashboards.review.wording import with_interval
from lesion_core.model.card import models_folder
from lesion_core.publish.simpler_models import fit_shown, fitted_on
from lesion_core.results.observers.against_each import PairTest
from lesion_core.results.observers.against_group import GroupReview
from lesion_core.results.observers.beside_outline import beside_outline
from lesion_core.results.observers.figures_of_merit import MeritRow, merit_rows
from lesion_core.results.observers.panel import Panel
from lesion_core.results.observers.reference_names import ALONE, LINEAR, OUTLINE, REFERENCES, SHAPE, SIZE, is_reference
from lesion_core.results.observers.simulated import description
from lesion_core.results.observers.stability import Stability
from lesion_core.results.review.distribution import calibration
from lesion_core.results.review.folds import fold_averaged
from lesion_core.results.review.readers import Reader, in_several_arms, read_aided
from lesion_core.results.review.scored import ScoredRun
from lesion_core.stats.reader_mean import MIN_READERS

FEW_READERS = (
    "What is shown is a difference from these recorded answers, not from radiologists: a claim about readers in "
    "general needs at least three of them."
)
CATEGORY_CURVE = (
    "A reader's curve runs through ordered categories by straight lines; a model's area above it is no better reading: "
    "compare the points, at the reader's own sensitivity and specificity."
)


def main_notes(choice: Choice, own: Own, whole: Panel, rows: Sequence[MeritRow], quiet: Panel | None) -> list[str]:
    """The sentences below Tables 4 and 5: what is simulated, how it was counted, what each line and area is."""
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
    if twice := in_several_arms(_chosen_readers(choice, own)):
        notes.append(
            f"{', '.join(twice)}: chosen in both arms, and counted as two readers, which they are not. For the group of"
            " readers choose one arm; the study's own result compares the arms."
        )
    notes += filter(None, [aided_note(choice, own)])
    if not whole.readers:
        notes.append("No reader is chosen or recorded here: upload a readings.csv, or take the synthetic study.")
    notes += [*_outline_notes(choice, own), *_pooled_notes(choice, own), *_calibration_notes(choice, own)]
    if quiet is not None:
        notes += _reference_notes(merit_rows(quiet, choice.how))
    return notes


def aided_note(choice: Choice, own: Own) -> str:
    """Who of the chosen readers saw a model's score; empty where nobody did."""
    aided = [] if choice.organ else read_aided(_chosen_readers(choice, own))
    if not aided:
        return ""
    return (
        f"{', '.join(aided)}: read with a model's score in view. Beside a model such a reader says what the aid did, "
        "not what readers do alone: compare a model with unaided readers."
    )


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


def _outline_notes(choice: Choice, own: Own) -> list[str]:
    """What the outline alone gives of each chosen model's area, where its scores lie there."""
    source = source_of(choice.test_set, choice.readings, own)
    found = []
    for each in beside_outline(source, choice.models, choice.unit):
        if source.kind == "bundled" and each.reference in REFERENCES and not source.out_of_fold:
            each = replace(
                each, fitted_on=fit_shown(fitted_on(models_folder() / each.reference, source.runs[0].dataset))
            )
        found.append(each.marked())
    return found


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


def _chosen_readers(choice: Choice, own: Own) -> list[Reader]:
    source = source_of(choice.test_set, choice.readings, own)
    return [each for each in source.readers if each.name in choice.readers]


def _chosen_runs(choice: Choice, own: Own) -> list[ScoredRun]:
    """The runs of the chosen models that know the chosen unit."""
    source = source_of(choice.test_set, choice.readings, own)
    return [run for run in map(source.run, choice.models) if choice.unit in run.units]


def _reference_notes(rows: Sequence[MeritRow]) -> list[str]:
    """What each kind of thin line is, with its areas: what it sees of image and outline differs."""
    kinds: dict[str, list[str]] = {}
    for row in rows:
        if row.who in (SIZE, SHAPE) or row.who.endswith(f"-{OUTLINE}"):
            kind = "use no pixel of the image, only the outline that a person drew"
        elif row.who == LINEAR:
            kind = "are one linear layer on what the frozen trunk makes of the image inside the outline"
        elif row.who.endswith(f"-{ALONE}"):
            kind = "are the network alone: it sees the image inside the outline, no measurement of the outline is added"
        else:
            kind = "are models made beside the released ones (README.md says which)"
        kinds.setdefault(kind, []).append(f"{row.who} AUC {with_interval(row.area)}")
    notes = [f"Thin lines that {kind}: {', '.join(lines)}." for kind, lines in kinds.items()]
    return [*notes[:-1], f"{notes[-1]} What a model adds must be seen beside these lines."] if notes else []
