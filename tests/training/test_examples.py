from dataclasses import replace

import numpy as np
import pytest
import torch

from lesion_core.augment.variants import eight_variants_of_each
from lesion_core.imaging.prepare import InputSpec, network_input
from lesion_core.training.config import VARIANTS, TrainConfig
from lesion_core.training.examples import Examples, Shown, kept_block, make_examples
from tests.training.blocks import block_vgg19, fill_blocks

SPEC = InputSpec()
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def rois():
    return np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def network():
    made = block_vgg19()
    fill_blocks(made)
    return made.eval()


def make(rois, network, tmp_path, **changes):
    told = []
    config = replace(TrainConfig(ranks=(2, 2)), **changes)
    progress = lambda *each: told.append(each)  # noqa: E731  # a list that listens
    return make_examples(rois, config, network, SPEC, cache=tmp_path, progress=progress), told


def test_the_eight_variants_are_those_of_augment(rois, network, tmp_path):
    made, told = make(rois, network, tmp_path, trainable="all", augmentation="eight")
    expected = np.stack([variants.stack() for variants in eight_variants_of_each(list(rois))])
    assert (made.block, made.inputs.dtype) == (0, np.uint8)
    assert np.array_equal(np.moveaxis(made.inputs, 2, -1), expected)
    assert told == []


def test_grey_rois_are_kept_as_one_channel(rois, network, tmp_path):
    grey = rois[..., :1].repeat(3, axis=3)
    made, _ = make(grey, network, tmp_path, trainable="all", augmentation="mirror")
    assert made.inputs.shape == (2, 2, 1, 224, 224)
    assert np.array_equal(made.inputs[:, 1, 0], grey[:, :, ::-1, 0])
    shown = Shown(made, CPU)(torch.tensor([[1, 0], [0, 1]]))
    assert shown.shape == (2, 3, 224, 224)
    expected = network_input(np.stack([grey[1], grey[0][:, ::-1]]), SPEC)
    assert np.abs(shown.numpy() - expected).max() < 1e-6


@pytest.mark.parametrize(("trainable", "block", "length"), [("block5", 4, 100352), ("classifier", 5, 25088)])
def test_frozen_blocks_are_run_once_for_each_variant(trainable, block, length, rois, network, tmp_path):
    made, told = make(rois, network, tmp_path, trainable=trainable, augmentation="eight", precision="bfloat16")
    assert (made.inputs.shape, made.inputs.dtype, made.block) == ((2, 8, length), np.float16, block)
    assert [what for what, done, total in told if done == total][:2] == ["features (original)", "features (rot090)"]
    with torch.inference_mode():
        layers = network.features[: 9 if block == 4 else 12]
        whole = layers(torch.from_numpy(network_input(rois, SPEC))).flatten(1).numpy()
    assert np.abs(made.inputs[:, 0] - whole).max() < 4e-3 * np.abs(whole).max()
    shown = Shown(made, CPU)(torch.tensor([[1, 3]]))
    assert torch.equal(shown[0], torch.from_numpy(made.inputs[1, 3]).float())


def test_what_is_drawn_anew_cannot_be_kept(rois, network, tmp_path):
    assert kept_block(TrainConfig(augmentation="random", trainable="classifier")) == 0
    made, _ = make(rois, network, tmp_path, augmentation="random")
    assert made.inputs.shape == (2, 4, 3, 224, 224)
    assert np.array_equal(made.inputs[:, 0], np.moveaxis(rois, -1, 1))


@pytest.mark.parametrize("augmentation", list(VARIANTS))
def test_there_are_as_many_variants_as_the_settings_say(augmentation, rois, network, tmp_path):
    made, _ = make(rois[:1], network, tmp_path, trainable="all", augmentation=augmentation)
    assert made.inputs.shape[:2] == (1, VARIANTS[augmentation])
    assert isinstance(made, Examples)
    assert len(made) == 1
