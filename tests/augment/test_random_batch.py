import numpy as np
import pytest
import torch

from lesion_core.augment.random import Draw, RandomSettings, apply, sample
from lesion_core.augment.random_batch import apply_batch, augment_batch, nearest_variant

STRONG = RandomSettings(quarter_turns=True, svd_share=0.0, turn_deg=30, shift=0.2, scale=1.3, noise_sd=0.1)


def smooth(count, side=64, channels=1):
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.uniform(0, 255, (count, channels, 9, 9)))
    return torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 255).to(torch.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_batch_is_what_each_image_gives_alone(channels):
    images = smooth(24, channels=channels)
    draws = [sample(STRONG, np.random.default_rng(each)) for each in range(23)] + [Draw()]
    assert any(draw.mirrored for draw in draws)
    assert {draw.turn for draw in draws} == {0, 90, 180, 270}
    coloured = images.expand(-1, 3, -1, -1).contiguous()
    expected = torch.stack([apply(image, draw)[:channels] for image, draw in zip(coloured, draws, strict=True)])
    difference = (apply_batch(images, draws).int() - expected.int()).abs()
    assert difference.max() <= 2  # a tie rounded the other way when moved, then stretched by contrast and gamma
    assert (difference > 1).float().mean() < 1e-4
    assert torch.equal(apply_batch(images, draws)[-1], images[-1])


def test_nothing_drawn_changes_nothing():
    images = smooth(3)
    assert torch.equal(apply_batch(images, [Draw()] * 3), images)


def test_pictures_depend_on_seed_and_position_only():
    images = smooth(8)[:, None].repeat(1, 4, 1, 1, 1)
    items = torch.tensor([[5, 0], [1, 0], [7, 0]])
    together = augment_batch(images, items, STRONG, seed=(3, 1))
    alone = torch.cat([augment_batch(images, item[None], STRONG, seed=(3, 1)) for item in items])
    assert torch.equal(together, alone)
    assert not torch.equal(together, augment_batch(images, items, STRONG, seed=(3, 2)))


def test_the_nearest_rank_stands_for_a_drawn_one():
    assert [nearest_variant(ratio) for ratio in (1.0, 0.6, 0.45, 0.39, 0.36, 0.25, 0.26)] == [0, 1, 1, 2, 2, 3, 3]
    images = torch.arange(4, dtype=torch.uint8).view(1, 4, 1, 1, 1).expand(1, 4, 1, 8, 8) * 50
    only_svd = RandomSettings.off()
    only_svd = RandomSettings(**{**vars(only_svd), "svd_share": 1.0, "svd_ratio": (0.35, 0.35)})
    assert (augment_batch(images, torch.tensor([[0, 0]]), only_svd, seed=(0,)) == 100).all()
