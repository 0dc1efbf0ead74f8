import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from lesion_core.augment.geometric import mirror, rotate
from lesion_core.errors import InputError

images = arrays(np.uint8, array_shapes(min_dims=2, max_dims=3, max_side=6))
HAND = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        (0, [[1, 2, 3], [4, 5, 6]]),
        (90, [[3, 6], [2, 5], [1, 4]]),
        (180, [[6, 5, 4], [3, 2, 1]]),
        (270, [[4, 1], [5, 2], [6, 3]]),
        (-90, [[4, 1], [5, 2], [6, 3]]),
    ],
)
def test_rotates_counter_clockwise_on_the_screen(degrees, expected):
    assert rotate(HAND, degrees).tolist() == expected


def test_mirrors_across_the_vertical_axis():
    assert mirror(HAND).tolist() == [[3, 2, 1], [6, 5, 4]]


@given(images)
def test_four_quarter_turns_and_two_mirrors_are_identities(image):
    turned = image
    for _ in range(4):
        turned = rotate(turned, 90)
    np.testing.assert_array_equal(turned, image)
    np.testing.assert_array_equal(mirror(mirror(image)), image)


@given(images, st.sampled_from([0, 90, 180, 270]), st.sampled_from([0, 90, 180, 270]))
def test_turns_add_up_and_a_mirror_reverses_them(image, first, second):
    np.testing.assert_array_equal(rotate(rotate(image, first), second), rotate(image, first + second))
    np.testing.assert_array_equal(mirror(rotate(mirror(image), first)), rotate(image, -first))


def test_pillow_turns_and_mirrors_likewise():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 8, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    for degrees in (90, 180, 270):
        way = Image.Transpose[f"ROTATE_{degrees}"]
        np.testing.assert_array_equal(rotate(pixels, degrees), np.asarray(picture.transpose(way)))
    np.testing.assert_array_equal(mirror(pixels), np.asarray(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))


def test_results_are_new_contiguous_arrays():
    image = HAND.copy()
    for result in (rotate(image, 0), rotate(image, 90), mirror(image)):
        assert result.flags.c_contiguous
        result[:] = 0
    np.testing.assert_array_equal(image, HAND)


@pytest.mark.parametrize("degrees", [45, 1, -30])
def test_other_angles_are_refused(degrees):
    with pytest.raises(InputError, match=f"multiples of 90 degrees are exact, got {degrees}"):
        rotate(HAND, degrees)


@pytest.mark.parametrize("change", [mirror, lambda image: rotate(image, 90)])
def test_a_line_is_no_image(change):
    with pytest.raises(InputError, match="two axes"):
        change(np.arange(3))
