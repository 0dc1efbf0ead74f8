import numpy as np
import pytest

from lesion_core.cases.alignment import Bands, align, band_pass, bands, sample
from lesion_core.cases.looks import look_at

from .scans import scan

NOTHING = (0.0, 0.0, 0.0, 0.0)


def banded(pixels):
    return bands(look_at(np.ascontiguousarray(pixels)).square)


def test_a_picture_on_itself():
    found = align(banded(scan(1).pixels[:, :, 0]), banded(scan(1).pixels[:, :, 0]), NOTHING)
    assert found.likeness == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(found.window, NOTHING, atol=1e-6)
    assert found.tiles == 36


@pytest.mark.parametrize(
    ("shares", "start"),
    [
        ((0.1, 0.05, 0.0, 0.12), (0.075, 0.075, 0.0, 0.15)),
        ((0.15, 0.15, 0.15, 0.15), (0.15, 0.15, 0.075, 0.15)),
        ((0.0, 0.04, 0.04, 0.0), NOTHING),
    ],
)
def test_the_window_of_a_crop_is_found(shares, start):
    pixels = scan(2).pixels[:, :, 0]
    height, width = pixels.shape
    left, right, top, bottom = (round(s * n) for s, n in zip(shares, (width, width, height, height), strict=True))
    crop = pixels[top : height - bottom, left : width - right]
    found = align(banded(pixels), banded(crop), start)
    assert found.likeness > 0.9
    np.testing.assert_allclose(found.window, shares, atol=0.01)


def test_other_scans_are_not_alike_and_gain_does_not_matter():
    one = banded(scan(3).pixels[:, :, 0])
    assert align(one, banded(scan(4).pixels[:, :, 0]), NOTHING).likeness < 0.3
    brighter = np.clip(scan(3).pixels[:, :, 0] * 0.6 + 60, 0, 255).astype(np.uint8)
    assert align(one, banded(brighter), NOTHING).likeness > 0.95


def test_the_same_frame_around_different_scans_does_not_make_them_alike():
    framed = []
    for seed in (5, 6):
        pixels = scan(seed).pixels[:, :, 0].copy()
        pixels[:40] = 0
        pixels[::12, :16] = 220
        pixels[10:30, 20:200:7] = 255
        framed.append(banded(pixels))
    assert align(*framed, NOTHING).likeness < 0.4


def test_empty_pictures_have_no_likeness():
    black = banded(np.zeros((200, 200), np.uint8))
    found = align(black, black, NOTHING)
    assert found.likeness == -1
    assert found.tiles == 0


def test_flipping_undoes_itself():
    one = banded(scan(7).pixels[:, :, 0])
    for across in (False, True):
        for down in (False, True):
            twice = one.flipped(across=across, down=down).flipped(across=across, down=down)
            np.testing.assert_array_equal(twice.fine, one.fine)
    np.testing.assert_array_equal(one.flipped(across=True, down=False).coarse, one.coarse[:, ::-1])
    assert isinstance(one, Bands)


def test_sampling_against_a_slow_bilinear():
    image = np.random.default_rng(0).normal(size=(9, 9)).astype(np.float32)
    xs, ys = np.array([0.1, 0.5, 0.93]), np.array([0.06, 0.61])
    got = sample(image, xs, ys)
    for row, y in enumerate(ys):
        for column, x in enumerate(xs):
            u, v = x * 9 - 0.5, y * 9 - 0.5
            i, j = int(np.floor(v)), int(np.floor(u))
            i1, j1 = min(i + 1, 8), min(j + 1, 8)
            a, b = v - i, u - j
            want = (
                image[i, j] * (1 - a) * (1 - b)
                + image[i1, j] * a * (1 - b)
                + image[i, j1] * (1 - a) * b
                + image[i1, j1] * a * b
            )
            assert got[row, column] == pytest.approx(want, abs=1e-5)


def test_band_pass_is_blind_to_level_and_contrast():
    pixels = np.random.default_rng(1).uniform(0, 100, (64, 64)).astype(np.float32)
    np.testing.assert_allclose(band_pass(pixels + 50, 1, 4), band_pass(pixels, 1, 4), atol=1e-3)
    assert np.corrcoef(band_pass(pixels * 2, 1, 4).ravel(), band_pass(pixels, 1, 4).ravel())[0, 1] > 0.99
    assert np.abs(band_pass(np.full((64, 64), 9, np.float32), 1, 4)).max() < 1e-4
