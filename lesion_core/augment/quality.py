"""How far a rebuilt image is from its original: numbers with a source, and a picture of the difference.

Images are (height, width, 3) uint8, 0-255.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.augment.channels import to_pixels
from lesion_core.errors import ImageError

#: Side of the window over which SSIM is averaged: a normal weight of SD 1.5, cut off at 3.5 SD.
SSIM_WINDOW = 11


@dataclass(frozen=True)
class Quality:
    """A rebuilt image against its original.

    Attributes:
        psnr_db: peak signal-to-noise ratio, decibels; infinite when the images are equal.
        ssim: structural similarity, at most 1; None where the image is smaller than its window.
        rms: root mean square difference, grey levels.
        largest: largest difference of one pixel, grey levels.
    """

    psnr_db: float
    ssim: float | None
    rms: float
    largest: int


def compare(original: NDArray[np.uint8], rebuilt: NDArray[np.uint8]) -> Quality:
    """Measure with scikit-image.

    PSNR = 20 log10(255 / rms). SSIM by Wang, Bovik, Sheikh and Simoncelli 2004 (IEEE Trans Image Process 13:600,
    eq. 13) with their constants and normal weights of SD 1.5; the mean over the channels.

    Args:
        original: (height, width, 3) uint8.
        rebuilt: of the same shape.

    Raises:
        ImageError: the shapes differ.
    """
    _check_shapes(original, rebuilt)
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    difference = rebuilt.astype(np.float64) - original
    rms = float(np.sqrt(np.mean(difference**2)))
    ssim = None
    if min(original.shape[:2]) >= SSIM_WINDOW:
        grey = all((image == image[..., :1]).all() for image in (original, rebuilt))
        first, second = (original[..., 0], rebuilt[..., 0]) if grey else (original, rebuilt)
        ssim = float(
            structural_similarity(
                first,
                second,
                channel_axis=None if grey else -1,
                data_range=255,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
        )
    return Quality(
        psnr_db=float(peak_signal_noise_ratio(original, rebuilt)) if rms > 0 else math.inf,
        ssim=ssim,
        rms=rms,
        largest=int(np.abs(difference).max()),
    )


def difference_image(
    original: NDArray[np.uint8], rebuilt: NDArray[np.uint8], *, gain: float = 4.0
) -> NDArray[np.uint8]:
    """What a reconstruction added and took away: middle grey where nothing, lighter where it is lighter.

    Args:
        original: (height, width, 3) uint8.
        rebuilt: of the same shape.
        gain: by how much differences are amplified.

    Returns:
        128 + gain * (rebuilt - original), limited to 0-255, (height, width, 3) uint8.

    Raises:
        ImageError: the shapes differ.
    """
    _check_shapes(original, rebuilt)
    return to_pixels(128 + gain * (rebuilt.astype(np.float64) - original))


def _check_shapes(original: NDArray[np.uint8], rebuilt: NDArray[np.uint8]) -> None:
    if original.shape != rebuilt.shape or original.ndim != 3:
        raise ImageError(f"two images of one shape are compared, got {original.shape} and {rebuilt.shape}")
