"""Random augmentation for the `best` preset, with torchvision's v2 operations (heavy: imports torch).

Chance is kept apart from arithmetic: `sample` draws what will be done, a small record that can be printed and saved;
`apply` does it and draws nothing. Both work per image, so that a training set can draw from a generator seeded with
(seed, epoch, index of the image) and give the same pictures whatever the number of workers:

    rng = np.random.default_rng((seed, epoch, index))
    pixels = apply(image, sample(settings, rng))

The steps, in order: a quarter turn, a mirror image, an SVD approximation of random rank, a small affine movement,
brightness, contrast and gamma (depth gain and dynamic range differ between scanners), additive noise. Each can be
switched off by its setting.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional

from lesion_core.augment.batched import mirror, rotate, svd_images
from lesion_core.errors import ImageError, InputError


@dataclass(frozen=True)
class RandomSettings:
    """How strongly to augment; all zeros (`RandomSettings.off()`) changes nothing.

    Attributes:
        quarter_turns: draw one of the four turns by 90 degrees. Off by default: the beam is vertical, and depth, shadow
            and "taller than wide" carry meaning.
        mirror_share: share of images mirrored left to right, 0-1.
        svd_share: share of images replaced by an SVD approximation, 0-1.
        svd_ratio: smallest and largest share of singular values that such an approximation keeps, above 0, at most 1.
        turn_deg: largest turn either way, degrees.
        shift: largest movement either way, as a share of the side.
        scale: largest enlargement, as a factor (1.1 draws between 1/1.1 and 1.1).
        brightness: largest change of all grey levels either way, as a share of 255.
        contrast: largest factor on the distance from the mean grey level (1.2 draws between 1/1.2 and 1.2).
        gamma: largest exponent (1.2 draws between 1/1.2 and 1.2).
        noise_sd: largest standard deviation of added normal noise, as a share of 255.
    """

    quarter_turns: bool = False
    mirror_share: float = 0.5
    svd_share: float = 0.3
    svd_ratio: tuple[float, float] = (0.25, 0.6)
    turn_deg: float = 10.0
    shift: float = 0.05
    scale: float = 1.1
    brightness: float = 0.08
    contrast: float = 1.2
    gamma: float = 1.2
    noise_sd: float = 0.02

    def __post_init__(self) -> None:
        for name in ("mirror_share", "svd_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} must be 0 to 1, got {getattr(self, name):g}")
        for name in ("turn_deg", "shift", "brightness", "noise_sd"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"{name} must be 0 or more, got {getattr(self, name):g}")
        for name in ("scale", "contrast", "gamma"):
            if not 1 <= getattr(self, name) < math.inf:
                raise InputError(f"{name} is a factor of 1 or more, got {getattr(self, name):g}")
        low, high = self.svd_ratio
        if not 0 < low <= high <= 1:
            raise InputError(f"svd_ratio must be two shares above 0, at most 1, in order, got {self.svd_ratio}")

    @classmethod
    def off(cls) -> RandomSettings:
        """Settings that leave every image as it is."""
        return cls(
            mirror_share=0, svd_share=0, turn_deg=0, shift=0, scale=1, brightness=0, contrast=1, gamma=1, noise_sd=0
        )


@dataclass(frozen=True)
class Draw:
    """What will be done to one image. `Draw()` does nothing.

    Attributes:
        turn: 0, 90, 180 or 270 degrees counter-clockwise.
        mirrored: left to right.
        svd_ratio: share of singular values kept, 1 for all.
        angle_deg: degrees counter-clockwise.
        shift: (right, down), as shares of the width and the height.
        scale: factor.
        brightness: added, as a share of 255.
        contrast: factor.
        gamma: exponent.
        noise_sd: as a share of 255.
        noise_seed: of the added noise.
    """

    turn: int = 0
    mirrored: bool = False
    svd_ratio: float = 1.0
    angle_deg: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    brightness: float = 0.0
    contrast: float = 1.0
    gamma: float = 1.0
    noise_sd: float = 0.0
    noise_seed: int = 0


def sample(settings: RandomSettings, rng: np.random.Generator) -> Draw:
    """Draw what to do to one image.

    The generator moves on by the same number of draws whatever the settings, so changing one of them leaves what the
    others do to an image as it was.
    """

    def either_way() -> float:
        return float(rng.uniform(-1, 1))

    turn, mirrored, approximated = 90 * int(rng.integers(4)), rng.random(), rng.random()
    svd_ratio = float(rng.uniform(*settings.svd_ratio))
    return Draw(
        turn=turn if settings.quarter_turns else 0,
        mirrored=bool(mirrored < settings.mirror_share),
        svd_ratio=svd_ratio if approximated < settings.svd_share else 1.0,
        angle_deg=either_way() * settings.turn_deg,
        shift=(either_way() * settings.shift, either_way() * settings.shift),
        scale=settings.scale ** either_way(),
        brightness=either_way() * settings.brightness,
        contrast=settings.contrast ** either_way(),
        gamma=settings.gamma ** either_way(),
        noise_sd=float(rng.random()) * settings.noise_sd,
        noise_seed=int(rng.integers(2**31)),
    )


def apply(image: torch.Tensor, draw: Draw) -> torch.Tensor:
    """Do what was drawn; the same draw gives the same picture, on any device within rounding.

    Args:
        image: (3, height, width) uint8, RGB, 0-255; square if it is to be turned by 90 or 270 degrees.
        draw: from `sample`.

    Returns:
        (3, height, width) uint8, on the same device.

    Raises:
        ImageError: another shape or type.
    """
    if image.ndim != 3 or image.shape[0] != 3 or image.dtype != torch.uint8:
        raise ImageError(f"an image here is (3, height, width) uint8, got {tuple(image.shape)} {image.dtype}")
    if draw.turn % 180 and image.shape[1] != image.shape[2]:
        raise ImageError(f"only a square image keeps its size when turned, got {tuple(image.shape[1:])}")
    image = rotate(image, draw.turn)
    if draw.mirrored:
        image = mirror(image)
    if draw.svd_ratio < 1:
        image = svd_images(image[None], (draw.svd_ratio,))[0, 0]
    return _change_grey_levels(_move(image, draw), draw)


class RandomAugmentation(v2.Transform):
    """`sample` and `apply` as one torchvision v2 transform of images, for a `v2.Compose`.

    Args:
        settings: how strongly.
        rng: where chance comes from; give each worker of a data loader its own.
    """

    def __init__(self, settings: RandomSettings, rng: np.random.Generator) -> None:
        super().__init__()
        self.settings = settings
        self.rng = rng

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Draw once for everything that is handed in together (torchvision's own protocol asks for a dict)."""
        return {"draw": sample(self.settings, self.rng)}

    def transform(self, inpt: torch.Tensor, params: dict[str, Any]) -> torch.Tensor:
        """Apply the draw to one image."""
        return apply(inpt, params["draw"])


def _move(image: torch.Tensor, draw: Draw) -> torch.Tensor:
    """Turn, shift and scale with bilinear interpolation; what comes in from outside is the image reflected."""
    if draw.angle_deg == 0 and draw.shift == (0, 0) and draw.scale == 1:
        return image
    height, width = image.shape[-2:]
    border = min(height, width) // 3
    moved = functional.affine(
        functional.pad(image, [border], padding_mode="reflect"),
        angle=-draw.angle_deg,  # torchvision counts clockwise
        translate=[draw.shift[0] * width, draw.shift[1] * height],
        scale=draw.scale,
        shear=[0.0, 0.0],
        interpolation=InterpolationMode.BILINEAR,
    )
    back: torch.Tensor = functional.center_crop(moved, [height, width])
    return back


def _change_grey_levels(image: torch.Tensor, draw: Draw) -> torch.Tensor:
    """Gamma, contrast about the mean, brightness, noise: in floating point, rounded once at the end."""
    if (draw.gamma, draw.contrast, draw.brightness, draw.noise_sd) == (1, 1, 0, 0):
        return image
    grey = (image.float() / 255) ** draw.gamma
    mean = grey.mean()
    grey = (grey - mean) * draw.contrast + mean + draw.brightness
    if draw.noise_sd > 0:
        # Drawn on the CPU so that every device gets the same; one plane, for ultrasound images are grey.
        generator = torch.Generator().manual_seed(draw.noise_seed)
        noise = torch.randn((1, *image.shape[1:]), generator=generator).to(image.device)
        grey = grey + draw.noise_sd * noise
    return (grey * 255).round().clamp(0, 255).to(torch.uint8)
