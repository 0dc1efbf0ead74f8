import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ellipe

from lesion_core.imaging.outline import outline_of, resampled
from lesion_core.records import Border


def border(points):
    return Border(tuple((float(x), float(y)) for x, y in points))


def ellipse(longer, shorter, degrees=0.0, *, waves=0.0, centre=(200.0, 150.0), count=720):
    """Points of an ellipse whose longer axis is turned against the horizontal, its radius waved seven times around."""
    angle = np.linspace(0, 2 * math.pi, count, endpoint=False)
    radius = 1 + waves * np.cos(7 * angle)
    x, y = longer * radius * np.cos(angle), shorter * radius * np.sin(angle)
    turn = math.radians(degrees)
    return np.stack(
        [centre[0] + x * math.cos(turn) - y * math.sin(turn), centre[1] + x * math.sin(turn) + y * math.cos(turn)], 1
    )


@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 120])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 3.0])
def test_an_ellipse_is_regular_and_its_axes_give_the_parallelism(ratio, degrees):
    found = outline_of(border(ellipse(40 * ratio, 40, degrees)))
    assert found.irregularity == pytest.approx(0, abs=3e-3)
    assert found.parallelism == pytest.approx(math.log(ratio) * math.cos(2 * math.radians(degrees)), abs=6e-3)


def test_irregularity_is_the_logarithm_of_a_longer_perimeter():
    points = ellipse(60, 60, waves=0.12)
    found = outline_of(border(points))
    closed = np.vstack([points, points[:1]])
    perimeter = np.hypot(*np.diff(closed, axis=0).T).sum()
    x, y = closed.T
    area = abs((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) / 2
    assert found.irregularity == pytest.approx(math.log(perimeter / (2 * math.sqrt(math.pi * area))), abs=0.02)
    assert found.irregularity > 0.1


def test_the_axes_are_those_of_the_filled_shape():
    points = np.array([(10, 10), (90, 20), (80, 60), (30, 70), (15, 40)], dtype=float)
    found = outline_of(border(points))
    rng = np.random.default_rng(0)
    inside = rng.uniform((0, 0), (100, 80), (400_000, 2))
    following = np.roll(points, -1, axis=0)
    side = [
        (b[0] - a[0]) * (inside[:, 1] - a[1]) - (b[1] - a[1]) * (inside[:, 0] - a[0])
        for a, b in zip(points, following, strict=True)
    ]
    chosen = inside[np.all(np.array(side) >= 0, axis=0)]
    values, vectors = np.linalg.eigh(np.cov(chosen.T))
    turn = math.atan2(vectors[1, 1], vectors[0, 1])
    assert found.parallelism == pytest.approx(0.5 * math.log(values[1] / values[0]) * math.cos(2 * turn), abs=0.02)


@settings(max_examples=40, deadline=None)
@given(
    longer=st.floats(20, 120),
    ratio=st.floats(1, 4),
    degrees=st.floats(0, 180),
    waves=st.floats(0, 0.2),
    scale=st.floats(0.3, 3),
)
def test_neither_scale_nor_place_nor_direction_of_drawing_matters(longer, ratio, degrees, waves, scale):
    points = ellipse(longer, longer / ratio, degrees, waves=waves)
    expected = outline_of(border(points)).row
    assert outline_of(border(points * scale + 37)).row == pytest.approx(expected, abs=1e-9)
    # Drawn the other way round the 64 points are the same from the first one on.
    assert outline_of(border(np.roll(points[::-1], 1, axis=0))).row == pytest.approx(expected, abs=1e-9)
    turned = outline_of(border(points[:, ::-1]))
    assert turned.irregularity == pytest.approx(expected[0], abs=1e-9)
    assert turned.parallelism == pytest.approx(-expected[1], abs=1e-9)


def test_ramanujan_is_near_enough():
    from lesion_core.imaging.outline import _perimeter_of_ellipse

    for ratio in (1.0, 2.0, 5.0, 10.0):
        exact = 4 * math.sqrt(ratio / math.pi) * ellipe(1 - 1 / ratio**2)
        assert _perimeter_of_ellipse(1.0, ratio) == pytest.approx(exact, rel=3e-4)


def test_the_points_lie_at_equal_distances_along_the_border():
    square = resampled(border([(0, 0), (16, 0), (16, 16), (0, 16)]))
    assert square.shape == (64, 2)
    assert square[:3].tolist() == [[0, 0], [1, 0], [2, 0]]
    assert square[17].tolist() == [16, 1]
