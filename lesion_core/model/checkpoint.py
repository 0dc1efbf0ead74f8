"""Weights on disk: ``weights.safetensors`` beside ``card.json``, nothing pickled, everything checked on load.

Tensors carry the network's own names. A weight with at most 256 different values (the trunk, as it comes in 8 bits) is
stored without loss as ``NAME.index`` (uint8) and ``NAME.table`` (float32); other weights are stored in half precision.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from lesion_core.errors import CheckpointError
from lesion_core.model.card import WEIGHTS_FILE, Card, check_card, read_card, write_card
from lesion_core.model.vgg import build_vgg19

PALETTE = 256
#: Tensors smaller than this are kept in float32.
SMALL = 4096


def save_checkpoint(network: nn.Module, card: Card, folder: Path) -> Card:
    """Write weights and card.

    Args:
        network: a `build_vgg19` network of the card's ranks.
        card: everything but the weights' checksum, which is filled in here.
        folder: made if need be; each file is replaced whole.

    Returns:
        The card as written.

    Raises:
        CheckpointError: weights or a card that could not be read back; what was there stays.
    """
    check_card(dataclasses.replace(card, weights_sha256="0" * 64))
    tensors = _encoded(network)
    broken = [name for name, tensor in tensors.items() if tensor.is_floating_point() and not tensor.isfinite().all()]
    if broken:
        raise CheckpointError(f"weights that half precision cannot hold (NaN or above 65504): {', '.join(broken[:5])}")
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{WEIGHTS_FILE}.part"
    # One entry only: safetensors writes several in an order that changes from run to run, and with it the checksum.
    safetensors.torch.save_file(tensors, unfinished, metadata={"format": "pt"})
    card = dataclasses.replace(card, weights_sha256=_sha256(unfinished))
    unfinished.chmod(0o644)  # safetensors writes for the owner alone
    unfinished.replace(folder / WEIGHTS_FILE)
    write_card(card, folder)
    return card


def load_checkpoint(folder: Path, device: torch.device | str = "cpu") -> tuple[nn.Module, Card]:
    """Read a model, in evaluation mode.

    Raises:
        CheckpointError: a file is missing or damaged, the checksum differs, or tensors do not fit the network.
    """
    card = read_card(folder)
    file = folder / WEIGHTS_FILE
    if not file.is_file():
        raise CheckpointError(f"no {WEIGHTS_FILE} in {folder}: get the model again")
    found = _sha256(file)
    if found != card.weights_sha256:
        raise CheckpointError(
            f"{file} is not the file its card describes (SHA-256 {found[:12]}, the card says {card.version}): "
            "it was changed or is incomplete, get the model again"
        )
    try:
        stored = safetensors.torch.load_file(file)
    except SafetensorError as error:
        raise CheckpointError(f"{file} is damaged ({error}): get the model again") from error
    network = build_vgg19(card.architecture.ranks, card.architecture.normalisation)
    state = _decode(stored, file)
    expected = {name: tensor.shape for name, tensor in network.state_dict().items()}
    wrong = sorted(set(expected) ^ set(state)) or sorted(
        name for name in expected if expected[name] != state[name].shape
    )
    if wrong:
        raise CheckpointError(f"{file} does not fit the network of its card: {', '.join(wrong[:5])}")
    network.load_state_dict(state, strict=True, assign=True)
    return network.requires_grad_(False).eval().to(device), card


def as_stored(network: nn.Module) -> dict[str, Tensor]:
    """The state dict as it comes back from disk: what rounding to half precision leaves of it."""
    return _decode(_encoded(network), Path(WEIGHTS_FILE))


def _encoded(network: nn.Module) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for name, tensor in network.state_dict().items():
        tensors.update(_encode(name, tensor.detach().cpu()))
    return tensors


def _encode(name: str, tensor: Tensor) -> dict[str, Tensor]:
    if tensor.numel() < SMALL:
        return {name: tensor.float().contiguous()}
    if name.startswith("features."):
        table, index = torch.unique(tensor, return_inverse=True)
        if len(table) <= PALETTE:
            return {f"{name}.index": index.to(torch.uint8).contiguous(), f"{name}.table": table.float()}
    return {name: tensor.half().contiguous()}


def _decode(stored: dict[str, Tensor], file: Path) -> dict[str, Tensor]:
    state: dict[str, Tensor] = {}
    for name, tensor in stored.items():
        if name.endswith(".index"):
            table = stored.get(f"{name.removesuffix('.index')}.table")
            if table is None or (tensor.numel() and int(tensor.max()) >= len(table)):
                raise CheckpointError(f"{file} is damaged (table of {name}): get the model again")
            state[name.removesuffix(".index")] = table[tensor.int()]
        elif not name.endswith(".table"):
            state[name] = tensor.float()
    return state


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
