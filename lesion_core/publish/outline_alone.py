"""Beside a model: what the outline alone says on the same cases, so that everyone sees what the pixels add.

The reference models (`python -m lesion_core reference`) lie beside the model, as scores. No torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lesion_core.model.card import Card
from lesion_core.publish.measured import score_files
from lesion_core.results.observers.reference_names import OUTLINE_ONLY
from lesion_core.results.scores import Score, ScoreTable, read_scores
from lesion_core.stats.estimate import Comparison, Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import delong_test

#: Fewer common cases of a class than this are no comparison.
LEAST = 10


@dataclass(frozen=True)
class OutlineAlone:
    """A reference model and the model, on the cases that both scored, per image.

    Attributes:
        dataset: of these cases, as the scores name it.
        external: scored by final models, not out of fold.
        reference: name of the reference model.
        area: AUC of the reference.
        own: AUC of the model.
        test: AUC, model minus reference, paired.
    """

    dataset: str
    external: bool
    reference: str
    area: Estimate
    own: Estimate
    test: Comparison


def outline_alone(card: Card, folder: Path) -> tuple[OutlineAlone, ...]:
    """Every comparison that the scores allow.

    Args:
        card: of the model.
        folder: of the model; the reference models are looked for beside it.

    Raises:
        TableError: a file of scores with bad rows.
    """
    found = (
        _compared(card, read_scores(path), read_scores(other), name)
        for path in score_files(folder)
        for name in OUTLINE_ONLY
        for other in score_files(folder.parent / name)
    )
    return tuple(each for each in found if each is not None)


def _compared(card: Card, table: ScoreTable, reference: ScoreTable, name: str) -> OutlineAlone | None:
    external = not table.folds.any()
    if external != (not reference.folds.any()):
        return None
    beside = {_key(row): row.score for row in reference.rows}
    rows = [row for row in table.rows if _key(row) in beside]
    labels = np.array([row.label for row in rows], dtype=np.int64)
    if min(labels.sum(), labels.size - labels.sum()) < LEAST:
        return None
    own = np.array([row.score for row in rows])
    other = np.array([beside[_key(row)] for row in rows])
    groups = [row.patient_id for row in rows] if all(row.patient_id for row in rows) else None
    return OutlineAlone(
        dataset=", ".join(sorted({row.dataset for row in rows})),
        external=external,
        reference=name,
        area=auc_interval(labels, other, groups=groups),
        own=auc_interval(labels, own, groups=groups),
        test=delong_test(labels, own, other, groups=groups, name=f"AUC, {card.title} minus {name}"),
    )


def _key(row: Score) -> tuple[str, str, int, str]:
    return row.dataset, row.case_id, row.label, row.target
