"""Statistics beside R's pROC in the same run: do they agree, and how long does each take?

Turns are taken between the two; medians are printed. pROC's times are taken inside R, without its start and without
reading the data. Where pROC is not installed only this code is timed, and the missing half is named.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lesion_core.bench import proc
from lesion_core.stats.bootstrap import bootstrap_aucs
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.paired import delong_test
from lesion_core.stats.partial import partial_auc
from lesion_core.stats.roc import auc_variance, roc_curve

CASES = 1_000_000
SMALL, DRAWS = 700, 10_000
ROUNDS = 5
SETS, SEED = 200, 20260314


def run() -> None:
    """Measure and print."""
    missing = proc.why_not()
    if missing:
        print(f"pROC is not timed beside this code: {missing}")
    else:
        _agreement()
    _whole_curve(with_peer=not missing)
    _bootstrap(with_peer=not missing)


def _agreement() -> None:
    sets = proc.random_sets(SETS, SEED)
    worst = {"area": 0.0, "variance": 0.0, "interval": 0.0, "paired p": 0.0, "partial area": 0.0}
    points = undefined = 0
    for each, theirs in zip(sets, proc.agree(sets), strict=True):
        area, variance = auc_variance(each.y, each.a)
        worst["area"] = max(worst["area"], abs(area - theirs.area))
        worst["variance"] = max(worst["variance"], abs(variance - theirs.variance))
        if variance:
            found = auc_interval(each.y, each.a)
            worst["interval"] = max(worst["interval"], abs(found.low - theirs.low), abs(found.high - theirs.high))
        else:
            points += 1
        test = delong_test(each.y, each.a, each.b)
        if test.defined:
            worst["paired p"] = max(worst["paired p"], abs(test.p_value - theirs.p_value))
        else:
            undefined += 1
        gap = abs(partial_auc(each.y, each.a, correct=False) - theirs.partial)
        worst["partial area"] = max(worst["partial area"], gap)
    print(f"agreement with pROC on {SETS} random data sets with ties (seed {SEED}), largest absolute difference:")
    for name, gap in worst.items():
        print(f"  {name:<13} {gap:.1e}")
    print(f"  left out: {points} intervals that pROC makes a point, {undefined} tests with a standard error of 0")


def _whole_curve(*, with_peer: bool) -> None:
    rng = np.random.default_rng(SEED)
    y = rng.random(CASES) < 0.4
    s = rng.normal(size=CASES) + y

    def ours() -> None:
        roc_curve(y, s)
        auc_interval(y, s)

    _compare(f"ROC curve + DeLong interval, {CASES:,} cases (goal: under 1 s, 5 times pROC)", ours, y, s, with_peer)


def _compare(
    title: str, ours: Callable[[], None], y: NDArray[np.bool_], s: NDArray[np.float64], with_peer: bool
) -> None:
    own, peer = [], []
    for _ in range(ROUNDS):
        own.append(_seconds(ours))
        if with_peer:
            peer += proc.seconds(y, s, repeats=1)
    _print(title, own, peer)


def _bootstrap(*, with_peer: bool) -> None:
    rng = np.random.default_rng(SEED)
    y = np.arange(SMALL) < 300
    s = rng.normal(size=SMALL) + y
    own, peer = [], []
    for i in range(ROUNDS):
        own.append(_seconds(lambda: bootstrap_aucs(y, [s], None, draws=DRAWS, rng=1)))
        if with_peer and i < 2:
            peer.append(proc.bootstrap_seconds(y, s, draws=DRAWS))
    _print(f"{DRAWS:,} stratified bootstrap AUCs, {SMALL} cases (goal: under 2 s)", own, peer)
    patients = np.arange(SMALL) // 2
    by_patient = [_seconds(lambda: bootstrap_aucs(y, [s], patients, draws=DRAWS, rng=1)) for _ in range(ROUNDS)]
    _print(f"{DRAWS:,} bootstrap AUCs by patient, {SMALL} cases of {patients.max() + 1} patients", by_patient, [])


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _print(title: str, own: list[float], peer: list[float]) -> None:
    print(title)
    print(f"  this code {statistics.median(own):8.3f} s  ({min(own):.3f} to {max(own):.3f}, {len(own)} rounds)")
    if peer:
        ratio = statistics.median(peer) / statistics.median(own)
        print(f"  pROC      {statistics.median(peer):8.3f} s  ({min(peer):.3f} to {max(peer):.3f}): {ratio:.1f} times")
