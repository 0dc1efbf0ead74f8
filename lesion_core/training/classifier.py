"""Training the compact classifier (low-rank fc6 and fc7, fc8) on features of the frozen trunk.

VGG-19's fc6 alone has 103 million weights, tens of thousands for each training image of a small set, and a dense step
of it takes over a second on two cores. With low-rank factors the classifier has about a fiftieth of that.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from lesion_core.errors import InputError
from lesion_core.model.vgg import TRUNK_FEATURES, build_classifier, malignant_score
from lesion_core.training.config import Balance, ClassifierConfig


def fit_classifier(features: NDArray[np.float16], labels: NDArray[np.int64], config: ClassifierConfig) -> nn.Sequential:
    """Train a classifier on trunk features.

    Args:
        features: (n, variants, 25088) float16: each image's RoI first, then its variants (e.g. mirrored); one of them
            is drawn for each image and epoch.
        labels: (n,) 0 or 1.
        config: the settings.

    Returns:
        The classifier in evaluation mode, on the CPU.

    Raises:
        InputError: shapes that do not fit, one class only, or values that are not finite.
    """
    _check(features, labels)
    generator = torch.Generator().manual_seed(config.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        classifier = build_classifier(config.ranks, dropout=config.dropout)
        scale = _centre_scale(features[:, 0])
        optimizer = torch.optim.AdamW(classifier.parameters(), lr=config.rate, weight_decay=config.decay)
        steps = config.epochs * math.ceil(len(labels) / config.batch)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps))
        )
        weight = _class_weights(labels, config.balance)
        targets = torch.from_numpy(labels)
        classifier.train()
        for _ in range(config.epochs):
            for chosen in torch.randperm(len(labels), generator=generator).split(config.batch):
                variant = torch.randint(features.shape[1], (len(chosen),), generator=generator)
                batch = torch.from_numpy(features[chosen.numpy(), variant.numpy()]).float() * scale
                batch = functional.dropout(batch, config.input_dropout)
                logits = classifier(batch)
                loss = functional.cross_entropy(logits, targets[chosen], weight, label_smoothing=config.smoothing)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                schedule.step()
    with torch.no_grad():  # the scale of the features becomes part of fc6
        classifier[0][0].weight.mul_(scale)  # type: ignore[index]  # LowRankLinear's first factor
    return classifier.eval()


def classifier_scores(
    classifier: nn.Sequential, features: NDArray[np.float16], *, batch: int = 256
) -> NDArray[np.float64]:
    """Score trunk features.

    Args:
        classifier: as `fit_classifier` returns it.
        features: (n, 25088) float16.
        batch: images at a time.

    Returns:
        (n,) softmax outputs for class 1, 0-1.
    """
    parts = []
    with torch.inference_mode():
        for start in range(0, len(features), batch):
            logits = classifier(torch.from_numpy(features[start : start + batch]).float())
            parts.append(malignant_score(logits).numpy())
    return np.concatenate(parts) if parts else np.empty(0)


def _centre_scale(features: NDArray[np.float16]) -> float:
    """1 / root mean square of the features, so that the learning rate means the same for any trunk."""
    sample = features[:: max(1, len(features) // 256)].astype(np.float32)
    return float(1 / np.sqrt(np.mean(sample**2) + 1e-12))


def _class_weights(labels: NDArray[np.int64], balance: Balance) -> Tensor | None:
    if balance == "none":
        return None
    counts = np.bincount(labels, minlength=2)
    return torch.tensor(len(labels) / (2 * counts), dtype=torch.float32)


def _check(features: NDArray[np.float16], labels: NDArray[np.int64]) -> None:
    if features.ndim != 3 or features.shape[2] != TRUNK_FEATURES or len(features) != len(labels):
        raise InputError(f"features must be (n, variants, {TRUNK_FEATURES}) beside n labels, got {features.shape}")
    if set(np.unique(labels)) != {0, 1}:
        raise InputError(f"training needs both labels 0 and 1, got {sorted(set(labels.tolist()))}")
    if not np.isfinite(features[:, 0, :64]).all() or not np.isfinite(features.max()):
        raise InputError("trunk features are not finite: compute them again")
