"""The cases behind a figure, one card each: score, label, readings, and where its picture is on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesion_core.results.review.scored import ScoredRun
from lesion_core.results.review.source import ReviewSource


@dataclass(frozen=True)
class CaseCard:
    """One case as a list shows it.

    Attributes:
        case_id: its name.
        dataset: where its picture is looked for.
        label: 0 or 1.
        scores: (model, score) of each run; None where it could not be assessed.
        readings: (reader, answer in words).
        facts: (title, text): patient, fold, attributes.
    """

    case_id: str
    dataset: str
    label: int
    scores: tuple[tuple[str, float | None], ...]
    readings: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def case_cards(
    source: ReviewSource, run: ScoredRun, rows: Sequence[int] | np.ndarray, *, others: Sequence[ScoredRun] = ()
) -> tuple[CaseCard, ...]:
    """Cards of chosen cases, in the order of `rows`.

    Args:
        source: the set.
        run: whose score comes first.
        rows: rows of `run`, e.g. from `UnitView.cases_of`; make only those of the page that is shown.
        others: further runs whose scores are shown too.
    """
    return tuple(_card(source, run, int(row), others) for row in rows)


def _card(source: ReviewSource, run: ScoredRun, row: int, others: Sequence[ScoredRun]) -> CaseCard:
    case_id = str(run.case_ids[row])
    scores = [(run.model, _score(run, row))]
    scores += [(each.model, _score(each, each.position[case_id])) for each in others if case_id in each.position]
    answers = ((reader.name, reader.answer(case_id)) for reader in source.readers)
    facts = [("patient", str(run.patient_ids[row]))] if run.patient_ids[row] else []
    if run.folds[row]:
        facts.append(("fold", str(run.folds[row])))
    return CaseCard(
        case_id=case_id,
        dataset=str(run.datasets[row]),
        label=int(run.labels[row]),
        scores=tuple(scores),
        readings=tuple((name, answer) for name, answer in answers if answer),
        facts=(*facts, *source.attributes.of(case_id)),
    )


def _score(run: ScoredRun, row: int) -> float | None:
    return None if np.isnan(run.scores[row]) else float(run.scores[row])
