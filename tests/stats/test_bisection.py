import math

from lesion_core.stats.bisection import interval_end


def test_finds_the_border():
    found = interval_end(lambda x: x * x - 2, 1.0, 5.0)
    assert found * found <= 2 < math.nextafter(found, 5) ** 2
    assert interval_end(lambda x: 0.25 - x, 0.5, -1.0) == 0.25


def test_the_end_of_the_scale_stands_where_the_interval_reaches_it():
    assert interval_end(lambda x: -1.0, 0.5, 1.0) == 1.0
    assert interval_end(lambda x: 1.0 if x > 0.5 else 0.0, 0.5, 1.0) == 0.5
