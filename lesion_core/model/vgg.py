"""The generic network of the paper: VGG-19 with a new 2-way last layer, full or with low-rank fc6 and fc7.

Layers keep torchvision's names (``features.N``, ``classifier.N``): fc6 is ``classifier.0``, fc7 ``classifier.3``, fc8
``classifier.6``. Input: (batch, 3, 224, 224) float32, RGB, standardised as the card says. Output: (batch, 2) logits,
benign then malignant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import vgg19

CLASSES = ("benign", "malignant")
#: Channels x height x width of the trunk's output, and its length when flattened (channel first).
TRUNK_SHAPE = (512, 7, 7)
TRUNK_FEATURES = 512 * 7 * 7
#: Channels x height x width after the pooling layer of each block.
POOLED_SHAPES = {1: (64, 112, 112), 2: (128, 56, 56), 3: (256, 28, 28), 4: (512, 14, 14), 5: TRUNK_SHAPE}
HIDDEN = 4096

Normalisation = Literal["none", "power", "power-rms"]


class PowerNormalise(nn.Module):
    """Square root of each trunk feature, then one length for each image; no parameters.

    The Hellinger map and L2 normalisation (Perronnin, Sanchez and Mensink 2010, ECCV, sections 3.1 and 3.2): it takes
    the edge off the few very large activations of a frozen trunk. It stands where torchvision's average pool is an
    identity for 224 x 224 input.

    Args:
        unit_rms: make the root of the mean square 1, as a layer with the usual random weights expects its input;
            otherwise the length, which leaves each of 25,088 features near 0.006.
    """

    def __init__(self, *, unit_rms: bool = False) -> None:
        super().__init__()
        self.unit_rms = unit_rms

    def forward(self, features: Tensor) -> Tensor:
        """(batch, ...) at least 0, to the same shape with the same Euclidean length for each image."""
        roots = features.clamp_min(0).sqrt().flatten(1)
        normalised = functional.normalize(roots, dim=1).reshape(features.shape)
        return normalised * roots.shape[1] ** 0.5 if self.unit_rms else normalised


class LowRankLinear(nn.Sequential):
    """A linear layer whose weight is a product of two factors: ``weight = wide @ narrow``.

    Args:
        inputs: number of input features.
        outputs: number of output features.
        rank: width of the bottleneck; (inputs + outputs) * rank + outputs parameters instead of inputs * outputs.
    """

    def __init__(self, inputs: int, outputs: int, rank: int) -> None:
        super().__init__(nn.Linear(inputs, rank, bias=False), nn.Linear(rank, outputs))


def build_classifier(
    ranks: tuple[int, int] | None = None, *, dropout: tuple[float, float] = (0.5, 0.25)
) -> nn.Sequential:
    """fc6, fc7 and fc8 as in VGG-19, the last dropout at 25 % as in the paper, fc8 with two outputs.

    Args:
        ranks: ranks of fc6 and fc7; None builds them full (119 million weights).
        dropout: after fc6 and after fc7.
    """
    fc6: nn.Module
    fc7: nn.Module
    if ranks is None:
        fc6, fc7 = nn.Linear(TRUNK_FEATURES, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
    else:
        fc6, fc7 = LowRankLinear(TRUNK_FEATURES, HIDDEN, ranks[0]), LowRankLinear(HIDDEN, HIDDEN, ranks[1])
    return nn.Sequential(
        fc6,
        nn.ReLU(inplace=True),
        nn.Dropout(dropout[0]),
        fc7,
        nn.ReLU(inplace=True),
        nn.Dropout(dropout[1]),
        nn.Linear(HIDDEN, len(CLASSES)),
    )


def build_vgg19(
    ranks: tuple[int, int] | None = None,
    normalisation: Normalisation = "none",
    *,
    dropout: tuple[float, float] = (0.5, 0.25),
) -> nn.Module:
    """VGG-19 for two classes with random weights (`weights.load_imagenet` fills what ImageNet has).

    Args:
        ranks: ranks of fc6 and fc7; None for the full layers.
        normalisation: of the trunk's output before fc6; "none" is the paper's network.
        dropout: after fc6 and after fc7.
    """
    with torch.device("meta"):
        network: nn.Module = vgg19(weights=None, init_weights=False)
    network.get_submodule("features").to_empty(device="cpu")
    if normalisation != "none":
        network.avgpool = PowerNormalise(unit_rms=normalisation == "power-rms")
    network.classifier = build_classifier(ranks, dropout=dropout)
    return network


def malignant_score(logits: Tensor) -> Tensor:
    """Softmax output of class 1.

    Args:
        logits: (..., 2).

    Returns:
        (...,) in 0-1.
    """
    return torch.softmax(logits.double(), dim=-1)[..., 1]


def convolutions(network: nn.Module) -> Iterator[tuple[str, nn.Conv2d]]:
    """The sixteen convolutions in order, with their names in the state dict."""
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d):
            yield name, layer
