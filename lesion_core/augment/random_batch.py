"""Random augmentation of a whole batch at once, on the CPU or a GPU (heavy: imports torch).

The same draws as `random` and the same values but for rounding: within 1 grey level, rarely 2 where a tie was rounded
the other way before contrast and gamma. One difference: an SVD approximation of random rank would cost a decomposition
for every image and epoch. The images come with their SVD variants made beforehand, and a draw takes the one whose rank
is nearest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lesion_core.augment.random import Draw, RandomSettings, sample
from lesion_core.augment.variants import SVD_RATIOS


def augment_batch(images: Tensor, items: Tensor, settings: RandomSettings, *, seed: tuple[int, ...]) -> Tensor:
    """Draw for each image from (seed, position) and apply, so that the pictures do not depend on batches or devices.

    Args:
        images: (n, 1 + SVD variants, channels, side, side) uint8, variant 0 the image itself, on any device.
        items: (k, 2) int64; the first column says which images, the second is not used.
        settings: how strongly.
        seed: e.g. of the training, and the epoch.

    Returns:
        (k, channels, side, side) uint8.
    """
    positions = items[:, 0].tolist()
    draws = [sample(settings, np.random.default_rng((*seed, position))) for position in positions]
    variant = torch.tensor([nearest_variant(draw.svd_ratio) for draw in draws], device=images.device)
    return apply_batch(images[items[:, 0].to(images.device), variant], draws)


def nearest_variant(ratio: float) -> int:
    """Which variant stands for a share of singular values: 0 the image itself, 1 ... those of `SVD_RATIOS`."""
    shares = [1.0, *SVD_RATIOS.values()]
    return 0 if ratio >= 1 else 1 + int(np.argmin([abs(ratio - share) for share in shares[1:]]))


def apply_batch(images: Tensor, draws: Sequence[Draw]) -> Tensor:
    """Do what was drawn, but for the SVD approximation.

    Args:
        images: (k, channels, side, side) uint8, 0-255.
        draws: one for each image.

    Returns:
        (k, channels, side, side) uint8, on the same device.
    """
    images = _turned(images, draws)
    images = torch.where(_column([draw.mirrored for draw in draws], images).bool(), images.flip(-1), images)
    return _grey_levels(_moved(images, draws), draws)


def _turned(images: Tensor, draws: Sequence[Draw]) -> Tensor:
    quarters = [draw.turn // 90 % 4 for draw in draws]
    if not any(quarters):
        return images
    turned = images.clone()
    for quarter in set(quarters) - {0}:
        chosen = torch.tensor([each == quarter for each in quarters], device=images.device)
        turned[chosen] = torch.rot90(images[chosen], quarter, dims=(-2, -1))
    return turned


def _moved(images: Tensor, draws: Sequence[Draw]) -> Tensor:
    """Turn, shift and scale about the centre, bilinear; what comes in from outside is the image reflected."""
    still = [draw.angle_deg == 0 and draw.shift == (0, 0) and draw.scale == 1 for draw in draws]
    if all(still):
        return images
    height, width = images.shape[-2:]
    edge = min(height, width) // 3
    padded = functional.pad(images.float(), [edge] * 4, mode="reflect")
    full_height, full_width = padded.shape[-2:]
    angle = torch.deg2rad(torch.tensor([draw.angle_deg for draw in draws]))
    scale = torch.tensor([draw.scale for draw in draws])
    shift = torch.tensor([draw.shift for draw in draws]) * torch.tensor([float(width), float(height)])
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    # Backwards, from the output's pixels (about the centre) to the input's; turning counter-clockwise on the screen.
    back = torch.stack([torch.stack([cosine, -sine], 1), torch.stack([sine, cosine], 1)], 1)  # (k, 2, 2), pixels
    offset = -(back @ shift[:, :, None])
    half = torch.tensor([full_width / 2, full_height / 2])
    linear = back * half[None, None, :] / half[None, :, None]
    theta = torch.cat([linear, offset / half[None, :, None]], dim=2).to(images.device)
    grid = functional.affine_grid(theta, [len(images), 1, full_height, full_width], align_corners=False)
    inner = grid[:, edge : edge + height, edge : edge + width]
    moved = functional.grid_sample(padded, inner, mode="bilinear", padding_mode="zeros", align_corners=False)
    kept = _column(still, images).bool()
    return torch.where(kept, images, moved.round().clamp(0, 255).to(torch.uint8))


def _grey_levels(images: Tensor, draws: Sequence[Draw]) -> Tensor:
    """Gamma, contrast about the mean, brightness, noise: in floating point, rounded once at the end."""
    same = [(draw.gamma, draw.contrast, draw.brightness, draw.noise_sd) == (1, 1, 0, 0) for draw in draws]
    if all(same):
        return images
    grey = (images.float() / 255) ** _column([draw.gamma for draw in draws], images)
    # `random` works on three channels; the mean over equal channels is the mean over one.
    mean = grey.mean(dim=(1, 2, 3), keepdim=True)
    grey = (grey - mean) * _column([draw.contrast for draw in draws], images) + mean
    grey = grey + _column([draw.brightness for draw in draws], images)
    noise = torch.stack([_noise(draw, (int(images.shape[-2]), int(images.shape[-1]))) for draw in draws])
    if images.is_cuda:
        noise = noise.pin_memory()  # a copy from other memory waits for all that the GPU has yet to do
    grey = grey + noise.to(images.device, non_blocking=True)
    changed = (grey * 255).round().clamp(0, 255).to(torch.uint8)
    return torch.where(_column(same, images).bool(), images, changed)


def _noise(draw: Draw, size: tuple[int, int]) -> Tensor:
    if draw.noise_sd <= 0:
        return torch.zeros((1, *size))
    generator = torch.Generator().manual_seed(draw.noise_seed)
    return draw.noise_sd * torch.randn((1, *size), generator=generator)


def _column(values: Sequence[float], images: Tensor) -> Tensor:
    """(k, 1, 1, 1) on the images' device."""
    return torch.tensor([float(value) for value in values], device=images.device).view(-1, 1, 1, 1)
