"""Colours and compression: every encoding reads to the pixels that went in."""

import gdcm
import numpy as np
import pytest
from pydicom import dcmread, uid
from pydicom.data import get_testdata_file
from pydicom.encaps import get_frame
from pydicom.pixels import apply_color_lut, pixel_array

from lesion_core.imaging.read import read_image
from tests.imaging.dicom_files import (
    as_rgb,
    by_gdcm,
    colours,
    compressed,
    dataset,
    encapsulated,
    encoded,
    greys,
    jpeg,
    off,
    refused,
    to_ybr,
)

SYNTAXES = {
    "RLE": uid.RLELossless,
    "JPEG-LS": uid.JPEGLSLossless,
    "JPEG 2000": uid.JPEG2000Lossless,
}


# Uncompressed


def test_planes_one_after_the_other():
    assert off(read_image(encoded(dataset(colours(), "RGB", planar=1))), colours()) == 0


def test_full_ybr():
    image = read_image(encoded(dataset(to_ybr(colours()), "YBR_FULL")))
    assert off(image, colours()) <= 2
    assert image.notes == ("The colours were turned from YBR_FULL into RGB.",)


def test_ybr_with_shared_chroma():
    rgb = np.repeat(colours(64, 40), 2, axis=1)  # equal neighbours, so that sharing their chroma loses nothing
    ybr = to_ybr(rgb)
    ds = dataset(rgb, "YBR_FULL_422")
    pairs = np.stack([ybr[:, 0::2, 0], ybr[:, 1::2, 0], ybr[:, 0::2, 1], ybr[:, 0::2, 2]], axis=-1)
    ds.PixelData = pairs.tobytes()
    assert off(read_image(encoded(ds)), rgb) <= 2


@pytest.mark.parametrize(("depth", "factor"), [(8, 1), (16, 257), (16, 1)])
def test_palette_colours(depth, factor):
    palette = np.random.default_rng(1).integers(0, 256, (3, 256))
    ds = dataset(greys(), "PALETTE COLOR")
    for name, entries in zip(("Red", "Green", "Blue"), palette, strict=True):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [256, 0, depth])
        data = (entries * factor).astype("u1" if depth == 8 else "<u2").tobytes()
        setattr(ds, f"{name}PaletteColorLookupTableData", data)
    assert off(read_image(encoded(ds)), palette.T[greys()].astype(np.uint8)) == 0


def test_colours_of_more_than_8_bits_keep_their_upper_8():
    image = read_image(encoded(dataset(colours().astype(np.uint16) << 4, "RGB", bits=12)))
    assert off(image, colours()) == 0


# Compressed


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES.keys())
def test_lossless_compression_by_pydicom(syntax):
    clip = np.stack([colours(), 255 - colours(), colours()])
    assert off(read_image(compressed(dataset(greys(), "MONOCHROME2"), syntax)), as_rgb(greys())) == 0
    assert off(read_image(compressed(dataset(colours(), "RGB"), syntax)), colours()) == 0
    assert off(read_image(compressed(dataset(clip, "RGB"), syntax), frame=1), 255 - colours()) == 0
    deep = greys(bits=12)
    image = read_image(compressed(dataset(deep, "MONOCHROME2", bits=12), syntax))
    assert off(image, as_rgb(np.rint(deep / 4095.0 * 255).astype(np.uint8))) == 0


def test_signed_values_survive_compression():
    stored = (greys(bits=12).astype(np.int16)) - 2048
    wanted = as_rgb(np.rint((stored + 2048) / 4095.0 * 255).astype(np.uint8))
    for syntax in (uid.RLELossless, uid.JPEG2000Lossless, uid.JPEGLSLossless):
        data = compressed(dataset(stored, "MONOCHROME2", bits=12), syntax)
        assert off(read_image(data), wanted) == 0, syntax.name


def test_8_bits_stored_in_16_allocated(tmp_path):
    wide = greys().astype(np.uint16)
    assert off(read_image(encoded(dataset(wide, "MONOCHROME2", bits=8))), as_rgb(greys())) == 0
    for syntax in (uid.JPEGLSLossless, uid.JPEG2000Lossless):  # pydicom's RLE encoder contradicts the header here
        assert off(read_image(compressed(dataset(wide, "MONOCHROME2", bits=8), syntax)), as_rgb(greys())) == 0
    lossless = by_gdcm(dataset(wide, "MONOCHROME2", bits=8), gdcm.TransferSyntax.JPEGLosslessProcess14_1, tmp_path)
    assert off(read_image(lossless), as_rgb(greys())) == 0
    ds = dataset(greys(), "MONOCHROME2", BitsAllocated=16)
    image = read_image(encapsulated(ds, [jpeg(greys())], uid.JPEGBaseline8Bit))
    assert off(image, as_rgb(greys())) <= 3


def test_jpeg_of_a_clip_by_gdcm(tmp_path):
    clip = np.stack([colours(), 255 - colours(), colours()])
    grey = by_gdcm(dataset(greys(), "MONOCHROME2"), gdcm.TransferSyntax.JPEGBaselineProcess1, tmp_path)
    assert off(read_image(grey), as_rgb(greys())) <= 3
    ybr = by_gdcm(dataset(to_ybr(clip), "YBR_FULL"), gdcm.TransferSyntax.JPEGBaselineProcess1, tmp_path)
    assert off(read_image(ybr, frame=1), 255 - colours()) <= 8
    # GDCM subsamples chroma here, yet leaves "RGB" in the header: the codestream must be believed.
    rgb = by_gdcm(dataset(clip, "RGB"), gdcm.TransferSyntax.JPEGBaselineProcess1, tmp_path)
    assert off(read_image(rgb, frame=0), colours()) <= 8


def without_markers(codestream):
    """A JPEG without its application markers (JFIF, Adobe)."""
    result, position = codestream[:2], 2
    while codestream[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(codestream[position + 2 : position + 4], "big")
        if not 0xE0 <= codestream[position + 1] <= 0xEF:
            result += codestream[position:end]
        position = end
    return result + codestream[position:]


def with_adobe(codestream, transform):
    return codestream[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform]) + codestream[2:]


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("photometric", ["YBR_FULL_422", "YBR_FULL", "RGB"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JFIF", {"subsampling": 0}),
        ("JFIF", {"subsampling": 2}),
        ("bare", {"subsampling": 2}),
        ("Adobe YCC", {"subsampling": 0}),
        ("Adobe RGB", {"keep_rgb": True}),
        ("named RGB", {"keep_rgb": True}),
    ],
)
def test_jpeg_colours_are_those_of_the_codestream(kind, options, photometric, planar):
    frame = jpeg(colours(), **options)
    if kind in ("bare", "named RGB"):
        frame = without_markers(frame)
    if kind == "Adobe YCC":
        frame = with_adobe(without_markers(frame), 1)
    ds = dataset(colours(), photometric, planar=planar)
    image = read_image(encapsulated(ds, [frame, frame], uid.JPEGBaseline8Bit))
    assert off(image, colours()) <= 8


def test_bare_jpeg_without_subsampling_follows_the_header():
    bare = without_markers(jpeg(colours(), subsampling=0))
    as_ybr = read_image(encapsulated(dataset(colours(), "YBR_FULL"), [bare], uid.JPEGBaseline8Bit))
    assert off(as_ybr, colours()) <= 4
    as_stored = read_image(encapsulated(dataset(colours(), "RGB"), [bare], uid.JPEGBaseline8Bit))
    assert off(as_stored, to_ybr(colours())) <= 4


# Files from elsewhere (they come with pydicom)

#: Colours of the rows of pydicom's "SC_rgb" files, column 50 (pydicom 3.0, tests/pixels/pixels_reference.py).
BARS = {
    5: (255, 0, 0),
    15: (255, 128, 128),
    25: (0, 255, 0),
    35: (128, 255, 128),
    45: (0, 0, 255),
    55: (128, 128, 255),
    65: (0, 0, 0),
    75: (64, 64, 64),
    85: (192, 192, 192),
    95: (255, 255, 255),
}


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("SC_rgb_dcmtk_+eb+cr.dcm", 1),
        ("SC_rgb_dcmtk_+eb+cy+n1.dcm", 5),
        ("SC_rgb_dcmtk_+eb+cy+n2.dcm", 5),
        ("SC_rgb_dcmtk_+eb+cy+np.dcm", 5),
        ("SC_rgb_dcmtk_+eb+cy+s2.dcm", 5),
        ("SC_rgb_dcmtk_+eb+cy+s4.dcm", 5),
        ("SC_rgb_gdcm_KY.dcm", 0),
        ("SC_rgb_jls_lossy_line.dcm", 2),
        ("SC_rgb_jls_lossy_sample.dcm", 2),
        ("SC_rgb_jpeg_dcmtk.dcm", 5),
        ("SC_rgb_jpeg_gdcm.dcm", 0),
        ("SC_rgb_jpeg_lossy_gdcm.dcm", 5),
        ("SC_rgb_rle.dcm", 0),
        ("SC_rgb_rle_16bit.dcm", 0),
        ("SC_rgb_rle_32bit.dcm", 0),
        ("SC_ybr_full_422_uncompressed.dcm", 5),
    ],
)
def test_colour_bars_of_other_writers(name, most):
    pixels = read_image(get_testdata_file(name)).pixels
    for row, colour in BARS.items():
        assert np.abs(pixels[row, 50].astype(int) - colour).max() <= most


def test_ultrasound_of_other_writers():
    path = get_testdata_file("examples_palette.dcm")
    ds = dcmread(path)
    assert off(read_image(path), (apply_color_lut(pixel_array(ds), ds) >> 8).astype(np.uint8)) == 0
    path = get_testdata_file("examples_ybr_color.dcm")
    clip = read_image(path)
    assert off(clip, pixel_array(dcmread(path), index=15)) == 0
    assert (clip.frame, clip.frames, clip.notes[0]) == (15, 30, "Frame 16 of 30 is shown, the middle one.")
    path = get_testdata_file("examples_jpeg2k.dcm")
    assert off(read_image(path), pixel_array(dcmread(path), decoding_plugin="pillow")) == 0  # another decoder


def test_a_cut_off_frame_of_jpeg_ls_is_not_searched_for_its_end():
    ds = dataset(colours(), "RGB")
    ds.compress(uid.JPEGLSLossless)
    frame = get_frame(ds.PixelData, 0, number_of_frames=1)
    refused(encapsulated(ds, [frame[: len(frame) // 2]], uid.JPEGLSLossless), r"cut off \(JPEG-LS\)")


def test_unknown_colours_and_compressions():
    refused(encoded(dataset(colours(), "RGB", PhotometricInterpretation="HSV")), "colours .* not read .HSV, 3 values")
    refused(encoded(dataset(greys(), "MONOCHROME2", PhotometricInterpretation="RGB")), "colours .* not read")
    refused(encoded(dataset(colours(), "RGB", PhotometricInterpretation="YBR_RCT")), "colours .* not read .YBR_RCT")
    video = encapsulated(dataset(colours(), "YBR_FULL_422"), [b"\0\0\1\xb3" * 9], uid.MPEG2MPML)
    refused(video, "MPEG2.*still image instead of a video")
    private = encoded(dataset(greys(), "MONOCHROME2")).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.113619.5.2\0\0")
    refused(private, "transfer syntax 1.2.840.113619.5.2")
    twelve = get_testdata_file("JPGExtended.dcm")
    refused(twelve, "JPEG with 12 bits is not read")


def test_compressed_pixels_that_do_not_say_so():
    data = compressed(dataset(greys(), "MONOCHROME2"), uid.RLELossless)
    refused(data.replace(b"1.2.840.10008.1.2.5\0", b"1.2.840.10008.1.2.1\0"), "does not state how its pixels")
