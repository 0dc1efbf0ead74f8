"""Scoring an external set with a final model, and keeping what came of it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lesion_core.cases.faults import Faults
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.model.card import Card, Metric, models_folder, read_card, write_card
from lesion_core.results.ledger import LEDGER_FILE, Opening, enter
from lesion_core.results.performance import Performance
from lesion_core.results.review.bundled import OUTLINE_CHOSEN_KNOWING_BUSI
from lesion_core.results.scores import ScoreTable, read_scores, score_rows, write_scores
from lesion_core.training.apart import forget_parts
from lesion_core.training.card_figures import metrics_of
from lesion_core.training.kept_scores import out_of_fold_files, scores_folder
from lesion_core.training.looks import looks_of
from lesion_core.training.opened import open_case
from lesion_core.training.run_record import fingerprint_of
from lesion_core.training.terms import LABEL_RULES, SOURCES, in_words

if TYPE_CHECKING:
    from lesion_core.model.predictor import LesionPredictor


def count_trained_on(card: Card, table: CaseTable) -> int:
    """How many cases come from a data set that the model was trained on, and may be known to it."""
    return sum(_learnt_from(card, case.dataset) for case in table.cases)


def cannot_be_checked(card: Card, folder: Path, datasets: Iterable[str]) -> tuple[str, ...]:
    """Data sets that a model was trained on, and of which no out-of-fold scores beside it say which cases these were.

    Args:
        card: of the model.
        folder: of the model.
        datasets: names of the case table.

    Returns:
        Their names, sorted.
    """
    scored = {row.dataset for path in out_of_fold_files(folder) for row in read_scores(path).rows}
    return tuple(sorted(each for each in set(datasets) - scored if _learnt_from(card, each)))


def check_held_out(card: Card, folder: Path, table: CaseTable) -> None:
    """Require that no case, and no patient, is among those that a model scored out of fold: it was trained on them.

    Groups of near-duplicates are in no scores, so they are not looked at.

    Args:
        card: of the model.
        folder: of the model; where it keeps no such scores its user is taken at their word, see `cannot_be_checked`.
        table: cases that are said to be held out.

    Raises:
        InputError: some are, or they are of a set whose further cases the model learnt from, which no scores name.
    """
    further = {each.dataset for each in card.further}
    unknown = sorted(name for name in {in_words([case.dataset]) for case in table.cases} if name in further)
    if unknown:
        raise InputError(
            f"{card.title} also learnt from further cases of {', '.join(unknown)}, and which they were is not kept: "
            "whether these are held out cannot be checked; leave out --held-out (the figures then flatter), or score "
            "another set"
        )
    rows = [row for path in out_of_fold_files(folder) for row in read_scores(path).rows]
    cases = {(row.dataset, row.case_id) for row in rows}
    patients = {(row.dataset, row.patient_id) for row in rows if row.patient_id}
    seen = [
        case.case_id
        for case in table.cases
        if (case.dataset, case.case_id) in cases or (case.dataset, case.patient_id) in patients
    ]
    if seen:
        raise InputError(
            f"{len(seen)} of {len(table)} cases are not held out: by case_id or patient_id the model was trained on "
            f"them or on other images of their patients ({', '.join(seen[:5])}); take them out of --cases, or leave "
            "out --held-out"
        )


def score_cases(
    predictor: LesionPredictor, table: CaseTable, *, run: str, tell: Callable[[], None] = lambda: None
) -> ScoreTable:
    """Score every case exactly as the page would.

    Raises:
        TableError: cases whose image or border cannot be used; all of them are listed.
    """
    found: list[float] = []
    faults = Faults()
    for case in table.cases:
        with faults.of(case):
            opened = open_case(table, case)
            opened.check_covers(predictor.card.input)
            found.append(predictor.predict(opened.pixels, opened.border).score)
        tell()
    faults.check("these cases cannot be scored")
    return score_rows(table.cases, found, run=run, model=predictor.card.name, folds=[None] * len(table))


def enter_in_ledger(model: str, identity: str, table: CaseTable, auc: float) -> int:
    """Write a scoring of an external set down; returns how often this model's name opened it so far.

    Args:
        model: its name.
        identity: 64 hex digits that stand for everything its scores are made of.
        table: the external cases.
        auc: per image; NaN where it is undefined.

    Raises:
        TableError: a damaged ledger.
    """
    opening = Opening(
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        model=model,
        weights_sha256=identity,
        dataset=_names(table).upper(),
        target=", ".join(sorted({case.target for case in table.cases})),
        n=len(table),
        auc=None if auc != auc else auc,
        cases_sha256=fingerprint_of(table),
    )
    return enter(models_folder() / LEDGER_FILE, opening)


def keep_with_model(folder: Path, table: CaseTable, scores: ScoreTable, figures: Sequence[Performance]) -> bool:
    """Put an external set's figures into the card, in place of earlier ones of that set, and its scores beside it.

    A set that is labelled by several rules has figures and a file for each of them. The parts of earlier scores
    (`apart`) go where the scores are others.

    Returns:
        Whether such parts have gone.
    """
    card = read_card(folder)
    dataset = in_words(case.dataset for case in table.cases)
    label = ", ".join(sorted({case.target for case in table.cases}))
    rule = next((rule for target, rule in LABEL_RULES.items() if target == label), "") if dataset == "DDTI" else ""
    own = (dataset, "external", label) if rule else (dataset, "external")
    kept = tuple(each for each in card.metrics if (each.dataset, each.protocol, each.label)[: len(own)] != own)
    added = external_metrics(card, folder, scores, figures)
    name = "-".join(filter(None, (_names(table).lower().replace(", ", "-"), rule.replace(":", "-"))))
    file = scores_folder(folder) / f"{name}-external.csv"
    # Before the scores are written: cut off in between, a part may be missing but is never of other scores.
    gone = not _same_scores(file, scores) and forget_parts(folder, file.name)
    write_scores(scores, file)
    write_card(dataclasses.replace(card, metrics=(*kept, *added)), folder)
    return gone


def external_metrics(card: Card, folder: Path, scores: ScoreTable, figures: Sequence[Performance]) -> list[Metric]:
    """An external set's figures as the card keeps them, with what to know of that set.

    Args:
        card: of the model.
        folder: of the model.
        scores: its scores of the set.
        figures: what they give, one for each unit.
    """
    datasets = sorted({row.dataset for row in scores.rows})
    notes = [] if scores.has_patients else ["no patient ids: the interval is too narrow"]
    if card.outline is not None and datasets == ["busi"]:
        notes.append(OUTLINE_CHOSEN_KNOWING_BUSI.rstrip("."))
    looks = looks_of(card.preset, outline=card.outline is not None)
    unchecked = cannot_be_checked(card, folder, datasets)
    for each in datasets:
        if each in unchecked:
            notes.append(
                f"said to be a part of {in_words([each])} that was held out, not checked: no out-of-fold scores of "
                f"{in_words([each])} lie with the model"
            )
        elif _learnt_from(card, each):
            notes.append(f"a part of {in_words([each])} that was held out: the model was trained on the rest")
        elif looks and (told := looks.external(each)):
            notes.append(told)
    return [
        metric
        for each in figures
        for metric in metrics_of(
            each,
            dataset=in_words(datasets),
            protocol="external",
            label=", ".join(sorted({row.target for row in scores.rows})),
            note="; ".join(notes),
        )
    ]


def _learnt_from(card: Card, dataset: str) -> bool:
    """Whether a model was trained on a data set, or on a part of it."""
    title = SOURCES[dataset][0] if dataset in SOURCES else dataset
    return title in {data.dataset for data in card.learnt_from}


def _same_scores(file: Path, scores: ScoreTable) -> bool:
    """Whether a file holds these scores of these cases; the name of the run that scored them may differ."""
    if not file.is_file():
        return False
    there = [dataclasses.replace(row, run="") for row in read_scores(file).rows]
    return there == [dataclasses.replace(row, run="") for row in scores.rows]


def _names(table: CaseTable) -> str:
    return ", ".join(sorted({case.dataset for case in table.cases}))
