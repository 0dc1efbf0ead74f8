import math

import numpy as np
import pytest
import shapely

from lesion_core.imaging.nudge import diameter_px, nudge
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.records import Border


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_largest_displacement_is_what_was_asked_for(title):
    border = example(title).border
    for largest in (1.0, 5.0):
        moved = nudge(border, np.random.default_rng(1), largest_px=(largest, largest))
        still = nudge(border, np.random.default_rng(1), largest_px=(0.0, 0.0))
        assert np.hypot(*(moved - still).T).max() == pytest.approx(largest)
        assert np.allclose(shapely.distance(shapely.points(still), shapely.LinearRing(border.points)), 0, atol=1e-9)


def test_the_diameter_of_a_circle_is_its_own():
    turn = np.linspace(0, 2 * math.pi, 400, endpoint=False)
    circle = Border(tuple((50 + 20 * math.cos(t), 60 + 20 * math.sin(t)) for t in turn))
    assert diameter_px(circle) == pytest.approx(40, abs=0.01)
