"""SVD variants kept on disk between training runs, found by the content of the RoI.

One file per RoI holds its three SVD images (the other five variants cost nothing to make). Its name is the SHA-256 of
everything that decides what is inside: the RoI's pixels, the ratios, how they are counted and the version of the
algorithm, so a stale entry can never be taken for a fresh one. A file appears whole or not at all: it is written beside
its place and moved there, so an interrupted run leaves nothing that a later one could trip over, and several processes
may fill one folder. A damaged file is noticed by its CRC-32 and made anew.

A grey RoI is kept as one channel: 147 KiB at 224 x 224, a coloured one 441 KiB.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.augment.svd import By
from lesion_core.augment.variants import SVD_RATIOS, Variants, combine, svd_images
from lesion_core.errors import ImageError

#: Raise it when `svd` gives other pixels than before.
ALGORITHM = 2


class VariantCache:
    """A folder of SVD variants.

    Example:
        >>> cache = VariantCache(Path("runs/variants"))  # doctest: +SKIP
        >>> first = cache.eight_variants_of_each(rois)  # doctest: +SKIP
    """

    def __init__(self, folder: Path, *, by: By = "count") -> None:
        self.folder = Path(folder)
        self.by: By = by

    def eight_variants_of_each(
        self, rois: Sequence[NDArray[np.uint8]], *, workers: int | None = None
    ) -> list[Variants]:
        """As `variants.eight_variants_of_each`; what the folder does not hold is made together and added to it.

        Args:
            rois: (height, width, 3) uint8 each.
            workers: as there.

        Raises:
            ImageError: an RoI of another shape or type, or without pixels.
        """
        files = [self.file_of(roi) for roi in rois]
        found = [_read(file, roi.shape) for file, roi in zip(files, rois, strict=True)]
        missing = [index for index, images in enumerate(found) if images is None]
        made = svd_images([rois[index] for index in missing], by=self.by, workers=workers)
        for index, images in zip(missing, made, strict=True):
            _write(files[index], images)
            found[index] = images
        return [combine(roi, images) for roi, images in zip(rois, found, strict=True) if images is not None]

    def file_of(self, roi: NDArray[np.uint8]) -> Path:
        """Where an RoI's SVD variants are kept.

        Args:
            roi: (height, width, 3) uint8.

        Raises:
            ImageError: another shape or type.
        """
        if roi.dtype != np.uint8 or roi.ndim != 3 or roi.shape[2] != 3:
            raise ImageError(f"an RoI is (height, width, 3) uint8, got {roi.shape} {roi.dtype}")
        recipe = f"svd {ALGORITHM} {self.by} {tuple(SVD_RATIOS.values())} {roi.shape}\n"
        digest = hashlib.sha256(recipe.encode())
        digest.update(np.ascontiguousarray(roi).data)
        name = digest.hexdigest()
        return self.folder / name[:2] / f"{name}.npz"


def _read(file: Path, shape: tuple[int, ...]) -> tuple[NDArray[np.uint8], ...] | None:
    """The SVD images in a file, or None where there is no sound one."""
    try:
        # From memory: on a damaged file np.load would leave the file open.
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as entry:
            images = entry["images"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if images.dtype != np.uint8 or images.shape not in {(3, *shape), (3, *shape[:2], 1)}:
        return None
    return tuple(np.broadcast_to(image, shape).copy() for image in images)


def _write(file: Path, images: tuple[NDArray[np.uint8], ...]) -> None:
    """Put the SVD images into a file, whole or not at all."""
    stack = np.stack(images)
    if (stack[..., :1] == stack).all():
        stack = stack[..., :1]
    content = io.BytesIO()
    np.savez(content, images=stack)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content.getbuffer())
            stream.flush()
            os.fsync(stream.fileno())
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
