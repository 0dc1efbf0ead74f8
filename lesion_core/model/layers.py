"""What the network is made of, read off the network itself by sending one image through it: the paper's Figure 3."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from lesion_core.model.vgg import LowRankLinear, PowerNormalise

Kind = Literal["input", "convolution", "pooling", "normalisation", "fully connected", "softmax"]


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        name: as in the literature, e.g. "conv3_2", "fc6".
        kind: what it does.
        shape: of its output for one image: (channels, height, width) or (units,).
        parameters: how many numbers it holds.
        detail: anything else, e.g. "3 x 3" or "product of rank 64"; may be empty.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    parameters: int
    detail: str = ""


def layers_of(network: nn.Module) -> tuple[Layer, ...]:
    """The layers in the order in which an image passes them; ReLU and dropout belong to the layer before.

    Args:
        network: made by `build_vgg19`, in evaluation mode.
    """
    passed: OrderedDict[nn.Module, tuple[int, ...]] = OrderedDict()
    here = threading.get_ident()

    def note(module: nn.Module, _: object, output: Tensor) -> None:
        if threading.get_ident() == here:  # others may be asking the same network right now
            passed[module] = tuple(output.shape[1:])

    drawn = (nn.Conv2d, nn.MaxPool2d, PowerNormalise, nn.Linear, LowRankLinear)
    hooks = [module.register_forward_hook(note) for module in network.modules() if isinstance(module, drawn)]
    device = next(network.parameters()).device
    try:
        with torch.inference_mode():
            output = network(torch.zeros(1, 3, 224, 224, device=device))
    finally:
        for hook in hooks:
            hook.remove()
    inside = {part for module in passed if isinstance(module, LowRankLinear) for part in module}
    found = [Layer("RoI", "input", (3, 224, 224), 0, "RGB")]
    block, number, connected = 1, 0, 5
    for module, shape in passed.items():
        if module in inside:
            continue
        parameters = sum(each.numel() for each in module.parameters())
        if isinstance(module, nn.Conv2d):
            number += 1
            size = " × ".join(map(str, module.kernel_size))
            found.append(Layer(f"conv{block}_{number}", "convolution", shape, parameters, size))
        elif isinstance(module, nn.MaxPool2d):
            found.append(Layer(f"pool{block}", "pooling", shape, parameters, "largest of 2 × 2"))
            block, number = block + 1, 0
        elif isinstance(module, PowerNormalise):
            detail = f"square root, {'root mean square 1' if module.unit_rms else 'unit length'}; the paper has none"
            found.append(Layer("normalisation", "normalisation", shape, parameters, detail))
        else:
            connected += 1
            rank = module[0].out_features if isinstance(module, LowRankLinear) else None
            detail = "" if rank is None else f"product of rank {rank}"
            found.append(Layer(f"fc{connected}", "fully connected", shape, parameters, detail))
    return (*found, Layer("softmax", "softmax", tuple(output.shape[1:]), 0, "benign, malignant"))
