import threading

import pytest
import torch

from lesion_core.model.layers import layers_of
from lesion_core.model.vgg import build_vgg19


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return build_vgg19((8, 4), "power").eval()


def test_vgg19_as_it_is(network):
    layers = layers_of(network)
    names = [layer.name for layer in layers]
    convolutions = [f"conv{b}_{n}" for b, count in enumerate((2, 2, 4, 4, 4), start=1) for n in range(1, count + 1)]
    assert [name for name in names if name.startswith("conv")] == convolutions
    assert names[0] == "RoI"
    assert names[-5:] == ["normalisation", "fc6", "fc7", "fc8", "softmax"]
    shapes = {layer.name: layer.shape for layer in layers}
    assert shapes["conv1_1"] == (64, 224, 224)
    assert shapes["conv4_4"] == (512, 28, 28)
    assert shapes["pool5"] == shapes["normalisation"] == (512, 7, 7)
    assert (shapes["fc6"], shapes["fc8"], shapes["softmax"]) == ((4096,), (2,), (2,))


def test_parameters_by_hand_and_in_total(network):
    layers = {layer.name: layer for layer in layers_of(network)}
    assert layers["conv1_1"].parameters == 3 * 3 * 3 * 64 + 64
    assert layers["fc6"].parameters == (25_088 + 4096) * 8 + 4096
    assert layers["fc7"].detail == "product of rank 4"
    assert layers["fc8"].parameters == 4096 * 2 + 2
    assert sum(each.parameters for each in layers.values()) == sum(p.numel() for p in network.parameters())


def test_the_papers_full_network_has_no_normalisation():
    layers = layers_of(build_vgg19().eval())
    assert "normalisation" not in [layer.name for layer in layers]
    # Simonyan and Zisserman 2015, table 2: 144 million with 1000 classes; here two.
    assert sum(layer.parameters for layer in layers) == 143_667_240 - 4096 * 998 - 998


def test_no_hook_stays_and_others_may_ask_meanwhile(network):
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            with torch.inference_mode():
                network.classifier[6](torch.zeros(1, 4096))

    other = threading.Thread(target=ask)
    other.start()
    try:
        names = [layer.name for layer in layers_of(network)]
    finally:
        stop.set()
        other.join()
    assert names[1] == "conv1_1"
    assert names[-2] == "fc8"
    assert not any(module._forward_hooks for module in network.modules())
