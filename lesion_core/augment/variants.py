"""The paper's fixed set of eight training images per RoI: itself, four geometric, three from its singular values.

The order is the paper's: the RoI is resized to 224 x 224 x 3 with bicubic interpolation first (`imaging.prepare`), then
augmented, so `svd45` keeps 101, `svd35` 78 and `svd25` 56 of 224 singular values per channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from lesion_core.augment.blas import one_blas_thread, usable_cores
from lesion_core.augment.channels import Pixels, distinct_channels, stack_channels
from lesion_core.augment.geometric import mirror, rotate
from lesion_core.augment.svd import By, rebuild_channel
from lesion_core.errors import ImageError

#: The shares of singular values that the paper keeps, by the variant's name.
SVD_RATIOS: dict[str, float] = {"svd45": 0.45, "svd35": 0.35, "svd25": 0.25}
#: The eight, in the order of every file and every screen.
VARIANT_NAMES: tuple[str, ...] = ("original", "rot090", "rot180", "rot270", "mirror", *SVD_RATIOS)
#: What each of them is, for people.
VARIANT_TITLES: dict[str, str] = {
    "original": "Original",
    "rot090": "Rotated 90°",
    "rot180": "Rotated 180°",
    "rot270": "Rotated 270°",
    "mirror": "Mirrored",
    "svd45": "SVD, top 45 %",
    "svd35": "SVD, top 35 %",
    "svd25": "SVD, top 25 %",
}


@dataclass(frozen=True)
class Variants:
    """The eight variants of one RoI.

    Attributes:
        images: (height, width, 3) uint8, RGB, 0-255, in the order of `VARIANT_NAMES`; height and width change places in
            `rot090` and `rot270`.
    """

    images: tuple[NDArray[np.uint8], ...]

    def __getitem__(self, name: str) -> NDArray[np.uint8]:
        return self.images[VARIANT_NAMES.index(name)]

    def items(self) -> Iterator[tuple[str, NDArray[np.uint8]]]:
        """Names with their images."""
        return zip(VARIANT_NAMES, self.images, strict=True)

    def stack(self) -> NDArray[np.uint8]:
        """All eight of a square RoI in one array, (8, height, width, 3) uint8.

        Raises:
            ImageError: the RoI is not square.
        """
        height, width = self.images[0].shape[:2]
        if height != width:
            raise ImageError(f"only a square RoI's variants can be stacked, got {height} x {width}: resize it first")
        return np.stack(self.images)


def eight_variants(roi: NDArray[np.uint8], *, by: By = "count") -> Variants:
    """Make the eight variants of one RoI; different channels are decomposed side by side.

    Args:
        roi: (height, width, 3) uint8, RGB; (224, 224, 3) as `imaging.prepare` makes it.
        by: what 45, 35 and 25 % are shares of: the number of singular values (the paper) or their energy.

    Raises:
        ImageError: another shape or type, or no pixels.
    """
    return eight_variants_of_each([roi], by=by)[0]


def eight_variants_of_each(
    rois: Sequence[NDArray[np.uint8]], *, by: By = "count", workers: int | None = None
) -> list[Variants]:
    """Make the eight variants of many RoIs, decompositions side by side.

    Args:
        rois: (height, width, 3) uint8 each.
        by: as `eight_variants`.
        workers: threads; one for each usable core when left out.

    Raises:
        ImageError: an RoI of another shape or type, or without pixels.
    """
    rebuilt = svd_images(rois, by=by, workers=workers)
    return [combine(roi, images) for roi, images in zip(rois, rebuilt, strict=True)]


def svd_images(
    rois: Sequence[NDArray[np.uint8]], *, by: By = "count", workers: int | None = None
) -> list[tuple[NDArray[np.uint8], ...]]:
    """The three SVD variants of many RoIs, in the order of `SVD_RATIOS`; the costly part of the eight.

    Args:
        rois: (height, width, 3) uint8 each.
        by: as `eight_variants`.
        workers: as `eight_variants_of_each`.

    Raises:
        ImageError: an RoI of another shape or type, or without pixels.
    """
    for roi in rois:
        if roi.dtype != np.uint8:
            raise ImageError(f"an RoI is uint8, 0-255, got {roi.dtype}")
    split = [distinct_channels(roi) for roi in rois]
    planes = [plane for distinct, _ in split for plane in distinct]
    ratios = tuple(SVD_RATIOS.values())

    def job(plane: Pixels) -> tuple[NDArray[np.uint8], ...]:
        return rebuild_channel(plane, ratios, by=by)

    threads = min(workers or usable_cores(), len(planes))
    with one_blas_thread():
        if threads <= 1:
            return _restack(map(job, planes), split)
        with ThreadPoolExecutor(threads, thread_name_prefix="svd") as pool:
            return _restack(pool.map(job, planes), split)


def combine(roi: NDArray[np.uint8], svd: tuple[NDArray[np.uint8], ...]) -> Variants:
    """The eight from an RoI and its three SVD images; the rest costs next to nothing."""
    turned = (rotate(roi, degrees) for degrees in (90, 180, 270))
    return Variants((roi.copy(), *turned, mirror(roi), *svd))


def _restack(
    pictures: Iterator[tuple[NDArray[np.uint8], ...]], split: Sequence[tuple[list[Pixels], tuple[int, ...]]]
) -> list[tuple[NDArray[np.uint8], ...]]:
    """Put rebuilt channels together to images while the next ones are still being rebuilt."""
    return [stack_channels(list(islice(pictures, len(planes))), channel_of) for planes, channel_of in split]
