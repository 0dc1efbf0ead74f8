"""Weights on disk: ``weights.safetensors`` beside ``card.json``, nothing pickled, everything checked on load.

Tensors carry the network's own names. A weight of the trunk with at most 256 different values (as ImageNet's comes in
8 bits) is stored without loss as ``NAME.index`` (uint8) and ``NAME.table`` (float32). What becomes of the others is the
`Storage`; weights in 8 bits are ``NAME.int8`` and ``NAME.scale`` (float16, one for `GROUP` weights of an output).
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn import functional

from lesion_core.errors import CheckpointError
from lesion_core.model.card import WEIGHTS_FILE, Card, check_card, read_card, write_card
from lesion_core.model.vgg import Normalisation, build_vgg19

#: "float32" loses nothing, for a model that others are made from; "half" stores half precision; "int8" stores the
#: convolutions in 8 bits and the rest in half precision, "int8-all" the classifier's matrices in 8 bits, too.
Storage = Literal["float32", "half", "int8", "int8-all"]
PALETTE = 256
#: Weights that share a scale in 8 bits: the kernels of eight input channels. One scale for a whole output channel is
#: set by its largest weight and costs four times the error.
GROUP = 72
#: Tensors smaller than this are kept in float32.
SMALL = 4096


def save_checkpoint(
    network: nn.Module,
    card: Card,
    folder: Path,
    *,
    storage: Storage = "half",
    clear: Callable[[], None] = lambda: None,
) -> Card:
    """Write weights and card.

    Args:
        network: a `build_vgg19` network of the card's ranks.
        card: everything but the weights' checksum, which is filled in here.
        folder: made if need be; each file is replaced whole.
        storage: of weights that do not fit a table.
        clear: called when the weights are written and before they take their place: removes what others measured.

    Returns:
        The card as written.

    Raises:
        CheckpointError: weights or a card that could not be read back; what was there stays.
    """
    check_card(dataclasses.replace(card, weights_sha256="0" * 64))
    unfinished = folder / f"{WEIGHTS_FILE}.part"
    card = dataclasses.replace(card, weights_sha256=save_weights(network, unfinished, storage=storage))
    clear()
    unfinished.replace(folder / WEIGHTS_FILE)
    write_card(card, folder)
    return card


def save_weights(network: nn.Module, file: Path, *, storage: Storage) -> str:
    """Write weights without a card; returns their SHA-256.

    Raises:
        CheckpointError: NaN, or values that the storage cannot hold; nothing is written.
    """
    tensors = encoded(network.state_dict(), storage)
    broken = [name for name, tensor in tensors.items() if tensor.is_floating_point() and not tensor.isfinite().all()]
    if broken:
        limit = (
            "that are no numbers" if storage == "float32" else "that half precision cannot hold (NaN or above 65504)"
        )
        raise CheckpointError(f"weights {limit}: {', '.join(broken[:5])}")
    file.parent.mkdir(parents=True, exist_ok=True)
    # One entry only: safetensors writes several in an order that changes from run to run, and with it the checksum.
    safetensors.torch.save_file(tensors, file, metadata={"format": "pt"})
    file.chmod(0o644)  # safetensors writes for the owner alone
    return sha256_of(file)


def load_checkpoint(folder: Path, device: torch.device | str = "cpu") -> tuple[nn.Module, Card]:
    """Read a model, in evaluation mode.

    Raises:
        CheckpointError: a file is missing or damaged, the checksum differs, or tensors do not fit the network.
    """
    card = read_card(folder)
    file = folder / WEIGHTS_FILE
    if not file.is_file():
        raise CheckpointError(f"no {WEIGHTS_FILE} in {folder}: get the model again")
    found = sha256_of(file)
    if found != card.weights_sha256:
        raise CheckpointError(
            f"{file} is not the file its card describes (SHA-256 {found[:12]}, the card says "
            f"{card.weights_sha256[:12]}): it was changed or is incomplete, get the model again"
        )
    network = load_weights(file, card.architecture.ranks, card.architecture.normalisation)
    return network.to(device), card


def load_weights(file: Path, ranks: tuple[int, int] | None, normalisation: Normalisation) -> nn.Module:
    """Read weights into the network they are of, in evaluation mode.

    Raises:
        CheckpointError: damaged, or tensors that do not fit the network.
    """
    try:
        stored = safetensors.torch.load_file(file)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file} is damaged ({error}): get the model again") from error
    network = build_vgg19(ranks, normalisation)
    state = decoded(stored, file)
    expected = {name: tensor.shape for name, tensor in network.state_dict().items()}
    wrong = sorted(set(expected) ^ set(state)) or sorted(
        name for name in expected if expected[name] != state[name].shape
    )
    if wrong:
        raise CheckpointError(f"{file} does not fit the network of its card: {', '.join(wrong[:5])}")
    network.load_state_dict(state, strict=True, assign=True)
    return network.requires_grad_(False).eval()


def as_stored(network: nn.Module, *, storage: Storage = "half") -> dict[str, Tensor]:
    """The state dict as it comes back from disk: what rounding leaves of it."""
    return decoded(encoded(network.state_dict(), storage), Path(WEIGHTS_FILE))


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def encoded(state: Mapping[str, Tensor], storage: Storage) -> dict[str, Tensor]:
    """Weights by the network's names to tensors as they are stored."""
    tensors: dict[str, Tensor] = {}
    for name, tensor in state.items():
        tensors.update(_encode(name, tensor.detach().cpu(), storage))
    return tensors


def _encode(name: str, tensor: Tensor, storage: Storage) -> dict[str, Tensor]:
    if tensor.numel() < SMALL:
        return {name: tensor.float().contiguous()}
    if name.startswith("features."):
        table, index = torch.unique(tensor, return_inverse=True)
        if len(table) <= PALETTE:
            return {f"{name}.index": index.to(torch.uint8).contiguous(), f"{name}.table": table.float()}
        if storage in ("int8", "int8-all") and tensor.ndim == 4:
            return _in_8_bits(name, tensor.float())
    elif storage == "int8-all" and tensor.ndim == 2:
        return _in_8_bits(name, tensor.float())
    return {name: (tensor.float() if storage == "float32" else tensor.half()).contiguous()}


def _in_8_bits(name: str, weight: Tensor) -> dict[str, Tensor]:
    """(outputs, ...) as whole numbers from -127 to 127 times a scale for each group of an output's weights."""
    groups = _in_groups(weight)
    scale = (groups.abs().amax(dim=2) / 127).half()
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)  # NaN stays, to be found by the check
    whole = (groups / scale.float().unsqueeze(2)).round().clamp(-127, 127).to(torch.int8)
    return {f"{name}.int8": _out_of_groups(whole, weight.shape), f"{name}.scale": scale.contiguous()}


def _in_groups(weight: Tensor) -> Tensor:
    """(outputs, ...) to (outputs, groups, GROUP), the last group filled up with 0."""
    rows = weight.flatten(1)
    groups: Tensor = functional.pad(rows, (0, -rows.shape[1] % GROUP)).unflatten(1, (-1, GROUP))
    return groups


def _out_of_groups(groups: Tensor, shape: torch.Size) -> Tensor:
    """Back to the weight's own shape."""
    weight: Tensor = groups.flatten(1)[:, : shape[1:].numel()].reshape(shape).contiguous()
    return weight


def decoded(stored: Mapping[str, Tensor], file: Path) -> dict[str, Tensor]:
    """Stored tensors to weights in float32 by the network's names.

    Raises:
        CheckpointError: an index without its table, 8 bits without their scale.
    """
    state: dict[str, Tensor] = {}
    for name, tensor in stored.items():
        whole, _, kind = name.rpartition(".")
        if kind == "index":
            table = stored.get(f"{whole}.table")
            if table is None or (tensor.numel() and int(tensor.max()) >= len(table)):
                raise CheckpointError(f"{file} is damaged (table of {name}): get the model again")
            state[whole] = table[tensor.int()]
        elif kind == "int8":
            scale = stored.get(f"{whole}.scale")
            if scale is not None and scale.ndim == 1:
                raise CheckpointError(f"{file} was made by an earlier version (8 bits): export its model again")
            groups = _in_groups(tensor.float()) if tensor.ndim > 1 else None
            if scale is None or groups is None or scale.shape != groups.shape[:2]:
                raise CheckpointError(f"{file} is damaged (scale of {name}): get the model again")
            state[whole] = _out_of_groups(groups * scale.float().unsqueeze(2), tensor.shape)
        elif kind not in ("table", "scale"):
            state[name] = tensor.float()
    return state
