"""Training a network on examples: the loop, on one CPU, one GPU or several (through accelerate), resumable.

Everything that chance decides follows from the seed and the number of the epoch, so a training that was cut off and
goes on from its last snapshot ends with the weights of one that was not.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import DataLoaderConfiguration
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from lesion_core.augment.random import RandomSettings
from lesion_core.augment.random_batch import augment_batch
from lesion_core.errors import InputError, TrainingError
from lesion_core.model.vgg import malignant_score
from lesion_core.model.weights import fingerprint
from lesion_core.stats.roc import auc
from lesion_core.training.batches import check_trainable, class_weights, epoch_items
from lesion_core.training.config import TrainConfig, config_as_json
from lesion_core.training.examples import Examples, Shown
from lesion_core.training.parts import UpperPart, freeze, rate_groups
from lesion_core.training.precision import all_digits, arithmetic
from lesion_core.training.snapshot import (
    EpochRecord,
    Progressed,
    load_snapshot,
    optimiser_tensors,
    put_back,
    put_back_optimiser,
    save_snapshot,
    trained_tensors,
)

#: Called after each epoch with its record.
Report = Callable[[EpochRecord], None]
#: How many steps may pass before a loss that is not finite is noticed.
LOOK_EVERY = 50
SCORING_BATCH = 32
#: Writing all of VGG-19 and its optimiser takes as long as a short epoch on a GPU.
GPU_SNAPSHOT_S = 60.0


@dataclass(frozen=True)
class Fitted:
    """A finished training.

    Attributes:
        history: one record for each epoch.
        epoch: the epoch whose weights the network has.
    """

    history: tuple[EpochRecord, ...]
    epoch: int


def fit(
    network: nn.Module,
    examples: Examples,
    labels: NDArray[np.int64],
    train: NDArray[np.int64],
    config: TrainConfig,
    *,
    validation: NDArray[np.int64] | None = None,
    folder: Path | None = None,
    report: Report = lambda record: None,
    accelerator: Accelerator | None = None,
    stop: Callable[[], bool] = lambda: False,
    last_epoch: int | None = None,
    snapshot_every_s: float | None = None,
) -> Fitted | None:
    """Train a network in place.

    Args:
        network: from `parts.new_network`; ends in evaluation mode on the CPU.
        examples: of all n images.
        labels: (n,) 0 or 1.
        train: (m,) positions that are learnt from.
        config: the settings.
        validation: positions that are watched and, with `patience`, decide when to stop; must not be learnt from.
        folder: keeps a snapshot after an epoch; an earlier one in it is gone on from.
        report: told each finished epoch.
        accelerator: the devices; the CPU or one GPU, whatever is there, when left out.
        stop: asked after each epoch whether to leave off; the snapshot lets a later call go on.
        last_epoch: end after it, on the schedule of all epochs; for a final model whose folds ended early.
        snapshot_every_s: keep one after the first epoch that ends so many seconds after the last was kept; left out,
            after each on a CPU and by `GPU_SNAPSHOT_S` on a GPU. One is always kept where it leaves off.

    Returns:
        The history; None where it was left off before its end.

    Raises:
        InputError: one class only, or validation and training parts that overlap.
        TrainingError: a loss that is not finite, a snapshot that cannot be written or does not fit; what was finished
            is kept.
    """
    check_trainable(labels[train])
    watched = np.empty(0, dtype=np.int64) if validation is None else validation
    if np.intersect1d(train, watched).size:
        raise InputError("some images stand in the training and in the validation part")
    training = _Training(network, examples, labels, train, watched, config, accelerator or make_accelerator())
    training.last_epoch = last_epoch or config.epochs
    settings = {
        **config_as_json(config),
        "last_epoch": training.last_epoch,
        "train": _digest(train),
        "validation": _digest(watched),
        "labels": _digest(labels[np.concatenate([train, watched])]),
        **({"first convolutions": fingerprint(network)[:16]} if folder else {}),
    }
    earlier = load_snapshot(settings, folder) if folder else None
    if earlier is not None:
        training.go_on_from(earlier)
    every = (GPU_SNAPSHOT_S if training.on_gpu else 0.0) if snapshot_every_s is None else snapshot_every_s
    kept = time.monotonic()
    while not training.progressed.done:
        record = training.run_epoch()
        due = time.monotonic() - kept >= every
        if folder is not None and due:
            training.keep(settings, folder)
            kept = time.monotonic()
        report(record)
        if stop() and not training.progressed.done:
            if folder is not None and not due:
                training.keep(settings, folder)
            return None
    return training.finish()


def make_accelerator(*, cpu: bool = False) -> Accelerator:
    """The devices that are there. Precision is the settings' business: accelerate knows one for the whole process."""
    return Accelerator(cpu=cpu, dataloader_config=DataLoaderConfiguration(split_batches=True))


def score_examples(
    network: nn.Module, examples: Examples, chosen: NDArray[np.int64], *, device: torch.device | None = None
) -> NDArray[np.float64]:
    """Score the RoIs themselves (variant 0), in float32.

    Args:
        network: in evaluation mode afterwards.
        examples: of all images.
        chosen: (k,) positions.
        device: where; the network's own when left out.

    Returns:
        (k,) softmax outputs for class 1, 0-1.
    """
    place = device or next(network.parameters()).device
    subset = Examples(examples.inputs[chosen][:, :1], examples.block, examples.spec)
    shown = Shown(subset, place)
    upper = UpperPart(network.eval(), examples.block)
    items = torch.stack([torch.arange(len(chosen)), torch.zeros(len(chosen), dtype=torch.int64)], dim=1)
    with torch.inference_mode(), all_digits():
        logits = [upper(shown(part)).float().cpu() for part in items.split(SCORING_BATCH)]
    if not logits:
        return np.empty(0)
    scores: NDArray[np.float64] = malignant_score(torch.cat(logits)).numpy()
    return scores


class _Training:
    """The moving parts of one training."""

    def __init__(
        self,
        network: nn.Module,
        examples: Examples,
        labels: NDArray[np.int64],
        train: NDArray[np.int64],
        validation: NDArray[np.int64],
        config: TrainConfig,
        accelerator: Accelerator,
    ) -> None:
        self.network, self.examples, self.labels, self.config = network, examples, labels, config
        self.train, self.validation, self.accelerator = train, validation, accelerator
        freeze(network, config.trainable)
        network.to(accelerator.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = _optimiser(network, config)
        self.rates = [group["lr"] for group in self.optimiser.param_groups]
        self.steps_an_epoch = math.ceil(len(epoch_items(labels, train, config, 1)) / config.batch)
        self.step = 0
        self.upper = accelerator.prepare(UpperPart(network, examples.block))
        self.shown = Shown(examples, accelerator.device)
        self.targets = torch.from_numpy(labels).to(accelerator.device)
        weights = class_weights(labels[train], config.balance)
        self.weights = None if weights is None else torch.from_numpy(weights).to(accelerator.device)
        self.random = RandomSettings()
        self.last_epoch = config.epochs
        self.progressed = Progressed(averaged=self._trained() if config.averaging else {})

    @property
    def on_gpu(self) -> bool:
        """Whether it trains on a GPU."""
        return bool(self.accelerator.device.type == "cuda")

    def run_epoch(self) -> EpochRecord:
        """Show every image of the epoch once; returns its record."""
        started = time.perf_counter()
        epoch = len(self.progressed.history) + 1
        items = torch.from_numpy(epoch_items(self.labels, self.train, self.config, epoch))
        # Positions stay on the CPU, where draws are made: reading them back would wait for the GPU in every step.
        loader = self.accelerator.prepare_data_loader(
            DataLoader(items, batch_size=self.config.batch),  # type: ignore[arg-type]
            device_placement=False,
        )
        total = torch.zeros((), device=self.accelerator.device)
        self.network.train()
        with torch.random.fork_rng(devices=_gpus()):
            torch.manual_seed(_seed(self.config.seed, epoch, self.accelerator.process_index))
            with _deterministic(self.config.deterministic):
                for number, batch in enumerate(loader, start=1):
                    total += self._step(batch, epoch)
                    if number % LOOK_EVERY == 0:
                        self._check_finite(total, epoch)
        self._check_finite(total, epoch)
        losses = self.accelerator.reduce(total, "sum")
        shown = len(items)
        record = EpochRecord(
            epoch,
            float(losses) / shown,
            *self._watch(),
            self.optimiser.param_groups[0]["lr"],
            time.perf_counter() - started,
            shown,
            self.last_epoch,
        )
        self.progressed.history.append(record)
        self._choose(record)
        return record

    def go_on_from(self, earlier: Progressed) -> None:
        """Take up the state of a snapshot."""
        self.progressed = earlier
        put_back(self.network, earlier.weights)
        if earlier.optimiser:
            put_back_optimiser(self.optimiser, earlier.optimiser)
        self.step = len(earlier.history) * self.steps_an_epoch
        if self.config.averaging:
            device = self.accelerator.device
            self.progressed.averaged = {name: tensor.to(device) for name, tensor in earlier.averaged.items()}

    def keep(self, settings: dict[str, Any], folder: Path) -> None:
        """Leave a snapshot, on the main process."""
        if self.accelerator.is_main_process:
            self.gather()
            save_snapshot(self.progressed, settings, folder)

    def gather(self) -> None:
        """Bring the state that a snapshot needs together."""
        self.progressed.weights = trained_tensors(self.network)
        self.progressed.optimiser = {} if self.progressed.done else optimiser_tensors(self.optimiser)

    def finish(self) -> Fitted:
        """Give the network its final weights."""
        done = self.progressed
        if self.config.patience:
            put_back(self.network, done.best)
        elif self.config.averaging:
            put_back(self.network, done.averaged)
        if not all(each.isfinite().all() for each in self.network.parameters()):
            raise TrainingError(f"the weights are not finite after training: lower the rate ({self.config.rate:g})")
        self.network.to("cpu").eval()
        return Fitted(tuple(done.history), done.best_epoch if self.config.patience else len(done.history))

    def _step(self, batch: Tensor, epoch: int) -> Tensor:
        config = self.config
        if config.augmentation == "random":
            inputs = self.shown.standardised(
                augment_batch(self.shown.inputs, batch, self.random, seed=(config.seed, epoch))
            )
        else:
            inputs = self.shown(batch)
        targets = self.targets[batch[:, 0].to(self.targets.device)]
        half = arithmetic(config.precision, self.accelerator.device) == "bfloat16"
        with torch.autocast(self.accelerator.device.type, torch.bfloat16, enabled=half):
            logits = self.upper(inputs)
        loss = functional.cross_entropy(logits.float(), targets, self.weights, label_smoothing=config.smoothing)
        self.optimiser.zero_grad(set_to_none=True)
        self.accelerator.backward(loss)
        self._set_rates()
        self.optimiser.step()
        self.step += 1
        if config.averaging:
            self._average()
        return loss.detach() * len(batch)

    def _set_rates(self) -> None:
        factor = rate_factor(self.config, self.step, self.config.epochs * self.steps_an_epoch)
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor

    def _average(self) -> None:
        """Move the average; the first steps count more, so that it does not remember the initial weights."""
        kept = min(self.config.averaging, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, tensor in self._parameters():
                self.progressed.averaged[name].lerp_(tensor, 1 - kept)

    def _watch(self) -> tuple[float | None, float | None]:
        """Loss and AUC of the validation part, with the weights that would be taken now."""
        if not len(self.validation):
            return None, None
        current = self._trained() if self.config.averaging else {}
        if self.config.averaging:
            put_back(self.network, self.progressed.averaged)
        scores = score_examples(self.network, self.examples, self.validation)
        if self.config.averaging:
            put_back(self.network, current)
        labels = self.labels[self.validation]
        likelihood = np.where(labels == 1, scores, 1 - scores)
        area = auc(labels, scores) if len(set(labels.tolist())) == 2 else None
        return float(-np.log(np.clip(likelihood, 1e-12, None)).mean()), area

    def _choose(self, record: EpochRecord) -> None:
        """Keep the best epoch, and decide whether this was the last."""
        done, config = self.progressed, self.config
        done.done = record.epoch >= self.last_epoch
        if not config.patience:
            return
        if record.validation_auc is None:
            raise InputError("patience needs both classes in the validation part: hold back more, or set patience to 0")
        aucs = [each.validation_auc or 0.0 for each in done.history]
        if record.validation_auc > max(aucs[:-1], default=-1.0):
            done.best_epoch = record.epoch
            done.best = done.averaged if config.averaging else trained_tensors(self.network)
            done.best = {name: tensor.detach().to("cpu", copy=True) for name, tensor in done.best.items()}
        done.done = done.done or record.epoch - done.best_epoch >= config.patience

    def _check_finite(self, total: Tensor, epoch: int) -> None:
        if not bool(total.isfinite()):
            before = epoch - 1
            kept = f"epochs 1 to {before} are kept" if before else "no epoch was finished"
            raise TrainingError(
                f"the loss is not a finite number in epoch {epoch} ({kept}): lower the rate ({self.config.rate:g}), or "
                "look for damaged images"
            )

    def _parameters(self) -> list[tuple[str, Tensor]]:
        return [(name, each) for name, each in self.network.named_parameters() if each.requires_grad]

    def _trained(self) -> dict[str, Tensor]:
        return {name: each.detach().clone() for name, each in self._parameters()}


def _optimiser(network: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """The optimiser, fused: one pass over weights, gradients and momentum instead of several through memory."""
    groups = rate_groups(network, config)
    if config.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=config.rate, momentum=config.momentum, weight_decay=config.decay, fused=True)
    return torch.optim.AdamW(groups, lr=config.rate, weight_decay=config.decay, fused=True)


def rate_factor(config: TrainConfig, step: int, steps: int) -> float:
    """What the rates are multiplied by at a step, counted from 0: 1, or half a cosine from 1 down to 0."""
    return 1.0 if config.schedule == "constant" else 0.5 * (1 + math.cos(math.pi * step / steps))


def _seed(*parts: int) -> int:
    return int(np.random.default_rng(parts).integers(2**31))


def _gpus() -> list[int]:
    return list(range(torch.cuda.device_count()))


@contextmanager
def _deterministic(wanted: bool) -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(wanted or before)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def _digest(numbers: NDArray[np.int64]) -> str:
    """Short and the same for the same positions or labels."""
    return hashlib.sha256(np.ascontiguousarray(numbers).tobytes()).hexdigest()[:16]
