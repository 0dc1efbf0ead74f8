import math

import pytest

from lesion_core.cases.geometry import geometry_of
from lesion_core.records import Border


def test_a_box():
    found = geometry_of(Border(((0, 0), (0, 30), (20, 30), (20, 0))))
    assert (found.area_px, found.height_px, found.width_px) == (600, 30, 20)
    assert found.height_to_width == 1.5
    assert found.circularity == pytest.approx(4 * math.pi * 600 / 100**2)


def test_a_circle_is_round_wherever_it_lies():
    turns = [2 * math.pi * at / 720 for at in range(720)]
    found = geometry_of(Border(tuple((100 + 10 * math.cos(t), 50 - 10 * math.sin(t)) for t in turns)))
    assert found.circularity == pytest.approx(1, abs=1e-4)
    assert found.area_px == pytest.approx(math.pi * 100, rel=1e-4)
    assert found.height_to_width == pytest.approx(1)
