from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.transforms import v2
from torchvision.tv_tensors import Image

from lesion_core.augment import batched
from lesion_core.augment.random import Draw, RandomAugmentation, RandomSettings, apply, sample
from lesion_core.errors import ImageError, InputError
from tests.augment.conftest import speckle

STRONG = RandomSettings(quarter_turns=True, svd_share=0.5, noise_sd=0.05)


@pytest.fixture(scope="module")
def image():
    return torch.from_numpy(speckle(0, (64, 64))).permute(2, 0, 1)


def draws(settings, count=400):
    rng = np.random.default_rng(0)
    return [sample(settings, rng) for _ in range(count)]


def test_nothing_drawn_changes_nothing(image):
    torch.testing.assert_close(apply(image, Draw()), image)
    for draw in draws(RandomSettings.off(), 20):
        torch.testing.assert_close(apply(image, draw), image)


def test_the_same_generator_state_gives_the_same_pictures(image):
    first, second = ([sample(STRONG, np.random.default_rng((1, 2, index))) for index in range(5)] for _ in range(2))
    assert first == second
    assert len(set(first)) == 5
    for draw in first:
        torch.testing.assert_close(apply(image, draw), apply(image, draw))


def test_applying_draws_nothing_from_any_global_generator(image):
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002  (the global generator is what is watched)
    before = (torch.get_rng_state(), np.random.get_state()[1].copy())  # noqa: NPY002  (as above)
    apply(image, replace(draws(STRONG)[0], noise_sd=0.1))
    assert (torch.get_rng_state() == before[0]).all()
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002  (as above)


def test_draws_stay_within_their_settings():
    many = draws(STRONG)
    assert {draw.turn for draw in many} == {0, 90, 180, 270}
    assert 0.4 < np.mean([draw.mirrored for draw in many]) < 0.6
    approximated = [draw.svd_ratio for draw in many if draw.svd_ratio < 1]
    assert 0.4 < len(approximated) / len(many) < 0.6
    assert 0.25 <= min(approximated) < 0.3
    assert 0.55 < max(approximated) <= 0.6
    for name, low, high in (
        ("angle_deg", -10, 10),
        ("scale", 1 / 1.1, 1.1),
        ("brightness", -0.08, 0.08),
        ("contrast", 1 / 1.2, 1.2),
        ("gamma", 1 / 1.2, 1.2),
        ("noise_sd", 0, 0.05),
    ):
        values = [getattr(draw, name) for draw in many]
        width = high - low
        assert low <= min(values) < low + 0.1 * width, name
        assert high - 0.1 * width < max(values) <= high, name
    shifts = np.array([draw.shift for draw in many])
    assert np.abs(shifts).max() <= 0.05
    assert (shifts.max(0) > 0.04).all()


def test_a_setting_leaves_the_other_draws_as_they_were():
    plain, other = draws(RandomSettings()), draws(RandomSettings(mirror_share=0, svd_share=0, turn_deg=0))
    for one, two in zip(plain, other, strict=True):
        assert replace(one, mirrored=False, svd_ratio=1.0, angle_deg=two.angle_deg) == two


def test_quarter_turn_mirror_and_svd_are_the_exact_operations(image):
    torch.testing.assert_close(apply(image, Draw(turn=90)), batched.rotate(image, 90))
    torch.testing.assert_close(apply(image, Draw(mirrored=True)), image.flip(-1))
    torch.testing.assert_close(apply(image, Draw(svd_ratio=0.35)), batched.svd_images(image[None], (0.35,))[0, 0])


def blob(row, column):
    picture = torch.zeros(3, 64, 64, dtype=torch.uint8)
    picture[:, row - 2 : row + 3, column - 2 : column + 3] = 255
    return picture


def centre(picture):
    weights = picture[0].float()
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    return float((rows * weights).sum() / weights.sum()), float((columns * weights).sum() / weights.sum())


def test_movements_go_where_their_names_say():
    row, column = centre(apply(blob(32, 32), Draw(shift=(0.25, -0.125))))
    assert (row, column) == pytest.approx((24, 48), abs=0.1)
    row, column = centre(apply(blob(32, 48), Draw(angle_deg=30)))  # counter-clockwise: from the right upwards
    assert row == pytest.approx(31.5 - 16.5 * np.sin(np.deg2rad(30)), abs=0.6)
    assert column == pytest.approx(31.5 + 16.5 * np.cos(np.deg2rad(30)), abs=0.6)
    assert centre(apply(blob(32, 40), Draw(scale=1.5)))[1] == pytest.approx(31.5 + 8.5 * 1.5, abs=0.6)


def test_nothing_black_comes_in_from_outside():
    white = torch.full((3, 64, 64), 255, dtype=torch.uint8)
    assert apply(white, Draw(angle_deg=10, shift=(0.05, 0.05), scale=1 / 1.1)).min() == 255


def test_grey_levels_change_as_their_names_say():
    grey = torch.full((3, 8, 8), 100, dtype=torch.uint8)
    grey[:, :, 4:] = 150

    def left_and_right(draw):
        return apply(grey, draw)[0, 0, [0, 7]].tolist()

    assert left_and_right(Draw(brightness=0.2)) == [151, 201]
    assert left_and_right(Draw(contrast=1.2)) == [95, 155]
    assert left_and_right(Draw(gamma=2.0)) == [round(100**2 / 255), round(150**2 / 255)]
    assert apply(torch.full_like(grey, 250), Draw(brightness=0.1)).min() == 255


def test_noise_is_grey_has_its_strength_and_follows_its_seed():
    flat = torch.full((3, 64, 64), 128, dtype=torch.uint8)
    noisy = apply(flat, Draw(noise_sd=0.05, noise_seed=1))
    assert (noisy == noisy[:1]).all()
    assert float((noisy[0].float() - 128).std()) == pytest.approx(0.05 * 255, rel=0.05)
    torch.testing.assert_close(noisy, apply(flat, Draw(noise_sd=0.05, noise_seed=1)))
    assert (noisy != apply(flat, Draw(noise_sd=0.05, noise_seed=2))).any()


def test_as_one_transform_in_a_compose(image):
    steps = v2.Compose([RandomAugmentation(STRONG, np.random.default_rng(4)), v2.ToDtype(torch.float32, scale=True)])
    expected = apply(image, sample(STRONG, np.random.default_rng(4)))
    torch.testing.assert_close(steps(image), expected.float() / 255)


def test_what_is_handed_in_together_gets_the_same_draw(image):
    first, second = RandomAugmentation(STRONG, np.random.default_rng(5))(Image(image), Image(image.clone()))
    torch.testing.assert_close(first, second)
    assert (first != image).any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"mirror_share": 1.1},
        {"svd_share": -0.1},
        {"turn_deg": -1},
        {"noise_sd": float("nan")},
        {"scale": 0.9},
        {"gamma": float("inf")},
        {"svd_ratio": (0.5, 0.4)},
        {"svd_ratio": (0, 0.4)},
        {"svd_ratio": (0.5, 1.1)},
    ],
)
def test_settings_are_checked(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        RandomSettings(**wrong)


def test_what_is_no_image_is_refused(image):
    for wrong in (image[0], image.float(), image[None]):
        with pytest.raises(ImageError, match="uint8"):
            apply(wrong, Draw())
    with pytest.raises(ImageError, match="square"):
        apply(image[:, :10], Draw(turn=90))
    assert apply(image[:, :10], Draw(turn=180)).shape == (3, 10, 64)
