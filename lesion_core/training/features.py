"""The frozen layers' output for many RoIs, computed once and kept on disk.

What is kept is the output of a pooling layer: of pool5, the end of the trunk, or of an earlier one where the blocks
above it are trained. One file per RoI, trunk, layer and precision, named by the SHA-256 of all of them
(content-addressed), half precision, written whole or not at all: an interrupted run goes on where it was, and no two
runs can mix. A file that a crash or a full disk cut short is computed again.
"""

from __future__ import annotations

import hashlib
import math
import os
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec, network_input
from lesion_core.model.vgg import POOLED_SHAPES
from lesion_core.model.weights import fingerprint
from lesion_core.training.config import Precision
from lesion_core.training.precision import all_digits

DEFAULT_CACHE = Path(".cache/features")
Progress = Callable[[int, int], None]


def trunk_features(
    rois: Sequence[NDArray[np.uint8]],
    network: nn.Module,
    *,
    spec: InputSpec,
    block: int = 5,
    precision: Precision = "float32",
    cache: Path = DEFAULT_CACHE,
    batch: int = 1,
    progress: Progress | None = None,
) -> NDArray[np.float16]:
    """Run the trunk, or its lower blocks, over RoIs, reading what an earlier run left.

    Args:
        rois: each (224, 224, 3) uint8, RGB.
        network: a network with ``features`` (its device is used).
        spec: mean and SD of the input.
        block: the last block that is run, 1 to 5; 5 is the whole trunk.
        precision: of the arithmetic. bfloat16 takes half the time on a CPU that has it and is good for augmented
            images in training; what is scored should be computed in float32, as serving does.
        cache: folder of the kept outputs.
        batch: RoIs at a time; 1 is the fastest on a CPU (larger buffers cost page faults).
        progress: called with (done, all) after each batch.

    Returns:
        (n, channels * height * width) float16, flattened channel first: 25,088 values of pool5, 100,352 of pool4.
    """
    layers = network.get_submodule("features").eval()
    assert isinstance(layers, nn.Sequential)
    trunk = layers if block == 5 else layers[: block_end(layers, block)]
    device = next(layers.parameters()).device
    below = "" if block == 5 else f" pool{block}"
    salt = f"{fingerprint(network)} {spec.mean} {spec.sd}{below}{'' if precision == 'float32' else ' ' + precision}"
    files = [_file(cache, salt.encode(), roi) for roi in rois]
    length = math.prod(POOLED_SHAPES[block])
    features = np.empty((len(files), length), dtype=np.float16)
    missing = []
    for number, file in enumerate(files):
        kept = _read(file, length)
        if kept is None:
            missing.append(number)
        else:
            features[number] = kept
    done = len(files) - len(missing)
    for start in range(0, len(missing), batch):
        numbers = missing[start : start + batch]
        inputs = torch.from_numpy(network_input(np.stack([rois[number] for number in numbers]), spec)).to(device)
        half = torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")
        with torch.inference_mode(), half, all_digits():
            outputs = trunk(inputs.contiguous(memory_format=torch.channels_last)).flatten(1).half().cpu().numpy()
        for number, output in zip(numbers, outputs, strict=True):
            _write(files[number], output)
            features[number] = output
        done += len(numbers)
        if progress is not None:
            progress(done, len(files))
    return features


def block_end(layers: nn.Sequential, block: int) -> int:
    """How many layers of ``features`` the blocks up to this one have: the position after its pooling layer.

    Raises:
        InputError: VGG-19 has blocks 1 to 5.
    """
    if block not in POOLED_SHAPES:
        raise InputError(f"VGG-19 has blocks 1 to 5, got {block}")
    pools = [position for position, layer in enumerate(layers) if isinstance(layer, nn.MaxPool2d)]
    return len(layers) if block == 5 else pools[block - 1] + 1


def _file(cache: Path, salt: bytes, roi: NDArray[np.uint8]) -> Path:
    name = hashlib.sha256(salt + np.ascontiguousarray(roi).tobytes()).hexdigest()
    return cache / name[:2] / f"{name}.npy"


def _read(file: Path, length: int) -> NDArray[np.float16] | None:
    """What is kept in a file; None where it is missing or damaged."""
    try:
        with file.open("rb") as stream:
            kept: NDArray[np.float16] = np.lib.format.read_array(stream, allow_pickle=False)
    except (FileNotFoundError, ValueError, EOFError):
        return None
    return kept if kept.shape == (length,) and kept.dtype == np.float16 else None


def _write(file: Path, output: NDArray[np.float16]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.stem}.{os.getpid()}.{uuid.uuid4().hex}.part")
    try:
        with unfinished.open("wb") as stream:
            np.save(stream, output, allow_pickle=False)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
