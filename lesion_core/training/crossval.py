"""Cross validation of the compact classifier on cached trunk features, and the final model on all development cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lesion_core.cases.folds import Scheme
from lesion_core.cases.splits import folds_of
from lesion_core.cases.table import CaseTable
from lesion_core.model.vgg import build_vgg19
from lesion_core.model.weights import ImageNetWeights, imagenet_weights, load_trunk
from lesion_core.results.scores import ScoreTable, score_rows
from lesion_core.training.classifier import classifier_scores, fit_classifier
from lesion_core.training.config import Preset
from lesion_core.training.features import trunk_features
from lesion_core.training.rois import load_rois

Report = Callable[[str], None]


def frozen_trunk(preset: Preset, source: str = "auto") -> tuple[nn.Module, ImageNetWeights]:
    """A network with ImageNet's trunk and an untrained compact classifier."""
    weights = imagenet_weights(source)  # type: ignore[arg-type]  # checked there
    network = build_vgg19(preset.classifier.ranks)
    load_trunk(network, weights)
    return network.eval().requires_grad_(False), weights


def case_features(
    table: CaseTable, preset: Preset, network: nn.Module, *, cache: Path, report: Report
) -> NDArray[np.float16]:
    """Trunk features of the RoIs and of their variants in training, from the cache where they are there.

    Returns:
        (n, variants, 25088) float16; the RoI itself is variant 0.
    """
    rois = load_rois(table, preset.input, progress=lambda done, total: report(f"RoIs {done}/{total}"))
    variants = [rois] + ([rois[:, :, ::-1]] if preset.mirrored else [])
    parts = [
        trunk_features(
            list(variant),
            network,
            spec=preset.input,
            cache=cache,
            progress=lambda done, total, number=number: report(
                f"features {number + 1}/{len(variants)}: {done}/{total}"
            ),
        )
        for number, variant in enumerate(variants)
    ]
    return np.stack(parts, axis=1)


def cross_validate(
    table: CaseTable,
    features: NDArray[np.float16],
    scheme: Scheme,
    preset: Preset,
    *,
    run: str,
    model: str,
    report: Report,
) -> ScoreTable:
    """Out-of-fold scores: each case is scored by the classifier that never saw its patient.

    The number of epochs is fixed by the preset, so no validation part is held back.

    Args:
        table: development cases.
        features: as `case_features` returns them.
        scheme: the folds.
        preset: the protocol.
        run: name of the run.
        model: name of the model.
        report: told after each fold.
    """
    scores = np.full(len(table), np.nan)
    number = np.zeros(len(table), dtype=np.int64)
    for fold in folds_of(table.cases, scheme, rng=np.random.default_rng(preset.classifier.seed), validation=0.0):
        config = replace(preset.classifier, seed=preset.classifier.seed + fold.number)
        classifier = fit_classifier(features[fold.train], table.labels[fold.train], config)
        scores[fold.test] = classifier_scores(classifier, features[fold.test, 0])
        number[fold.test] = fold.number
        report(f"fold {fold.number}: {len(fold.train)} images to train, {len(fold.test)} scored")
    assert np.isfinite(scores).all(), "every case stands in exactly one test part"
    return score_rows(table.cases, scores, run=run, model=model, folds=number.tolist())
