import pytest
import torch

from lesion_core.model.vgg import CLASSES, build_classifier, build_vgg19, convolutions, malignant_score


@pytest.fixture(scope="module")
def compact():
    return build_vgg19((4, 3))


def test_it_has_the_sixteen_convolutions_and_three_fully_connected_layers(compact):
    shapes = [tuple(layer.weight.shape) for _, layer in convolutions(compact)]
    assert len(shapes) == 16
    assert shapes[0] == (64, 3, 3, 3)
    assert shapes[-1] == (512, 512, 3, 3)
    names = [name for name, _ in convolutions(compact)]
    assert names[0] == "features.0"
    assert names[-1] == "features.34"
    assert [type(layer).__name__ for layer in compact.classifier] == [
        "LowRankLinear",
        "ReLU",
        "Dropout",
        "LowRankLinear",
        "ReLU",
        "Dropout",
        "Linear",
    ]
    assert compact.classifier[6].out_features == len(CLASSES) == 2


def test_the_last_dropout_is_the_papers():
    assert build_classifier((2, 2))[5].p == 0.25
    with torch.device("meta"):
        full = build_vgg19_on_meta()
    assert full.classifier[5].p == 0.25
    assert full.classifier[0].weight.shape == (4096, 25088)
    # VGG-19 has 143,667,240 parameters with 1,000 classes (torchvision's documentation); fc8 is all that differs.
    assert sum(each.numel() for each in full.parameters()) == 143_667_240 - 998 * 4097


def build_vgg19_on_meta():
    from torchvision.models import vgg19

    network = vgg19(weights=None, init_weights=False)
    network.classifier = build_classifier(None)
    return network


def test_low_rank_layers_are_products_of_their_factors():
    layer = build_classifier((4, 3))[0]
    narrow, wide = layer[0].weight, layer[1].weight
    x = torch.randn(2, narrow.shape[1])
    expected = x @ (wide @ narrow).T + layer[1].bias
    assert torch.allclose(layer(x), expected, atol=1e-4)


def test_scores_are_softmax_outputs_of_class_one():
    logits = torch.tensor([[0.0, 0.0], [2.0, -1.0], [-100.0, 100.0]])
    scores = malignant_score(logits)
    assert scores.tolist() == pytest.approx([0.5, 1 / (1 + 2.718281828459045**3), 1.0])
