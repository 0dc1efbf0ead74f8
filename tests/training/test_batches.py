import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.training.batches import balanced, check_trainable, class_weights, epoch_items
from lesion_core.training.config import TrainConfig

LABELS = np.array([0] * 10 + [1] * 3)
TRAIN = np.arange(13)


def test_every_variant_of_every_image_once_in_an_epoch():
    items = epoch_items(LABELS, TRAIN[2:], TrainConfig(augmentation="eight", drawing="all"), 1)
    assert len(items) == 88
    assert sorted(map(tuple, items.tolist())) == [(at, variant) for at in range(2, 13) for variant in range(8)]


def test_one_variant_of_each_image_is_drawn():
    config = TrainConfig(augmentation="mirror", drawing="one")
    drawn = np.concatenate([epoch_items(LABELS, TRAIN, config, epoch) for epoch in range(1, 41)])
    assert np.bincount(drawn[:, 0]).tolist() == [40] * 13
    assert set(drawn[:, 1]) == {0, 1}
    assert drawn[:, 1].mean() == pytest.approx(0.5, abs=0.1)


def test_order_follows_from_seed_and_epoch():
    config = TrainConfig()
    first = epoch_items(LABELS, TRAIN, config, 1)
    assert np.array_equal(first, epoch_items(LABELS, TRAIN, config, 1))
    assert not np.array_equal(first, epoch_items(LABELS, TRAIN, config, 2))
    assert not np.array_equal(first, epoch_items(LABELS, TRAIN, TrainConfig(seed=1), 1))


def test_balance_repeats_or_leaves_out():
    rng = np.random.default_rng(0)
    more = balanced(LABELS, TRAIN, "oversample", rng)
    assert np.bincount(LABELS[more]).tolist() == [10, 10]
    assert np.bincount(more, minlength=13)[10:].min() >= 3
    fewer = balanced(LABELS, TRAIN, "undersample", rng)
    assert np.bincount(LABELS[fewer]).tolist() == [3, 3]
    assert len(set(fewer.tolist())) == 6
    for same in ("none", "weights"):
        assert np.array_equal(balanced(LABELS, TRAIN, same, rng), TRAIN)


def test_class_weights_are_inverse_to_counts():
    assert class_weights(LABELS, "none") is None
    weights = class_weights(LABELS, "weights")
    assert weights[1] / weights[0] == pytest.approx(10 / 3)
    assert (weights[LABELS]).mean() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("labels", "message"), [([], "no image"), ([1, 1], r"got \[1\] only"), ([0], r"got \[0\] only")]
)
def test_one_class_is_not_enough(labels, message):
    with pytest.raises(InputError, match=message):
        check_trainable(np.array(labels, dtype=np.int64))
