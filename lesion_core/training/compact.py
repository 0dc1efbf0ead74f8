"""Making a trained network small: fc6 and fc7 as low-rank factors that fit what real images send through them.

The paper's idea, applied to weights: of a layer y = W x + b only the directions of y are kept that real inputs use.
With the inputs as the rows of X the best weight of rank r,

    W_r = argmin || (X - mean) W^T - (X - mean) W_r^T ||_F,  W_r = U U^T W,

has the first r left singular vectors U of W (X - mean)^T (reduced-rank regression, Izenman 1975, Journal of
Multivariate Analysis 5:248, section 2, with the identity as weight; for networks: Chen et al. 2021, DRONE, NeurIPS 34).
The mean is put into the bias: b_r = b + (I - U U^T) W mean. The SVD of W alone would keep directions that no image
uses. fc6 comes first, then fc7 on what the compact fc6 sends to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lesion_core.errors import InputError
from lesion_core.model.vgg import LowRankLinear

#: Places of fc6 and fc7 in the classifier.
FC6, FC7 = 0, 3
#: Directions with less than this share of the largest variance are rounding.
NEGLIGIBLE = 1e-10


@dataclass(frozen=True)
class Reduced:
    """A layer of low rank and how well it fits.

    Attributes:
        layer: the factors.
        kept: share of the variance of the layer's outputs over the images that it keeps, 0-1.
    """

    layer: LowRankLinear
    kept: float


def compact_classifier(
    classifier: nn.Sequential, inputs: Tensor, ranks: tuple[int, int]
) -> tuple[nn.Sequential, tuple[float, float]]:
    """fc6 and fc7 as low-rank factors; a layer of such a rank already is taken as it is.

    Args:
        classifier: of a `build_vgg19` network; it stays as it is, and shares its other layers with the result.
        inputs: (n, 25088) float32: what fc6 gets of real images.
        ranks: of fc6 and fc7.

    Returns:
        The new classifier in evaluation mode, and the shares of variance kept in fc6 and fc7.

    Raises:
        InputError: fewer images than a rank needs.
    """
    layers = list(classifier.eval())
    with torch.no_grad():
        fc6 = reduced(layers[FC6], inputs, ranks[0], name="fc6")
        fc7 = reduced(layers[FC7], torch.relu(fc6.layer(inputs)), ranks[1], name="fc7")
    made = nn.Sequential(fc6.layer, *layers[FC6 + 1 : FC7], fc7.layer, *layers[FC7 + 1 :])
    return made.eval().requires_grad_(False), (fc6.kept, fc7.kept)


@torch.no_grad()
def reduced(layer: nn.Module, inputs: Tensor, rank: int, *, name: str = "the layer") -> Reduced:
    """The affine map of a rank that is nearest to a layer on some inputs.

    Args:
        layer: an `nn.Linear`, or a `LowRankLinear` of any rank.
        inputs: (n, inputs) float32.
        rank: wanted; a layer of this rank or less is returned as it is.
        name: for messages.

    Raises:
        InputError: the images' outputs span fewer directions than `rank`, or the layer is of another kind.
    """
    if isinstance(layer, LowRankLinear) and _factors(layer)[0].out_features <= rank:
        return Reduced(layer, 1.0)
    weight, bias = _weight_and_bias(layer)
    outputs = (inputs @ weight.T).double()
    mean = outputs.mean(dim=0)
    basis, variances = _principal_directions(outputs - mean)
    if len(variances) < rank:
        raise InputError(
            f"rank {rank} of {name} cannot be fitted to {len(inputs)} images, whose outputs span {len(variances)} "
            f"directions: give more cases, or a lower --rank"
        )
    kept = basis[:, :rank]
    made = LowRankLinear(weight.shape[1], weight.shape[0], rank)
    narrow, wide = _factors(made)
    narrow.weight.copy_(kept.float().T @ weight)
    wide.weight.copy_(kept)
    wide.bias.copy_(bias.double() + mean - kept @ (kept.T @ mean))
    return Reduced(made.requires_grad_(False), float(variances[:rank].sum() / variances.sum()))


def _principal_directions(centred: Tensor) -> tuple[Tensor, Tensor]:
    """Orthonormal directions (outputs, k) of (n, outputs) float64 rows by falling variance, and their variances (k,).

    Through the smaller of the two Gram matrices: n is hundreds to thousands, the outputs are 4,096.
    """
    rows, columns = centred.shape
    if rows < columns:
        squares, left = torch.linalg.eigh(centred @ centred.T)
        kept = squares > squares[-1] * NEGLIGIBLE
        found = centred.T @ (left[:, kept] / squares[kept].sqrt())
    else:
        squares, found = torch.linalg.eigh(centred.T @ centred)
        kept = squares > squares[-1] * NEGLIGIBLE
        found = found[:, kept]
    return found.flip(1), squares[kept].flip(0)


def _weight_and_bias(layer: nn.Module) -> tuple[Tensor, Tensor]:
    """(outputs, inputs) and (outputs,) float32 of a linear layer, whole or in factors."""
    if isinstance(layer, LowRankLinear):
        narrow, wide = _factors(layer)
        return wide.weight @ narrow.weight, wide.bias
    if isinstance(layer, nn.Linear) and layer.bias is not None:
        return layer.weight, layer.bias
    raise InputError(f"a layer of kind {type(layer).__name__} cannot be made compact: it must be a linear one")


def _factors(layer: LowRankLinear) -> tuple[nn.Linear, nn.Linear]:
    narrow, wide = layer[0], layer[1]
    assert isinstance(narrow, nn.Linear)
    assert isinstance(wide, nn.Linear)
    return narrow, wide
