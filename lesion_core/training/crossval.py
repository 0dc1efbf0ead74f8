"""Cross validation: every case scored by a network that never saw its patient, its settings chosen without it too.

For each fold the candidates are compared by cross validation inside its training part alone (mean of the inner folds'
AUCs, per image); the best one is trained on the training part and scores the held-back fold. Where there are further
cases, each candidate is compared with and without them: they are learnt from or left, never scored. Folds are units of
work: each has a folder of its own (``fold-03``), can be run on another machine, and is never run again once finished.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import nn

from lesion_core.cases.splits import Fold, folds_of, make_scheme
from lesion_core.errors import InputError
from lesion_core.model.weights import ImageNetWeights
from lesion_core.results.scores import ScoreTable, read_scores, score_rows, write_scores
from lesion_core.stats.roc import auc
from lesion_core.training.choice import CHOICE_FILE, Choice, keep_choice, kept_choice
from lesion_core.training.config import Precision, TrainConfig, config_as_json
from lesion_core.training.finetune import Fitted, Report, fit, make_accelerator, score_examples
from lesion_core.training.history import write_history
from lesion_core.training.parts import new_network
from lesion_core.training.plan import ExampleStore, Plan
from lesion_core.training.precision import in_words
from lesion_core.training.run_record import (
    FoldRecord,
    FurtherUse,
    RunRecord,
    fingerprint_of,
    fingerprint_of_folds,
    merged,
    read_run,
    settings_of,
    software_versions,
    write_run,
)
from lesion_core.training.snapshot import SNAPSHOT_FILE

SCORES_FILE = "scores.csv"


@dataclass(frozen=True)
class TrainedFold:
    """The network of a fold.

    Attributes:
        part: its training, validation and test part.
        network: in evaluation mode, on the device it was trained on.
        fitted: how the training went.
    """

    part: Fold
    network: nn.Module
    fitted: Fitted


def train_fold(
    plan: Plan,
    number: int,
    config: TrainConfig,
    examples: ExampleStore,
    *,
    further: bool = False,
    folder: Path | None = None,
    report: Report = lambda record: None,
    accelerator: Accelerator | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> TrainedFold | None:
    """Train the network of one fold: the same plan, candidate and device give the same one up to rounding.

    Args:
        plan: the run.
        number: of the fold.
        config: the candidate that was chosen for it.
        examples: of the plan.
        further: learn from the plan's further cases too.
        folder: keeps the snapshot; None keeps none.
        report: told each finished epoch.
        accelerator: where it is trained; None makes one by the plan.
        stop: asked after each epoch whether to leave off.

    Returns:
        The network, or None where it was left off.

    Raises:
        InputError: no such fold.
        TrainingError: a training that cannot go on.
    """
    part = _fold(plan, number, config)
    network = first_network(config, plan.weights, number)
    accelerator = accelerator or make_accelerator(cpu=plan.cpu)
    fitted = fit(
        network,
        examples(config),
        plan.all_labels,
        plan.learnt(part.train, further=further),
        replace(config, seed=config.seed + number),
        validation=part.validation,
        folder=folder,
        report=report,
        accelerator=accelerator,
        stop=stop,
    )
    return None if fitted is None else TrainedFold(part, network.to(accelerator.device), fitted)


def run_fold(
    plan: Plan,
    number: int,
    examples: ExampleStore,
    *,
    report: Report = lambda record: None,
    tell: Callable[[str], None] = lambda line: None,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Train and score one fold, going on from its snapshot where there is one.

    What the inner folds decided is kept too; only a fold that is cut off among them starts them again.

    Args:
        plan: the run.
        number: of the fold.
        examples: of the plan.
        report: told each finished epoch.
        tell: told in words what was done.
        stop: asked after each epoch of the fold's own training whether to leave off, not in the inner ones.

    Returns:
        Whether the fold is finished.

    Raises:
        InputError: no such fold, or a folder with a fold of another run in it.
        TrainingError: a training that cannot go on.
    """
    folder = plan.fold_folder(number)
    done = finished(plan, number)
    if done is not None:
        tell(f"fold {number}: finished before")
        return True
    started = time.perf_counter()
    accelerator = make_accelerator(cpu=plan.cpu)
    this_run = plan_record(plan, {})
    choice = kept_choice(folder, this_run, plan.preset.candidates)
    if choice is None:
        choice = choose(plan, number, examples)
        if choice.inner and accelerator.is_main_process:
            keep_choice(choice, folder, this_run, plan.preset.candidates)
    config = choice.config
    trained = train_fold(
        plan,
        number,
        config,
        examples,
        further=choice.further,
        folder=folder,
        report=report,
        accelerator=accelerator,
        stop=stop,
    )
    if trained is None:
        return False
    part = trained.part
    scores = score_examples(trained.network, examples(config), part.test)
    if accelerator.is_main_process:
        _keep(
            plan,
            part,
            choice,
            trained.fitted,
            scores,
            _device_name(accelerator.device, config.precision),
            time.perf_counter() - started,
        )
        for file in (SNAPSHOT_FILE, CHOICE_FILE):
            (folder / file).unlink(missing_ok=True)
    told = f"{config.summary}{_further_in_words(plan, part, choice)}"
    tell(f"fold {number}: {told}; {_area(plan.table.labels[part.test], scores)} on {len(part.test)} images")
    return True


def choose(plan: Plan, number: int, examples: ExampleStore) -> Choice:
    """The candidate that is best inside a fold's training part, with or without further cases; of equals the first.

    Raises:
        InputError: a training part too small for the inner folds.
    """
    candidates = plan.preset.candidates
    if len(candidates) == 1 and plan.further is None:
        return Choice(candidates[0])
    inner = inner_areas(plan, number, examples)
    more = () if plan.further is None else inner_areas(plan, number, examples, further=True)
    best = int(np.argmax((*inner, *more)))
    return Choice(candidates[best % len(candidates)], best >= len(candidates), inner, more)


def inner_areas(plan: Plan, number: int, examples: ExampleStore, *, further: bool = False) -> tuple[float, ...]:
    """Mean AUC of each candidate over inner folds, made by patient within a fold's training part.

    Args:
        plan: the run.
        number: of the fold.
        examples: of the plan.
        further: learn from the further cases too, as far as no patient of theirs is held back by either fold.
    """
    held = _fold(plan, number, replace(plan.preset.candidates[0], validation=0.0, patience=0))
    cases = tuple(plan.table.cases[position] for position in held.train)
    scheme = make_scheme(cases, plan.preset.inner_folds, rng=np.random.default_rng((0, number)))
    labels = plan.table.labels
    areas = []
    for candidate in plan.preset.candidates:
        parts = folds_of(
            cases, scheme, rng=np.random.default_rng((candidate.seed, number)), validation=candidate.validation
        )
        found = []
        for part in parts:
            network = first_network(candidate, plan.weights, 100 * number + part.number)
            seeded = replace(candidate, seed=candidate.seed + 100 * number + part.number)
            shown = examples(candidate)
            fit(
                network,
                shown,
                plan.all_labels,
                plan.learnt(held.train[part.train], further=further),
                seeded,
                validation=held.train[part.validation],
                accelerator=make_accelerator(cpu=plan.cpu),
            )
            test = held.train[part.test]
            found.append(auc(labels[test], score_examples(network, shown, test)))
        areas.append(float(np.nanmean(found)))
    return tuple(areas)


def finished(plan: Plan, number: int) -> RunRecord | None:
    """The record of a fold that is finished; None where it is not.

    Raises:
        InputError: the folder holds a fold of another run.
    """
    if not (plan.fold_folder(number) / SCORES_FILE).is_file():
        return None
    record = read_run(plan.fold_folder(number))
    if record.same != plan_record(plan, {}).same:
        raise InputError(
            f"{plan.fold_folder(number)} was made with other cases, folds or settings: give another --out, or delete it"
        )
    return record


def first_network(config: TrainConfig, weights: ImageNetWeights, number: int) -> nn.Module:
    """A new network, its random layers by the settings' seed and a number (of the fold, 0 for a final model)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed + number)
        return new_network(config, weights)


def plan_record(plan: Plan, folds: dict[str, FoldRecord]) -> RunRecord:
    """The record of a plan, of some of its folds or of none."""
    return RunRecord(
        run=plan.run,
        model=plan.model,
        preset=plan.shown_preset,
        settings=settings_of(plan.preset),
        scheme=plan.scheme.name,
        cases_sha256=fingerprint_of(plan.table),
        folds_sha256=fingerprint_of_folds(plan.scheme, plan.table),
        images=len(plan.table),
        initialisation=plan.weights.description,
        folds=folds,
        software=software_versions(),
        further=plan.further.record if plan.further else None,
    )


def merge_folds(folders: list[Path]) -> tuple[RunRecord, ScoreTable]:
    """Put finished folds together.

    Args:
        folders: of folds, each with scores.csv and run.json.

    Raises:
        InputError: folds of different runs, or one twice.
    """
    if not folders:
        raise InputError("no finished fold was found: run `python -m lesion_core crossval` first")
    record = merged([read_run(folder) for folder in folders])
    rows = [row for folder in folders for row in read_scores(folder / SCORES_FILE).rows]
    return record, ScoreTable(tuple(sorted(rows, key=lambda row: row.case_id)))


def fold_folders(folder: Path) -> list[Path]:
    """The folders of finished folds in a run's folder."""
    return sorted(path.parent for path in folder.glob(f"fold-*/{SCORES_FILE}"))


def _fold(plan: Plan, number: int, config: TrainConfig) -> Fold:
    folds = folds_of(
        plan.table.cases, plan.scheme, rng=np.random.default_rng(config.seed), validation=config.validation
    )
    for fold in folds:
        if fold.number == number:
            return fold
    raise InputError(
        f"no fold {number} in scheme {plan.scheme.name!r}: it has {', '.join(map(str, plan.scheme.folds))}"
    )


def _keep(
    plan: Plan,
    part: Fold,
    choice: Choice,
    fitted: Fitted,
    scores: NDArray[np.float64],
    device: str,
    seconds: float,
) -> None:
    """Leave a fold's history, record and scores, the scores last: they say that it is finished."""
    folder = plan.fold_folder(part.number)
    held = FoldRecord(
        config_as_json(choice.config),
        choice.inner,
        fitted.epoch,
        len(part.train),
        len(part.validation),
        round(seconds, 1),
        device,
        _further_use(plan, part, choice),
    )
    write_history(fitted.history, folder)
    write_run(plan_record(plan, {str(part.number): held}), folder)
    cases = [plan.table.cases[position] for position in part.test]
    rows = score_rows(cases, scores, run=plan.run, model=plan.model, folds=[part.number] * len(cases))
    write_scores(rows, folder / SCORES_FILE)


def _further_use(plan: Plan, part: Fold, choice: Choice) -> FurtherUse | None:
    if plan.further is None:
        return None
    allowed = len(plan.further.learnable(part.train))
    images = allowed if choice.further else 0
    return FurtherUse(choice.further, choice.inner_further, images, len(plan.further) - allowed)


def _further_in_words(plan: Plan, part: Fold, choice: Choice) -> str:
    use = _further_use(plan, part, choice)
    if use is None:
        return ""
    done = f"with {use.images} further cases" if use.learnt else "without the further cases"
    areas = f"inner AUC {max(choice.inner):.3f} without, {max(choice.inner_further):.3f} with them"
    return f"; {done} ({areas}; {use.left_out} left out for their patients)"


def _device_name(device: torch.device, wanted: Precision) -> str:
    """The device, and the arithmetic it trained in."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return f"{name}, {in_words(wanted, device)}"


def _area(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> str:
    return f"AUC {auc(labels, scores):.3f}" if len(set(labels.tolist())) == 2 else "AUC undefined (one class)"
