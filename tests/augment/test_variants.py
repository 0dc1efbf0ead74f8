import numpy as np
import pytest

from lesion_core.augment.geometric import mirror, rotate
from lesion_core.augment.svd import rebuild
from lesion_core.augment.variants import (
    SVD_RATIOS,
    VARIANT_NAMES,
    VARIANT_TITLES,
    eight_variants,
    eight_variants_of_each,
    svd_images,
)
from lesion_core.errors import ImageError
from tests.augment.conftest import speckle


def test_eight_variants_are_eight_and_all_different():
    roi = speckle(0)
    variants = eight_variants(roi)
    assert VARIANT_NAMES == ("original", "rot090", "rot180", "rot270", "mirror", "svd45", "svd35", "svd25")
    assert tuple(VARIANT_TITLES) == VARIANT_NAMES
    assert [name for name, _ in variants.items()] == list(VARIANT_NAMES)
    assert len(variants.images) == 8
    assert len({image.tobytes() for image in variants.images}) == 8
    assert variants.stack().shape == (8, 224, 224, 3)
    assert variants.stack().dtype == np.uint8


def test_each_is_what_its_name_says():
    roi = speckle(1, channels=3)
    variants = eight_variants(roi)
    np.testing.assert_array_equal(variants["original"], roi)
    for degrees in (90, 180, 270):
        np.testing.assert_array_equal(variants[f"rot{degrees:03}"], rotate(roi, degrees))
    np.testing.assert_array_equal(variants["mirror"], mirror(roi))
    for (name, _), image in zip(SVD_RATIOS.items(), rebuild(roi, tuple(SVD_RATIOS.values())), strict=True):
        np.testing.assert_array_equal(variants[name], image)


def test_the_svd_variants_lose_more_from_45_to_25():
    roi = speckle(2).astype(float)
    variants = eight_variants(roi.astype(np.uint8))
    lost = [np.abs(variants[name] - roi).mean() for name in SVD_RATIOS]
    assert 0 < lost[0] < lost[1] < lost[2]


def test_a_grey_roi_stays_grey():
    for image in eight_variants(speckle(3)).images:
        np.testing.assert_array_equal(image[..., 0], image[..., 1])
        np.testing.assert_array_equal(image[..., 0], image[..., 2])


@pytest.mark.parametrize("workers", [1, 2, 5, None])
def test_many_at_once_are_what_each_is_alone(workers):
    rois = [speckle(4), speckle(5, channels=3), speckle(6, (30, 40)), speckle(7)]
    together = eight_variants_of_each(rois, workers=workers)
    assert len(together) == 4
    for roi, variants in zip(rois, together, strict=True):
        for alone, image in zip(eight_variants(roi).images, variants.images, strict=True):
            np.testing.assert_array_equal(image, alone)


def test_none_at_all():
    assert eight_variants_of_each([]) == []


def test_by_energy_keeps_far_fewer_values(phantom_rois):
    roi = phantom_rois[0].astype(int)
    by_count, by_energy = (eight_variants(phantom_rois[0], by=by)["svd45"] for by in ("count", "energy"))
    values = np.linalg.svd(by_energy[..., 0].astype(float), compute_uv=False)
    assert (values > 60).sum() == 1  # the mean brightness alone holds 45 % of the energy; the rest is rounding
    assert np.abs(by_count - roi).mean() < np.abs(by_energy - roi).mean()


def test_the_original_is_a_copy():
    roi = speckle(8, (20, 20))
    eight_variants(roi)["original"][:] = 0
    assert roi.any()


@pytest.mark.parametrize("size", [(1, 1), (1, 12), (12, 1)])
def test_degenerate_rois_have_eight_variants_too(size):
    roi = speckle(9, size)
    variants = eight_variants(roi)
    assert variants["rot090"].shape == (size[1], size[0], 3)
    np.testing.assert_array_equal(variants["svd25"], roi)


def test_constant_rois_have_eight_equal_variants():
    roi = np.full((224, 224, 3), 77, np.uint8)
    assert {image.tobytes() for image in eight_variants(roi).images} == {roi.tobytes()}


def test_only_square_variants_stack():
    with pytest.raises(ImageError, match="20 x 30"):
        eight_variants(speckle(10, (20, 30))).stack()


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 3), (4, 4, 1), (4, 4, 4)])
def test_what_is_no_roi_is_refused(shape):
    with pytest.raises(ImageError):
        svd_images([speckle(11, (8, 8)), np.zeros(shape, np.uint8)])
    with pytest.raises(ImageError, match="uint8"):
        svd_images([np.zeros((4, 4, 3))])
