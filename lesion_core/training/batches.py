"""Which image, in which variant, a network is shown when: decided by seed and epoch, so a resumed run goes on alike."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lesion_core.errors import InputError
from lesion_core.training.config import VARIANTS, Balance, TrainConfig


def epoch_items(
    labels: NDArray[np.int64], train: NDArray[np.int64], config: TrainConfig, epoch: int
) -> NDArray[np.int64]:
    """The order of one epoch.

    Args:
        labels: (n,) 0 or 1, of all images.
        train: (m,) positions of the training part.
        config: the settings.
        epoch: from 1.

    Returns:
        (k, 2) int64: position of the image, number of its variant.
    """
    rng = np.random.default_rng((config.seed, epoch))
    chosen = balanced(labels, train, config.balance, rng)
    variants = VARIANTS[config.augmentation]
    if config.drawing == "all":
        items = np.stack([np.repeat(chosen, variants), np.tile(np.arange(variants), len(chosen))], axis=1)
    else:
        items = np.stack([chosen, rng.integers(variants, size=len(chosen))], axis=1)
    return rng.permutation(items)


def balanced(
    labels: NDArray[np.int64], train: NDArray[np.int64], balance: Balance, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The positions shown in one epoch: repeated or left out where classes are to be of one size.

    Args:
        labels: (n,) 0 or 1.
        train: (m,) positions.
        balance: "oversample" and "undersample" change something.
        rng: chooses.
    """
    if balance not in ("oversample", "undersample"):
        return train
    parts = [train[labels[train] == each] for each in (0, 1)]
    wanted = (max if balance == "oversample" else min)(len(part) for part in parts)
    return np.concatenate([_filled(part, wanted, rng) for part in parts])


def class_weights(labels: NDArray[np.int64], balance: Balance) -> NDArray[np.float32] | None:
    """(2,) factors on the loss, inverse to the counts of the classes and 1 on average; None where all count alike."""
    if balance != "weights":
        return None
    counts = np.bincount(labels, minlength=2)
    weights: NDArray[np.float32] = (len(labels) / (2 * counts)).astype(np.float32)
    return weights


def check_trainable(labels: NDArray[np.int64]) -> None:
    """Require both classes.

    Raises:
        InputError: no image, or one class only.
    """
    if not len(labels):
        raise InputError("no image to train on")
    found = sorted(set(labels.tolist()))
    if found != [0, 1]:
        raise InputError(f"training needs images of both labels 0 and 1, got {found} only")


def _filled(part: NDArray[np.int64], wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """So many of a part: whole copies of it and a random rest without repeats."""
    whole = [part] * math.floor(wanted / len(part))
    return np.concatenate([*whole, rng.choice(part, wanted % len(part), replace=False)])
