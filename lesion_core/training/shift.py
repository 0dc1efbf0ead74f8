"""The fold models of a cross validation, trained again to score cases that no fold has seen.

A run keeps the scores of its folds, not their weights. The same settings, seeds and cases give the same networks up to
rounding; how far their scores of the held-back cases differ from those that were kept is part of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.splits import units
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError
from lesion_core.results.scores import ScoreTable
from lesion_core.training.config import TrainConfig, config_as_json
from lesion_core.training.crossval import train_fold
from lesion_core.training.examples import make_examples
from lesion_core.training.finetune import Report, score_examples
from lesion_core.training.kept_scores import scores_folder
from lesion_core.training.outline import learn
from lesion_core.training.plan import ExampleStore, Plan
from lesion_core.training.rois import load_rois
from lesion_core.training.run_record import RunRecord, read_run

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FoldModels:
    """What the fold models of a run make of other cases.

    Attributes:
        scores: (k, n) for class 1, 0-1, in the order of the folds.
        reproduced_to: (k,) largest difference between the network scores of a fold's held-back cases and those that
            were kept, 0-1.
    """

    scores: Floats
    reproduced_to: Floats


@dataclass(frozen=True)
class FoldAgain:
    """One fold's network, trained again.

    Attributes:
        number: of the fold.
        scores: (n,) of the network for other cases, 0-1.
        reproduced_to: largest difference between its scores of the held-back cases and those that were kept, 0-1.
    """

    number: int
    scores: Floats
    reproduced_to: float


class FoldsAgain:
    """Trains folds of a run again, one at a time, and scores other cases with each.

    Args:
        plan: of the run.
        record: of the run, the wanted folds finished.
        alone: out-of-fold scores of the networks, in the order of the plan's cases.
        other: n cases; no label is looked at.

    Raises:
        InputError: any reason of `check_unseen`.
        TableError: cases whose image or border cannot be used.
    """

    def __init__(self, plan: Plan, record: RunRecord, alone: ScoreTable, other: CaseTable) -> None:
        check_unseen((*plan.table.cases, *(plan.further.table.cases if plan.further else ())), other.cases)
        self.record, self.other = record, other
        self._plan, self._alone = plan, alone
        self._rois = load_rois(other, plan.preset.input)
        self._store = ExampleStore(plan, lambda what, done, total: None)

    def fold(
        self,
        number: int,
        folder: Path | None = None,
        *,
        report: Report = lambda record: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> FoldAgain | None:
        """Train one fold again; None where it was left off.

        Args:
            number: of the fold.
            folder: keeps its snapshot, so that a later call goes on; None keeps none.
            report: told each finished epoch.
            stop: asked after each epoch whether to leave off.

        Raises:
            InputError: a fold that the record lacks, or settings that the preset does not have.
        """
        plan = self._plan
        config = taken(plan, self.record, number)
        further = self.record.folds[str(number)].learnt_further
        trained = train_fold(
            plan, number, config, self._store, further=further, folder=folder, report=report, stop=stop
        )
        if trained is None:
            return None
        network, test = trained.network, trained.part.test
        kept = np.abs(score_examples(network, self._store(config), test) - self._alone.scores[test]).max()
        shown = make_examples(
            self._rois,
            replace(config, augmentation="none"),
            network,
            plan.preset.input,
            cache=plan.cache,
            progress=lambda what, done, total: None,
        )
        return FoldAgain(number, score_examples(network, shown, np.arange(len(self._rois))), float(kept))


def fold_model_scores(
    again: Sequence[FoldAgain], alone: ScoreTable, *, measured: Floats | None, measured_other: Floats | None
) -> FoldModels:
    """The scores that the fold models give other cases as the model does.

    Args:
        again: the k folds' networks on n other cases.
        alone: out-of-fold scores of the networks.
        measured: (m, 2) the outline of the run's cases, in the order of `alone`; None for a model without it. Each fold
            then combines with what the other folds teach, as its kept scores do.
        measured_other: (n, 2) of the other cases.
    """
    found = []
    for fold in again:
        scores = fold.scores
        if measured is not None and measured_other is not None:
            rest = alone.folds != fold.number
            rows = tuple(row for row, chosen in zip(alone.rows, rest, strict=True) if chosen)
            scores = learn(ScoreTable(rows), measured[rest], "the other folds").combine(scores, measured_other)
        found.append(scores)
    return FoldModels(np.stack(found), np.array([fold.reproduced_to for fold in again]))


def check_unseen(learnt: Sequence[Case], other: Sequence[Case]) -> None:
    """Require that no other case belongs to what the folds learnt from.

    Args:
        learnt: all cases of the run, further ones too.
        other: the cases that are to be compared.

    Raises:
        InputError: a patient, lesion or group of near-duplicates in both, or the same case.
    """
    unit, n = units((*learnt, *other)), len(learnt)
    again = {(case.dataset, case.case_id) for case in learnt}
    within = np.isin(unit[n:], unit[:n])
    shared = sorted(
        {
            case.unit
            for case, seen in zip(other, within.tolist(), strict=True)
            if seen or (case.dataset, case.case_id) in again
        }
    )
    if shared:
        raise InputError(
            f"{len(shared)} patients or duplicate groups stand in the run and in the other cases "
            f"({', '.join(shared[:5])}): give cases that none of the folds was trained on"
        )


def check_made_from(folder: Path, record: RunRecord, run: Path) -> None:
    """Require that a run is the one that a model was made from: the same settings, cases, folds and outcome.

    Args:
        folder: of the model, with the record of its run beside its scores.
        record: of the run.
        run: its folder, for the message.

    Raises:
        InputError: another run, or a model without a record.
    """
    own = read_run(scores_folder(folder))
    if (own.same, own.folds) != (record.same, record.folds):
        raise InputError(
            f"{run} is not the run that {folder.name} was made from: its run.json is another than that beside the "
            f"model's scores (run {own.run}, scheme {own.scheme}); give that run with --crossval"
        )


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
