"""The paper's eight variants as torch operations on whole batches, on the CPU or a GPU (heavy: imports torch).

The same operations as `geometric`, `svd` and `variants` with the same values: geometric variants equal, SVD variants
within 1 grey level (a rounding tie may fall to the other side). Batches are (n, 3, height, width) uint8, RGB, 0-255.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lesion_core.augment.svd import rank_by_count
from lesion_core.augment.variants import SVD_RATIOS
from lesion_core.errors import ImageError, InputError


def rotate(images: torch.Tensor, degrees: int) -> torch.Tensor:
    """Turn a batch counter-clockwise by a multiple of 90 degrees.

    Args:
        images: (..., height, width).
        degrees: a multiple of 90.

    Raises:
        InputError: another angle.
    """
    quarters, rest = divmod(degrees, 90)
    if rest:
        raise InputError(f"only turns by multiples of 90 degrees are exact, got {degrees}")
    return torch.rot90(images, quarters, dims=(-2, -1)).contiguous()


def mirror(images: torch.Tensor) -> torch.Tensor:
    """Mirror a batch, (..., height, width), across the vertical axis."""
    return images.flip(-1)


def svd_images(images: torch.Tensor, ratios: Sequence[float] = tuple(SVD_RATIOS.values())) -> torch.Tensor:
    """Rebuild each channel of each image from shares of its singular values, one decomposition for all shares.

    Through the Gram matrix in double precision (its error bound: see `svd`); equal channels of an image are decomposed
    once, all different channels of the batch together.

    Args:
        images: (n, 3, height, width) uint8, on any device.
        ratios: shares of the number of singular values, above 0, at most 1.

    Returns:
        (n, ratios, 3, height, width) uint8, on the same device.

    Raises:
        ImageError: another shape or type.
        InputError: ratio out of range.
    """
    _check_batch(images)
    height, width = int(images.shape[-2]), int(images.shape[-1])
    ranks = [rank_by_count(ratio, (height, width)) for ratio in ratios]
    planes, plane_of = _distinct_planes(images)
    wide = width > height
    tall = (planes.transpose(-2, -1) if wide else planes).double()  # (planes, long side, short side)
    _, vectors = torch.linalg.eigh(tall.transpose(-2, -1) @ tall)
    basis = vectors.flip(-1)[..., : max(ranks, default=0)].float()
    projected = tall.float() @ basis
    pictures: dict[int, torch.Tensor] = {}
    kept = torch.zeros(tall.shape, dtype=torch.float32, device=images.device)
    done = 0
    for rank in sorted(set(ranks)):
        kept = kept + projected[..., done:rank] @ basis[..., done:rank].transpose(-2, -1)
        pictures[rank] = (kept.transpose(-2, -1) if wide else kept).round().clamp(0, 255).to(torch.uint8)
        done = rank
    stacked = torch.stack([pictures[rank] for rank in ranks], dim=1)  # (planes, ratios, height, width)
    return stacked[plane_of].transpose(1, 2).contiguous()  # (n, 3, ratios, ...) -> (n, ratios, 3, ...)


def eight_variants(images: torch.Tensor) -> torch.Tensor:
    """Make the eight variants of each image, in the order of `variants.VARIANT_NAMES`.

    Args:
        images: (n, 3, side, side) uint8, on any device.

    Returns:
        (n, 8, 3, side, side) uint8, on the same device.

    Raises:
        ImageError: another shape or type, or not square.
    """
    _check_batch(images)
    if images.shape[-2] != images.shape[-1]:
        raise ImageError(f"only square images can be turned within a batch, got {tuple(images.shape[-2:])}")
    turned = [rotate(images, degrees) for degrees in (90, 180, 270)]
    geometric = torch.stack([images, *turned, mirror(images)], dim=1)
    return torch.cat([geometric, svd_images(images)], dim=1)


def _distinct_planes(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The different channels of a batch and where they belong.

    Returns:
        planes (m, height, width) with m between n and 3 n, and plane_of (n, 3) int64: images = planes[plane_of].
    """
    count = images.shape[0]
    red, green, blue = images.unbind(1)
    green_is_red = (green == red).flatten(1).all(1)
    blue_is_red = (blue == red).flatten(1).all(1)
    blue_is_green = (blue == green).flatten(1).all(1)
    new = torch.stack([torch.ones_like(green_is_red), ~green_is_red, ~(blue_is_red | blue_is_green)], dim=1)
    number = (new.flatten().cumsum(0) - 1).reshape(count, 3)
    of_red = number[:, 0]
    of_green = torch.where(green_is_red, of_red, number[:, 1])
    of_blue = torch.where(blue_is_red, of_red, torch.where(blue_is_green, of_green, number[:, 2]))
    return images[new], torch.stack([of_red, of_green, of_blue], dim=1)


def _check_batch(images: torch.Tensor) -> None:
    if images.ndim != 4 or images.shape[1] != 3 or images.dtype != torch.uint8:
        raise ImageError(f"a batch is (n, 3, height, width) uint8, got {tuple(images.shape)} {images.dtype}")
