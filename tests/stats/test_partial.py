import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.partial import partial_auc, partial_auc_interval
from lesion_core.stats.roc import auc, roc_curve

RNG = np.random.default_rng(13)
Y = np.r_[1, 1, 0, 0, RNG.integers(0, 2, 76)]
S = np.round(RNG.normal(size=80) + Y, 1)


def slow(y, s, start, end):
    """Area under the curve's straight lines between two false positive rates, by a fine grid."""
    curve = roc_curve(y, s)
    x = np.linspace(start, end, 20_001)
    heights = []
    for f in x[:-1] + (x[1] - x[0]) / 2:
        k = np.searchsorted(curve.fpr, f) - 1
        width, rise = curve.fpr[k + 1] - curve.fpr[k], curve.tpr[k + 1] - curve.tpr[k]
        heights.append(curve.tpr[k] + rise * (f - curve.fpr[k]) / width)
    return np.mean(heights) * (end - start)


def test_hand_worked():
    # Curve (0, 0), (0, .5), (.5, 1), (1, 1): over specificity .5 to 1 the area is .5 x (.5 + 1) / 2 = .375.
    y, s = [0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8]
    assert partial_auc(y, s, over=(0.5, 1), correct=False) == pytest.approx(0.375)
    # McClish: least .125, most .5.
    assert partial_auc(y, s, over=(0.5, 1)) == pytest.approx((1 + 0.25 / 0.375) / 2)


@pytest.mark.parametrize("over", [(0.8, 1.0), (0.0, 0.3), (0.35, 0.61)])
def test_against_a_fine_grid(over):
    start, end = over
    assert partial_auc(Y, S, over=over, correct=False) == pytest.approx(slow(Y, S, 1 - end, 1 - start), abs=2e-5)
    turned = partial_auc(Y, S, over=over, correct=False, focus="sensitivity")
    assert turned == pytest.approx(slow(1 - Y, -S, 1 - end, 1 - start), abs=2e-5)


def test_whole_range_is_the_area():
    for focus in ("specificity", "sensitivity"):
        assert partial_auc(Y, S, over=(0, 1), correct=False, focus=focus) == pytest.approx(auc(Y, S), abs=1e-14)
        assert partial_auc(Y, S, over=(0, 1), focus=focus) == pytest.approx(auc(Y, S), abs=1e-14)


def test_correction_puts_the_ends_at_half_and_one():
    assert partial_auc([0, 0, 1, 1], [1, 2, 3, 4], over=(0.9, 1)) == pytest.approx(1)
    assert partial_auc([0, 0, 1, 1], [5, 5, 5, 5], over=(0.9, 1)) == pytest.approx(0.5)


def test_interval():
    found = partial_auc_interval(Y, S, draws=300, rng=3)
    assert found.value == partial_auc(Y, S)
    assert found.low < found.value < found.high
    assert found.name == "corrected partial AUC, specificity 0.8 to 1"
    grouped = partial_auc_interval(np.tile(Y, 2), np.tile(S, 2), groups=np.tile(np.arange(80), 2), draws=300, rng=3)
    assert grouped.high - grouped.low == pytest.approx(found.high - found.low, rel=0.25)
    assert "by patient" in grouped.method


def test_edges():
    assert math.isnan(partial_auc([1], [1]))
    assert "both classes" in partial_auc_interval([1, 1], [1, 2]).reason
    with pytest.raises(StatisticsError, match="range inside 0 to 1"):
        partial_auc(Y, S, over=(0.9, 0.8))
    with pytest.raises(StatisticsError, match="focus must be"):
        partial_auc(Y, S, focus="fpr")
