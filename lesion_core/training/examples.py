"""What a network is shown: the variants of each RoI as images, or as the kept output of its frozen blocks.

Variant 0 is the RoI itself, and the only one that is scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lesion_core.augment.variants import eight_variants_of_each, svd_images
from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec
from lesion_core.training.config import Augmentation, TrainConfig
from lesion_core.training.features import trunk_features
from lesion_core.training.parts import FROZEN_BLOCKS
from lesion_core.training.precision import arithmetic

Progress = Callable[[str, int, int], None]
#: RoIs whose variants are made at a time.
PIECE = 256


@dataclass(frozen=True)
class Examples:
    """All RoIs of a run, ready to be shown.

    Attributes:
        inputs: (n, variants, channels, height, width) uint8 images, channels 1 where all are grey, or (n, variants,
            length) float16 outputs of the frozen blocks.
        block: the last block that is already behind them, 0 for images.
        spec: of the images.
    """

    inputs: NDArray[Any]
    block: int
    spec: InputSpec

    def __len__(self) -> int:
        return len(self.inputs)


class Shown:
    """Examples on a device, as float tensors.

    Args:
        examples: where they come from.
        device: where they are needed; they are kept there.
    """

    def __init__(self, examples: Examples, device: torch.device) -> None:
        self.block = examples.block
        self.device = device
        self.inputs = torch.from_numpy(examples.inputs).to(device)
        self.mean = torch.tensor(examples.spec.mean, device=device).view(1, 3, 1, 1)
        self.sd = torch.tensor(examples.spec.sd, device=device).view(1, 3, 1, 1)

    def __call__(self, items: Tensor) -> Tensor:
        """(k, 2) positions and variants to what `UpperPart` takes."""
        chosen = self.raw(items)
        return chosen.float() if self.block else self.standardised(chosen)

    def raw(self, items: Tensor) -> Tensor:
        """(k, 2) positions and variants to (k, ...) as they are kept."""
        items = items.to(self.device)
        return self.inputs[items[:, 0], items[:, 1]]

    def standardised(self, images: Tensor) -> Tensor:
        """(k, 1 or 3, height, width), 0-255, to (k, 3, height, width) as the network takes it."""
        grey = images.expand(-1, 3, -1, -1).float() / 255
        return ((grey - self.mean) / self.sd).contiguous(memory_format=torch.channels_last)


def make_examples(
    rois: NDArray[np.uint8],
    config: TrainConfig,
    network: nn.Module,
    spec: InputSpec,
    *,
    cache: Path,
    progress: Progress,
) -> Examples:
    """Make the variants of all RoIs, and run the frozen blocks over them where there are any.

    Args:
        rois: (n, 224, 224, 3) uint8, RGB.
        config: the settings.
        network: holds the frozen blocks.
        spec: how the RoIs were made.
        cache: folder of kept features.
        progress: called with (what, done, all).
    """
    block = kept_block(config)
    if block == 0:
        grey = bool((rois == rois[..., :1]).all())
        pictures = [np.stack([each for _, each in variants]) for variants in _variants(rois, config.augmentation)]
        stacked = np.stack(pictures)[..., :1] if grey else np.stack(pictures)
        return Examples(np.ascontiguousarray(np.moveaxis(stacked, -1, 2)), 0, spec)
    parts: dict[str, list[NDArray[np.uint8]]] = {}
    for variants in _variants(rois, config.augmentation):
        for name, picture in variants:
            parts.setdefault(name, []).append(picture)
    found = []
    for name, pictures in parts.items():

        def tell(done: int, total: int, what: str = f"features ({name})") -> None:
            progress(what, done, total)

        device = next(network.parameters()).device
        precision = "float32" if name == "original" else arithmetic(config.precision, device)
        found.append(
            trunk_features(pictures, network, spec=spec, block=block, precision=precision, cache=cache, progress=tell)
        )
    return Examples(np.stack(found, axis=1), block, spec)


def kept_block(config: TrainConfig) -> int:
    """The last block whose output can be kept: none where images are drawn anew in every step."""
    return 0 if config.augmentation == "random" else FROZEN_BLOCKS[config.trainable]


def _variants(rois: NDArray[np.uint8], augmentation: Augmentation) -> Iterator[list[tuple[str, NDArray[np.uint8]]]]:
    """For each RoI its variants with their names."""
    if augmentation in ("none", "mirror"):
        for roi in rois:
            mirrored = [("mirror", np.ascontiguousarray(roi[:, ::-1]))] if augmentation == "mirror" else []
            yield [("original", roi), *mirrored]
        return
    for start in range(0, len(rois), PIECE):
        piece = list(rois[start : start + PIECE])
        if augmentation == "eight":
            yield from (list(variants.items()) for variants in eight_variants_of_each(piece))
        elif augmentation == "random":
            for roi, images in zip(piece, svd_images(piece), strict=True):
                yield [("original", roi), *((f"svd{number}", image) for number, image in enumerate(images))]
        else:
            raise InputError(f"no augmentation named {augmentation!r}")
