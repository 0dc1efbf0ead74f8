"""Grey values: windows and tables against pydicom's own and by hand."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_voi_lut, apply_windowing
from pydicom.sequence import Sequence

from lesion_core.imaging.read import read_image
from tests.imaging.dicom_files import as_rgb, dataset, encoded, greys, off


def test_monochrome1_is_inverted_and_says_so():
    image = read_image(encoded(dataset(greys(), "MONOCHROME1")))
    assert off(image, as_rgb(255 - greys())) == 0
    assert "inverted" in image.notes[0]


def test_one_bit():
    bits = (greys() > 99).astype(np.uint8)
    ds = dataset(bits, "MONOCHROME2", BitsAllocated=1, BitsStored=1, HighBit=0)
    ds.PixelData = np.packbits(bits.ravel(), bitorder="little").tobytes()
    assert off(read_image(encoded(ds)), as_rgb(bits * 255)) == 0


def test_float_pixels_are_spread():
    ds = dataset(greys(), "MONOCHROME2", BitsAllocated=32)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.FloatPixelData = (greys() / 255.0).astype("<f4").tobytes()
    assert off(read_image(encoded(ds)), as_rgb(greys())) == 0


def test_more_than_8_bits_without_a_window_are_spread_over_their_full_range():
    stored = greys(bits=12) // 2 + 100
    image = read_image(encoded(dataset(stored, "MONOCHROME2", bits=12)))
    low, high = stored.min(), stored.max()
    assert off(image, as_rgb(np.rint((stored - low) * 255.0 / (high - low)).astype(np.uint8))) == 0
    assert image.notes == ("12-bit grey: the values from 100 (black) to 2147 (white) were spread over 8 bits.",)


def test_eight_bits_without_a_window_stay_as_they_are():
    stored = greys() // 2 + 40  # not the full range: nothing is stretched
    assert off(read_image(encoded(dataset(stored, "MONOCHROME2"))), as_rgb(stored)) == 0
    six = greys(bits=6)
    image = read_image(encoded(dataset(six, "MONOCHROME2", bits=6)))
    assert off(image, as_rgb(np.rint(six / 63 * 255).astype(np.uint8))) == 0


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("dtype", "bits"), [(np.uint8, 8), (np.uint16, 12), (np.int16, 16)])
def test_rescale_and_window_as_pydicom_does_them(function, dtype, bits):
    offset = -(1 << (bits - 1)) if dtype is np.int16 else 0
    stored = (greys(bits=bits).astype(np.int64) + offset).astype(dtype)
    elements = {"RescaleSlope": 2, "RescaleIntercept": -10, "WindowCenter": [90, 5], "WindowWidth": [140, 7]}
    ds = dataset(stored, "MONOCHROME2", bits=bits, VOILUTFunction=function, **elements)
    with np.errstate(over="ignore"):  # far below a sigmoid window
        windowed = apply_windowing(stored * 2.0 - 10, ds)  # on the output range of this file, brought to 0-255 below
    low, high = (2.0 * end - 10 for end in (offset, offset + (1 << bits) - 1))
    image = read_image(encoded(ds))
    assert off(image, as_rgb(np.rint((windowed - low) / (high - low) * 255).astype(np.uint8))) == 0
    assert image.notes == ("The file's window was applied: centre 90, width 140.",)


def test_window_worked_by_hand():
    stored = np.repeat(np.arange(0, 200, 10, dtype=np.uint8)[None], 8, axis=0)
    image = read_image(encoded(dataset(stored, "MONOCHROME2", WindowCenter=98.5, WindowWidth=51)))
    # PS3.3 C.11.2.1.2: ((x - (c - 0.5)) / (w - 1) + 0.5) x 255 = ((x - 98) / 50 + 0.5) x 255
    row = image.pixels[0, :, 0]
    assert list(row[:8]) == [0] * 8  # x <= 73
    assert list(row[8:13]) == [36, 87, 138, 189, 240]  # 35.7, 86.7, 137.7, 188.7, 239.7
    assert list(row[13:]) == [255] * 7  # x > 123


def test_an_impossible_window_is_left_aside():
    image = read_image(encoded(dataset(greys(), "MONOCHROME2", WindowCenter=0, WindowWidth=0)))
    assert off(image, as_rgb(greys())) == 0
    assert "left aside" in image.notes[0]


def table_item(entries, *, first, bits, dtype):
    item = Dataset()
    item.LUTDescriptor = [len(entries), first, bits]
    item.LUTData = entries.astype(dtype).tobytes()
    item["LUTData"].VR = "OW"
    return item


def test_look_up_table_for_display():
    stored = greys(bits=12)
    entries = 4095 - np.arange(4096)
    ds = dataset(stored, "MONOCHROME2", bits=12)
    ds.VOILUTSequence = Sequence([table_item(entries, first=0, bits=12, dtype="<u2")])
    expected = apply_voi_lut(stored, ds) / 4095.0 * 255
    assert off(read_image(encoded(ds)), as_rgb(np.rint(expected).astype(np.uint8))) == 0


def test_look_up_table_of_8_bit_entries_for_more_than_256_values():
    stored = greys(bits=12)
    ds = dataset(stored, "MONOCHROME2", bits=12)
    ds.VOILUTSequence = Sequence([table_item(np.arange(4096) // 16, first=0, bits=8, dtype="u1")])
    assert off(read_image(encoded(ds)), as_rgb((stored // 16).astype(np.uint8))) == 0


def test_modality_table_before_the_window():
    ds = dataset(greys(), "MONOCHROME2", WindowCenter=500.5, WindowWidth=1001)
    ds.ModalityLUTSequence = Sequence([table_item(np.arange(200) * 5, first=20, bits=16, dtype="<u2")])
    ds.ModalityLUTSequence[0].ModalityLUTType = "US"
    modality = np.clip(greys().astype(int) - 20, 0, 199) * 5
    expected = np.clip((modality - 500) / 1000 + 0.5, 0, 1) * 255
    assert off(read_image(encoded(ds)), as_rgb(np.rint(expected).astype(np.uint8))) == 0


def test_windows_per_frame_go_before_shared_ones():
    def group(centre):
        window, holder = Dataset(), Dataset()
        window.WindowCenter, window.WindowWidth = centre, 51
        holder.FrameVOILUTSequence = Sequence([window])
        return holder

    ds = dataset(np.stack([greys()] * 3), "MONOCHROME2")
    ds.SharedFunctionalGroupsSequence = Sequence([group(100.5)])
    ds.PerFrameFunctionalGroupsSequence = Sequence([group(150.5), Dataset(), group(200.5)])
    data = encoded(ds)
    for frame, centre in ((0, 150), (1, 100), (2, 200)):
        expected = np.rint(np.clip((greys() - float(centre)) / 50 + 0.5, 0, 1) * 255).astype(np.uint8)
        assert off(read_image(data, frame=frame), as_rgb(expected)) == 0
