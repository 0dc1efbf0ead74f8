"""What a file is, from its content alone."""

import contextlib
import gzip
import io
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesion_core.errors import ImageError
from lesion_core.imaging.sniff import dicom_encoding, kind_of
from tests.imaging.raster_files import samples

KINDS = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF", "bmp": "BMP", "webp": "WebP", "gif": "GIF"}


@pytest.mark.parametrize(("name", "data"), samples().items())
def test_images(name, data):
    assert kind_of(data) == KINDS[name.split("_")[0]]


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("image.png", "x")
    return buffer.getvalue()


def tarred():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("image.png"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty (0 bytes): upload it again"),
        (b"%PDF-1.7\n%...", "a PDF document, not an image"),
        (zipped(), "a ZIP archive or an office document, not an image that can be read: unpack it"),
        (tarred(), "a tar archive"),
        (gzip.compress(b"x", mtime=0), "a gzip archive"),
        (b"<!DOCTYPE html><html><body>404", "a web page (HTML)"),
        (b"\n  <html>", "a web page (HTML)"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "an XML document"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"case_id,label\n1,benign\n", "a text file"),
        ("Schilddrüse, Größe ".encode() * 300, "a text file"),
        (b"BMP is not always an image", "a text file"),
        (b"RIFF\0\0\0\0AVI LIST", "an AVI video"),
        (b"\0\0\0\x20ftypisom\0\0", "an MP4 or QuickTime video"),
        (b"\0\0\0\x18ftypheic\0\0", "an HEIC photograph"),
        (b"\x80\x04\x95\x0b\0\0\0", "a file of unknown kind (it begins with the bytes 80 04 95 0b 00 00 00)"),
    ],
)
def test_what_is_no_image_is_named(data, words):
    with pytest.raises(ImageError) as caught:
        kind_of(data)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("start", "encoding"),
    [
        (b"\x08\0\x05\0CS\x0a\0ISO_IR 100", (False, True)),
        (b"\x08\0\x05\0\x0a\0\0\0ISO_IR 100", (True, True)),
        (b"\0\x08\0\x05CS\0\x0aISO_IR 100", (False, False)),
        (b"\x02\0\0\0UL\x04\0\xc8\0\0\0\x02\0\x01\0", (False, True)),
        (b"\x08\0\x05\0\xff\xff\xff\x7fISO_IR 100", None),  # a value of 2 GB
        (b"\x09\0\x05\0CS\x0a\0ISO_IR 100", None),
        (b"\x08\0\x05\0CS", None),
    ],
)
def test_dicom_without_a_preamble(start, encoding):
    assert dicom_encoding(start) == encoding


@given(st.binary(max_size=300))
def test_any_bytes_are_named_or_refused(data):
    with contextlib.suppress(ImageError):
        assert kind_of(data) in {*KINDS.values(), "DICOM"}
