"""The final model of a cross validation: the settings its folds agreed on, trained on all development cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from torch import nn

from lesion_core.cases.table import CaseTable
from lesion_core.results.scores import ScoreTable
from lesion_core.training.config import TrainConfig
from lesion_core.training.crossval import first_network
from lesion_core.training.finetune import Report, fit, make_accelerator
from lesion_core.training.history import write_history
from lesion_core.training.plan import ExampleStore, Plan


def train_final(
    plan: Plan,
    config: TrainConfig,
    epochs: int,
    examples: ExampleStore,
    *,
    folder: Path,
    further: bool = False,
    report: Report = lambda record: None,
    stop: Callable[[], bool] = lambda: False,
) -> nn.Module | None:
    """Train on all cases of a plan, going on from a snapshot in the folder where there is one.

    Args:
        plan: the run.
        config: what the folds agreed on.
        epochs: how many of the schedule's epochs; nothing is held back to stop earlier.
        examples: of the plan.
        folder: keeps the snapshot and history.csv.
        further: learn from the plan's further cases too.
        report: told each finished epoch.
        stop: asked after each epoch whether to leave off.

    Returns:
        The network in evaluation mode, or None where it was left off.
    """
    everything = np.arange(len(plan.table), dtype=np.int64)
    settings = replace(config, validation=0.0, patience=0)
    network = first_network(settings, plan.weights, 0)
    fitted = fit(
        network,
        examples(settings),
        plan.all_labels,
        plan.learnt(everything, further=further),
        settings,
        folder=folder,
        report=report,
        accelerator=make_accelerator(cpu=plan.cpu),
        stop=stop,
        last_epoch=epochs,
    )
    if fitted is None:
        return None
    write_history(fitted.history, folder)
    return network


def in_order(scores: ScoreTable, table: CaseTable) -> ScoreTable:
    """The rows in the order of the cases; rows of other cases last."""
    place = {case.case_id: at for at, case in enumerate(table.cases)}
    return ScoreTable(tuple(sorted(scores.rows, key=lambda row: place.get(row.case_id, len(place)))))
