"""The state of a training after an epoch, in one file that is written whole or not at all.

Safetensors, nothing pickled: the trained weights, the optimiser's tensors and the averaged weights under prefixed
names; numbers and history as JSON in the file's metadata. A snapshot fits the settings it was made with and no others.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from lesion_core.errors import TrainingError

SNAPSHOT_FILE = "snapshot.safetensors"


@dataclass(frozen=True)
class EpochRecord:
    """One row of history.csv.

    Attributes:
        epoch: from 1.
        loss: mean over the images shown.
        validation_loss: mean over the validation part; None without one.
        validation_auc: per image; None without a validation part or with one class in it.
        rate: learning rate of the new layers at the end of the epoch.
        seconds: wall time.
        images: shown in the epoch.
        epochs: how many there will be, unless the training stops early.
    """

    epoch: int
    loss: float
    validation_loss: float | None
    validation_auc: float | None
    rate: float
    seconds: float
    images: int
    epochs: int


@dataclass
class Progressed:
    """How far a training has come.

    Attributes:
        history: the finished epochs.
        best_epoch: with the highest validation AUC so far; 0 where none was watched.
        weights: trained tensors by name.
        best: those of the best epoch; empty where none is chosen.
        averaged: the moving average of the trained tensors; empty where there is none.
        optimiser: the optimiser's tensors, as "NUMBER.NAME".
        done: finished: all epochs, or stopped early.
    """

    history: list[EpochRecord] = field(default_factory=list)
    best_epoch: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)
    best: dict[str, Tensor] = field(default_factory=dict)
    averaged: dict[str, Tensor] = field(default_factory=dict)
    optimiser: dict[str, Tensor] = field(default_factory=dict)
    done: bool = False


_PARTS = ("weights", "best", "averaged", "optimiser")


def trained_tensors(network: nn.Module) -> dict[str, Tensor]:
    """Copies of what is trained, on the CPU, by their names in the network."""
    return {
        name: each.detach().to("cpu", copy=True).contiguous()
        for name, each in network.named_parameters()
        if each.requires_grad
    }


def put_back(network: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Copy tensors into the parameters of their names."""
    parameters = dict(network.named_parameters())
    with torch.no_grad():
        for name, tensor in tensors.items():
            parameters[name].copy_(tensor)


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimiser's state as flat named tensors on the CPU."""
    state: dict[int, dict[str, Any]] = optimiser.state_dict()["state"]
    return {
        f"{number}.{name}": torch.as_tensor(value).to("cpu", copy=True).contiguous()
        for number, values in state.items()
        for name, value in values.items()
        if value is not None
    }


def put_back_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Give an optimiser the state that `optimiser_tensors` took.

    Fused optimisers go through memory in order, so what belongs to a weight has to lie there as the weight does.
    """
    content = optimiser.state_dict()
    parameters = [each for group in optimiser.param_groups for each in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, _, name = key.partition(".")
        weight = parameters[int(number)].detach()
        laid_out = torch.empty_like(weight, device="cpu").copy_(tensor) if tensor.shape == weight.shape else tensor
        state.setdefault(int(number), {})[name] = laid_out
    content["state"] = state
    optimiser.load_state_dict(content)


def save_snapshot(progressed: Progressed, settings: dict[str, Any], folder: Path) -> None:
    """Replace the folder's snapshot by this one.

    Raises:
        TrainingError: it could not be written (a full disk, say); the one before it stays.
    """
    tensors = {
        f"{part}/{name}": tensor.to("cpu").contiguous()
        for part in _PARTS
        for name, tensor in getattr(progressed, part).items()
    }
    told = {
        "history": [asdict(record) for record in progressed.history],
        "best_epoch": progressed.best_epoch,
        "done": progressed.done,
        "settings": settings,
    }
    file = folder / SNAPSHOT_FILE
    unfinished = folder / f"{SNAPSHOT_FILE}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(tensors, unfinished, metadata={"state": json.dumps(told)})
        unfinished.replace(file)
    except (OSError, SafetensorError) as error:  # safetensors raises its own for a full disk
        kept = f"epoch {len(progressed.history) - 1} and before are kept" if file.is_file() else "nothing was kept yet"
        raise TrainingError(
            f"the state after epoch {len(progressed.history)} could not be written to {folder} ({error}); {kept}: "
            "make room and run the same command again, it goes on from there"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def load_snapshot(settings: dict[str, Any], folder: Path) -> Progressed | None:
    """What the folder's snapshot holds; None without one.

    Raises:
        TrainingError: damaged, or made with other settings.
    """
    file = folder / SNAPSHOT_FILE
    if not file.is_file():
        return None
    try:
        with safe_open(file, framework="pt") as stored:
            told = json.loads((stored.metadata() or {})["state"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118  # no mapping
        history = [EpochRecord(**record) for record in told["history"]]
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{file} is damaged ({error}): delete it to start this training anew") from error
    if told["settings"] != settings:
        before = told["settings"]
        differ = sorted(name for name in settings.keys() | before.keys() if settings.get(name) != before.get(name))
        raise TrainingError(
            f"{file} was made with other settings ({', '.join(differ)}): give another --out, or delete it to start anew"
        )
    found = Progressed(history, told["best_epoch"], done=told["done"])
    for key, tensor in tensors.items():
        part, _, name = key.partition("/")
        getattr(found, part)[name] = tensor
    return found
