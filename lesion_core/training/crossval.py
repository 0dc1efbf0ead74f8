"""Cross validation: every case scored by a network that never saw its patient, its settings chosen without it too.

For each fold the candidates are compared by cross validation inside its training part alone (mean of the inner folds'
AUCs, per image); the best one is trained on the training part and scores the held-back fold. Folds are units of work:
each has a folder of its own (``fold-03``), can be run on another machine, and is never run again once it is finished.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lesion_core.cases.folds import Scheme
from lesion_core.cases.splits import Fold, folds_of, make_scheme
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.model.weights import ImageNetWeights
from lesion_core.results.scores import ScoreTable, read_scores, score_rows, write_scores
from lesion_core.stats.roc import auc
from lesion_core.training.config import Precision, Preset, TrainConfig, config_as_json
from lesion_core.training.examples import Examples, Progress, kept_block, make_examples
from lesion_core.training.finetune import Fitted, Report, fit, make_accelerator, score_examples
from lesion_core.training.history import write_history
from lesion_core.training.parts import new_network
from lesion_core.training.precision import arithmetic
from lesion_core.training.run_record import (
    FoldRecord,
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
class Plan:
    """What stays the same over the folds of a run.

    Attributes:
        table: n development cases.
        rois: (n, 224, 224, 3) uint8, made with the preset's input.
        scheme: the folds.
        preset: the protocol.
        shown_preset: its name on figures ("paper (conv-only init)").
        model: name of the model.
        weights: the first weights.
        folder: of the run; its name is the run's.
        cache: folder of kept features.
        cpu: stay on the CPU even where there is a GPU.
    """

    table: CaseTable
    rois: NDArray[np.uint8]
    scheme: Scheme
    preset: Preset
    shown_preset: str
    model: str
    weights: ImageNetWeights
    folder: Path
    cache: Path
    cpu: bool = False

    @property
    def run(self) -> str:
        """Name of the run."""
        return self.folder.resolve().name

    def fold_folder(self, number: int) -> Path:
        """Where a fold leaves what it made."""
        return self.folder / f"fold-{number:02d}"


class ExampleStore:
    """The examples of a plan, made once for all settings that show the same."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._plan, self._progress = plan, progress
        self._made: dict[tuple[object, ...], Examples] = {}

    def __call__(self, config: TrainConfig) -> Examples:
        """The examples for some settings."""
        key = (kept_block(config), config.augmentation, config.precision)
        if key not in self._made:
            self._made.clear()  # one at a time: they are large
            plan = self._plan
            network = new_network(config, plan.weights).eval()
            if not plan.cpu and torch.cuda.is_available():
                network.to("cuda")
            self._made[key] = make_examples(
                plan.rois, config, network, plan.preset.input, cache=plan.cache, progress=self._progress
            )
        return self._made[key]


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

    Args:
        plan: the run.
        number: of the fold.
        examples: of the plan.
        report: told each finished epoch.
        tell: told in words what was done.
        stop: asked after each epoch whether to leave off.

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
    config, inner = choose(plan, number, examples)
    part = _fold(plan, number, config)
    network = first_network(config, plan.weights, number)
    accelerator = make_accelerator(cpu=plan.cpu)
    shown = examples(config)
    labels = plan.table.labels
    seeded = replace(config, seed=config.seed + number)
    fitted = fit(
        network,
        shown,
        labels,
        part.train,
        seeded,
        validation=part.validation,
        folder=folder,
        report=report,
        accelerator=accelerator,
        stop=stop,
    )
    if fitted is None:
        return False
    scores = score_examples(network.to(accelerator.device), shown, part.test)
    if accelerator.is_main_process:
        _keep(
            plan,
            part,
            config,
            inner,
            fitted,
            scores,
            _device_name(accelerator.device, config.precision),
            time.perf_counter() - started,
        )
        (folder / SNAPSHOT_FILE).unlink(missing_ok=True)
    tell(f"fold {number}: {config.summary}; {_area(labels[part.test], scores)} on {len(part.test)} images")
    return True


def choose(plan: Plan, number: int, examples: ExampleStore) -> tuple[TrainConfig, tuple[float, ...]]:
    """The candidate that is best inside a fold's training part, and the inner AUC of each.

    Raises:
        InputError: a training part too small for the inner folds.
    """
    candidates = plan.preset.candidates
    if len(candidates) == 1:
        return candidates[0], ()
    areas = inner_areas(plan, number, examples)
    return candidates[int(np.argmax(areas))], areas


def inner_areas(plan: Plan, number: int, examples: ExampleStore) -> tuple[float, ...]:
    """Mean AUC of each candidate over inner folds, made by patient within a fold's training part."""
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
                labels,
                held.train[part.train],
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
    config: TrainConfig,
    inner: tuple[float, ...],
    fitted: Fitted,
    scores: NDArray[np.float64],
    device: str,
    seconds: float,
) -> None:
    """Leave a fold's history, record and scores, the scores last: they say that it is finished."""
    folder = plan.fold_folder(part.number)
    held = FoldRecord(
        config_as_json(config), inner, fitted.epoch, len(part.train), len(part.validation), round(seconds, 1), device
    )
    write_history(fitted.history, folder)
    write_run(plan_record(plan, {str(part.number): held}), folder)
    cases = [plan.table.cases[position] for position in part.test]
    rows = score_rows(cases, scores, run=plan.run, model=plan.model, folds=[part.number] * len(cases))
    write_scores(rows, folder / SCORES_FILE)


def _device_name(device: torch.device, wanted: Precision) -> str:
    """The device, and the arithmetic it trained in."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return f"{name}, {arithmetic(wanted, device)}"


def _area(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> str:
    return f"AUC {auc(labels, scores):.3f}" if len(set(labels.tolist())) == 2 else "AUC undefined (one class)"
