"""Do the 95 % intervals hold the truth 95 times in 100? A simulation, vectorised so that it ends in minutes.

Scores are normal in both classes with equal spread (half of the cases positive), so the true area is known. The
formulas are written once more for many data sets at once; a test holds them to `auc_interval` and its like.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.stats.distributions import critical, normal_quantile
from lesion_core.stats.proportions import clopper_pearson, wilson

Floats = NDArray[np.float64]
Ends = tuple[Floats, Floats]

DRAWS, SEED = 5000, 20260314
AREAS = (0.70, 0.86, 0.95)
SIZES = (50, 100, 700)
RATES = (0.70, 0.86, 0.95)
METHODS = ("delong", "logit-delong", "hanley-mcneil", "spss", "newcombe", "bootstrap")
RESAMPLES = 500
PATIENTS = (50, 100, 350)
VIEW_CORRELATION = 0.8
BLOCK = 250
Z = critical(0.95)


@dataclass(frozen=True)
class Ranked:
    """What the formulas need of many data sets without ties.

    Attributes:
        v10: (sets, P) float64: structural components of the positives.
        v01: (sets, N) float64: of the negatives.
        area: (sets,) float64, 0-1.
    """

    v10: Floats
    v01: Floats
    area: Floats


def run() -> None:
    """Simulate and print tables in Markdown."""
    start = time.perf_counter()
    print(f"Coverage of 95 % intervals, {DRAWS:,} draws each, seed {SEED}; standard error about 0.3 points.\n")
    _print_areas(DRAWS)
    _print_proportions(DRAWS)
    _print_clustered(DRAWS)
    print(f"\n({time.perf_counter() - start:.0f} s)")


def area_coverage(area: float, n: int, *, draws: int, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Coverage and mean width of each area interval.

    Args:
        area: true area, 0-1.
        n: cases, half of them positive.
        draws: number of simulated data sets.
        rng: source of chance.

    Returns:
        For each of ``METHODS``: coverage (0-1) and mean width.
    """
    shift = math.sqrt(2) * normal_quantile(area)
    P = n // 2
    hits = dict.fromkeys(METHODS, 0)
    widths = dict.fromkeys(METHODS, 0.0)
    for size in _blocks(draws):
        x, y = rng.normal(size=(size, P)) + shift, rng.normal(size=(size, n - P))
        for method, (low, high) in area_ends(x, y, rng=rng).items():
            hits[method] += int(((low <= area) & (area <= high)).sum())
            widths[method] += float((high - low).sum())
    return {method: (hits[method] / draws, widths[method] / draws) for method in METHODS}


def area_ends(x: Floats, y: Floats, *, rng: np.random.Generator) -> dict[str, Ends]:
    """Ends of each area interval for many data sets, as `auc_interval` makes them.

    Args:
        x: (sets, P) scores of the positives, no ties.
        y: (sets, N) scores of the negatives.
        rng: source of chance for the bootstrap.
    """
    r = rank(x, y)
    A, P, N = r.area, x.shape[1], y.shape[1]
    score = newcombe_ends(A, P, N)
    variance = r.v10.var(axis=1, ddof=1) / P + r.v01.var(axis=1, ddof=1) / N
    se = np.sqrt(variance)
    found = {"delong": (A - Z * se, A + Z * se)}
    found["logit-delong"] = _logit_ends(A, se)
    model = _pair_se(A, A / (2 - A), 2 * A * A / (1 + A), P, N)
    found["hanley-mcneil"] = (A - Z * model, A + Z * model)
    # Q1 and Q2 with a case drawn twice, no ties: means of squares of the structural components.
    counted = _pair_se(A, (r.v01**2).mean(axis=1), (r.v10**2).mean(axis=1), P, N)
    found["spss"] = (A - Z * counted, A + Z * counted)
    found["bootstrap"] = bootstrap_ends(x, y, rng=rng)
    flat = {
        "hanley-mcneil": model <= 0,
        "spss": counted <= 0,
        "bootstrap": found["bootstrap"][0] == found["bootstrap"][1],
    }
    ends: dict[str, Ends] = {}
    for method, (low, high) in found.items():
        fallback = flat.get(method, variance <= 0)
        ends[method] = (
            np.where(fallback, score[0], np.maximum(low, 0)),
            np.where(fallback, score[1], np.minimum(high, 1)),
        )
    ends["newcombe"] = score
    return ends


def rank(x: Floats, y: Floats) -> Ranked:
    """Structural components of many data sets without ties, from ranks."""
    P, N = x.shape[1], y.shape[1]
    pooled = _ranks(np.concatenate([x, y], axis=1))
    v10 = (pooled[:, :P] - _ranks(x)) / N
    v01 = 1 - (pooled[:, P:] - _ranks(y)) / P
    return Ranked(v10, v01, v10.mean(axis=1))


def newcombe_ends(area: Floats, P: int, N: int) -> Ends:
    """Newcombe's score interval for many areas, by bisection."""
    s = (P + N) / 2 - 1

    def outside(end: Floats) -> NDArray[np.bool_]:
        spread = end * (1 - end) * (1 + s * (1 - end) / (2 - end) + s * end / (1 + end)) / (P * N)
        return np.abs(area - end) > Z * np.sqrt(np.maximum(spread, 0))

    return _bisect(outside, area, np.zeros_like(area)), _bisect(outside, area, np.ones_like(area))


def bootstrap_ends(x: Floats, y: Floats, *, rng: np.random.Generator) -> Ends:
    """Percentile ends of a stratified bootstrap for many data sets; the sets of a block share their resamples.

    How often each case is drawn does not depend on its score, so the counts are dealt to the sorted cases: the sums of
    counts below each negative are then the same for every data set, and an area is one look-up per positive.
    """
    sets, P, N = x.shape[0], x.shape[1], y.shape[1]
    of_x, of_y = (
        rng.multinomial(size, np.full(size, 1 / size), size=RESAMPLES).T.astype(np.float64) for size in (P, N)
    )
    below = np.concatenate([np.zeros((1, RESAMPLES)), np.cumsum(of_y, axis=0)])
    low, high = np.empty(sets), np.empty(sets)
    for k, (positives, negatives) in enumerate(zip(np.sort(x, axis=1), np.sort(y, axis=1), strict=True)):
        beaten = below[np.searchsorted(negatives, positives)]
        areas = np.einsum("ij,ij->j", of_x, beaten) / (P * N)
        low[k], high[k] = np.quantile(areas, [0.025, 0.975])
    return low, high


def proportion_coverage(p: float, n: int, *, draws: int, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Coverage of Wilson's and Clopper and Pearson's interval: simulated, and exactly by adding up the binomial.

    Args:
        p: true proportion, 0-1.
        n: cases.
        draws: number of simulated counts.
        rng: source of chance.

    Returns:
        For "wilson" and "clopper-pearson": simulated and exact coverage (0-1).
    """
    from scipy.special import gammaln

    k = np.arange(n + 1)
    chance = np.exp(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p))
    drawn = rng.binomial(n, p, size=draws)
    found = {}
    for name, interval in (("wilson", wilson), ("clopper-pearson", clopper_pearson)):
        ends = [interval(int(each), n) for each in k]
        covers = np.array([end.low <= p <= end.high for end in ends])
        found[name] = (float(covers[drawn].mean()), float(chance[covers].sum()))
    return found


def clustered_coverage(
    area: float, patients: int, *, draws: int, rng: np.random.Generator
) -> dict[str, tuple[float, ...]]:
    """Coverage with two correlated views per patient, taken as independent and clustered.

    Args:
        area: true area, and true sensitivity of a call, 0-1.
        patients: half of them positive.
        draws: number of simulated data sets.
        rng: source of chance.

    Returns:
        For "AUC" the coverage of the naive, the clustered and the clustered logit interval, for "sensitivity" that of
        the naive and the clustered one (0-1).
    """
    shift = math.sqrt(2) * normal_quantile(area)
    # A call is positive above the point that gives positives the sensitivity ``area``.
    threshold = shift - normal_quantile(area)
    hits = {"AUC": [0, 0, 0], "sensitivity": [0, 0]}
    for size in _blocks(draws):
        x = _two_views(size, patients // 2, rng) + shift
        y = _two_views(size, patients - patients // 2, rng)
        for i, (low, high) in enumerate(clustered_area_ends(x, y)):
            hits["AUC"][i] += int(((low <= area) & (area <= high)).sum())
        for i, (low, high) in enumerate(clustered_rate_ends(x > threshold)):
            hits["sensitivity"][i] += int(((low <= area) & (area <= high)).sum())
    return {name: tuple(count / draws for count in counts) for name, counts in hits.items()}


def clustered_area_ends(x: Floats, y: Floats) -> tuple[Ends, Ends, Ends]:
    """DeLong's, Obuchowski's and Obuchowski's logit interval of many data sets with two views per patient.

    Args:
        x: (sets, P patients, 2) scores of the positives, no ties.
        y: (sets, N patients, 2) scores of the negatives.
    """
    sets, P, N = x.shape[0], x.shape[1], y.shape[1]
    r = rank(x.reshape(sets, -1), y.reshape(sets, -1))
    naive = r.v10.var(axis=1, ddof=1) / (2 * P) + r.v01.var(axis=1, ddof=1) / (2 * N)
    centred = (
        (r.v10 - r.area[:, None]).reshape(x.shape).sum(axis=2),
        (r.v01 - r.area[:, None]).reshape(y.shape).sum(axis=2),
    )
    bound = sum(k / (k - 1) * (part**2).sum(axis=1) / (2 * k) ** 2 for k, part in zip((P, N), centred, strict=True))
    naive_score, bound_score = newcombe_ends(r.area, 2 * P, 2 * N), newcombe_ends(r.area, P, N)
    bound = np.asarray(bound, dtype=np.float64)
    logit = _logit_ends(r.area, np.sqrt(bound))
    return (
        _cut(r.area, np.asarray(naive, dtype=np.float64), naive_score),
        _cut(r.area, bound, bound_score),
        (np.where(bound <= 0, bound_score[0], logit[0]), np.where(bound <= 0, bound_score[1], logit[1])),
    )


def clustered_rate_ends(success: NDArray[np.bool_]) -> tuple[Ends, Ends]:
    """Wilson's interval, naive and clustered as in `proportion_interval`, of many data sets with two views per patient.

    Args:
        success: (sets, patients, 2) bool.
    """
    k, n = success.shape[1], 2 * success.shape[1]
    p = success.mean(axis=(1, 2))
    residual = success.sum(axis=2) - 2 * p[:, None]
    variance = k / (k - 1) * (residual**2).sum(axis=1) / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.maximum(1.0, variance / (p * (1 - p) / (n - 1)))
    size = np.where(variance > 0, n / effect, k)
    return _wilson(p, np.full_like(p, n)), _wilson(p, size)


def _wilson(p: Floats, n: Floats) -> Ends:
    shrink = 1 + Z * Z / n
    middle = (p + Z * Z / (2 * n)) / shrink
    half = Z / shrink * np.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return np.maximum(middle - half, 0), np.where(p == 1, 1.0, np.minimum(middle + half, 1))


def _cut(area: Floats, variance: Floats, fallback: Ends) -> Ends:
    se = np.sqrt(variance)
    flat = variance <= 0
    return (
        np.where(flat, fallback[0], np.maximum(area - Z * se, 0)),
        np.where(flat, fallback[1], np.minimum(area + Z * se, 1)),
    )


def _logit_ends(area: Floats, se: Floats) -> Ends:
    with np.errstate(divide="ignore", invalid="ignore"):
        logit, spread = np.log(area / (1 - area)), Z * se / (area * (1 - area))
        return 1 / (1 + np.exp(spread - logit)), 1 / (1 + np.exp(-spread - logit))


def _two_views(sets: int, patients: int, rng: np.random.Generator) -> Floats:
    shared = rng.normal(size=(sets, patients, 1)) * math.sqrt(VIEW_CORRELATION)
    own = rng.normal(size=(sets, patients, 2)) * math.sqrt(1 - VIEW_CORRELATION)
    return np.asarray(shared + own, dtype=np.float64)


def _ranks(values: Floats) -> Floats:
    order = np.argsort(values, axis=1)
    ranks = np.empty_like(values)
    np.put_along_axis(ranks, order, np.arange(1.0, values.shape[1] + 1)[None], axis=1)
    return ranks


def _pair_se(A: Floats, Q1: Floats, Q2: Floats, P: int, N: int) -> Floats:
    total = A * (1 - A) + (P - 1) * (Q1 - A * A) + (N - 1) * (Q2 - A * A)
    return np.sqrt(np.maximum(total / (P * N), 0))


def _bisect(outside: Callable[[Floats], NDArray[np.bool_]], inside: Floats, end: Floats) -> Floats:
    inner, outer = inside.copy(), end.copy()
    reached = ~outside(outer)
    for _ in range(60):
        middle = (inner + outer) / 2
        out = outside(middle)
        outer, inner = np.where(out, middle, outer), np.where(out, inner, middle)
    return np.where(reached, end, inner)


def _blocks(draws: int) -> list[int]:
    return [BLOCK] * (draws // BLOCK) + ([draws % BLOCK] if draws % BLOCK else [])


def _print_areas(draws: int) -> None:
    rng = np.random.default_rng(SEED)
    print("| area | n | " + " | ".join(METHODS) + " |")
    print("|---|---|" + "---|" * len(METHODS))
    for area in AREAS:
        for n in SIZES:
            found = area_coverage(area, n, draws=draws, rng=rng)
            cells = " | ".join(f"{100 * cover:.1f} ({width:.3f})" for cover, width in found.values())
            print(f"| {area:.2f} | {n} | {cells} |")
    print()


def _print_proportions(draws: int) -> None:
    rng = np.random.default_rng(SEED)
    print("| p | n | Wilson | Wilson, exact | Clopper-Pearson | Clopper-Pearson, exact |\n|---|---|---|---|---|---|")
    for p in RATES:
        for n in SIZES:
            found = proportion_coverage(p, n, draws=draws, rng=rng)
            cells = " | ".join(f"{100 * x:.1f}" for pair in found.values() for x in pair)
            print(f"| {p:.2f} | {n} | {cells} |")
    print()


def _print_clustered(draws: int) -> None:
    rng = np.random.default_rng(SEED)
    print(f"Two views per patient, correlated {VIEW_CORRELATION}:\n")
    columns = (
        "AUC, DeLong, naive",
        "AUC, clustered",
        "AUC, clustered, logit",
        "rate, Wilson, naive",
        "rate, clustered",
    )
    print(f"| truth | patients | {' | '.join(columns)} |")
    print("|---|---|" + "---|" * len(columns))
    for area in AREAS:
        for patients in PATIENTS:
            found = clustered_coverage(area, patients, draws=draws, rng=rng)
            cells = " | ".join(f"{100 * x:.1f}" for pair in found.values() for x in pair)
            print(f"| {area:.2f} | {patients} | {cells} |")
