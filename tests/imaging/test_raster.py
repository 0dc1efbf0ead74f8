"""Pillow's formats: every mode and orientation reads to the pixels that went in."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps, TiffImagePlugin

from lesion_core.errors import ImageError
from lesion_core.imaging.read import frame_count, read_image
from tests.imaging.dicom_files import as_rgb, colours, greys
from tests.imaging.raster_files import animated, clip, retagged, samples, saved

LOSSLESS = [
    ("PNG", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", {"compression": "packbits"}),
    ("TIFF", {"big_tiff": True}),
    ("BMP", {}),
    ("WEBP", {"lossless": True}),
]


def same(data, wanted, **options):
    """The image reads to exactly these pixels; hands it back."""
    image = read_image(data, **options)
    assert image.pixels.shape == wanted.shape
    assert image.pixels.dtype == np.uint8
    assert np.abs(image.pixels.astype(int) - wanted.astype(int)).max() == 0
    assert image.pixels.flags.writeable
    assert image.pixels.flags.c_contiguous
    return image


def name_of(kind):
    return {"WEBP": "WebP"}.get(kind, kind)


@pytest.mark.parametrize(("kind", "options"), LOSSLESS)
def test_lossless_formats(kind, options):
    image = same(saved(colours(), kind, **options), colours())
    assert (image.format, image.frame, image.frames, image.notes) == (name_of(kind), 0, 1, ())
    if kind != "WEBP":
        same(saved(greys(), kind, **options), as_rgb(greys()))
        bits = greys() > 99
        same(saved(Image.fromarray(bits), kind, **options), as_rgb(bits * np.uint8(255)))
        palette = Image.fromarray(colours()).quantize(32)
        same(saved(palette, kind, **options), np.asarray(palette.convert("RGB")))


def test_jpeg_is_close_and_equal_to_pillow():
    data = saved(colours(), "JPEG", quality=95)
    image = read_image(data)
    assert image.format == "JPEG"
    assert np.abs(image.pixels.astype(int) - colours().astype(int)).max() <= 8
    grey = saved(greys(), "JPEG", quality=95)
    assert np.abs(read_image(grey).pixels.astype(int) - as_rgb(greys()).astype(int)).max() <= 4


# Transparency


def on_black(rgba):
    """Slow second implementation: colour x alpha / 255, rounded."""
    return np.rint(rgba[..., :3].astype(float) * rgba[..., 3:] / 255).astype(np.uint8)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})])
def test_transparent_parts_are_black(kind, options):
    alpha = np.random.default_rng(3).integers(0, 256, (64, 80, 1), dtype=np.uint8)
    rgba = np.concatenate([colours(), alpha], axis=-1)
    image = same(saved(rgba, kind, **options), on_black(rgba))
    assert image.notes == ("Its transparent parts are shown on black.",)
    opaque = np.concatenate([colours(), np.full((64, 80, 1), 255, np.uint8)], axis=-1)
    assert same(saved(opaque, kind, **options), colours()).notes == ()


def test_grey_with_alpha():
    alpha = greys()[::-1]
    data = saved(Image.merge("LA", [Image.fromarray(greys()), Image.fromarray(alpha)]), "PNG")
    same(data, on_black(np.concatenate([as_rgb(greys()), alpha[..., None]], axis=-1)))


def test_transparent_palette_entries():
    palette = Image.fromarray(colours()).quantize(8)
    entries = np.asarray(palette)
    wanted = np.asarray(palette.convert("RGB")).copy()
    wanted[entries == 3] = 0
    image = same(saved(palette, "PNG", transparency=3), wanted)
    assert image.notes == ("Its transparent parts are shown on black.",)
    faint = bytes([255, 255, 100, 0, 255, 255, 255, 7])
    alpha = np.frombuffer(faint, np.uint8)[entries]
    rgba = np.concatenate([np.asarray(palette.convert("RGB")), alpha[..., None]], axis=-1)
    same(saved(palette, "PNG", transparency=faint), on_black(rgba))


def test_transparent_colour():
    wanted = colours()
    wanted[10:20, 10:20] = (9, 8, 7)
    data = saved(wanted, "PNG", transparency=(9, 8, 7))
    black = wanted.copy()
    black[10:20, 10:20] = 0
    same(data, black)


# More than 8 bits, colours for print


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_is_spread_over_its_full_range(kind):
    stored = greys(bits=12) // 2 + 100
    low, high = int(stored.min()), int(stored.max())
    image = same(saved(stored, kind), as_rgb(np.rint((stored - low) * 255.0 / (high - low)).astype(np.uint8)))
    assert image.notes == ("16-bit grey: the values from 100 (black) to 2147 (white) were spread over 8 bits.",)


def test_big_endian_16_bit_grey():
    stored = Image.frombytes("I;16B", (80, 64), greys(bits=16).astype(">u2").tobytes())
    same(saved(stored, "TIFF"), as_rgb(np.rint(greys(bits=16) / 257).astype(np.uint8)))


def test_32_bit_and_floating_point_grey():
    signed = greys().astype(np.int32) * 1000 - 50_000
    assert "32-bit grey" in same(saved(signed, "TIFF"), as_rgb(greys())).notes[0]
    real = greys().astype(np.float32) / 255
    assert "floating-point grey" in same(saved(real, "TIFF"), as_rgb(greys())).notes[0]
    real[:2] = np.nan
    wanted = greys().copy()
    low = wanted[2:].min()
    wanted = np.rint(np.clip(wanted.astype(float) - low, 0, None) * 255 / (255 - low)).astype(np.uint8)
    image = read_image(saved(real, "TIFF"))
    assert np.abs(image.pixels[..., 0].astype(int) - wanted).max() <= 1  # float32
    assert "160 pixels without a finite value are black" in image.notes[0]


def test_16_bit_colours_keep_their_upper_8():
    rgb = colours().astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in rgb)
    data = png_of(rows, depth=16, colour=2)
    same(data, colours())


def png_of(rows, *, depth, colour):
    """An 80 x 64 PNG written by hand: Pillow writes no 16-bit colours."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 80, 64, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_cmyk():
    cmyk = Image.fromarray(colours()).convert("CMYK")
    image = same(saved(cmyk, "TIFF"), colours())
    assert image.notes == ("The colours for print (CMYK) were turned into RGB.",)
    # Adobe stores CMYK inverted in JPEG; so does Pillow, and marks it.
    data = saved(cmyk, "JPEG", quality=95)
    assert b"Adobe" in data
    assert np.abs(read_image(data).pixels.astype(int) - colours().astype(int)).max() <= 8


# Orientation

#: EXIF orientation -> how the stored pixels follow from the upright ones (EXIF 2.32, tag 0x0112).
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_orientation_is_undone(orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](colours()))
    options = {"lossless": True} if kind == "WEBP" else {}
    image = same(saved(stored, kind, exif=exif, **options), colours())
    if orientation == 1:
        assert image.notes == ()
    else:
        assert image.notes[0].endswith("as its EXIF data asks.")


@pytest.mark.parametrize("orientation", STORED)
def test_orientation_of_a_photograph(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](colours())))
    image = read_image(saved(stored, "JPEG", quality=95, exif=exif))
    assert image.size == (64, 80)
    assert np.abs(image.pixels.astype(int) - colours().astype(int)).max() <= 10


def test_orientation_9_means_nothing():
    exif = Image.Exif()
    exif[0x0112] = 9
    assert same(saved(colours(), "PNG", exif=exif), colours()).notes == ()


def test_damaged_exif_does_not_hide_the_image():
    data = saved(colours(), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + bytes(20))
    image = same(data, colours())
    assert image.notes in ((), ("Its EXIF data is damaged and was left aside.",))


# Several frames


@pytest.mark.parametrize(
    ("kind", "options"), [("GIF", {}), ("GIF", {"disposal": 2}), ("WEBP", {"lossless": True}), ("PNG", {})]
)
def test_animations(kind, options):
    frames = clip()
    data = animated(kind, frames, **options)
    assert frame_count(data) == 5
    for index in (0, 3, 1, 4, 2):
        assert same(data, frames[index], frame=index).frame == index
    middle = same(data, frames[2])
    assert (middle.frame, middle.frames, middle.notes) == (2, 5, ("Frame 3 of 5 is shown, the middle one.",))
    with pytest.raises(ImageError, match="no frame 5: it has 5 frames, numbered 0 to 4"):
        read_image(data, frame=5)


def test_pages():
    pages = [Image.fromarray(colours()), Image.fromarray(greys(16, 20)), Image.fromarray(greys(bits=16))]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert frame_count(data) == 3
    first = same(data, colours())
    assert (first.frame, first.frames, first.notes) == (0, 3, ("Page 1 of 3 is shown.",))
    same(data, as_rgb(greys(16, 20)), frame=1)
    same(data, as_rgb(np.rint(greys(bits=16) / 257).astype(np.uint8)), frame=2)
    for frame in (-1, 3):
        with pytest.raises(ImageError, match=f"no frame {frame}: it has 3 frames"):
            read_image(data, frame=frame)


def test_a_page_too_large_is_refused_when_it_is_asked_for():
    data = saved(greys(), "TIFF", save_all=True, append_images=[Image.fromarray(greys(16, 20))])
    data = retagged(data, {256: (256, 4, 1, 60_000_000)}, page=1)
    same(data, as_rgb(greys()))
    with pytest.raises(ImageError, match="too large: its header says 60,000,000 x 16"):
        read_image(data, frame=1)


def test_a_clip_that_is_cut_off_says_so():
    gif = animated("GIF", clip())
    end = gif.rindex(b"\x21\xf9")  # the last frame's extension
    image = same(gif[:end], clip()[2])
    assert image.notes == ("Frame 3 of 4 is shown, the middle one.", "The file is cut off or damaged after frame 4.")
    tiff = animated("TIFF", clip())
    cut = read_image(tiff[: len(tiff) // 2])
    assert cut.frames < 5
    assert cut.notes[-1] == f"The file is cut off or damaged after page {cut.frames}."


def test_a_tiff_whose_strips_do_not_cover_it():
    data = saved(colours(), "TIFF", tiffinfo={TiffImagePlugin.ROWSPERSTRIP: 16})
    with pytest.raises(ImageError, match="its pixels cover 64 of 640 rows"):
        read_image(retagged(data, {257: (257, 4, 1, 640)}))


@pytest.mark.parametrize("name", [name for name in samples() if not name.endswith(("_16", "_float"))])
def test_as_pillow_reads_it(name):
    data = samples()[name]
    image = read_image(data)
    with Image.open(io.BytesIO(data)) as opened:
        opened.seek(image.frame)
        upright = ImageOps.exif_transpose(opened)
    if upright.mode == "CMYK":
        upright = upright.convert("RGB")
    assert np.array_equal(image.pixels, on_black(np.asarray(upright.convert("RGBA"))))
