import numpy as np
import pytest
import torch
from torch import nn

from lesion_core.errors import InputError
from lesion_core.model.vgg import HIDDEN, TRUNK_FEATURES, LowRankLinear, build_classifier
from lesion_core.training.compact import compact_classifier, reduced


def drawn(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def layer_of(weight, bias=None):
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(torch.zeros(len(weight)) if bias is None else bias)
    return layer


def weight_of(made):
    return (made.layer[1].weight @ made.layer[0].weight).detach()


def error(layer, made, inputs):
    with torch.no_grad():
        return float((layer(inputs) - made.layer(inputs)).double().square().sum())


@pytest.mark.parametrize("images", [7, 60])  # fewer and more images than outputs: both Gram matrices
@pytest.mark.parametrize("rank", [1, 3, 5])
def test_the_error_is_the_tail_of_the_singular_values(images, rank):
    inputs, layer = drawn(images, 12) * torch.arange(1, 13), layer_of(drawn(20, 12, seed=1), drawn(20, seed=2))
    made = reduced(layer, inputs, rank)
    centred = (inputs - inputs.mean(dim=0)).double() @ layer.weight.detach().double().T
    values = torch.linalg.svdvals(centred)
    assert error(layer, made, inputs) == pytest.approx(float(values[rank:].square().sum()), rel=1e-4)
    assert made.kept == pytest.approx(float(values[:rank].square().sum() / values.square().sum()), rel=1e-6)
    assert torch.linalg.matrix_rank(weight_of(made), rtol=1e-5) == rank


def test_the_formula_is_that_of_reduced_rank_regression():
    """W_r = U U^T W, U from an SVD of W (X - mean)^T."""
    inputs, layer = drawn(40, 9) + 3, layer_of(drawn(6, 9, seed=1), drawn(6, seed=2))
    weight, centred = layer.weight.detach(), inputs - inputs.mean(dim=0)
    u = torch.linalg.svd(weight @ centred.T).U[:, :2]
    made = reduced(layer, inputs, 2)
    assert torch.allclose(weight_of(made), u @ u.T @ weight, atol=1e-4)
    shift = (torch.eye(6) - u @ u.T) @ weight @ inputs.mean(dim=0)
    assert torch.allclose(made.layer[1].bias, layer.bias + shift, atol=1e-4)


def test_no_map_of_the_same_rank_that_was_tried_is_nearer():
    inputs, layer = drawn(30, 15) * torch.logspace(0, -2, 15), layer_of(drawn(10, 15, seed=1))
    made = reduced(layer, inputs, 3)
    best = error(layer, made, inputs)
    u, s, vt = torch.linalg.svd(layer.weight.detach(), full_matrices=False)
    by_weight = layer_of((u[:, :3] * s[:3]) @ vt[:3])
    with torch.no_grad():
        assert best < 0.5 * float((layer(inputs) - by_weight(inputs)).square().sum())
        for seed in range(20):
            nudged = reduced(layer, inputs, 3)
            nudged.layer[0].weight += 1e-2 * drawn(3, 15, seed=seed)
            nudged.layer[1].bias += 1e-2 * drawn(10, seed=seed)
            assert error(layer, nudged, inputs) > best


def test_all_directions_that_the_images_use_give_the_same_outputs():
    inputs, layer = drawn(8, 30), layer_of(drawn(20, 30, seed=1), drawn(20, seed=2))
    made = reduced(layer, inputs, 7)  # eight centred rows span seven directions
    assert torch.allclose(made.layer(inputs), layer(inputs), atol=1e-4)
    assert made.kept == pytest.approx(1)
    with pytest.raises(
        InputError, match=r"rank 8 of fc6 cannot be fitted to 8 images, whose outputs span 7 directions"
    ):
        reduced(layer, inputs, 8, name="fc6")


def test_factors_are_reduced_further_but_never_refitted_to_a_rank_they_have():
    inputs, factors = drawn(40, 12), LowRankLinear(12, 9, 4)
    assert reduced(factors, inputs, 4).layer is factors
    assert reduced(factors, inputs, 9).layer is factors
    whole = layer_of((factors[1].weight @ factors[0].weight).detach(), factors[1].bias.detach())
    assert torch.allclose(weight_of(reduced(factors, inputs, 2)), weight_of(reduced(whole, inputs, 2)), atol=1e-5)


def test_other_layers_are_refused():
    with pytest.raises(InputError, match="kind Conv2d cannot be made compact"):
        reduced(nn.Conv2d(1, 1, 1), drawn(4, 4), 1)


@pytest.fixture(scope="module")
def classifier():
    """Full fc7; fc6 of rank 20, which is quick and of no other kind to what is tested here."""
    torch.manual_seed(0)
    made = build_classifier((20, 20)).eval().requires_grad_(False)
    made[3] = nn.Linear(HIDDEN, HIDDEN).requires_grad_(False)
    return made


def test_fc7_is_fitted_to_what_the_compact_fc6_sends(classifier):
    inputs = drawn(30, TRUNK_FEATURES).relu()
    made, kept = compact_classifier(classifier, inputs, (3, 4))
    assert (made[0][0].out_features, made[3][0].out_features) == (3, 4)
    hidden = torch.relu(made[0](inputs))
    expected = reduced(classifier[3], hidden, 4)
    assert torch.allclose(weight_of(expected), (made[3][1].weight @ made[3][0].weight), atol=1e-6)
    assert kept[0] == reduced(classifier[0], inputs, 3).kept
    assert kept[1] == expected.kept
    assert made[6] is classifier[6]
    assert classifier[0][0].out_features == 20
    assert not made.training


def test_enough_rank_changes_no_logit(classifier):
    inputs = drawn(12, TRUNK_FEATURES).relu()
    made, kept = compact_classifier(classifier, inputs, (20, 11))
    assert torch.allclose(made(inputs), classifier(inputs), atol=1e-4)
    assert kept == pytest.approx((1, 1))
