"""Permutation test of two areas on the same cases (Bandos, Rockette and Gur 2005, Statistics in Medicine 24:2873).

Under the null hypothesis the two scores of a case may change places (both first turned into ranks, as they need not
share a scale). Then the difference of areas is a sum of one signed term per case: each permutation flips signs, and
thousands cost one matrix product. With patient ids all cases of a patient change places together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lesion_core.errors import StatisticsError
from lesion_core.stats.clustered import cluster_sums
from lesion_core.stats.estimate import NAN, Comparison, undefined_test
from lesion_core.stats.inputs import (
    Bools,
    Floats,
    Ints,
    cluster_codes,
    labelled_scores,
    one_class_reason,
    same_length,
    scores,
)

EXACT_UP_TO = 16
CHUNK = 2_000_000


def permutation_test(
    y_true: ArrayLike,
    score_a: ArrayLike,
    score_b: ArrayLike,
    *,
    rng: np.random.Generator | int = 0,
    draws: int = 10_000,
    groups: ArrayLike | None = None,
    name: str = "AUC, A minus B",
) -> Comparison:
    """Do two scores of the same cases have the same area? Exact by enumeration for up to 16 cases (or patients).

    The p value is (1 + draws at least as far out) / (1 + draws) when drawn (Phipson and Smyth 2010), the share of all
    permutations when enumerated.

    Args:
        y_true: (n,) 0/1.
        score_a: (n,) finite.
        score_b: (n,) finite.
        rng: source of chance, or a seed.
        draws: how many permutations to draw.
        groups: (n,) patient ids; None takes the cases as independent.
        name: what the difference is called in sentences.

    Raises:
        StatisticsError: unusable input, lengths that differ, or no draw.
    """
    positive, a = labelled_scores(y_true, score_a, name="score_a")
    b = scores(score_b, name="score_b")
    same_length(positive.size, b.size, "y_true", "score_b")
    if draws < 1:
        raise StatisticsError(f"draws must be at least 1, got {draws}")
    codes = np.arange(positive.size) if groups is None else cluster_codes(groups, positive.size)
    clusters = None if groups is None else int(np.unique(codes).size)
    n = positive.size
    reason = one_class_reason(int(positive.sum()), int((~positive).sum()))
    if reason:
        return undefined_test(name, reason, method="permutation", n=n, level=0.95, clusters=clusters)
    terms = _signed_terms(positive, _midranks(a), _midranks(b), codes)
    seen = float(terms.sum())
    margin = 1e-12 + 1e-9 * abs(seen)
    if terms.size <= EXACT_UP_TO:
        signs = 1.0 - 2.0 * ((np.arange(2**terms.size)[:, None] >> np.arange(terms.size)) & 1)
        p_value = float((np.abs(signs @ terms) >= abs(seen) - margin).mean())
        method = "permutation, exact"
    else:
        far = _count_far(terms, abs(seen) - margin, draws, np.random.default_rng(rng))
        p_value = (1 + far) / (1 + draws)
        method = f"permutation, {draws:,} draws"
    if clusters is not None:
        method += ", by patient"
    return Comparison(name, seen, NAN, NAN, 0.95, method, n, seen, p_value, clusters=clusters)


def _count_far(terms: Floats, bound: float, draws: int, rng: np.random.Generator) -> int:
    far, left = 0, draws
    while left:
        rows = min(left, max(1, CHUNK // terms.size))
        signs = 1.0 - 2.0 * rng.integers(0, 2, size=(rows, terms.size), dtype=np.int8)
        far += int((np.abs(signs @ terms) >= bound).sum())
        left -= rows
    return far


def _signed_terms(positive: Bools, a: Floats, b: Floats, codes: Ints) -> Floats:
    """One term per patient; their sum is the difference of areas, and exchanging a patient's scores flips its term.

    With e = +1 (kept) or -1 (exchanged) per case the area of the first score is bilinear in e; its odd part, doubled,
    is the difference, and that is linear.
    """
    pairs = positive.sum() * (~positive).sum()
    term = np.empty(positive.size)
    for group, sign in ((positive, 1.0), (~positive, -1.0)):
        other_a, other_b = np.sort(a[~group]), np.sort(b[~group])
        gain = (
            _share_below(a[group], other_a)
            + _share_below(a[group], other_b)
            - _share_below(b[group], other_a)
            - _share_below(b[group], other_b)
        )
        term[group] = sign * gain / (2.0 * pairs)
    return cluster_sums(term, codes)


def _share_below(values: Floats, ordered: Floats) -> Floats:
    """For each value: how many of ``ordered`` lie below it, ties counting one half."""
    low, high = np.searchsorted(ordered, values, side="left"), np.searchsorted(ordered, values, side="right")
    return (low + high) / 2.0


def _midranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    return _share_below(values, ordered)
