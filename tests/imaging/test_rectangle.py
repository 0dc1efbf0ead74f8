import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lesion_core.errors import BorderError
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.rectangle import _convex_hull, minimum_area_rectangle
from lesion_core.records import Border

SIZE = (400, 600)


@st.composite
def outlines(draw):
    """Star-shaped polygons: simple by construction, of any direction and proportion."""
    count = draw(st.integers(3, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    turns = np.sort(rng.uniform(0, 2 * np.pi, count))
    if np.diff(turns, append=turns[0] + 2 * np.pi).max() > np.pi - 0.1:
        turns = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = rng.uniform(0.5, 1.0, count)
    stretch = rng.uniform(20, 120, 2)
    turn = rng.uniform(0, np.pi)
    points = np.stack([radius * np.cos(turns) * stretch[0], radius * np.sin(turns) * stretch[1]], axis=1)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    return points @ rotation.T + (300, 200)


def smallest_area_by_search(points):
    """The slow way: the bounding box's area at every tenth of a degree, then refined around the best."""

    def area(degrees):
        turn = math.radians(degrees)
        x = points[:, 0] * math.cos(turn) - points[:, 1] * math.sin(turn)
        y = points[:, 0] * math.sin(turn) + points[:, 1] * math.cos(turn)
        return np.ptp(x) * np.ptp(y)

    best = min(np.arange(0, 90, 0.1), key=area)
    return min(area(degrees) for degrees in np.linspace(best - 0.1, best + 0.1, 201))


@settings(deadline=None, max_examples=80)
@given(outlines())
def test_rectangle_has_the_smallest_area_of_any_angle(points):
    border = border_from_points(points, SIZE)
    rectangle = minimum_area_rectangle(border, near_tie=0)
    found = rectangle.width_px * rectangle.height_px
    slow = smallest_area_by_search(np.array(border.points))
    assert found <= slow * (1 + 1e-9)
    assert found >= slow * (1 - 2e-3)
    by_shapely = shapely.minimum_rotated_rectangle(shapely.Polygon(border.points)).area
    assert found == pytest.approx(by_shapely, rel=1e-6)


@settings(deadline=None, max_examples=80)
@given(outlines())
def test_rectangle_encloses_the_border_and_is_turned_by_at_most_45_degrees(points):
    border = border_from_points(points, SIZE)
    rectangle = minimum_area_rectangle(border)
    corners = np.array(rectangle.corners)
    assert shapely.Polygon(corners).buffer(1e-6).contains(shapely.Polygon(border.points))
    assert -45 < rectangle.angle_deg <= 45
    top, left = corners[1] - corners[0], corners[3] - corners[0]
    assert np.hypot(*top) == pytest.approx(rectangle.width_px)
    assert np.hypot(*left) == pytest.approx(rectangle.height_px)
    assert top @ left == pytest.approx(0, abs=1e-6)
    assert math.degrees(math.atan2(-top[1], top[0])) == pytest.approx(rectangle.angle_deg, abs=1e-6)
    smallest = minimum_area_rectangle(border, near_tie=0)
    assert rectangle.width_px * rectangle.height_px <= 1.02 * smallest.width_px * smallest.height_px + 1e-6
    assert abs(rectangle.angle_deg) <= abs(smallest.angle_deg) + 1e-6


def test_a_turned_rectangle_is_found_as_drawn():
    turn = math.radians(30)
    right, down = np.array([math.cos(turn), -math.sin(turn)]), np.array([math.sin(turn), math.cos(turn)])
    origin = np.array([200.0, 250.0])
    points = [origin, origin + 100 * right, origin + 100 * right + 40 * down, origin + 40 * down]
    rectangle = minimum_area_rectangle(border_from_points(points, SIZE))
    assert rectangle.angle_deg == pytest.approx(30)
    assert (rectangle.width_px, rectangle.height_px) == (pytest.approx(100), pytest.approx(40))
    assert np.allclose(rectangle.corners, points)


def test_near_ties_go_to_the_smallest_angle():
    # A square with one corner cut so that a 45 degree rectangle is 1 % smaller than the upright one.
    circle = [(300 + 100 * math.cos(t), 200 + 100 * math.sin(t)) for t in np.linspace(0, 2 * np.pi, 60, endpoint=False)]
    nudged = [(x + (0.6 if number == 7 else 0), y) for number, (x, y) in enumerate(circle)]
    for outline in (circle, nudged):
        assert abs(minimum_area_rectangle(border_from_points(outline, SIZE)).angle_deg) < 4


@settings(deadline=None, max_examples=80)
@given(outlines(), st.booleans())
def test_the_hull_is_shapelys_hull_on_a_pixel_grid_too(points, on_grid):
    """On whole pixels many points lie on one edge of the hull: they must not become corners."""
    outline = np.round(points) if on_grid else points
    border = border_from_points(outline, SIZE)
    expected = shapely.get_coordinates(shapely.convex_hull(shapely.MultiPoint(border.points)))[:-1]
    assert {tuple(corner) for corner in _convex_hull(np.array(border.points))} == {tuple(each) for each in expected}


@pytest.mark.parametrize("points", [((1, 1), (2, 2)), ((10, 10), (50, 50), (90, 90)), ((5, 5),) * 4])
def test_points_on_one_line_have_no_rectangle(points):
    with pytest.raises(BorderError, match="on one line: draw an outline"):
        minimum_area_rectangle(Border(points))
