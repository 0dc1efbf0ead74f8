"""JPEG lossless: decoded in a process of its own, whose end is not ours."""

import gdcm
import numpy as np
import pytest
from pydicom import uid

from lesion_core.errors import ImageError
from lesion_core.imaging import lossless
from lesion_core.imaging.lossless import LosslessFrame, decode_lossless
from lesion_core.imaging.read import read_image
from tests.imaging.dicom_files import as_rgb, by_gdcm, colours, dataset, greys, off, refused, to_ybr


@pytest.mark.parametrize("process", ["JPEGLosslessProcess14_1", "JPEGLosslessProcess14"])
def test_jpeg_lossless(process, tmp_path):
    syntax = getattr(gdcm.TransferSyntax, process)
    clip = np.stack([colours(), 255 - colours(), colours()])
    for pixels, photometric, bits, wanted, most in (
        (greys(), "MONOCHROME2", 8, as_rgb(greys()), 0),
        (colours(), "RGB", 8, colours(), 0),
        (to_ybr(clip), "YBR_FULL", 8, clip[1], 2),
        (greys(bits=12), "MONOCHROME2", 12, as_rgb(np.rint(greys(bits=12) / 4095 * 255).astype(np.uint8)), 0),
    ):
        data = by_gdcm(dataset(pixels, photometric, bits=bits), syntax, tmp_path)
        assert off(read_image(data), wanted) <= most


def test_a_damaged_lossless_frame_does_not_end_the_process(tmp_path):
    data = bytearray(
        by_gdcm(dataset(colours(), "RGB"), gdcm.TransferSyntax.JPEGLosslessProcess14_1, tmp_path),
    )
    tables = data.index(b"\xff\xc4", data.index(b"\xff\xc3"))
    data[tables + 4 : tables + 24] = b"\xff" * 20  # no Huffman table: GDCM calls std::terminate
    refused(bytes(data), "JPEG lossless frame of this DICOM file is damaged")


FRAME = LosslessFrame(64, 80, 1, 8, 8, False, "MONOCHROME2", str(uid.JPEGLosslessSV1))


def test_what_is_no_frame_at_all():
    for codestream in (b"", b"\xff\xd8\xff\xc3", bytes(1000)):
        with pytest.raises(ImageError, match="damaged or cut off"):
            decode_lossless(codestream, FRAME)


def test_a_decoder_that_hangs_is_given_up(tmp_path, monkeypatch):
    child = tmp_path / "child.py"
    child.write_text("import time\ntime.sleep(60)\n", "utf-8")
    monkeypatch.setattr(lossless, "_CHILD", child)
    monkeypatch.setattr(lossless, "_SECONDS", 0.5)
    with pytest.raises(ImageError, match=r"not decoded within 0.5 s: export it uncompressed"):
        decode_lossless(b"", FRAME)
