"""More than 8 bits to 8: full range, order kept, nothing clipped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lesion_core.imaging.grey import spread, to_8bit


def test_by_hand():
    result = spread(np.array([[100, 110, 120, 140, 200]], np.uint16), "16-bit grey")
    assert result.pixels.tolist() == [[0, 26, 51, 102, 255]]  # (v - 100) x 2.55 = 0, 25.5, 51, 102, 255
    assert result.note == "16-bit grey: the values from 100 (black) to 200 (white) were spread over 8 bits."


def test_eight_bits_stored_as_16_come_back_exactly():
    eight = np.arange(256, dtype=np.uint16).reshape(16, 16)
    assert (spread(eight * 257, "16-bit grey").pixels == eight).all()


@pytest.mark.parametrize("dtype", [np.int32, np.float32, np.float64])
def test_wide_values_do_not_overflow(dtype):
    values = np.array([[-(2**31) + 1, 0, 2**31 - 200]], dtype)
    assert spread(values, "wide").pixels.tolist() == [[0, 128, 255]]


def test_one_value_is_black_and_says_so():
    result = spread(np.full((9, 9), 7, np.uint16), "16-bit grey")
    assert not result.pixels.any()
    assert result.note == "16-bit grey of one value only (7): all black."


def test_what_is_not_finite_is_black_and_counted():
    values = np.array([[np.nan, -1.0, 0.0, 1.0, np.inf, -np.inf]])
    result = spread(values, "floating-point grey")
    assert result.pixels.tolist() == [[0, 0, 128, 255, 0, 0]]
    assert result.note.endswith("3 pixels without a finite value are black.")
    assert not spread(np.full((8, 8), np.nan), "floating-point grey").pixels.any()


def test_a_falling_range_inverts():
    assert to_8bit(np.array([0, 5, 10]), 10, 0).tolist() == [255, 128, 0]


@given(hnp.arrays(np.uint16, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.integers(0, 65535)))
def test_order_is_kept_and_both_ends_are_reached(values):
    pixels = spread(values, "16-bit grey").pixels
    order = np.argsort(values, axis=None, kind="stable")
    assert (np.diff(pixels.ravel()[order].astype(int)) >= 0).all()
    if values.min() < values.max():
        assert (pixels.min(), pixels.max()) == (0, 255)
