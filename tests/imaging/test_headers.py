"""Sizes, frames and colours read from headers, against what the decoders say."""

import io
import struct

import pytest
from PIL import Image
from pydicom import uid
from pydicom.encaps import get_frame

from lesion_core.errors import ImageError
from lesion_core.imaging.headers import (
    CodestreamHeader,
    gif_header,
    jpeg2000_header,
    jpeg_header,
    tiff_pages,
    webp_header,
)
from lesion_core.imaging.limits import MAX_FRAMES
from tests.imaging.dicom_files import colours, dataset, greys, jpeg
from tests.imaging.raster_files import animated, clip, samples, saved


@pytest.mark.parametrize("name", [name for name in samples() if name.startswith(("gif", "webp", "tiff"))])
def test_size_and_frames_as_pillow_has_them(name):
    data = samples()[name]
    with Image.open(io.BytesIO(data)) as image:
        size, frames = (image.height, image.width), getattr(image, "n_frames", 1)
    if name.startswith("tiff"):
        assert tiff_pages(data) == (frames, True)
    elif name.startswith("gif"):
        header = gif_header(data)
        assert ((header.height, header.width), header.frames, header.complete) == (size, frames, True)
    else:
        header = webp_header(data)
        assert (header.height, header.width) == size


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_tiff_pages_in_every_layout(byteorder, big):
    pointer, number = ("Q", "Q") if big else ("I", "H")
    head = (b"II" if byteorder == "<" else b"MM") + struct.pack(byteorder + "H", 43 if big else 42)
    head += struct.pack(byteorder + "HH", 8, 0) if big else b""
    size = struct.calcsize(byteorder + number) + struct.calcsize(byteorder + pointer)
    first = len(head) + struct.calcsize(pointer)
    pages = [struct.pack(byteorder + number + pointer, 0, first + size * (index + 1)) for index in range(3)]
    chain = head + struct.pack(byteorder + pointer, first) + b"".join(pages)
    assert tiff_pages(chain + struct.pack(byteorder + number + pointer, 0, 0)) == (4, True)
    assert tiff_pages(chain + struct.pack(byteorder + number + pointer, 0, first)) == (4, True)  # a circle ends
    assert tiff_pages(chain) == (3, False)  # a chain that leaves the file ends there


def test_counting_stops():
    page = struct.Struct("<HI")
    chain = b"".join(page.pack(0, 8 + page.size * (index + 1)) for index in range(MAX_FRAMES + 50))
    assert tiff_pages(b"II*\0" + struct.pack("<I", 8) + chain + page.pack(0, 0))[0] == MAX_FRAMES + 1
    gif = animated("GIF", clip(2))
    frame = gif[gif.rindex(b",") : -1]
    assert gif_header(gif[:-1] + frame * (MAX_FRAMES + 50) + b";").frames == MAX_FRAMES + 1


@pytest.mark.parametrize(
    ("options", "space", "adobe"),
    [
        ({"subsampling": 0}, "YBR", False),
        ({"subsampling": 2}, "YBR", False),
        ({"keep_rgb": True}, "RGB", True),
    ],
)
def test_jpeg(options, space, adobe):
    assert jpeg_header(jpeg(colours(), **options)) == CodestreamHeader(64, 80, 3, 8, space, adobe)


def test_jpeg_of_grey_has_no_colours():
    header = jpeg_header(jpeg(greys()))
    assert (header.height, header.width, header.components, header.precision) == (64, 80, 1, 8)


def codestream(syntax, pixels, photometric, bits):
    ds = dataset(pixels, photometric, bits=bits)
    ds.compress(syntax)
    return get_frame(ds.PixelData, 0, number_of_frames=1)


def test_jpeg_ls_and_jpeg_2000():
    for syntax, header in ((uid.JPEGLSLossless, jpeg_header), (uid.JPEG2000Lossless, jpeg2000_header)):
        assert header(codestream(syntax, colours(), "RGB", 8)) == CodestreamHeader(64, 80, 3, 8)
        assert header(codestream(syntax, greys(bits=12), "MONOCHROME2", 12)) == CodestreamHeader(64, 80, 1, 12)


@pytest.mark.parametrize(
    ("header", "data"),
    [
        (jpeg_header, jpeg(colours())[:20]),
        (jpeg_header, b"\xff\xd8" + bytes(30)),
        (jpeg2000_header, b"\xff\x4f\xff\x51\0\0"),
        (jpeg2000_header, b""),
        (gif_header, saved(greys(), "GIF")[:12]),
        (gif_header, saved(greys(), "GIF")[:100]),
        (webp_header, saved(greys(), "WEBP")[:29]),
    ],
)
def test_cut_off_before_the_size(header, data):
    with pytest.raises(ImageError, match="damaged or cut off: its size cannot be read"):
        header(data)


def test_a_webp_of_unknown_parts():
    with pytest.raises(ImageError, match="its first part is b'ABCD'"):
        webp_header(b"RIFF\0\0\0\0WEBPABCD" + bytes(30))
