"""The fold models of a cross validation, trained again to score cases that no fold has seen.

A run keeps the scores of its folds, not their weights. The same settings, seeds and cases give the same networks up to
rounding; how far their scores of the held-back cases differ from those that were kept is part of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lesion_core.cases.splits import folds_of
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.results.scores import ScoreTable
from lesion_core.training.config import TrainConfig, config_as_json
from lesion_core.training.crossval import first_network
from lesion_core.training.examples import make_examples
from lesion_core.training.finetune import fit, make_accelerator, score_examples
from lesion_core.training.outline import learn
from lesion_core.training.plan import ExampleStore, Plan
from lesion_core.training.rois import load_rois
from lesion_core.training.run_record import RunRecord

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FoldModels:
    """What the fold models of a run make of other cases.

    Attributes:
        scores: (k, n) for class 1, 0-1, in the order of the folds.
        largest: largest difference between the network scores of the held-back cases and those that were kept, 0-1.
    """

    scores: Floats
    largest: float


def fold_model_scores(
    plan: Plan,
    record: RunRecord,
    alone: ScoreTable,
    other: CaseTable,
    *,
    measured: Floats | None,
    measured_other: Floats | None,
    tell: Callable[[str], None] = lambda line: None,
) -> FoldModels:
    """Train every fold again and score other cases with it.

    Args:
        plan: of the run.
        record: of the run, all folds finished.
        alone: out-of-fold scores of the networks, in the order of the plan's cases.
        other: n cases; no label is looked at.
        measured: (m, 2) the outline of the plan's cases; None for a model without it. Each fold then combines with
            what the other folds teach, as its kept scores do.
        measured_other: (n, 2) of the other cases.
        tell: told in words what was done.

    Raises:
        InputError: a patient of the run among the other cases, or settings that the preset does not have.
        TableError: cases whose image or border cannot be used.
    """
    learnt = (*plan.table.cases, *(plan.further.table.cases if plan.further else ()))
    known = {(case.dataset, case.unit) for case in learnt}
    shared = sorted({case.unit for case in other.cases if (case.dataset, case.unit) in known})
    if shared:
        raise InputError(
            f"{len(shared)} patients stand in the run and in the other cases ({', '.join(shared[:5])}): give cases "
            "that none of the folds was trained on"
        )
    rois = load_rois(other, plan.preset.input)
    store = ExampleStore(plan, lambda what, done, total: None)
    found, largest = [], 0.0
    for number in plan.scheme.folds:
        config = taken(plan, record, number)
        network, test = _trained(plan, number, config, store, record.folds[str(number)].learnt_further)
        kept = np.abs(score_examples(network, store(config), test) - alone.scores[test]).max()
        plain = replace(config, augmentation="none")
        shown = make_examples(
            rois, plain, network, plan.preset.input, cache=plan.cache, progress=lambda what, done, total: None
        )
        scores = score_examples(network, shown, np.arange(len(other)))
        if measured is not None and measured_other is not None:
            rest = alone.folds != number
            rows = tuple(row for row, chosen in zip(alone.rows, rest, strict=True) if chosen)
            scores = learn(ScoreTable(rows), measured[rest], "the other folds").combine(scores, measured_other)
        found.append(scores)
        largest = max(largest, float(kept))
        tell(f"fold {number}: kept scores again to {kept:.6f}")
    return FoldModels(np.stack(found), largest)


def taken(plan: Plan, record: RunRecord, number: int) -> TrainConfig:
    """The candidate that a fold was trained with.

    Raises:
        InputError: the fold is missing in the record, or names a candidate that the preset does not have.
    """
    fold = record.folds.get(str(number))
    found = [each for each in plan.preset.candidates if fold and config_as_json(each) == fold.config]
    if not found:
        raise InputError(f"run {record.run} has no fold {number} made with preset {plan.preset.name}: run it again")
    return found[0]


def _trained(
    plan: Plan, number: int, config: TrainConfig, store: ExampleStore, further: bool
) -> tuple[nn.Module, NDArray[np.int64]]:
    """The network of a fold, and the positions of the cases it is tested on."""
    parts = folds_of(
        plan.table.cases, plan.scheme, rng=np.random.default_rng(config.seed), validation=config.validation
    )
    (part,) = (each for each in parts if each.number == number)
    network = first_network(config, plan.weights, number)
    seeded = replace(config, seed=config.seed + number)
    accelerator = make_accelerator(cpu=plan.cpu)
    fit(
        network,
        store(config),
        plan.all_labels,
        plan.learnt(part.train, further=further),
        seeded,
        validation=part.validation,
        accelerator=accelerator,
    )
    return network, part.test
