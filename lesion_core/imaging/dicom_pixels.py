"""One frame of a DICOM data set to RGB: which decoder, which colours. Grey values are the task of `dicom_grey`.

Decoders are chosen by transfer syntax and never tried in turn: Pillow for JPEG, pyjpegls for JPEG-LS, OpenJPEG for
JPEG 2000, pydicom's own for RLE, and GDCM in a child process for JPEG lossless (it ends its process on damaged data).
The size inside a compressed frame is compared with the header's before it is decoded.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL.JpegImagePlugin import JpegImageFile
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels import apply_color_lut, pixel_array
from pydicom.uid import UID

from lesion_core.errors import ImageError
from lesion_core.imaging.dicom_grey import grey_frame
from lesion_core.imaging.headers import CodestreamHeader, jpeg2000_header, jpeg_header
from lesion_core.imaging.lossless import LosslessFrame, decode_lossless

PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")

_JPEG = frozenset((uids.JPEGBaseline8Bit, uids.JPEGExtended12Bit))
_JPEG_LOSSLESS = frozenset((uids.JPEGLossless, uids.JPEGLosslessSV1))
_JPEG_LS = frozenset((uids.JPEGLSLossless, uids.JPEGLSNearLossless))
_JPEG_2000 = frozenset((uids.JPEG2000Lossless, uids.JPEG2000, uids.HTJ2KLossless, uids.HTJ2KLosslessRPCL, uids.HTJ2K))
_COMPRESSED = _JPEG | _JPEG_LOSSLESS | _JPEG_LS | _JPEG_2000 | {uids.RLELossless}
_COLOURS = frozenset(("RGB", "YBR_FULL", "YBR_FULL_422"))
_COLOURS_OF_JPEG_2000 = _COLOURS | {"YBR_ICT", "YBR_RCT"}
_SINGLE = frozenset(("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"))
_END_OF_IMAGE = b"\xff\xd9"


@dataclass(frozen=True)
class FrameHeader:
    """What a DICOM header says of its pixels.

    Attributes:
        rows: height in pixels.
        columns: width in pixels.
        frames: at least 1.
        samples: per pixel.
        photometric: photometric interpretation, e.g. "MONOCHROME2", "RGB", "YBR_FULL_422", "PALETTE COLOR".
        bits_allocated: per sample.
        bits_stored: of these, how many are used.
        signed: whether samples are two's complement.
        syntax: transfer syntax of the pixel data.
    """

    rows: int
    columns: int
    frames: int
    samples: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    signed: bool
    syntax: UID


@dataclass(frozen=True)
class ShownFrame:
    """A frame as it is shown.

    Attributes:
        pixels: (height, width, 3) uint8, RGB, 0-255.
        notes: what was done to it, in sentences for the user.
    """

    pixels: NDArray[np.uint8]
    notes: tuple[str, ...]


def frame_to_rgb(dataset: Dataset, header: FrameHeader, index: int) -> ShownFrame:
    """Decode and colour one frame.

    Args:
        dataset: with pixel data; it is changed.
        header: what it says of its pixels, sizes checked.
        index: of the frame, from 0.

    Raises:
        ImageError: colours or a transfer syntax that are not read, or a frame that contradicts the header.
    """
    _check_colours(header)
    stored = _stored_values(dataset, header, index)
    if stored.shape[:2] != (header.rows, header.columns):
        raise _contradiction(header, f"{stored.shape[1]} x {stored.shape[0]} pixels")
    if header.samples == 3:
        space = str(dataset.PhotometricInterpretation)  # by now the one of the codestream, where that tells
        notes = () if space == "RGB" else (f"The colours were turned from {space} into RGB.",)
        return ShownFrame(_eight_bits(stored, header), notes)
    if header.photometric == "PALETTE COLOR":
        return ShownFrame(_palette(stored, dataset, header), ("The palette colours were turned into RGB.",))
    grey = grey_frame(stored, dataset, index, bits=int(dataset.get("BitsStored", header.bits_stored)))
    pixels, grey_notes = grey.pixels, list(grey.notes)
    if header.photometric == "MONOCHROME1":
        pixels = 255 - pixels
        grey_notes.append("The file stores white as its lowest value (MONOCHROME1): it was inverted.")
    return ShownFrame(np.repeat(pixels[:, :, None], 3, axis=2), tuple(grey_notes))


def _check_colours(header: FrameHeader) -> None:
    """Refuse colours that are not read, before anything is decoded."""
    colours = _COLOURS_OF_JPEG_2000 if header.syntax in _JPEG_2000 else _COLOURS
    known = {1: _SINGLE, 3: colours}.get(header.samples, frozenset())
    if header.photometric not in known or (header.samples == 3 and header.signed):
        raise ImageError(
            f"the colours of this DICOM file are not read ({header.photometric or 'none stated'}, {header.samples} "
            f"{'signed ' if header.signed else ''}values per pixel): export it as RGB or grey, or as PNG"
        )
    if header.syntax.is_encapsulated and header.syntax not in _COMPRESSED:
        raise ImageError(
            f"the compression of this DICOM file is not read ({header.syntax.name}): "
            "export it uncompressed, or a still image instead of a video"
        )


def _stored_values(dataset: Dataset, header: FrameHeader, index: int) -> NDArray[np.number]:
    """Values of one frame as stored, colours already RGB: (rows, columns) or (rows, columns, 3)."""
    syntax = header.syntax
    if not syntax.is_encapsulated:
        _check_native(dataset, header)
        return pixel_array(dataset, index=index, allow_excess_frames=False)
    codestream = _frame_bytes(dataset, header, index)
    if syntax == uids.RLELossless:
        _check_rle(codestream, header)
        return pixel_array(dataset, index=index, decoding_plugin="pydicom")
    if syntax in _JPEG_2000:
        _check_codestream(jpeg2000_header(codestream), header)
        return pixel_array(dataset, index=index, decoding_plugin="pylibjpeg")
    inside = jpeg_header(codestream)
    _check_codestream(inside, header)
    if syntax in _JPEG_LS:
        # Without its end marker pyjpegls searches for it for many seconds.
        if not codestream.rstrip(b"\0").endswith(_END_OF_IMAGE):
            raise ImageError("the compressed frame of this DICOM file is cut off (JPEG-LS): export or copy it again")
        return pixel_array(dataset, index=index, decoding_plugin="pyjpegls")
    if syntax in _JPEG_LOSSLESS:
        frame = _lossless(header, inside)
        pixels = decode_lossless(codestream, frame)
        return _as_native(dataset, pixels, header.photometric, allocated=frame.bits_allocated, stored=frame.bits_stored)
    pixels, photometric = _decode_jpeg(codestream, inside, header.photometric)
    return _as_native(dataset, pixels, photometric, allocated=8, stored=8)


def _check_native(dataset: Dataset, header: FrameHeader) -> None:
    """Uncompressed pixel data must be that and must be all there."""
    element = next(dataset[keyword] for keyword in PIXEL_KEYWORDS if keyword in dataset)
    if element.is_undefined_length:
        raise ImageError("this DICOM file does not state how its pixels are compressed: export it uncompressed")
    bits = header.rows * header.columns * header.samples * header.bits_allocated * header.frames
    if header.photometric == "YBR_FULL_422":  # two pixels share their chroma
        bits = bits * 2 // 3
    expected, got = bits // 8, len(element.value or b"")
    if got < expected:
        raise ImageError(
            f"this DICOM file is cut off: its pixel data should have {expected:,} bytes and has {got:,}: "
            "copy or export it again"
        )


def _frame_bytes(dataset: Dataset, header: FrameHeader, index: int) -> bytes:
    """The compressed frame."""
    table, lengths = dataset.get("ExtendedOffsetTable"), dataset.get("ExtendedOffsetTableLengths")
    offsets = (table, lengths) if table and lengths else None
    frame: bytes = get_frame(dataset.PixelData, index, number_of_frames=header.frames, extended_offsets=offsets)
    return frame


def _check_codestream(inside: CodestreamHeader, header: FrameHeader) -> None:
    """The compressed frame must be what the DICOM header says: a decoder allocates by the former."""
    if (inside.height, inside.width, inside.components) != (header.rows, header.columns, header.samples):
        raise _contradiction(header, f"{inside.width:,} x {inside.height:,} (samples per pixel: {inside.components})")
    if header.syntax in _JPEG and inside.precision != 8:
        raise ImageError(
            f"JPEG with {inside.precision} bits is not read (this DICOM file, {header.syntax.name}): "
            "export it uncompressed or as PNG"
        )
    if inside.precision > header.bits_allocated:
        raise _contradiction(header, f"values of {inside.precision} bits")


def _check_rle(frame: bytes, header: FrameHeader) -> None:
    """A run-length encoded frame (PS3.5, annex G) is never twice as long as its pixels; its decoder knows no bounds."""
    pixels = header.rows * header.columns * header.samples * header.bits_allocated // 8
    if len(frame) > 2 * pixels + 1024:
        raise _contradiction(header, f"{len(frame):,} bytes of run lengths")


def _decode_jpeg(codestream: bytes, inside: CodestreamHeader, photometric: str) -> tuple[bytes, str]:
    """Interleaved 8-bit samples of a JPEG frame, and their photometric interpretation.

    What the codestream says of its colours goes before the DICOM header, which is often wrong. Adobe's marker makes the
    decoder turn the colours into RGB by itself; otherwise it is told to leave them.
    """
    image = JpegImageFile(io.BytesIO(codestream))
    if inside.components == 3 and inside.space != "RGB" and not inside.adobe:
        image.draft("YCbCr", image.size)
        return image.tobytes(), "YBR_FULL" if inside.space == "YBR" or photometric != "RGB" else "RGB"
    return image.tobytes(), "RGB" if inside.components == 3 else photometric


def _lossless(header: FrameHeader, inside: CodestreamHeader) -> LosslessFrame:
    """What GDCM must know; the depth is that of the codestream."""
    return LosslessFrame(
        rows=header.rows,
        columns=header.columns,
        samples=header.samples,
        bits_allocated=8 if inside.precision <= 8 else 16,
        bits_stored=min(header.bits_stored, inside.precision),
        signed=header.signed,
        photometric=header.photometric,
        syntax=str(header.syntax),
    )


def _as_native(dataset: Dataset, pixels: bytes, photometric: str, *, allocated: int, stored: int) -> NDArray[np.number]:
    """Let pydicom interpret decoded samples of so many bits: signs, unused bits, colours."""
    dataset.file_meta.TransferSyntaxUID = uids.ExplicitVRLittleEndian
    dataset.PixelData = pixels
    dataset.NumberOfFrames = 1
    dataset.PlanarConfiguration = 0
    # Decoded YBR_FULL_422 has all its chroma samples.
    dataset.PhotometricInterpretation = "YBR_FULL" if photometric == "YBR_FULL_422" else photometric
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, stored, stored - 1
    return pixel_array(dataset, index=0)


def _eight_bits(stored: NDArray[np.number], header: FrameHeader) -> NDArray[np.uint8]:
    """Colours of more than 8 bits: their upper 8 bits."""
    if header.bits_stored > 8 and stored.dtype.itemsize > 1:
        stored = np.right_shift(stored.astype(np.int64), header.bits_stored - 8)
    return np.ascontiguousarray(np.clip(stored, 0, 255), dtype=np.uint8)


def _palette(stored: NDArray[np.number], dataset: Dataset, header: FrameHeader) -> NDArray[np.uint8]:
    """Look the colours up (PS3.3, C.7.6.3.1.5 and C.7.6.3.1.6)."""
    count = 1 << min(header.bits_stored, 16)
    first = -(count // 2) if header.signed else 0
    table = apply_color_lut(np.arange(first, first + count), dataset)[:, :3]
    # Entries of 16 bits hold the colour in their upper byte; some writers fill the lower one only.
    shift = 8 if table.dtype.itemsize > 1 and table.max() > 255 else 0
    picks = np.clip(np.subtract(stored, first, dtype=np.int64), 0, count - 1)
    pixels: NDArray[np.uint8] = (table >> shift).astype(np.uint8)[picks]
    return pixels


def _contradiction(header: FrameHeader, got: str) -> ImageError:
    return ImageError(
        f"this DICOM file is damaged: its header says {header.columns:,} x {header.rows:,} pixels (samples per pixel: "
        f"{header.samples}, bits: {header.bits_allocated}), its frame has {got}: export it again"
    )
