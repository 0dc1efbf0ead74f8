from dataclasses import FrozenInstanceError, replace

import pytest

from lesion_core.errors import InputError
from lesion_core.training.config import (
    PAPER,
    PRESETS,
    TrainConfig,
    config_as_json,
    config_from_json,
    iterations,
    preset,
    training_images,
)


def test_presets_go_by_name():
    for name, each in PRESETS.items():
        assert preset(name) is each
        assert each.name == name
        assert each.candidates
    with pytest.raises(InputError, match=r"no preset named 'papper': choose one of .*paper.*compact"):
        preset("papper")


def test_the_papers_arithmetic():
    """568 images, 20 % held back (inferred from the number), eight variants, mini-batches of 8, 20 epochs."""
    assert training_images(568, 0.2) == 454
    assert iterations(PAPER, training_images(568, 0.2)) == 9080


def test_the_papers_protocol():
    assert (PAPER.optimiser, PAPER.momentum, PAPER.decay, PAPER.rate, PAPER.schedule) == (
        "sgd",
        0.9,
        1e-4,
        1e-4,
        "constant",
    )
    assert (PAPER.trainable, PAPER.ranks, PAPER.augmentation, PAPER.drawing) == ("all", None, "eight", "all")
    assert (PAPER.batch, PAPER.epochs, PAPER.dropout[1], PAPER.validation, PAPER.patience) == (8, 20, 0.25, 0.1, 0)
    assert (preset("paper").input.rule, preset("paper").input.margin) == ("min-area", 0.0)


def test_a_last_smaller_step_counts():
    config = TrainConfig(drawing="one", batch=8, epochs=3)
    assert [iterations(config, images) for images in (8, 9, 16)] == [3, 6, 6]


def test_candidates_tell_apart_in_their_summary():
    for each in PRESETS.values():
        assert len({config.summary for config in each.candidates}) == len(each.candidates)
    assert TrainConfig(epochs=8, smoothing=0.2).summary.startswith("fc6 to fc8; adamw ")
    assert "the convolutions of block5 and above" in TrainConfig(trainable="block5").summary


def test_settings_are_frozen():
    with pytest.raises(FrozenInstanceError):
        preset("compact").candidates[0].seed = 1


def test_settings_come_back_from_json():
    for config in (PAPER, TrainConfig(ranks=(3, 4))):
        assert config_from_json(config_as_json(config)) == config
    with pytest.raises(InputError, match="no settings of this version"):
        config_from_json({"surprise": 1})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trainable": "block9"}, "trainable is 'block9': choose one of all, block2"),
        ({"augmentation": "nine"}, "augmentation is 'nine'"),
        ({"epochs": 0}, "epochs must be 1 or more"),
        ({"rate": float("nan")}, "rate must be 0 or more"),
        ({"validation": 0.7}, "validation is a share from 0 to 0.5"),
        ({"patience": 2}, "patience needs a validation part"),
        ({"averaging": 1.0}, "averaging is a decay per step below 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(TrainConfig(), **change)
