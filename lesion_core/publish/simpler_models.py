"""Beside a model: what simpler ones say on the same cases and folds, so that everyone sees what the network adds.

The reference models (`python -m lesion_core reference` and `linear`), the model's network without the outline
(`outline`) and both parts of its external scores (`apart`) lie beside the model, as scores. Out of fold a reference is
compared where it was tested in the same folds.
External scores are those of one fit of it, whatever the model learnt from: which one, the ledger says. No torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lesion_core.model.card import Card
from lesion_core.publish.measured import same_set, score_files
from lesion_core.results.ledger import LEDGER_FILE, read_ledger
from lesion_core.results.observers.beside_outline import BesideOutline, references_for
from lesion_core.results.observers.reference_names import ALONE, OUTLINE, REFERENCES
from lesion_core.results.review.bundled import SETS
from lesion_core.results.scores import Score, ScoreTable, read_scores
from lesion_core.stats.estimate import Comparison, Estimate
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import delong_test

#: Fewer common cases of a class than this are no comparison.
LEAST = 10
Key = tuple[str, str, int, str]


@dataclass(frozen=True)
class BesideSimpler:
    """A simpler model and the model, on the cases that both scored, per image.

    Attributes:
        dataset: of these cases, as the scores name it.
        external: scored by final models, not out of fold.
        reference: name of the simpler model.
        area: AUC of the simpler model.
        own: AUC of the model.
        test: AUC, model minus simpler model, paired.
        targets: what label 1 means in them.
        fitted_on: data set that an external reference was fitted on; "" out of fold, for the model's own parts, or
            where nothing says.
    """

    dataset: str
    external: bool
    reference: str
    area: Estimate
    own: Estimate
    test: Comparison
    targets: tuple[str, ...]
    fitted_on: str = ""


def simpler_models(card: Card, folder: Path) -> tuple[BesideSimpler, ...]:
    """Every comparison that the scores allow; those of both organs together first, then those of each.

    Args:
        card: of the model.
        folder: of the model; the simpler models are looked for beside it.

    Raises:
        TableError: a file of scores with bad rows.
    """
    names = (*REFERENCES, f"{card.name}-{OUTLINE}", f"{card.name}-{ALONE}")
    fits = {name: [read_scores(path) for path in score_files(folder.parent / name)] for name in names}
    found = []
    for table in map(read_scores, score_files(folder)):
        nearest = {name: of_same_cases(table, fits[name]) for name in names}
        for part in (table, *table.by_organ()):
            found += [
                _compared(card, part, other, folder.parent / name)
                for name, other in nearest.items()
                if other is not None
            ]
    return tuple(each for each in found if each is not None)


def beside_outline(card: Card, found: Sequence[BesideSimpler]) -> tuple[tuple[BesideSimpler, BesideOutline], ...]:
    """The outline alone, as near to the model as it lies there, for every set and label: what the card's figures need.

    Args:
        card: of the model.
        found: from `simpler_models`.

    Returns:
        The comparison with the outline alone, and the same as a sentence tells it, the network alone with it.
    """
    sets: dict[tuple[str, bool, tuple[str, ...]], dict[str, BesideSimpler]] = {}
    for each in found:
        sets.setdefault((each.dataset, each.external, each.targets), {})[each.reference] = each
    told = []
    for beside in sets.values():
        outline = next((beside[name] for name in references_for(card.name) if name in beside), None)
        if outline is not None:
            network = beside.get(f"{card.name}-{ALONE}")
            words = BesideOutline(
                model=card.title,
                unit="image",
                own=outline.own,
                reference=outline.reference,
                outline=outline.area,
                test=outline.test,
                network=network.area if network else None,
                fitted_on=outline.fitted_on,
            )
            told.append((outline, words))
    return tuple(told)


def of_same_cases(table: ScoreTable, fits: list[ScoreTable]) -> ScoreTable | None:
    """Of a reference model's fits the one on most nearly the same cases, tested in the same folds; None without one."""
    own = _folds(table)
    there = [(fit, _folds(fit)) for fit in fits]
    fitting = [
        (len(own.keys() & other.keys()) / len(own.keys() | other.keys()), fit)
        for fit, other in there
        if own.keys() & other.keys() and all(own[key] == other[key] for key in own.keys() & other.keys())
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _folds(table: ScoreTable) -> Mapping[Key, int | None]:
    return {_key(row): row.fold for row in table.rows}


def _compared(card: Card, table: ScoreTable, reference: ScoreTable, folder: Path) -> BesideSimpler | None:
    name = folder.name
    beside = {_key(row): row.score for row in reference.rows}
    rows = [row for row in table.rows if _key(row) in beside]
    labels = np.array([row.label for row in rows], dtype=np.int64)
    if min(labels.sum(), labels.size - labels.sum()) < LEAST:
        return None
    own = np.array([row.score for row in rows])
    other = np.array([beside[_key(row)] for row in rows])
    groups = [row.patient_id for row in rows] if all(row.patient_id for row in rows) else None
    dataset, external = ", ".join(sorted({row.dataset for row in rows})), not table.folds.any()
    return BesideSimpler(
        dataset=dataset,
        external=external,
        reference=name,
        area=auc_interval(labels, other, groups=groups),
        own=auc_interval(labels, own, groups=groups),
        test=delong_test(labels, own, other, groups=groups, name=f"AUC, {card.title} minus {name}"),
        targets=tuple(sorted({row.target for row in rows})),
        fitted_on=fitted_on(folder, dataset) if external and name in REFERENCES else "",
    )


def fit_shown(fitted: str) -> str:
    """What an external reference was fitted on, as people write it; "" where nothing says."""
    return ", ".join(SETS[name][0] if name in SETS else name for name in filter(None, fitted.split(", ")))


def fitted_on(folder: Path, dataset: str) -> str:
    """What the fit of a reference model that last scored an external set was fitted on; "" where nothing says."""
    abouts = [path.read_bytes() for path in sorted(folder.glob("reference-*.json"))]
    fits = {hashlib.sha256(text).hexdigest(): str(json.loads(text)["dataset"]) for text in abouts}
    openings = [
        each
        for each in read_ledger(folder.parent / LEDGER_FILE)
        if each.model == folder.name and same_set(each.dataset, dataset)
    ]
    return fits.get(openings[-1].weights_sha256, "") if openings else ""


def _key(row: Score) -> Key:
    return row.dataset, row.case_id, row.label, row.target
