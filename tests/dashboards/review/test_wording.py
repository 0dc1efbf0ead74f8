import math

from dashboards.review import wording
from dashboards.review.wording import mean_and_sd, size_and_method, with_interval
from lesion_core.results.review.folds import Spread
from lesion_core.stats.estimate import Estimate, undefined, undefined_test
from lesion_core.stats.heterogeneity import heterogeneity

NAN = math.nan


def test_values_with_their_intervals_and_what_has_none():
    assert with_interval(Estimate("x", 0.5, 0.4, 0.6, 0.95, "m", 10)) == "0.500 (0.400 to 0.600)"
    assert with_interval(undefined("x", "no case", method="m", n=0, level=0.95)) == "undefined: no case"
    infinite = Estimate("LR+", math.inf, NAN, NAN, 0.95, "log", 4, reason="a ratio over 0")
    assert with_interval(infinite) == "infinite (no interval: a ratio over 0)"


def test_sizes_and_spreads():
    assert (
        size_and_method(Estimate("x", 1, 1, 1, 0.95, "Wilson", 1875, clusters=1064), clusters="patients")
        == "n = 1,875 in 1,064 patients, Wilson"
    )
    assert mean_and_sd(Spread(0.942, 0.0446, 5), percent=True) == "94.2 (4.5)"
    assert mean_and_sd(Spread(0.912, 0.042, 5), percent=False) == "0.912 (0.042)"
    assert mean_and_sd(Spread(0.9, NAN, 1), percent=True) == "90.0 (SD undefined: one fold)"
    assert mean_and_sd(Spread(NAN, NAN, 0), percent=True).startswith("undefined")


def test_tests_in_words():
    estimates = [Estimate("x", v, NAN, NAN, 0.95, "m", 10, se=0.1) for v in (0.5, 0.7)]
    assert wording.tested(heterogeneity(estimates)) == "p = 0.157 (Cochran's Q = 2.00, df 1)"
    assert wording.tested(undefined_test("x", "why", method="m", n=1, level=0.95)) == "test undefined: why"
