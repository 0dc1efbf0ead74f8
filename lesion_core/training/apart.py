"""A final model's scores of an external set taken apart: what its network says of each case, and what the outline says.

The score is a sum in log odds, so both parts follow from the kept scores, the card's coefficients and the measured
borders: nothing is scored again. They lie beside the model as reference models, so that its figures are read beside
them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.model.card import Card, read_card
from lesion_core.results.observers.reference_names import ALONE, OUTLINE
from lesion_core.results.scores import ScoreTable, as_written, read_scores, write_scores
from lesion_core.stats.logistic import expit
from lesion_core.training.kept_scores import beside, scores_folder
from lesion_core.training.outline import measured_for

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """Both parts of the same n scores.

    Attributes:
        network: of the network alone.
        outline: of the outline alone: what the score would be, were the network undecided (0.5) about every case.
    """

    network: ScoreTable
    outline: ScoreTable


def take_apart(card: Card, scores: ScoreTable, measured: Floats) -> Parts:
    """Both parts of a final model's scores.

    Args:
        card: of the model, with its outline.
        scores: n scores by it.
        measured: (n, 2) float64, the outlines of the same cases in the order of `lesion_core.imaging.outline.NAMES`.

    Raises:
        InputError: a model whose network answers alone, out-of-fold scores (each fold has its own coefficients), or a
            score of exactly 0 or 1.
    """
    part = card.outline
    if part is None:
        raise InputError(f"{card.title} is its network alone: there is nothing to take apart")
    if scores.folds.any():
        raise InputError("out-of-fold scores cannot be taken apart: each fold has its own coefficients")
    if not ((scores.scores > 0) & (scores.scores < 1)).all():
        raise InputError("a score of exactly 0 or 1 cannot be taken apart: score the set again")
    undecided = part.combine(np.full(len(scores), 0.5), measured)
    network = expit((_log_odds(scores.scores) - _log_odds(undecided)) / part.network)
    return Parts(_named(scores, network, ALONE), _named(scores, undecided, OUTLINE))


def keep_parts(folder: Path, table: CaseTable) -> Parts:
    """Take a model's kept scores of an external set apart, and keep both parts beside the model.

    Args:
        folder: of the model.
        table: the cases of the set.

    Returns:
        What was kept.

    Raises:
        InputError: no scores of exactly these cases are kept with the model, or any reason of `take_apart`.
        TableError: cases whose image or border cannot be used.
    """
    wanted = {(case.dataset, case.case_id, case.label, case.target) for case in table.cases}
    kept = {path: read_scores(path) for path in sorted(scores_folder(folder).glob("*-external.csv"))}
    for path, scores in kept.items():
        if {(row.dataset, row.case_id, row.label, row.target) for row in scores.rows} == wanted:
            parts = take_apart(read_card(folder), scores, measured_for(scores, [table]))
            for suffix, part in ((ALONE, parts.network), (OUTLINE, parts.outline)):
                write_scores(part, _beside(folder, suffix, path.name))
            return parts
    raise InputError(
        f"none of the external scores in {folder} ({', '.join(path.name for path in kept) or 'none'}) is of exactly "
        "these cases and labels: run `evaluate` with --record first"
    )


def forget_parts(folder: Path, name: str) -> bool:
    """Remove the parts of a set that is scored anew; returns whether there were any.

    Args:
        folder: of the model.
        name: of the file of its scores.
    """
    there = [path for suffix in (ALONE, OUTLINE) if (path := _beside(folder, suffix, name)).is_file()]
    for path in there:
        path.unlink()
    return bool(there)


def _beside(folder: Path, suffix: str, name: str) -> Path:
    return scores_folder(beside(folder, suffix)) / name


def _named(scores: ScoreTable, values: Floats, suffix: str) -> ScoreTable:
    return ScoreTable(
        tuple(
            replace(row, run=f"{row.run}-{suffix}", model=f"{row.model}-{suffix}", score=as_written(value))
            for row, value in zip(scores.rows, values, strict=True)
        )
    )


def _log_odds(scores: Floats) -> Floats:
    odds: Floats = np.log(scores / (1 - scores))
    return odds
