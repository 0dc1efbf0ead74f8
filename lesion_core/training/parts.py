"""A network in two parts: the frozen blocks below, whose output is kept, and what is trained above them.

fc8 alone being trained still runs fc6 and fc7 in every step: they are cheap beside the convolutions, and their dropout
stays at work as in the paper.
"""

from __future__ import annotations

from torch import Tensor, nn

from lesion_core.errors import InputError
from lesion_core.model.vgg import POOLED_SHAPES, build_vgg19
from lesion_core.model.weights import ImageNetWeights, load_imagenet
from lesion_core.training.config import Trainable, TrainConfig
from lesion_core.training.features import block_end

#: The last frozen block for each choice of what is trained.
FROZEN_BLOCKS: dict[Trainable, int] = {
    "all": 0,
    "block2": 1,
    "block3": 2,
    "block4": 3,
    "block5": 4,
    "classifier": 5,
    "fc8": 5,
}


class UpperPart(nn.Module):
    """What comes after a block, sharing its layers with the network.

    Args:
        network: a `build_vgg19` network.
        block: the last block below, 0 to 5; 0 is the whole network.
    """

    def __init__(self, network: nn.Module, block: int) -> None:
        super().__init__()
        layers = network.get_submodule("features")
        assert isinstance(layers, nn.Sequential)
        self.features = layers[block_end(layers, block) :] if block else layers
        self.avgpool = network.get_submodule("avgpool")
        if block == 5 and isinstance(self.avgpool, nn.AdaptiveAvgPool2d):
            self.avgpool = nn.Identity()  # pool5 already has its size: it would copy, in a quarter of a step's time
        self.classifier = network.get_submodule("classifier")
        self.shape = POOLED_SHAPES.get(block)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, 3, 224, 224) images, or (batch, length) kept features of the block, to (batch, 2) logits."""
        maps = inputs if self.shape is None else inputs.reshape(-1, *self.shape)
        logits: Tensor = self.classifier(self.avgpool(self.features(maps)).flatten(1))
        return logits


def new_network(config: TrainConfig, weights: ImageNetWeights) -> nn.Module:
    """A network before training: ImageNet's weights wherever they are, new layers from the current random state.

    fc8 is the only new layer where the weights hold fc6 and fc7 and the settings ask for full layers.
    """
    network = build_vgg19(config.ranks, config.normalisation, dropout=config.dropout)
    load_imagenet(network, weights)
    return network


def freeze(network: nn.Module, trainable: Trainable) -> None:
    """Let gradients flow into the chosen layers only.

    Raises:
        InputError: nothing of that name.
    """
    if trainable not in FROZEN_BLOCKS:
        raise InputError(f"trainable is {trainable!r}: choose one of {', '.join(FROZEN_BLOCKS)}")
    network.requires_grad_(False)
    layers, classifier = network.get_submodule("features"), network.get_submodule("classifier")
    assert isinstance(layers, nn.Sequential)
    assert isinstance(classifier, nn.Sequential)
    if trainable == "fc8":
        classifier[-1].requires_grad_(True)
        return
    classifier.requires_grad_(True)
    block = FROZEN_BLOCKS[trainable]
    if block < 5:
        layers[block_end(layers, block) if block else 0 :].requires_grad_(True)


def rate_groups(network: nn.Module, config: TrainConfig) -> list[dict[str, object]]:
    """Parameter groups for the optimiser: the classifier at the full rate, each block below it at a smaller one."""
    layers, classifier = network.get_submodule("features"), network.get_submodule("classifier")
    assert isinstance(layers, nn.Sequential)
    ends = [0, *(block_end(layers, block) for block in range(1, 6))]
    parts = [(list(classifier.parameters()), config.rate)]
    for block in range(5, 0, -1):
        rate = config.rate * config.layer_decay ** (6 - block)
        parts.append((list(layers[ends[block - 1] : ends[block]].parameters()), rate))
    groups = [([each for each in parameters if each.requires_grad], rate) for parameters, rate in parts]
    return [{"params": parameters, "lr": rate} for parameters, rate in groups if parameters]
