"""DICOM: every kind of file, its frames, and what cannot be read says so."""

import io

import gdcm
import numpy as np
import pytest
from pydicom import uid
from pydicom.data import get_testdata_file

from lesion_core.errors import ImageError
from lesion_core.imaging.read import frame_count, read_image
from tests.imaging.dicom_files import as_rgb, by_gdcm, colours, compressed, dataset, encoded, greys, off, refused


@pytest.mark.parametrize(
    "syntax",
    [
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    ],
)
def test_uncompressed_transfer_syntaxes(syntax):
    for pixels, photometric, wanted in (
        (greys(), "MONOCHROME2", as_rgb(greys())),
        (colours(), "RGB", colours()),
        (greys(bits=16), "MONOCHROME2", as_rgb(np.rint(greys(bits=16) / 257).astype(np.uint8))),
    ):
        image = read_image(encoded(dataset(pixels, photometric, syntax=syntax)))
        assert off(image, wanted) == 0
        assert (image.format, image.frame, image.frames) == ("DICOM", 0, 1)
        assert image.pixels.flags.writeable
        assert image.pixels.flags.c_contiguous


# Frames


def test_the_middle_frame_is_the_default_and_any_other_can_be_chosen():
    clip = np.stack([np.full((8, 9), 10 * index, np.uint8) for index in range(7)])
    data = encoded(dataset(clip, "MONOCHROME2"))
    assert frame_count(data) == 7
    image = read_image(data)
    assert (image.frame, image.frames, image.notes) == (3, 7, ("Frame 4 of 7 is shown, the middle one.",))
    for index in range(7):
        image = read_image(data, frame=index)
        assert image.frame == index
        assert (image.pixels == 10 * index).all()


@pytest.mark.parametrize("frame", [-1, 7, 10**9])
def test_a_frame_that_is_not_there(frame):
    data = encoded(dataset(np.zeros((7, 8, 8), np.uint8), "MONOCHROME2"))
    with pytest.raises(ImageError, match=f"no frame {frame}: it has 7 frames, numbered 0 to 6"):
        read_image(data, frame=frame)


def test_a_single_frame_has_number_0():
    data = encoded(dataset(greys(), "MONOCHROME2"))
    assert read_image(data, frame=0).frame == 0
    with pytest.raises(ImageError, match="one frame, number 0"):
        read_image(data, frame=1)


# Recognising the file


@pytest.mark.parametrize("syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.JPEG2000Lossless])
def test_without_the_preamble(syntax):
    if syntax.is_encapsulated:
        data = compressed(dataset(greys(), "MONOCHROME2"), syntax)
    else:
        data = encoded(dataset(greys(), "MONOCHROME2", syntax=syntax))
    assert off(read_image(data[128:]), as_rgb(greys())) == 0  # "DICM" alone
    assert off(read_image(data[132:]), as_rgb(greys())) == 0  # neither


@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
def test_without_meta_information(implicit, little):
    ds = dataset(greys(), "MONOCHROME2")
    del ds.file_meta
    buffer = io.BytesIO()
    ds.save_as(buffer, implicit_vr=implicit, little_endian=little)
    assert off(read_image(buffer.getvalue()), as_rgb(greys())) == 0


def test_nothing_of_the_patient_is_kept():
    image = read_image(encoded(dataset(np.stack([greys()] * 3), "MONOCHROME1")))
    assert "secret" not in repr((image.notes, image.format)).lower()


def test_pixels_that_are_not_square_are_mentioned():
    image = read_image(encoded(dataset(greys(), "MONOCHROME2", PixelAspectRatio=[2, 1])))
    assert "not square (2:1" in image.notes[0]


# What cannot be read


def test_no_pixels():
    ds = dataset(greys(), "MONOCHROME2")
    del ds.PixelData
    refused(encoded(ds), "no pixel data, or is cut off before it")
    refused(get_testdata_file("test-SR.dcm"), "holds no image, it is: Comprehensive SR Storage")


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "BitsAllocated"])
def test_a_header_that_does_not_say_enough(keyword):
    ds = dataset(greys(), "MONOCHROME2")
    delattr(ds, keyword)
    refused(encoded(ds), f"does not state {keyword}")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.999])
def test_cut_off(share, tmp_path):
    files = [
        encoded(dataset(greys(), "MONOCHROME2")),
        *(compressed(dataset(colours(), "RGB"), syntax) for syntax in (uid.JPEGLSLossless, uid.RLELossless)),
        by_gdcm(dataset(greys(), "MONOCHROME2"), gdcm.TransferSyntax.JPEGLosslessProcess14_1, tmp_path),
    ]
    for data in files:
        with pytest.raises(ImageError):
            read_image(data[: int(len(data) * share) - 8])


def test_a_deflated_bomb_is_not_inflated(monkeypatch):
    monkeypatch.setattr("lesion_core.imaging.dicom.MAX_BYTES", 2**20)
    ds = dataset(np.zeros((1100, 1000), np.uint8), "MONOCHROME2", syntax=uid.DeflatedExplicitVRLittleEndian)
    data = encoded(ds)
    assert len(data) < 10_000
    refused(data, "unpacks to more than 1 MiB")


def test_a_deflated_file_that_is_damaged():
    data = encoded(dataset(colours(), "RGB", syntax=uid.DeflatedExplicitVRLittleEndian))
    refused(data[: len(data) // 2], "cut off: its deflated data has no end")
    start = 132 + 12 + int.from_bytes(data[140:144], "little")  # after the meta information
    refused(data[:start] + b"\x07" + data[start + 1 :], "invalid block type")
