import numpy as np
import pytest

from lesion_core.augment.channels import distinct_channels, stack_channels, to_pixels
from lesion_core.errors import ImageError

A, B, C = (np.full((2, 3), value, np.uint8) for value in (1, 2, 3))


@pytest.mark.parametrize(
    ("channels", "channel_of"),
    [
        ((A, A, A), (0, 0, 0)),
        ((A, B, B), (0, 1, 1)),
        ((A, B, A), (0, 1, 0)),
        ((A, A, B), (0, 0, 1)),
        ((A, B, C), (0, 1, 2)),
    ],
)
def test_equal_channels_are_found_wherever_they_are(channels, channel_of):
    image = np.stack(channels, axis=-1)
    planes, found = distinct_channels(image)
    assert found == channel_of
    assert len(planes) == max(channel_of) + 1
    assert all(plane.flags.c_contiguous for plane in planes)
    (back,) = stack_channels([(plane,) for plane in planes], found)
    np.testing.assert_array_equal(back, image)


def test_one_different_pixel_makes_a_different_channel():
    image = np.zeros((4, 4, 3), np.uint8)
    image[3, 3, 2] = 1
    assert distinct_channels(image)[1] == (0, 0, 1)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4), np.uint8), r"\(height, width, 3\)"),
        (np.zeros((4, 4, 4), np.uint8), r"\(height, width, 3\)"),
        (np.zeros((0, 4, 3), np.uint8), "no pixels"),
        (np.full((4, 4, 3), np.nan), "finite"),
        (np.full((4, 4, 3), np.inf), "finite"),
        (np.zeros((4, 4, 3), complex), "real"),
    ],
)
def test_what_is_no_image_is_refused(image, message):
    with pytest.raises(ImageError, match=message):
        distinct_channels(image)


def test_grey_levels_are_rounded_and_limited():
    assert to_pixels(np.array([-3.0, 0.4, 0.6, 254.6, 300.0])).tolist() == [0, 0, 1, 255, 255]
