"""What a file is, told from its first bytes: its name and its ending are never looked at."""

from __future__ import annotations

import codecs

from lesion_core.errors import ImageError

READABLE = "PNG, JPEG, TIFF, BMP, WebP, GIF or DICOM"

#: (offset, bytes) -> format, for what is read.
_IMAGES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),
    (0, b"MM\x00+", "TIFF"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WebP"),
)

_EXPORT = f"open it and save the image as {READABLE}"
_STILL = f"take one still image from it and upload that as {READABLE}"
_UNPACK = "unpack it and upload one image from it"

#: (offset, bytes, what it is, what to do), for what people upload by mistake.
_OTHERS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%PDF", "a PDF document", _EXPORT),
    (0, b"PK\x03\x04", "a ZIP archive or an office document", _UNPACK),
    (0, b"PK\x05\x06", "an empty ZIP archive", _UNPACK),
    (0, b"\x1f\x8b", "a gzip archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (0, b"Rar!", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (8, b"AVI ", "an AVI video", _STILL),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM video", _STILL),
    (0, b"\x00\x00\x01\xba", "an MPEG video", _STILL),
    (0, b"\x00\x00\x01\xb3", "an MPEG video", _STILL),
    (4, b"ftypheic", "an HEIC photograph", _EXPORT),
    (4, b"ftypheix", "an HEIC photograph", _EXPORT),
    (4, b"ftypmif1", "an HEIF photograph", _EXPORT),
    (4, b"ftypavif", "an AVIF image", _EXPORT),
    (4, b"ftyp", "an MP4 or QuickTime video", _STILL),
    (4, b"jP  \r\n\x87\n", "a JPEG 2000 image outside DICOM", _EXPORT),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 image outside DICOM", _EXPORT),
    (0, b"8BPS", "a Photoshop document", _EXPORT),
    (344, b"n+1\x00", "a NIfTI volume", _EXPORT),
    (344, b"ni1\x00", "a NIfTI header", _EXPORT),
    (0, b"\x93NUMPY", "a NumPy array", _EXPORT),
)

_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_DICOM_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT OB OW PN SH SL SQ SS ST TM UI UL UN US UT".split())
#: Longest value believed of the first element of an implicit DICOM without a preamble (group length, character set).
_FIRST_VALUE = 256


def kind_of(data: bytes) -> str:
    """The format of a file.

    Args:
        data: its bytes.

    Returns:
        "PNG", "JPEG", "TIFF", "BMP", "WebP", "GIF" or "DICOM".

    Raises:
        ImageError: empty, or nothing that is read: says what it seems to be.
    """
    if not data:
        raise ImageError("the file is empty (0 bytes): upload it again, or export the image anew")
    if _is_dicom(data):
        return "DICOM"
    for offset, magic, kind in _IMAGES:
        if data.startswith(magic, offset):
            return kind
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    for offset, magic, what, todo in _OTHERS:
        if data.startswith(magic, offset):
            raise ImageError(f"this is {what}, not an image that can be read: {todo}")
    raise ImageError(f"this is {_describe(data)}, not an image: upload a {READABLE} file")


def dicom_encoding(data: bytes) -> tuple[bool, bool] | None:
    """How a DICOM data set that begins at the first byte is encoded, where it can be told.

    Args:
        data: bytes from the first element on (no preamble; the element of group 0002 or 0008).

    Returns:
        (implicit VR, little endian), or None where this is no beginning of a DICOM data set.
    """
    if len(data) < 16:
        return None
    little = data[0] in (2, 8) and data[1] == 0 and data[3] == 0
    big = data[1] == 8 and data[0] == 0 and data[2] == 0
    if not little and not big:
        return None
    if data[4:6] in _DICOM_VRS:
        return False, little
    length = int.from_bytes(data[4:8], "little")
    if little and length % 2 == 0 and length <= _FIRST_VALUE:
        return True, True
    return None


def _is_dicom(data: bytes) -> bool:
    """With the preamble, with the prefix alone, or with neither."""
    return data[128:132] == b"DICM" or data[:4] == b"DICM" or dicom_encoding(data) is not None


def _describe(data: bytes) -> str:
    """A few words for bytes of no known format."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML)"
    if b"<svg" in start[:1024]:
        return "an SVG drawing"
    if start.startswith(b"<?xml"):
        return "an XML document"
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data[:4096])  # a character cut in two is no fault
    except UnicodeDecodeError:
        text = "\0"
    if all(character.isprintable() or character in "\t\r\n\f" for character in text):
        return "a text file"
    return f"a file of unknown kind (it begins with the bytes {data[:8].hex(' ')})"
