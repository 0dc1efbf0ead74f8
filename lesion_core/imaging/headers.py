"""What the headers of compressed images say of their size, frames and colours; nothing is decoded or allocated.

For formats whose decoder would otherwise allocate first (WebP, GIF, TIFF tiles) and for the frames inside a DICOM file,
whose own size may differ from the DICOM header's. Sizes are (height, width).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from lesion_core.errors import ImageError
from lesion_core.imaging.limits import MAX_FRAMES

#: More strips or tiles than any image within `limits.MAX_PIXELS` needs (16 x 16 tiles in three planes: 586,000).
_MAX_TIFF_PARTS = 1_000_000
_TIFF_STRIP_OFFSETS, _TIFF_TILE_WIDTH, _TIFF_TILE_LENGTH, _TIFF_TILE_OFFSETS = 273, 322, 323, 324
_TIFF_INTEGERS = {3: "H", 4: "I", 16: "Q"}
#: JPEG start-of-frame markers (ITU T.81 table B.1, without the differential ones) and JPEG-LS's (ITU T.87).
_JPEG_FRAMES = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB, 0xF7))


@dataclass(frozen=True)
class ClipHeader:
    """Size of the canvas that holds every frame, and their number.

    Attributes:
        height: in pixels.
        width: in pixels.
        frames: how many there are; counting stops at `limits.MAX_FRAMES` + 1.
        complete: whether the file ends as it should.
    """

    height: int
    width: int
    frames: int
    complete: bool = True


@dataclass(frozen=True)
class CodestreamHeader:
    """What a JPEG, JPEG-LS or JPEG 2000 codestream says of itself.

    Attributes:
        height: in pixels.
        width: in pixels.
        components: number of colour channels.
        precision: bits per sample.
        space: "RGB" or "YBR" where the codestream tells, None where it does not.
        adobe: whether it has Adobe's APP14 marker, which decoders of JPEG obey.
    """

    height: int
    width: int
    components: int
    precision: int
    space: str | None = None
    adobe: bool = False


def gif_header(data: bytes) -> ClipHeader:
    """Canvas and frames of a GIF (GIF89a specification, 1990): frames may reach beyond the logical screen.

    Args:
        data: the whole file.

    Raises:
        ImageError: the file is cut off before its first frame.
    """
    if len(data) < 13:
        raise _cut_off("GIF")
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = 13 + _colour_table(flags)
    frames = 0
    complete = False
    while position < len(data) and frames <= MAX_FRAMES:
        block = data[position]
        if block == 0x3B:  # trailer
            complete = True
            break
        if block == 0x21:  # extension: label, then sub-blocks
            position = _after_sub_blocks(data, position + 2)
        elif block == 0x2C and position + 10 <= len(data):  # image descriptor
            x, y, w, h, flags = struct.unpack_from("<4HB", data, position + 1)
            width, height = max(width, x + w), max(height, y + h)
            frames += 1
            position = _after_sub_blocks(data, position + 10 + _colour_table(flags) + 1)
        else:
            position += 1
    if frames == 0:
        raise _cut_off("GIF")
    return ClipHeader(height, width, frames, complete)


def webp_header(data: bytes) -> ClipHeader:
    """Canvas of a WebP (RFC 9649, sections 2.5 to 2.7); an animation's frames are counted by the decoder, here 1.

    Args:
        data: at least the first 30 bytes.

    Raises:
        ImageError: cut off or no known WebP chunk.
    """
    if len(data) < 30:
        raise _cut_off("WebP")
    chunk = data[12:16]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif chunk == b"VP8L":
        packed = int.from_bytes(data[21:25], "little")
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise ImageError(f"this WebP file is damaged: its first part is {chunk!r}: export it again")
    return ClipHeader(height, width, 1)


def tiff_pages(data: bytes) -> tuple[int, bool]:
    """Number of pages of a TIFF (TIFF 6.0, section 2; BigTIFF), and a check of the first one's table of parts.

    Args:
        data: the whole file.

    Returns:
        Number of image file directories, at least 1 (counting stops at `limits.MAX_FRAMES` + 1), and whether their
        chain ends as it should, rather than beyond the end of the file.

    Raises:
        ImageError: a tile or a table of tiles that no image of this size needs.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[3 if order == ">" else 2] == 43
    number, pointer = ("Q", "Q") if big else ("H", "I")
    entry_size = 20 if big else 12
    seen: set[int] = set()
    try:
        (offset,) = struct.unpack_from(order + pointer, data, 8 if big else 4)
        while offset and offset not in seen and len(seen) <= MAX_FRAMES:
            (entries,) = struct.unpack_from(order + number, data, offset)
            first = offset + struct.calcsize(order + number)
            if not seen:
                _check_tiff_parts(data, first, entries, order=order, big=big)
            seen.add(offset)
            (offset,) = struct.unpack_from(order + pointer, data, first + entries * entry_size)
    except (struct.error, OverflowError):
        return max(1, len(seen)), False
    return max(1, len(seen)), True


def jpeg_header(stream: bytes) -> CodestreamHeader:
    """Size and colour space of a JPEG or JPEG-LS codestream (ITU T.81 annex B, T.87 annex C).

    The colour space is told by Adobe's marker, the JFIF marker, component names "RGB", or subsampled second and third
    components, which only luma-chroma images have.

    Args:
        stream: from the start-of-image marker on.

    Raises:
        ImageError: damaged or cut off before its size is stated.
    """
    space: str | None = None
    adobe = False
    position = 2
    while position + 4 <= len(stream):
        if stream[position] != 0xFF:
            break
        marker = stream[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        length = int.from_bytes(stream[position + 2 : position + 4], "big")
        body = stream[position + 4 : position + 2 + length]
        if marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
            adobe = True
            space = "YBR" if body[11] == 1 else "RGB"
        elif marker == 0xE0 and body.startswith(b"JFIF") and not adobe:
            space = "YBR"
        elif marker in _JPEG_FRAMES and len(body) >= 6:
            precision, height, width, components = struct.unpack_from(">BHHB", body)
            space = space or (_space_of_components(body[6:]) if components == 3 else None)
            return CodestreamHeader(height, width, components, precision, space, adobe)
        position += 2 + length
    raise _cut_off("JPEG")


def jpeg2000_header(stream: bytes) -> CodestreamHeader:
    """Size of a JPEG 2000 codestream, from its SIZ marker (ITU T.800, A.5.1).

    Args:
        stream: the codestream, or a JP2 file around it.

    Raises:
        ImageError: damaged or cut off before its size is stated.
    """
    start = stream.find(b"\xff\x4f\xff\x51")
    if start < 0 or start + 43 > len(stream):
        raise _cut_off("JPEG 2000")
    right, bottom, left, top = struct.unpack_from(">4I", stream, start + 8)
    (components,) = struct.unpack_from(">H", stream, start + 40)
    precision = (stream[start + 42] & 0x7F) + 1
    return CodestreamHeader(max(0, bottom - top), max(0, right - left), components, precision)


def _space_of_components(table: bytes) -> str | None:
    """Colour space from the three (name, sampling, table) entries of a JPEG frame header."""
    names, sampling = table[0:9:3], table[1:9:3]
    if names in (b"RGB", b"rgb"):
        return "RGB"
    if len(set(sampling)) > 1:
        return "YBR"
    return None


def _check_tiff_parts(data: bytes, first: int, entries: int, *, order: str, big: bool) -> None:
    """Refuse what makes a decoder allocate far more than the image: huge tiles, endless lists of strips or tiles."""
    layout, size = (order + "HHQ8s", 20) if big else (order + "HHI4s", 12)
    sides = {_TIFF_TILE_WIDTH: 1, _TIFF_TILE_LENGTH: 1}
    for index in range(entries):
        tag, kind, count, value = struct.unpack_from(layout, data, first + index * size)
        if tag in (_TIFF_STRIP_OFFSETS, _TIFF_TILE_OFFSETS) and count > _MAX_TIFF_PARTS:
            raise ImageError(f"this TIFF file is damaged: it lists {count:,} strips or tiles: export it again")
        if tag in sides:
            sides[tag] = struct.unpack_from(order + _TIFF_INTEGERS.get(kind, "I"), value)[0]
    width, height = sides[_TIFF_TILE_WIDTH], sides[_TIFF_TILE_LENGTH]
    if width * height > _MAX_TIFF_PARTS * 64:
        raise ImageError(
            f"this TIFF file is not read: its tiles are {width:,} x {height:,} pixels: export it without tiles"
        )


def _colour_table(flags: int) -> int:
    """Bytes of the GIF colour table that a flag byte announces."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, position: int) -> int:
    """Where a chain of GIF data sub-blocks ends; the length of the file where it is cut off."""
    while position < len(data):
        size = data[position]
        position += 1 + size
        if size == 0:
            return position
    return len(data)


def _cut_off(what: str) -> ImageError:
    return ImageError(f"this {what} image is damaged or cut off: its size cannot be read: export or download it again")
