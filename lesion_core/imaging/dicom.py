"""DICOM to RGB, through pydicom: the file, its header and the frame; `dicom_pixels` decodes and colours it.

Nothing but pixels and their description is kept: no name, date or other tag of the patient leaves this module.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from pydicom import uid as uids
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from lesion_core.errors import ImageError
from lesion_core.imaging.dicom_pixels import PIXEL_KEYWORDS, FrameHeader, frame_to_rgb
from lesion_core.imaging.dicom_scale import mm_per_px
from lesion_core.imaging.limits import MAX_BYTES, check_size, choose_frame
from lesion_core.imaging.sniff import dicom_encoding
from lesion_core.records import LoadedImage

#: What pydicom and its decoders raise on damaged files, as found by mutating files of every transfer syntax
#: (tests/imaging/test_fuzz.py). A warning is among them only where the caller has turned warnings into errors.
_DAMAGE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)
_NATIVE = {
    (True, True): uids.ImplicitVRLittleEndian,
    (False, True): uids.ExplicitVRLittleEndian,
    (False, False): uids.ExplicitVRBigEndian,
}


def read_dicom(data: bytes, *, sha256: str, frame: int | None = None) -> LoadedImage:
    """Decode one frame.

    Args:
        data: the whole file, with or without the 128-byte preamble.
        sha256: of `data`, for the record.
        frame: which one, from 0; by default the middle one, as a sweep reaches the lesion midway.

    Raises:
        ImageError: no pixels, too large, too small, damaged, no such frame, or encoded in a way that is not read.
    """
    with _plain_errors():
        dataset, syntax = _parse(data)
        header = _header(dataset, syntax)
        index = choose_frame(frame, header.frames, default=header.frames // 2)
        shown = frame_to_rgb(dataset, header, index)
        notes = list(shown.notes)
        if header.frames > 1:
            middle = ", the middle one" if frame is None else ""
            notes.insert(0, f"Frame {index + 1} of {header.frames} is shown{middle}.")
        ratio = dataset.get("PixelAspectRatio")
        if ratio is not None and len(ratio) == 2 and int(ratio[0]) != int(ratio[1]):
            notes.append(f"Its pixels are not square ({ratio[0]}:{ratio[1]}, height to width); it is shown as stored.")
        scale = mm_per_px(dataset)
    return LoadedImage(
        shown.pixels, "DICOM", sha256, frame=index, frames=header.frames, notes=tuple(notes), mm_per_px=scale
    )


def dicom_frames(data: bytes) -> int:
    """Number of frames, from the header.

    Args:
        data: the whole file.

    Raises:
        ImageError: no pixels, too large, too small or damaged.
    """
    with _plain_errors():
        return _header(*_parse(data)).frames


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what the libraries raise on damaged files into one sentence for the user."""
    try:
        yield
    except ImageError:
        raise
    except _DAMAGE as error:
        reason = " ".join(str(error).split()).rpartition("by all available plugins: ")[2] or type(error).__name__
        raise ImageError(
            f"this DICOM file is damaged, cut off or of an unusual kind, and cannot be decoded ({reason}): "
            "export it again, or save the image as PNG"
        ) from error


def _parse(data: bytes) -> tuple[Dataset, UID]:
    """The data set, with a transfer syntax in its `file_meta`, and that transfer syntax."""
    start = 132 if data[128:132] == b"DICM" else 4 if data[:4] == b"DICM" else 0
    stream = io.BytesIO(data)
    stream.seek(start)
    meta = read_dataset(stream, is_implicit_VR=False, is_little_endian=True, stop_when=_after_meta)
    stated = meta.get("TransferSyntaxUID")
    if stated is None:
        position = stream.tell()
        encoding = dicom_encoding(data[position : position + 16])
        if encoding is None:
            raise ImageError("this DICOM file is damaged or cut off: no data follows its header: export it again")
        syntax = _NATIVE[encoding]
    else:
        syntax = UID(str(stated))
    if syntax == uids.DeflatedExplicitVRLittleEndian:
        stream = io.BytesIO(_inflate(data[stream.tell() :]))
        syntax = uids.ExplicitVRLittleEndian
    if not syntax.is_transfer_syntax or syntax.is_private:
        raise ImageError(
            f"this DICOM file is encoded in a way that is not read (transfer syntax {syntax}): export it uncompressed"
        )
    dataset = read_dataset(stream, syntax.is_implicit_VR, syntax.is_little_endian)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset, syntax


def _after_meta(tag: BaseTag, vr: str | None, length: int) -> bool:
    """Whether an element lies beyond the file's meta information (group 0002)."""
    return tag >> 16 != 2


def _inflate(compressed: bytes) -> bytes:
    """Undo the deflated transfer syntax (PS3.5, A.5), never past `MAX_BYTES`."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = inflater.decompress(compressed, MAX_BYTES + 1)
    if len(plain) > MAX_BYTES:
        raise ImageError(
            f"this DICOM file unpacks to more than {MAX_BYTES // 2**20} MiB: export a shorter clip or a single image"
        )
    if not inflater.eof:
        raise ImageError("this DICOM file is cut off: its deflated data has no end: copy or export it again")
    return plain


def _header(dataset: Dataset, syntax: UID) -> FrameHeader:
    """What the pixels are, checked before they are touched."""
    if not any(keyword in dataset for keyword in PIXEL_KEYWORDS):
        if "Rows" in dataset:
            raise ImageError("this DICOM file has no pixel data, or is cut off before it: export or copy it again")
        what = UID(str(dataset.get("SOPClassUID", ""))).name or "of no stated kind"
        raise ImageError(f"this DICOM file holds no image, it is: {what}: choose the image file of the study")
    frames = _integer(dataset, "NumberOfFrames", default=1) or 1
    header = FrameHeader(
        rows=_integer(dataset, "Rows"),
        columns=_integer(dataset, "Columns"),
        frames=frames,
        samples=_integer(dataset, "SamplesPerPixel", default=1),
        photometric=str(dataset.get("PhotometricInterpretation", "")).strip(),
        bits_allocated=_integer(dataset, "BitsAllocated"),
        bits_stored=_integer(dataset, "BitsStored", default=_integer(dataset, "BitsAllocated")),
        signed=_integer(dataset, "PixelRepresentation", default=0) == 1,
        syntax=syntax,
    )
    check_size(header.rows, header.columns, header.frames)
    return header


def _integer(dataset: Dataset, keyword: str, *, default: int | None = None) -> int:
    """An element's value as an integer."""
    value = dataset.get(keyword)
    if value is None or value == "":
        if default is None:
            raise ImageError(f"this DICOM file does not state {keyword}, which describes its pixels: export it again")
        return default
    return int(value)
