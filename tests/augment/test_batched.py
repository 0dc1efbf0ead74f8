import numpy as np
import pytest
import torch

from lesion_core.augment import batched, geometric
from lesion_core.augment.svd import rebuild
from lesion_core.augment.variants import SVD_RATIOS, VARIANT_NAMES, eight_variants
from lesion_core.errors import ImageError, InputError
from tests.augment.conftest import speckle

MIXED = [speckle(0, (48, 48)), speckle(1, (48, 48), channels=3), speckle(2, (48, 48), channels=2)]


def as_batch(rois):
    return torch.from_numpy(np.stack(rois)).permute(0, 3, 1, 2)


def as_arrays(images):
    return images.movedim(-3, -1).numpy()


def largest_difference(images, other):
    return int(np.abs(as_arrays(images).astype(int) - np.asarray(other)).max())


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, -90])
def test_turns_as_geometric_does(degrees):
    roi = speckle(3, (20, 30), channels=3)
    turned = batched.rotate(as_batch([roi]), degrees)
    np.testing.assert_array_equal(as_arrays(turned)[0], geometric.rotate(roi, degrees))
    np.testing.assert_array_equal(as_arrays(batched.mirror(as_batch([roi])))[0], geometric.mirror(roi))


def test_other_angles_are_refused():
    with pytest.raises(InputError, match="multiples of 90"):
        batched.rotate(as_batch(MIXED), 30)


def test_the_eight_are_those_of_the_light_half():
    ours = batched.eight_variants(as_batch(MIXED))
    assert ours.shape == (3, 8, 3, 48, 48)
    assert ours.dtype == torch.uint8
    for roi, images in zip(MIXED, ours, strict=True):
        for number, (name, expected) in enumerate(eight_variants(roi).items()):
            assert largest_difference(images[number], expected) <= (1 if name in SVD_RATIOS else 0)
    assert len(VARIANT_NAMES) == ours.shape[1]


@pytest.mark.data
def test_real_rois_within_a_grey_level_of_the_light_half(real_rois):
    rois = real_rois[::5]
    ours = batched.svd_images(as_batch(rois))
    for roi, images in zip(rois, ours, strict=True):
        for mine, expected in zip(images, rebuild(roi, tuple(SVD_RATIOS.values())), strict=True):
            assert largest_difference(mine, expected) <= 1


def test_an_image_in_a_batch_is_what_it_is_alone():
    together = batched.svd_images(as_batch(MIXED))
    for index in range(len(MIXED)):
        alone = batched.svd_images(as_batch(MIXED[index : index + 1]))[0]
        assert (together[index].int() - alone.int()).abs().max() <= 1


def test_equal_channels_are_decomposed_once(monkeypatch):
    sizes = []
    real = torch.linalg.eigh

    def counting(grams):
        sizes.append(len(grams))
        return real(grams)

    monkeypatch.setattr(torch.linalg, "eigh", counting)
    batched.svd_images(as_batch(MIXED))
    assert sizes == [1 + 3 + 2]


@pytest.mark.parametrize("order", [(0, 0, 0), (0, 1, 1), (0, 1, 0), (0, 0, 1), (0, 1, 2)])
def test_channels_return_to_their_places(order):
    planes = speckle(4, (24, 24), channels=3)
    roi = np.stack([planes[..., index] for index in order], axis=-1)
    whole = batched.svd_images(as_batch([roi, planes]), (1.0,))
    np.testing.assert_array_equal(as_arrays(whole)[0, 0], roi)
    np.testing.assert_array_equal(as_arrays(whole)[1, 0], planes)


@pytest.mark.parametrize("size", [(12, 30), (30, 12), (1, 9), (9, 1), (1, 1)])
def test_any_proportions(size):
    roi = speckle(5, size, channels=3)
    for mine, expected in zip(
        batched.svd_images(as_batch([roi]))[0], rebuild(roi, tuple(SVD_RATIOS.values())), strict=True
    ):
        assert largest_difference(mine, expected) <= 1


def test_constant_images_come_back():
    images = torch.full((2, 3, 16, 16), 77, dtype=torch.uint8)
    assert (batched.eight_variants(images) == 77).all()


def test_ratios_may_come_in_any_order_and_twice():
    batch = as_batch(MIXED)
    one = batched.svd_images(batch)
    other = batched.svd_images(batch, (0.25, 0.45, 0.25))
    torch.testing.assert_close(other, one[:, [2, 0, 2]])


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(3, 8, 8, dtype=torch.uint8), "batch"),
        (torch.zeros(1, 8, 8, 3, dtype=torch.uint8), "batch"),
        (torch.zeros(1, 3, 8, 8), "batch"),
        (torch.zeros(1, 3, 8, 9, dtype=torch.uint8), "square"),
    ],
)
def test_what_is_no_batch_is_refused(images, message):
    with pytest.raises(ImageError, match=message):
        batched.eight_variants(images)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_gives_the_same_within_a_grey_level():
    batch = as_batch([speckle(6), speckle(7, channels=3)])
    difference = batched.eight_variants(batch.to("cuda")).cpu().int() - batched.eight_variants(batch).int()
    assert difference.abs().max() <= 1
