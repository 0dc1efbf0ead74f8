"""Whatever bytes arrive: an image or an `ImageError`, nothing else, and the process lives on.

The files of every format are mutated at random for a bounded number of tries, with warnings as errors (as in all
tests) and with warnings left alone (as in production).
"""

import contextlib
import logging
import warnings

import gdcm
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from lesion_core.errors import ImageError
from lesion_core.imaging.read import frame_count, read_image
from tests.imaging.dicom_files import by_gdcm, colours, compressed, dataset, encapsulated, encoded, greys, jpeg
from tests.imaging.raster_files import samples


def dicom_samples():
    """Small DICOM files of every encoding but JPEG lossless: name -> bytes."""
    rgb, grey, deep = colours(32, 40), greys(32, 40), greys(32, 40, bits=12)
    window = {"WindowCenter": 100, "WindowWidth": 50, "RescaleSlope": 2, "RescaleIntercept": -3}
    palette = dataset(grey, "PALETTE COLOR")
    for name in ("Red", "Green", "Blue"):
        setattr(palette, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(palette, f"{name}PaletteColorLookupTableData", (np.arange(256) * 257).astype("<u2").tobytes())
    table = dataset(deep, "MONOCHROME2", bits=12)
    item = Dataset()
    item.LUTDescriptor = [4096, 0, 8]
    item.LUTData = (np.arange(4096) // 16).astype("<u2").tobytes()
    item["LUTData"].VR = "OW"
    table.VOILUTSequence = Sequence([item])
    files = {
        "window": encoded(dataset(grey, "MONOCHROME2", **window)),
        "implicit": encoded(dataset(grey, "MONOCHROME1", syntax=uid.ImplicitVRLittleEndian)),
        "big": encoded(dataset(deep, "MONOCHROME2", bits=12, syntax=uid.ExplicitVRBigEndian)),
        "deflated": encoded(dataset(grey, "MONOCHROME2", syntax=uid.DeflatedExplicitVRLittleEndian)),
        "clip": encoded(dataset(np.stack([rgb] * 4), "RGB")),
        "palette": encoded(palette),
        "table": encoded(table),
        "jpeg": encapsulated(dataset(np.stack([rgb] * 3), "YBR_FULL_422"), [jpeg(rgb)] * 3, uid.JPEGBaseline8Bit),
    }
    for name, syntax in (("rle", uid.RLELossless), ("ls", uid.JPEGLSLossless), ("2000", uid.JPEG2000Lossless)):
        files[f"{name}_grey"] = compressed(dataset(deep, "MONOCHROME2", bits=12), syntax)
        files[f"{name}_rgb"] = compressed(dataset(rgb, "RGB"), syntax)
    files["bare"] = files["window"][132:]
    return files


FILES = samples() | dicom_samples()
NAMES = sorted(FILES)


def mutated(data, rng):
    """A few bytes changed, some cut away, some put in; more often near the start, where the headers are."""
    result = bytearray(data)
    head = min(len(result), 900)
    for _ in range(int(rng.choice([1, 1, 2, 4, 10]))):
        at = int(rng.integers(len(result) if rng.random() < 0.5 else head))
        result[at] = int(rng.choice([0, 1, 127, 128, 255, result[at] ^ (1 << int(rng.integers(8)))]))
    at, length = int(rng.integers(1, len(result))), int(rng.integers(1, 20))
    chance = rng.random()
    if chance < 0.15:
        del result[at:]
    elif chance < 0.25:
        del result[at : at + length]
    elif chance < 0.35:
        result[at:at] = rng.bytes(length)
    return bytes(result)


def only_image_errors(data, frame):
    """Read it; whether it was read."""
    try:
        image = read_image(data, frame=frame)
    except ImageError:
        return False
    assert image.pixels.dtype == np.uint8
    assert image.pixels.shape == (*image.size, 3)
    assert min(image.size) >= 8
    assert 0 <= image.frame < image.frames
    return True


@pytest.fixture(autouse=True)
def _quiet():
    """Pydicom logs the traceback of every frame that does not decode."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("warned", ["error", "ignore"])
@pytest.mark.parametrize("name", NAMES)
def test_damaged_files(name, warned):
    rng = np.random.default_rng(len(name) + 100 * (warned == "error"))
    outcomes = set()
    with warnings.catch_warnings():
        warnings.simplefilter(warned)
        for _ in range(40):
            data = mutated(FILES[name], rng)
            outcomes.add(only_image_errors(data, rng.choice([None, 0, 1])))
    assert False in outcomes  # the mutations do reach the decoder's refusals


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(NAMES), st.binary(max_size=60), st.integers(0, 400), st.integers(0, 30))
def test_bytes_put_anywhere(name, inserted, at, dropped):
    data = FILES[name]
    only_image_errors(data[:at] + inserted + data[at + dropped :], None)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0+", b"BM", b"GIF89a", b"RIFF\0\0\0\0WEBP"]
    ),
    st.binary(max_size=200),
)
def test_any_bytes(start, rest):
    only_image_errors(start + rest, None)
    only_image_errors(bytes(128) + b"DICM" + rest, 0)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=30), st.integers(0, 300))
def test_counting_frames_of_damaged_files(name, inserted, at):
    data = FILES[name]
    with contextlib.suppress(ImageError):
        assert frame_count(data[:at] + inserted + data[at + len(inserted) :]) >= 1


def test_damaged_jpeg_lossless(tmp_path):
    """Each try starts a decoder process, which GDCM may abort; this one goes on."""
    data = by_gdcm(dataset(colours(32, 40), "RGB"), gdcm.TransferSyntax.JPEGLosslessProcess14_1, tmp_path)
    start = data.index(b"\xff\xd8\xff")
    rng = np.random.default_rng(5)
    for _ in range(12):
        broken = bytearray(data)
        for at in rng.integers(start, len(data), 3):
            broken[at] = int(rng.integers(256))
        only_image_errors(bytes(broken), None)
    assert only_image_errors(data, None)
