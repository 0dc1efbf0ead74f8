"""Learning what the outline adds to a network, on the out-of-fold scores of that network.

Each fold's combination is learnt on the other folds, so a combined out-of-fold score has not seen its own patient's
label directly; the networks that scored the other folds had. The model keeps the combination learnt on all of them.
Four coefficients, maximum likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.faults import Faults
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError, StatisticsError
from lesion_core.imaging.outline import outline_of
from lesion_core.model.card import Card, read_card
from lesion_core.model.outline import OutlinePart, logit
from lesion_core.results.observers.reference_names import ALONE
from lesion_core.results.scores import ScoreTable, as_written, read_scores, write_scores
from lesion_core.stats.logistic import expit, fit_logistic
from lesion_core.training import card_figures, kept_scores, looks, release
from lesion_core.training.opened import open_case

Floats = NDArray[np.float64]


def measure(table: CaseTable) -> Floats:
    """The outline of every case.

    Args:
        table: n cases with borders.

    Returns:
        (n, 2) float64 in the order of `lesion_core.imaging.outline.NAMES`.

    Raises:
        TableError: cases whose image or border cannot be used, all of them listed.
    """
    rows: list[tuple[float, float]] = []
    faults = Faults()
    for case in table.cases:
        with faults.of(case):
            rows.append(outline_of(open_case(table, case).border).row)
    faults.check("these outlines cannot be measured")
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def measured_for(scores: ScoreTable, tables: Sequence[CaseTable]) -> Floats:
    """The outlines of scored cases.

    Args:
        scores: n scores.
        tables: their cases, in any order; paths count from each table's own folder.

    Returns:
        (n, 2) float64 in the order of the scores.

    Raises:
        InputError: other cases than the scores'.
        TableError: cases whose image or border cannot be used.
    """
    cases = [case for table in tables for case in table.cases]
    place = {case.case_id: position for position, case in enumerate(cases)}
    differ = sorted(place.keys() ^ {row.case_id for row in scores.rows})
    if differ:
        raise InputError(f"scores and cases differ in {len(differ)} cases: {', '.join(differ[:5])}")
    return np.concatenate([measure(table) for table in tables])[[place[row.case_id] for row in scores.rows]]


def learn(scores: ScoreTable, measured: Floats, learnt_on: str) -> OutlinePart:
    """The combination that all scores teach.

    Args:
        scores: n out-of-fold scores of the network.
        measured: (n, 2) of the same cases.
        learnt_on: what they are, in words.

    Raises:
        StatisticsError: one class only, classes that the columns separate, or a network that adds nothing.
    """
    intercept, network, *factors = (float(each) for each in _fitted(scores, measured, np.ones(len(scores), bool)))
    if network <= 0:
        raise StatisticsError("the network's score says nothing beside the outline: there is nothing to combine")
    first, second = factors
    means = measured.mean(axis=0)
    average = (float(means[0]), float(means[1]))
    return OutlinePart(intercept, network, (first, second), average, learnt_on, len(scores))


def cross_fit(scores: ScoreTable, measured: Floats) -> ScoreTable:
    """Combined out-of-fold scores: each fold by the coefficients of the others.

    Args:
        scores: n out-of-fold scores of the network, folds by patient.
        measured: (n, 2) of the same cases.

    Raises:
        StatisticsError: scores without a fold, or folds that teach no combination.
    """
    if (scores.folds == 0).any():
        raise StatisticsError("some scores have no fold: the combination must be learnt on out-of-fold scores")
    combined = np.full(len(scores), np.nan)
    for fold in np.unique(scores.folds):
        test = scores.folds == fold
        combined[test] = expit(_columns(scores, measured)[test] @ _fitted(scores, measured, ~test))
    rows = (replace(row, score=as_written(score)) for row, score in zip(scores.rows, combined, strict=True))
    return ScoreTable(tuple(rows))


def with_outline(
    card: Card, alone: ScoreTable, tables: Sequence[CaseTable], *, wanted_sensitivity: float, command: str
) -> tuple[Card, ScoreTable]:
    """Give a model the outline.

    Figures, threshold and calls become those of the combined scores; figures of external sets were of the network
    alone and go.

    Args:
        card: of a model without it.
        alone: its out-of-fold scores.
        tables: the cases it was trained on, in any order; paths count from each table's own folder.
        wanted_sensitivity: what the threshold aims at, per image.
        command: how it is made.

    Returns:
        The new card and the combined out-of-fold scores.

    Raises:
        InputError: other cases than the scores', or a model that has an outline.
    """
    if card.outline is not None:
        raise InputError(f"{card.title} takes the outline into account already")
    measured = measured_for(alone, tables)
    scores = cross_fit(alone, measured)
    dataset = ", ".join(data.dataset for data in card.training)
    protocol = next(metric.protocol for metric in card.metrics if metric.protocol != "external")
    metrics = card_figures.out_of_fold_metrics(
        scores,
        wanted_sensitivity,
        dataset=dataset,
        protocol=protocol,
        label=card.target,
        looks=looks.looks_of(card.preset, outline=True),
    )
    limits = tuple(limit for limit in card.limits if limit != release.SOFTMAX)
    changed = replace(
        card,
        outline=learn(alone, measured, f"{dataset}, out of fold, per image"),
        operating_point=card_figures.operating_point(scores, wanted_sensitivity, dataset),
        metrics=tuple(metrics),
        limits=(*limits, *LIMITS),
        commands=(*card.commands, command),
        calibration=card_figures.calibration_of(scores, dataset),
        youden=card_figures.youden_of(scores, dataset),
    )
    return changed, scores


#: Combined again, a score may round to the next sixth decimal.
AS_WRITTEN = 2e-6
LIMITS = (
    "The score combines the network's output with two measurements of the border; it is no probability of cancer "
    "outside the population it was learnt on.",
    "The borders it was learnt on were drawn by a radiologist: a rougher outline gives another score.",
)


def network_scores(folder: Path) -> ScoreTable:
    """The out-of-fold scores of a finished model's network alone: the model's own, or with the outline those beside it.

    Raises:
        InputError: the folder has none, or several, or those of the network alone are not beside it.
    """
    own = kept_scores.out_of_fold_file(folder)
    if read_card(folder).outline is None:
        return read_scores(own)
    if not (kept := _beside(folder, own)).is_file():
        raise InputError(f"{folder} takes the outline in, but {kept}, the scores of its network alone, is missing")
    return _under_name_of(read_scores(own), read_scores(kept))


def scores_to_combine(folder: Path, tables: Sequence[CaseTable]) -> ScoreTable:
    """The out-of-fold scores of the network of a model that has no outline yet.

    They are the model's own, whatever an earlier release left beside it; only where the own ones are the combination of
    those beside them, as `keep_beside` leaves them when the card was not written any more, are they those beside them.

    Args:
        folder: of the model.
        tables: the cases it was trained on, in any order; paths count from each table's own folder.

    Raises:
        InputError: the folder has none, or several; other cases than the scores'.
        TableError: cases whose image or border cannot be used.
    """
    file = kept_scores.out_of_fold_file(folder)
    own, kept = read_scores(file), _beside(folder, file)
    if not kept.is_file():
        return own
    alone = _under_name_of(own, read_scores(kept))
    return alone if _combined_of(own, alone, tables) else own


def keep_beside(folder: Path, alone: ScoreTable, scores: ScoreTable) -> None:
    """Put combined out-of-fold scores in the place of the network's, which go into a folder beside the model's.

    The network's are written first: cut off in between, the same command goes on.
    """
    own, first = kept_scores.out_of_fold_file(folder), alone.rows[0]
    write_scores(_named(alone, f"{first.run}-{ALONE}", f"{first.model}-{ALONE}"), _beside(folder, own))
    write_scores(scores, own)


def _beside(folder: Path, own: Path) -> Path:
    return kept_scores.scores_folder(kept_scores.beside(folder, ALONE)) / own.name


def _combined_of(own: ScoreTable, alone: ScoreTable, tables: Sequence[CaseTable]) -> bool:
    """Whether scores are what the outline makes of others of the same cases in the same folds."""
    if [replace(row, score=0.0) for row in own.rows] != [replace(row, score=0.0) for row in alone.rows]:
        return False
    try:
        again = cross_fit(alone, measured_for(alone, tables))
    except StatisticsError:
        return False
    return bool(np.allclose(again.scores, own.scores, rtol=0, atol=AS_WRITTEN))


def _under_name_of(own: ScoreTable, scores: ScoreTable) -> ScoreTable:
    return _named(scores, own.rows[0].run, own.rows[0].model)


def _named(scores: ScoreTable, run: str, model: str) -> ScoreTable:
    return ScoreTable(tuple(replace(row, run=run, model=model) for row in scores.rows))


def _columns(scores: ScoreTable, measured: Floats) -> Floats:
    return np.column_stack([np.ones(len(scores)), logit(scores.scores), measured])


def _fitted(scores: ScoreTable, measured: Floats, which: NDArray[np.bool_]) -> Floats:
    found = fit_logistic(scores.labels[which] == 1, _columns(scores, measured)[which])
    if found.reason:
        raise StatisticsError(f"the outline's share cannot be learnt: {found.reason}")
    return found.coefficients
