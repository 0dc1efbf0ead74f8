import numpy as np
import pytest
from scipy import stats

from lesion_core.errors import StatisticsError
from lesion_core.stats.planning_proportions import proportion_power, proportion_precision, proportion_sample_size
from lesion_core.stats.proportions import wilson


@pytest.mark.parametrize(("p", "null", "n"), [(0.9, 0.8, 60), (0.5, 0.7, 33), (0.95, 0.85, 120), (0.8, 0.8, 50)])
def test_exact_power_by_adding_up(p, null, n):
    counts = np.arange(n + 1)
    lower, upper = stats.binom.cdf(counts, n, null), stats.binom.sf(counts - 1, n, null)
    rejects = np.minimum(lower, upper) <= 0.025
    expected = stats.binom.pmf(counts, n, p)[rejects].sum()
    assert proportion_power(p, null=null, n=n) == pytest.approx(expected, abs=1e-12)


def test_proportion_sizes():
    n = proportion_sample_size(0.9, null=0.8)
    assert all(proportion_power(0.9, null=0.8, n=more) >= 0.8 for more in range(n, n + 60))
    assert proportion_power(0.9, null=0.8, n=n - 1) < 0.8
    n = proportion_precision(0.9, width=0.1)
    assert wilson(0.9 * n, n).high - wilson(0.9 * n, n).low <= 0.1
    assert wilson(0.9 * (n - 1), n - 1).high - wilson(0.9 * (n - 1), n - 1).low > 0.1


@pytest.mark.parametrize(
    "call",
    [
        lambda: proportion_precision(1.2, width=0.1),
        lambda: proportion_precision(0.5, width=1e-5),
        lambda: proportion_power(0.5, null=0.4, n=0),
        lambda: proportion_power(0.5, null=0.4, n=9, alpha=1.5),
        lambda: proportion_sample_size(0.5, null=0.5),
        lambda: proportion_sample_size(0.5, null=0.50001),
    ],
)
def test_outside_the_ranges(call):
    with pytest.raises(StatisticsError):
        call()
