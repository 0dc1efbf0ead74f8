"""A network whose trunk costs next to nothing, and a card that fits it; the rest of it is the product's own."""

from dataclasses import replace

import torch
from torch import nn

from lesion_core.imaging.prepare import InputSpec
from lesion_core.model.card import Architecture, Card, Metric, OperatingPoint
from lesion_core.model.training_data import TrainingData
from lesion_core.model.vgg import TRUNK_FEATURES, PowerNormalise, build_classifier

RANKS = (2, 2)


class CheapVgg(nn.Module):
    """Images to logits through (batch, 512, 7, 7), as in VGG-19; the trunk is one layer on a 7 x 7 grid."""

    def __init__(self, ranks, normalisation, dropout=(0.5, 0.25)):
        super().__init__()
        self.features = nn.Sequential(nn.AvgPool2d(32), nn.Conv2d(3, 512, 3, padding=1), nn.ReLU())
        self.avgpool = PowerNormalise() if normalisation == "power" else nn.Identity()
        self.classifier = build_classifier(ranks, dropout=dropout)

    def forward(self, image):
        return self.classifier(self.avgpool(self.features(image)).flatten(1))


def cheap_vgg19(ranks=RANKS, normalisation="none", *, dropout=(0.5, 0.25)):
    """Stands where `build_vgg19` does; the trunk is always the same and, like the real one, of at most 256 values."""
    network = CheapVgg(ranks, normalisation, dropout)
    fill_trunk(network)
    return network


def fill_trunk(network, weights=None):
    """Stands where `load_trunk` does."""
    layer = network.features[1]
    drawn = torch.randn(layer.weight.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        layer.weight.copy_((drawn * 30).round().clamp(-127, 127) / 100)
        layer.bias.zero_()


def use_cheap_trunk(monkeypatch):
    """Let checkpoints be loaded into `cheap_vgg19`."""
    monkeypatch.setattr("lesion_core.model.checkpoint.build_vgg19", cheap_vgg19)


def opinionated(network, seed=1):
    """Weights of the classifier drawn anew and large enough for scores over the whole of 0-1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in network.classifier.modules():
            if isinstance(layer, nn.Linear):
                spread = 0.2 if layer.in_features == TRUNK_FEATURES else (6 / layer.in_features) ** 0.5
                layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * spread)
                if layer.bias is not None:
                    layer.bias.zero_()
    return network.eval()


def card(**changes):
    """A card of a breast model."""
    made = Card(
        name="bnet",
        title="BNet",
        organs=("breast",),
        target="histology malignant",
        classes=("benign", "malignant"),
        input=InputSpec(),
        architecture=Architecture("vgg19", RANKS, "power", "a stand-in trunk", "fc6 to fc8", "8 and 16 bits"),
        operating_point=OperatingPoint(0.41, "95 % sensitivity", "BUS-BRA, out of fold, per image", 0.95, 0.6, 0.32),
        training=(
            TrainingData(
                dataset="BUS-BRA",
                organ="breast",
                label_source="histopathology",
                images=10,
                patients=8,
                benign=6,
                malignant=4,
                licence="free use with citation",
                citation="Gómez-Flores",
            ),
        ),
        metrics=(
            Metric("AUC", "BUS-BRA", "out of fold", "image", 0.9, 0.88, 0.92, 0.95, "DeLong", 10, 4, "malignant"),
        ),
        limits=("For research and teaching only.",),
        commands=("python -m lesion_core train",),
        seed=0,
        created="2026-01-31",
        code_version="0.1.0",
        licence="Apache-2.0",
        citations=("Simonyan and Zisserman 2015",),
        weights_sha256="0" * 64,
    )
    return replace(made, **changes)
