"""SVD augmentation: an image rebuilt from its largest singular values, channel by channel.

The paper (section 3.2): each RGB channel M = U S V^T; keep the largest 45 %, 35 % or 25 % of the singular values, set
the others to zero, rebuild, restack. One decomposition serves every rank, equal channels are decomposed once, and the
decomposition goes through the Gram matrix.

**Gram matrix.** With A (m x n, m >= n, transposed first where it is wide), G = A^T A = V S^2 V^T gives V, and the best
approximation of rank k is A V_k V_k^T (Eckart and Young 1936, Psychometrika 1:211): U is never needed. A symmetric
eigendecomposition costs less than half of an SVD. G's entries are integers below 2^24 for a byte image of up to 258
rows, so even single precision multiplies them exactly; the eigendecomposition needs double.

**Black rows and columns** (the padding of an RoI that keeps its proportions) are left out and put back: they change
neither singular values nor the other rows and columns, and the cost falls with the third power of what is left.

**Its error.** eigh returns exact eigenvectors of G + E with ||E|| <= c n u s_1^2 (u = 1.1e-16, c a small constant;
Golub and Van Loan, Matrix Computations, 4th ed., section 8.3), the rounding of G itself included.

- To first order E turns v_i towards v_j by E_ij / (s_i^2 - s_j^2). Only pairs i <= k < j matter, and each moves the
  rebuilt channel by at most sqrt(s_i^2 + s_j^2) / (s_i^2 - s_j^2) |E_ij| <= |E_ij| / (s_i - s_j). So no pixel is off by
  more than ||E||_F / (s_k - s_{k+1}). For the brightest 8-bit image of 224 x 224, s_1 <= 255 * 224 and
  c n u s_1^2 = 8e-5 c: a gap of 0.001 between the two singular values already keeps every pixel within a tenth of a
  grey level or so. Measured on 100 real RoIs: within 2e-8. (LAPACK in single precision: up to 2.8 grey levels.)
- Where s_k and s_{k+1} agree more closely than that, the best approximation of rank k is not unique, and any SVD
  routine picks one of many equally good ones.
- How good the approximation is needs no gap: the sum of squares that A V_k V_k^T keeps falls short of the best possible
  by at most 2 k ||E|| (Ky Fan 1949), so the Eckart-Young error holds to rounding.
- Eigenvalues below ||E|| are noise. The singular values are therefore taken as the lengths of A v_i, which are right to
  about sqrt(n) u s_1 as long as they differ from each other by more than the noise; among those below sqrt(||E||)
  (about 0.01 at 224 x 224) only the sum of squares is right. An 8-bit image shows no difference.

`rebuild` multiplies in single precision: with rows of length ||a|| <= 255 sqrt(n) each product is off by at most
n u_32 ||a|| and the rebuilt pixel by less than 0.6 grey levels in the worst case (sqrt(k) n u_32 ||a|| +
k u_32 ||a|| at n = 224, k = 101; u_32 = 6e-8), in practice by less than 0.001. `Decomposition` stays in double.

Images are (height, width, 3), RGB; decompositions are float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lesion_core.augment.blas import one_blas_thread
from lesion_core.augment.channels import Pixels, distinct_channels, stack_channels, to_pixels
from lesion_core.errors import InputError

#: "count": a share of the number of singular values (the paper); "energy": a share of the sum of their squares.
By = Literal["count", "energy"]

#: Up to so many rows every sum of products of two bytes is an integer below 2^24, which single precision holds exactly.
_EXACT_ROWS = 2**24 // 255**2


def rank_by_count(ratio: float, size: tuple[int, int]) -> int:
    """How many singular values a share of their number is: round(ratio * min(size)), at least 1.

    Args:
        ratio: above 0, at most 1.
        size: (height, width) of the image.

    Raises:
        InputError: ratio out of range.

    Example:
        >>> [rank_by_count(ratio, (224, 224)) for ratio in (0.45, 0.35, 0.25)]
        [101, 78, 56]
    """
    _check_ratio(ratio)
    return max(1, round(ratio * min(size)))


def rank_by_energy(values: NDArray[np.float64], ratio: float) -> int:
    """The smallest rank whose singular values hold a share of the energy, the sum of all squares.

    The first singular value of an ultrasound RoI, its mean brightness, holds most of the energy, so 45 % is rank 1.

    Args:
        values: (n,) singular values, descending.
        ratio: above 0, at most 1.

    Raises:
        InputError: ratio out of range.

    Example:
        >>> rank_by_energy(np.array([4.0, 2.0, 1.0]), 0.9)
        2
    """
    _check_ratio(ratio)
    energy = np.cumsum(np.square(values))
    if energy[-1] == 0:
        return 1
    return min(int(np.searchsorted(energy, ratio * energy[-1] * (1 - 1e-12))) + 1, len(values))


@dataclass(frozen=True)
class ChannelSvd:
    """The decomposition of one channel A = sum_i (A v_i) v_i^T, transposed first where it is wider than high.

    Attributes:
        values: (n,) float64, singular values, descending.
        projected: (m, n) float64, the columns A v_i = s_i u_i.
        basis: (n, n) float64, the columns v_i.
        wide: whether the channel was transposed.
    """

    values: NDArray[np.float64]
    projected: NDArray[np.float64]
    basis: NDArray[np.float64]
    wide: bool

    def rebuild(self, rank: int) -> NDArray[np.float64]:
        """The best approximation of a rank, (height, width) float64."""
        tall = self.projected[:, :rank] @ self.basis[:, :rank].T
        return tall.T if self.wide else tall


@dataclass(frozen=True)
class Decomposition:
    """An image's singular value decomposition, channel by channel, for all ranks at once.

    Attributes:
        channels: one for each distinct channel.
        channel_of: which of `channels` red, green and blue are.
        size: (height, width) of the image.
    """

    channels: tuple[ChannelSvd, ...]
    channel_of: tuple[int, ...]
    size: tuple[int, int]

    @property
    def full_rank(self) -> int:
        """The number of singular values, min(height, width)."""
        return min(self.size)

    @property
    def values(self) -> NDArray[np.float64]:
        """(3, full rank) float64: the singular values of red, green and blue."""
        return np.stack([self.channels[index].values for index in self.channel_of])

    def rebuild(self, rank: int) -> NDArray[np.float64]:
        """The image from its `rank` largest singular values per channel.

        Args:
            rank: 1 to `full_rank`.

        Returns:
            (height, width, 3) float64, not rounded and not limited to 0-255 (see `to_pixels`).

        Raises:
            InputError: rank out of range.
        """
        _check_rank(rank, self.full_rank)
        with one_blas_thread():
            rebuilt = [channel.rebuild(rank) for channel in self.channels]
        return np.stack([rebuilt[index] for index in self.channel_of], axis=-1)

    def dropped_norm(self, rank: int) -> float:
        """The Frobenius norm of the image minus `rebuild(rank)`: the root sum of squares of the dropped values.

        Source: Eckart and Young 1936, Psychometrika 1:211.
        """
        _check_rank(rank, self.full_rank)
        return float(np.sqrt(np.square(self.values[:, rank:]).sum()))

    def numbers(self, rank: int) -> int:
        """How many numbers a rank needs: rank * (height + width + 1) for each different channel.

        They are real numbers; the image has `numbers_of_image`, and each of those is one byte.
        """
        _check_rank(rank, self.full_rank)
        return len(self.channels) * rank * (sum(self.size) + 1)

    @property
    def numbers_of_image(self) -> int:
        """How many numbers the image has, each different channel counted once."""
        return len(self.channels) * self.size[0] * self.size[1]

    def energy_share(self) -> NDArray[np.float64]:
        """(full rank,) float64, 0-1: the share of all energy, of the three channels together, that each rank keeps."""
        kept = np.cumsum(np.square(self.values).sum(axis=0))
        return kept / kept[-1] if kept[-1] > 0 else np.ones(len(kept))


def decompose(pixels: Pixels) -> Decomposition:
    """Decompose an image once, for all ranks.

    Args:
        pixels: (height, width, 3), real and finite, usually uint8 0-255.

    Raises:
        ImageError: another shape, an empty image, NaN or infinity.
    """
    planes, channel_of = distinct_channels(pixels)
    height, width = pixels.shape[:2]
    with one_blas_thread():
        channels = tuple(_decompose_channel(plane) for plane in planes)
    return Decomposition(channels, channel_of, (height, width))


def rebuild(pixels: Pixels, ratios: Sequence[float], *, by: By = "count") -> tuple[NDArray[np.uint8], ...]:
    """Rebuild an image at several shares of its singular values: the fast way to the finished pictures.

    Args:
        pixels: (height, width, 3), 0-255.
        ratios: above 0, at most 1.
        by: what the ratios are shares of.

    Returns:
        For each ratio (height, width, 3) uint8.

    Raises:
        ImageError: as `decompose`.
        InputError: ratio out of range.
    """
    planes, channel_of = distinct_channels(pixels)
    with one_blas_thread():
        rebuilt = [rebuild_channel(plane, ratios, by=by) for plane in planes]
    return stack_channels(rebuilt, channel_of)


def rebuild_channel(channel: Pixels, ratios: Sequence[float], *, by: By = "count") -> tuple[NDArray[np.uint8], ...]:
    """Rebuild one channel at several shares of its singular values; the sums of smaller ranks are shared.

    Fast inside `one_blas_thread`, where several may run side by side.

    Args:
        channel: (height, width), 0-255.
        ratios: above 0, at most 1.
        by: what the ratios are shares of.

    Returns:
        For each ratio (height, width) uint8.

    Raises:
        InputError: ratio out of range.
    """
    rows, columns = (np.asarray(channel.any(axis=axis)) for axis in (1, 0))
    lit = channel if rows.all() and columns.all() else channel[np.ix_(rows, columns)]
    ranks = [rank_by_count(ratio, (channel.shape[0], channel.shape[1])) for ratio in ratios]
    if lit.size == 0:
        return tuple(np.zeros(channel.shape, np.uint8) for _ in ratios)
    tall, wide = _tall(lit)
    energies, basis = _eigen(tall)
    if by == "energy":
        values = np.sqrt(np.maximum(energies, 0))
        ranks = [rank_by_energy(values, ratio) for ratio in ratios]
    top = basis[:, : max(ranks, default=0)].astype(np.float32)
    pictures: dict[int, NDArray[np.uint8]] = {}
    projected = tall.astype(np.float32, copy=False) @ top
    kept = np.zeros(tall.shape, np.float32)
    done = 0
    for rank in sorted(set(ranks)):
        kept += projected[:, done:rank] @ top[:, done:rank].T
        pictures[rank] = to_pixels(kept.T if wide else kept)
        done = rank
    if lit is not channel:
        pictures = {rank: _framed(picture, rows, columns) for rank, picture in pictures.items()}
    return tuple(pictures[rank] for rank in ranks)


def _decompose_channel(channel: Pixels) -> ChannelSvd:
    tall, wide = _tall(channel)
    _, basis = _eigen(tall)
    projected = tall.astype(np.float64, copy=False) @ basis
    values = np.linalg.norm(projected, axis=0)
    # Below the noise of the eigenvalues the order may be off.
    order = np.argsort(-values, kind="stable")
    return ChannelSvd(values[order], projected[:, order], basis[:, order], wide)


def _framed(picture: NDArray[np.uint8], rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Put the black rows and columns back around and between."""
    whole = np.zeros((len(rows), len(columns)), np.uint8)
    whole[np.ix_(rows, columns)] = picture
    return whole


def _tall(channel: Pixels) -> tuple[NDArray[np.floating], bool]:
    """The channel at least as high as wide, in single precision where that is exact; and whether it was transposed."""
    wide = channel.shape[1] > channel.shape[0]
    exact = channel.dtype == np.uint8 and max(channel.shape) <= _EXACT_ROWS
    return (channel.T if wide else channel).astype(np.float32 if exact else np.float64), wide


def _eigen(tall: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eigenvalues (n,), descending, and eigenvectors (n, n), in columns, of the Gram matrix."""
    energies, vectors = np.linalg.eigh((tall.T @ tall).astype(np.float64, copy=False))
    return energies[::-1], vectors[:, ::-1]


def _check_ratio(ratio: float) -> None:
    if not 0 < ratio <= 1:
        raise InputError(f"the share of singular values must be above 0 and at most 1, got {ratio:g}")


def _check_rank(rank: int, full: int) -> None:
    if not 1 <= rank <= full:
        raise InputError(f"the rank must be 1 to {full} for this image, got {rank}")
