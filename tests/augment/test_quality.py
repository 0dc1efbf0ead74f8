import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage

from lesion_core.augment.quality import compare, difference_image
from lesion_core.augment.svd import rebuild
from lesion_core.errors import ImageError
from tests.augment.conftest import speckle


def ssim_by_hand(first, second):
    """Wang et al. 2004, eq. 13 with K1 = 0.01, K2 = 0.03, averaged over pixels whose window lies inside the image."""

    def smooth(image):
        return ndimage.gaussian_filter(image, 1.5, truncate=3.5)

    x, y = first.astype(float), second.astype(float)
    mx, my = smooth(x), smooth(y)
    vx, vy, vxy = smooth(x * x) - mx**2, smooth(y * y) - my**2, smooth(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    score = (2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return score[5:-5, 5:-5].mean()


def test_equal_images():
    same = compare(speckle(0), speckle(0))
    assert (same.psnr_db, same.rms, same.largest) == (math.inf, 0, 0)
    assert same.ssim == pytest.approx(1)


def test_a_hand_worked_case():
    original = np.full((16, 16, 3), 100, np.uint8)
    rebuilt = original.copy()
    rebuilt[:8] += 10  # half of the pixels off by 10
    found = compare(original, rebuilt)
    assert found.rms == pytest.approx(math.sqrt(50))
    assert found.psnr_db == pytest.approx(10 * math.log10(255**2 / 50))
    assert found.largest == 10


@pytest.mark.parametrize("channels", [1, 3])
def test_ssim_is_the_formula_of_wang(channels):
    roi = speckle(1, (64, 80), channels=channels)
    (rebuilt,) = rebuild(roi, (0.25,))
    by_hand = np.mean([ssim_by_hand(roi[..., channel], rebuilt[..., channel]) for channel in range(3)])
    assert compare(roi, rebuilt).ssim == pytest.approx(by_hand, abs=1e-9)
    assert 0.1 < by_hand < 0.95


def test_more_singular_values_are_better_by_every_measure():
    roi = speckle(2)
    found = [compare(roi, image) for image in rebuild(roi, (0.1, 0.25, 0.35, 0.45, 0.9))]
    for worse, better in pairwise(found):
        assert better.psnr_db > worse.psnr_db
        assert better.ssim > worse.ssim
        assert better.rms < worse.rms


def test_images_smaller_than_the_window_have_no_ssim():
    assert compare(speckle(3, (10, 40)), speckle(4, (10, 40))).ssim is None
    assert compare(speckle(3, (11, 40)), speckle(4, (11, 40))).ssim is not None


def test_a_difference_is_grey_where_nothing_changed():
    original = np.full((1, 4, 3), 100, np.uint8)
    rebuilt = np.repeat(np.array([[100, 105, 90, 200]], np.uint8)[..., None], 3, axis=2)
    assert difference_image(original, rebuilt)[0, :, 0].tolist() == [128, 148, 88, 255]
    assert difference_image(original, rebuilt, gain=1)[0, :, 0].tolist() == [128, 133, 118, 228]


@pytest.mark.parametrize("measure", [compare, difference_image])
def test_other_shapes_are_refused(measure):
    with pytest.raises(ImageError, match="one shape"):
        measure(speckle(5, (12, 12)), speckle(5, (12, 13)))
