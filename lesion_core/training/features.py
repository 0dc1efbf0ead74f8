"""The frozen trunk's output for many RoIs, computed once and kept on disk.

One file per RoI and trunk, named by the SHA-256 of both (content-addressed), half precision, written whole or not at
all: an interrupted run goes on where it was, and no two runs can mix. A file that a crash or a full disk cut short is
computed again.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lesion_core.imaging.prepare import InputSpec, network_input
from lesion_core.model.vgg import TRUNK_FEATURES
from lesion_core.model.weights import fingerprint

DEFAULT_CACHE = Path(".cache/features")
Progress = Callable[[int, int], None]


def trunk_features(
    rois: Sequence[NDArray[np.uint8]],
    network: nn.Module,
    *,
    spec: InputSpec,
    cache: Path = DEFAULT_CACHE,
    batch: int = 1,
    progress: Progress | None = None,
) -> NDArray[np.float16]:
    """Run the trunk over RoIs, reading what an earlier run left.

    Args:
        rois: each (224, 224, 3) uint8, RGB.
        network: a network with ``features`` (its device is used).
        spec: mean and SD of the input.
        cache: folder of the kept outputs.
        batch: RoIs at a time; 1 is the fastest on a CPU (larger buffers cost page faults).
        progress: called with (done, all) after each batch.

    Returns:
        (n, 25088) float16: pool5, flattened channel first.
    """
    trunk = network.get_submodule("features").eval()
    device = next(trunk.parameters()).device
    salt = f"{fingerprint(network)} {spec.mean} {spec.sd}".encode()
    files = [_file(cache, salt, roi) for roi in rois]
    features = np.empty((len(files), TRUNK_FEATURES), dtype=np.float16)
    missing = []
    for number, file in enumerate(files):
        kept = _read(file)
        if kept is None:
            missing.append(number)
        else:
            features[number] = kept
    done = len(files) - len(missing)
    for start in range(0, len(missing), batch):
        numbers = missing[start : start + batch]
        inputs = torch.from_numpy(network_input(np.stack([rois[number] for number in numbers]), spec)).to(device)
        with torch.inference_mode():
            outputs = trunk(inputs).flatten(1).half().cpu().numpy()
        for number, output in zip(numbers, outputs, strict=True):
            _write(files[number], output)
            features[number] = output
        done += len(numbers)
        if progress is not None:
            progress(done, len(files))
    return features


def _file(cache: Path, salt: bytes, roi: NDArray[np.uint8]) -> Path:
    name = hashlib.sha256(salt + np.ascontiguousarray(roi).tobytes()).hexdigest()
    return cache / name[:2] / f"{name}.npy"


def _read(file: Path) -> NDArray[np.float16] | None:
    """What is kept in a file; None where it is missing or damaged."""
    try:
        with file.open("rb") as stream:
            kept: NDArray[np.float16] = np.lib.format.read_array(stream, allow_pickle=False)
    except (FileNotFoundError, ValueError, EOFError):
        return None
    return kept if kept.shape == (TRUNK_FEATURES,) and kept.dtype == np.float16 else None


def _write(file: Path, output: NDArray[np.float16]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.stem}.{os.getpid()}.{uuid.uuid4().hex}.part")
    try:
        with unfinished.open("wb") as stream:
            np.save(stream, output, allow_pickle=False)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
