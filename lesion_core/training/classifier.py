"""Training the compact classifier (low-rank fc6 and fc7, fc8) on features of the frozen trunk.

VGG-19's fc6 alone has 103 million weights, tens of thousands for each training image of a small set, and a dense step
of it takes over a second on two cores. With low-rank factors the classifier has a fiftieth of that; and because n
images span at most n directions of the 25,088, the first factor of fc6 is trained in those (`Span`) and then written
out in full.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from lesion_core.errors import InputError
from lesion_core.model.vgg import (
    TRUNK_FEATURES,
    TRUNK_SHAPE,
    LowRankLinear,
    Normalisation,
    PowerNormalise,
    build_classifier,
    malignant_score,
)
from lesion_core.training.config import Balance, ClassifierConfig

#: Directions with less than this share of the largest squared singular value are left out of the span.
NEGLIGIBLE = 1e-6


@dataclass(frozen=True)
class Span:
    """The directions that some images' features span, as an orthonormal basis, and the features in it.

    Attributes:
        basis: (25088, q) float32, orthonormal columns.
        coordinates: (n, q) float32: features @ basis, which keeps all their distances.
        scale: what coordinates are multiplied by in training, so that their root mean square length is sqrt(q0) for
            any trunk and normalisation (q0 = 25: a length at which the learning rates of the presets were chosen).
    """

    basis: Tensor
    coordinates: Tensor
    scale: float


def span_of(features: NDArray[np.float32]) -> Span:
    """Find the span through the Gram matrix (X X^T = U S^2 U^T, so X^T U S^-1 is a basis).

    Args:
        features: (n, 25088) float32.

    Raises:
        InputError: no rows, rows with NaN or infinity, or rows that are all zero.
    """
    _check_features(features)
    with torch.inference_mode():
        rows = torch.from_numpy(features)
        squares, left = torch.linalg.eigh((rows @ rows.T).double())
        kept = squares > squares[-1] * NEGLIGIBLE
        values = squares[kept].sqrt()
        basis = rows.T @ (left[:, kept] / values).float()
        coordinates = (left[:, kept] * values).float()
        scale = 5.0 / math.sqrt(float(coordinates.square().sum(dim=1).mean()))
    return Span(basis.clone(), coordinates.clone(), scale)


def fit_classifier(span: Span, labels: NDArray[np.int64], config: ClassifierConfig) -> nn.Sequential:
    """Train a classifier.

    Args:
        span: of the training features; with v variants of each image the rows of variant 0 come first, then those of
            variant 1 ...; one variant is drawn for each image and epoch.
        labels: (n,) 0 or 1, of variant 0.
        config: the settings.

    Returns:
        The classifier in evaluation mode, on the CPU, taking (batch, 25088) normalised features.

    Raises:
        InputError: rows that do not fit the labels, one class only, or settings under which the weights run away.
    """
    _check(span, labels)
    variants = len(span.coordinates) // len(labels)
    generator = torch.Generator().manual_seed(config.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        narrow = nn.Linear(span.coordinates.shape[1], config.ranks[0], bias=False)
        classifier = build_classifier(config.ranks, dropout=config.dropout)
        first = classifier[0]
        assert isinstance(first, LowRankLinear)
        first[0] = narrow
        classifier.train()
        optimizer = torch.optim.AdamW(classifier.parameters(), lr=config.rate, weight_decay=config.decay)
        steps = config.epochs * math.ceil(len(labels) / config.batch)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps))
        )
        weight = _class_weights(labels, config.balance)
        targets = torch.from_numpy(labels)
        for _ in range(config.epochs):
            for chosen in torch.randperm(len(labels), generator=generator).split(config.batch):
                drawn = torch.randint(variants, (len(chosen),), generator=generator)
                logits = classifier(span.coordinates[chosen + drawn * len(labels)] * span.scale)
                loss = functional.cross_entropy(logits, targets[chosen], weight, label_smoothing=config.smoothing)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                schedule.step()
    written = nn.utils.skip_init(nn.Linear, TRUNK_FEATURES, config.ranks[0], bias=False)  # draws nothing
    with torch.no_grad():
        written.weight.copy_(narrow.weight @ span.basis.T * span.scale)
    first[0] = written
    if not all(weights.isfinite().all() for weights in classifier.parameters()):
        raise InputError(f"training ran away to weights that are not finite: lower its rate ({config.rate:g})")
    return classifier.eval()


def normalised(features: NDArray[np.float16], normalisation: Normalisation) -> NDArray[np.float32]:
    """What fc6 gets of trunk features, as the network itself computes it.

    Args:
        features: (n, 25088) float16.
        normalisation: of the network.

    Returns:
        (n, 25088) float32.
    """
    if normalisation == "none":
        return features.astype(np.float32)
    layer = PowerNormalise()
    result = np.empty(features.shape, dtype=np.float32)
    for start in range(0, len(features), 256):
        block = torch.from_numpy(features[start : start + 256]).float().reshape(-1, *TRUNK_SHAPE)
        result[start : start + 256] = layer(block).flatten(1).numpy()
    return result


def classifier_scores(classifier: nn.Sequential, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Score normalised features.

    Args:
        classifier: as `fit_classifier` returns it.
        inputs: (n, 25088) float32, from `normalised`.

    Returns:
        (n,) softmax outputs for class 1, 0-1.
    """
    with torch.inference_mode():
        scores: NDArray[np.float64] = malignant_score(classifier(torch.from_numpy(inputs))).numpy()
    return scores


def _class_weights(labels: NDArray[np.int64], balance: Balance) -> Tensor | None:
    if balance == "none":
        return None
    counts = np.bincount(labels, minlength=2)
    return torch.tensor(len(labels) / (2 * counts), dtype=torch.float32)


def _check_features(features: NDArray[np.float32]) -> None:
    if not len(features):
        raise InputError("no image to train on")
    broken = int((~np.isfinite(features).all(axis=1)).sum())
    if broken:
        raise InputError(
            f"trunk features of {broken} of {len(features)} rows are not finite: delete the feature cache and compute "
            "them again"
        )
    if not features.any():
        raise InputError("trunk features are all zero: does the trunk have its weights?")


def _check(span: Span, labels: NDArray[np.int64]) -> None:
    if len(labels) == 0 or len(span.coordinates) < len(labels) or len(span.coordinates) % len(labels):
        raise InputError(f"{len(span.coordinates)} rows of features do not fit {len(labels)} labels")
    if set(np.unique(labels).tolist()) != {0, 1}:
        raise InputError(f"training needs both labels 0 and 1, got {sorted(set(labels.tolist()))}")
