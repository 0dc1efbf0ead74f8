import numpy as np
import pytest

from lesion_core.errors import BorderError
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.prepare import InputSpec, network_input, prepare, roi_area


def gradient(height=300, width=400):
    """Red rises to the right, green downwards: a RoI tells where it came from."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 // width, y * 255 // height, np.full_like(x, 128)], axis=2).astype(np.uint8)


BOX = [(100, 50), (200, 50), (200, 100), (100, 100)]


def test_min_area_squashes_the_rectangle():
    image = gradient()
    roi = prepare(image, border_from_points(BOX, image.shape[:2]), InputSpec("min-area", 0.0))
    assert roi.pixels.shape == (224, 224, 3)
    assert roi.pixels.dtype == np.uint8
    assert np.allclose(roi.corners, BOX)
    for row, column, x, y in [(0, 0, 100, 50), (0, 223, 200, 50), (223, 0, 100, 100), (112, 112, 150, 75)]:
        red, green, blue = (int(value) for value in roi.pixels[row, column])
        assert red == pytest.approx(x * 255 / 400, abs=2)
        assert green == pytest.approx(y * 255 / 300, abs=2)
        assert blue == 128


def test_min_area_turns_a_tilted_lesion_upright():
    image = np.zeros((300, 300, 3), dtype=np.uint8)
    turn = np.deg2rad(20)
    right, down = np.array([np.cos(turn), -np.sin(turn)]), np.array([np.sin(turn), np.cos(turn)])
    y, x = np.mgrid[0:300, 0:300] + 0.5
    along = (x - 150) * right[0] + (y - 150) * right[1]
    across = (x - 150) * down[0] + (y - 150) * down[1]
    image[(abs(along) < 80) & (abs(across) < 30)] = (255, 255, 255)
    image[(along > 0) & (along < 80) & (abs(across) < 30)] = (255, 0, 0)
    corners = [np.array([150, 150]) + a * right + b * down for a, b in [(-80, -30), (80, -30), (80, 30), (-80, 30)]]
    roi = prepare(image, border_from_points(corners, (300, 300)), InputSpec("min-area", 0.0)).pixels
    assert roi[20:204, 20:100].min() > 240
    assert np.all(roi[20:204, 130:204] == (255, 0, 0), axis=2).mean() > 0.99


def test_upright_keeps_the_proportions_by_padding():
    image = gradient()
    image[:, :, 2] = 200
    border = border_from_points([(100, 50), (200, 50), (200, 100), (100, 100)], image.shape[:2])
    corners, native = roi_area(border, InputSpec("upright", 0.1))
    assert native == (60, 120)
    assert np.allclose(corners, [(90, 45), (210, 45), (210, 105), (90, 105)])
    for padding in (0, 118):
        pixels = prepare(image, border, InputSpec("upright", 0.1, padding)).pixels
        assert np.all(pixels[:54] == padding)
        assert np.all(pixels[-54:] == padding)
        assert np.all(abs(pixels[58:-58, :, 2].astype(int) - 200) <= 1)
        assert int(pixels[112, 0, 0]) == pytest.approx(90 * 255 / 400, abs=2)
        assert int(pixels[112, 223, 0]) == pytest.approx(210 * 255 / 400, abs=2)


def test_upright_pads_a_tall_lesion_at_its_sides_and_what_lies_outside_the_image():
    image = np.full((200, 200, 3), 255, dtype=np.uint8)
    border = border_from_points([(0, 20), (40, 20), (40, 100), (0, 100)], (200, 200))
    pixels = prepare(image, border, InputSpec("upright", 0.25)).pixels
    # The area is 60 x 120 px, so 112 x 224 of the input; its left sixth lies outside the image.
    assert pixels[:, :56].max() == 0
    assert pixels[:, -56:].max() == 0
    assert pixels[112, 60:70].max() == 0
    assert pixels[112, 80:160].min() == 255


def test_margins_grow_each_side_by_a_share_of_it():
    corners, native = roi_area(border_from_points(BOX, (300, 400)), InputSpec("min-area", 0.1))
    assert np.allclose(corners, [(90, 45), (210, 45), (210, 105), (90, 105)])
    assert native == (60, 120)


def test_a_pixel_wide_line_stays_where_it_was():
    image = np.zeros((100, 100, 3), dtype=np.uint8)
    image[:, 50] = 255
    border = border_from_points([(40, 40), (61, 40), (61, 61), (40, 61)], (100, 100))
    roi = prepare(image, border, InputSpec("min-area", 0.0, size=(224, 224))).pixels
    centre = (roi[112, :, 0].astype(float) * (np.arange(224) + 0.5)).sum() / roi[112, :, 0].sum()
    assert centre == pytest.approx((50.5 - 40) / 21 * 224, abs=0.5)


def test_network_input_is_standardised_channels_first():
    spec = InputSpec()
    pixels = np.zeros((2, 4, 5, 3), dtype=np.uint8)
    pixels[0, 1, 2] = (255, 0, 128)
    tensor = network_input(pixels, spec)
    assert tensor.shape == (2, 3, 4, 5)
    assert tensor.dtype == np.float32
    assert tensor[0, :, 1, 2] == pytest.approx(
        [(1 - 0.485) / 0.229, -0.456 / 0.224, (128 / 255 - 0.406) / 0.225], rel=1e-5
    )


def test_an_unknown_rule_is_refused():
    with pytest.raises(BorderError, match="min-area or upright"):
        roi_area(border_from_points(BOX, (300, 400)), InputSpec("square"))
