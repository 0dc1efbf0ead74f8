"""Any upload to an RGB array: the one entrance for images.

Arrays are (height, width, 3) uint8, RGB, 0-255, turned upright. What a file is, is told from its content, never from
its name. Sizes are checked on the headers, before anything is decoded. Safe to call from several threads at once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from lesion_core.errors import ImageError
from lesion_core.imaging.limits import MAX_BYTES
from lesion_core.imaging.raster import raster_frames, read_raster
from lesion_core.imaging.sniff import kind_of
from lesion_core.records import LoadedImage

# Pydicom takes half a second to import, so `dicom` is imported when a DICOM file arrives.


def read_image(source: Path | str | bytes, *, frame: int | None = None) -> LoadedImage:
    """Read PNG, JPEG, TIFF, BMP, WebP, GIF or DICOM.

    Args:
        source: path of the file, or its bytes.
        frame: which frame or page, from 0. By default the first page of a TIFF, the middle frame of a clip.

    Returns:
        The pixels and what was done to them, in `notes`.

    Raises:
        ImageError: no such file, no readable image, damaged, too large, too small, no such frame; the message can be
            shown to the user.

    Example:
        >>> image = read_image("nodule.png")  # doctest: +SKIP
        >>> image.pixels.shape, image.format  # doctest: +SKIP
        ((768, 1024, 3), 'PNG')
    """
    data = _bytes_of(source)
    kind = kind_of(data)
    sha256 = hashlib.sha256(data).hexdigest()
    if kind == "DICOM":
        from lesion_core.imaging.dicom import read_dicom

        return read_dicom(data, sha256=sha256, frame=frame)
    return read_raster(data, kind, sha256=sha256, frame=frame)


def frame_count(source: Path | str | bytes) -> int:
    """Number of frames or pages of a file, from its headers; nothing is decoded.

    Args:
        source: path of the file, or its bytes.

    Raises:
        ImageError: as for `read_image`, as far as the headers tell.
    """
    data = _bytes_of(source)
    kind = kind_of(data)
    if kind == "DICOM":
        from lesion_core.imaging.dicom import dicom_frames

        return dicom_frames(data)
    return raster_frames(data, kind)


def _bytes_of(source: Path | str | bytes) -> bytes:
    """The file's bytes, no more than `MAX_BYTES` of them."""
    if isinstance(source, bytes):
        _check_length(len(source))
        return source
    path = Path(source)
    try:
        if path.is_dir():
            raise ImageError(f"{path.name or path} is a folder, not an image: choose one file in it")
        if not path.is_file():
            raise ImageError(f"there is no file {path}: check the path")
        _check_length(path.stat().st_size)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ImageError(
            f"the file {path.name} cannot be read ({error.strerror or error}): check it and its permissions"
        ) from error
    _check_length(len(data))
    return data


def _check_length(length: int) -> None:
    if length > MAX_BYTES:
        raise ImageError(
            f"the file is too large: {length / 2**20:,.1f} MiB, at most {MAX_BYTES // 2**20} MiB are read: "
            "export a shorter clip or a single image"
        )
