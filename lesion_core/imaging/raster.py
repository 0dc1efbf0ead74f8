"""PNG, JPEG, TIFF, BMP, WebP and GIF to RGB, through Pillow.

Arrays are (height, width, 3) uint8, RGB, 0-255, turned upright. The decoder is chosen by the file's content and called
directly, never through `PIL.Image.open`: its size is then known before anything is decoded and without touching
Pillow's process-wide limits, so that threads do not get into each other's way.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from lesion_core.errors import ImageError
from lesion_core.imaging.grey import spread
from lesion_core.imaging.headers import gif_header, tiff_pages, webp_header
from lesion_core.imaging.limits import check_size, choose_frame
from lesion_core.records import LoadedImage

_DECODERS: dict[str, type[ImageFile.ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "TIFF": TiffImageFile,
    "BMP": BmpImageFile,
    "WebP": WebPImageFile,
    "GIF": GifImageFile,
}
#: What Pillow raises on damaged files, as found by mutating files of every format (tests/imaging/test_fuzz.py) and, for
#: KeyError, struct.error and DecompressionBombError, in its sources. A warning is among them only where the caller has
#: turned warnings into errors.
_DAMAGE = (
    EOFError,
    IndexError,
    KeyError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    Image.DecompressionBombError,
)

#: EXIF orientation -> what turns the image upright, and how to say so (EXIF 2.32, tag 0x0112).
_UPRIGHT = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT, "mirrored left to right"),
    3: (Image.Transpose.ROTATE_180, "turned by 180 degrees"),
    4: (Image.Transpose.FLIP_TOP_BOTTOM, "mirrored top to bottom"),
    5: (Image.Transpose.TRANSPOSE, "mirrored along its diagonal"),
    6: (Image.Transpose.ROTATE_270, "turned by 90 degrees clockwise"),
    7: (Image.Transpose.TRANSVERSE, "mirrored along its other diagonal"),
    8: (Image.Transpose.ROTATE_90, "turned by 90 degrees counter-clockwise"),
}
_GREY_NAMES = {"I": "32-bit grey", "F": "floating-point grey"}


@dataclass(frozen=True)
class _Opened:
    """A file whose header was read: Pillow's decoder, the number of frames, whether the file ends as it should."""

    image: ImageFile.ImageFile
    frames: int
    complete: bool


def read_raster(data: bytes, kind: str, *, sha256: str, frame: int | None = None) -> LoadedImage:
    """Decode one frame.

    Args:
        data: the whole file.
        kind: what `sniff.kind_of` says of it.
        sha256: of `data`, for the record.
        frame: which one; by default the first page of a TIFF and the middle frame of an animation.

    Raises:
        ImageError: too large, too small, damaged, cut off, no such frame, or of colours that are not read.
    """
    opened = _open(data, kind)
    image, frames = opened.image, opened.frames
    index = choose_frame(frame, frames, default=0 if kind == "TIFF" else frames // 2)
    unit = "page" if kind == "TIFF" else "frame"
    middle = ", the middle one" if frame is None and kind != "TIFF" else ""
    notes = [f"{unit.capitalize()} {index + 1} of {frames} is shown{middle}."] if frames > 1 else []
    if not opened.complete:
        notes.append(f"The file is cut off or damaged after {unit} {frames}.")
    try:
        if kind == "PNG":
            _check_png(data)
        if index:
            image.seek(index)
        check_size(image.height, image.width, 1)
        if isinstance(image, TiffImageFile):
            _check_tiff(image)
        turn, turn_notes = _orientation(image)
        image.load()
        pixels, colour_notes = _to_rgb(image)
        if turn in _UPRIGHT and kind != "TIFF":  # Pillow has turned a TIFF already
            pixels = np.array(Image.fromarray(pixels).transpose(_UPRIGHT[turn][0]))
    except ImageError:
        raise
    except _DAMAGE as error:
        raise _damaged(kind, error) from error
    notes += [*turn_notes, *colour_notes]
    return LoadedImage(pixels, kind, sha256, frame=index, frames=frames, notes=tuple(notes))


def raster_frames(data: bytes, kind: str) -> int:
    """Number of frames or pages, from the headers alone.

    Args:
        data: the whole file.
        kind: what `sniff.kind_of` says of it.

    Raises:
        ImageError: too large, too small or damaged.
    """
    return _open(data, kind).frames


def _open(data: bytes, kind: str) -> _Opened:
    """Read the header and check the size; nothing is decoded."""
    frames, complete = 1, True
    if kind in ("GIF", "WebP"):
        header = gif_header(data) if kind == "GIF" else webp_header(data)
        frames, complete = header.frames, header.complete
        check_size(header.height, header.width, frames)
    elif kind == "TIFF":
        frames, complete = tiff_pages(data)
    try:
        image = _DECODERS[kind](io.BytesIO(data))
    except _DAMAGE as error:
        raise _damaged(kind, error) from error
    if kind in ("PNG", "WebP"):
        frames = int(getattr(image, "n_frames", 1))
    check_size(image.height, image.width, frames)
    return _Opened(image, frames, complete)


def _check_png(data: bytes) -> None:
    """Compare every checksum of a PNG: the decoder itself leaves those of the pixel data out."""
    PngImageFile(io.BytesIO(data)).verify()


def _check_tiff(image: TiffImageFile) -> None:
    """The strips or tiles must reach the last row: the decoder leaves what they do not cover black."""
    covered = max((tile[1][3] for tile in image.tile if tile[1] is not None), default=0)
    height = image.tag_v2[ExifTags.Base.ImageLength]
    if covered < height:
        raise OSError(f"its pixels cover {covered} of {height} rows")


def _orientation(image: ImageFile.ImageFile) -> tuple[int, list[str]]:
    """EXIF orientation (1-8, 1 where it does not say or says nonsense) and a note."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGE:
        return 1, ["Its EXIF data is damaged and was left aside."]
    if orientation in _UPRIGHT:
        return int(orientation), [f"The image was {_UPRIGHT[orientation][1]}, as its EXIF data asks."]
    return 1, []


def _to_rgb(image: Image.Image) -> tuple[NDArray[np.uint8], list[str]]:
    """(height, width, 3) uint8 of a loaded image in any of Pillow's modes, and notes."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        grey = spread(np.asarray(image), _GREY_NAMES.get(image.mode, "16-bit grey"))
        return np.repeat(grey.pixels[:, :, None], 3, axis=2), [grey.note]
    if image.mode in ("LA", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        alpha = rgba.getchannel("A")
        if alpha.getextrema() != (255, 255):
            shown = Image.composite(rgba.convert("RGB"), Image.new("RGB", image.size), alpha)
            return np.array(shown), ["Its transparent parts are shown on black."]
        return np.array(rgba.convert("RGB")), []
    notes = ["The colours for print (CMYK) were turned into RGB."] if image.mode == "CMYK" else []
    return np.array(image if image.mode == "RGB" else image.convert("RGB")), notes


def _damaged(kind: str, error: Exception) -> ImageError:
    reason = str(error).strip() or type(error).__name__
    return ImageError(
        f"this {kind} file is damaged, cut off or of an unusual kind, and cannot be decoded ({reason}): "
        "download or export it again, or save it as a plain PNG"
    )
