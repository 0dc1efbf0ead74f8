"""Free-hand, and point by point."""

import time

import numpy as np
import pytest
import shapely

from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.rectangle import minimum_area_rectangle
from tests.browser.border_canvas.desk import SIZE, TRIANGLE, assert_near, ellipse


def test_a_free_hand_stroke_becomes_one_border(desk):
    path = ellipse(count=48)
    began = time.monotonic()
    desk.stroke(path, release=False)
    desk.page.wait_for_timeout(150)
    assert desk.bench.seen == []  # nothing is sent while the pointer moves
    desk.page.mouse.up()
    (drawn,) = desk.borders(1)
    assert drawn.closed
    assert drawn.size == SIZE
    assert 20 <= len(drawn.points) <= 60
    assert 0.1 < drawn.drawing_seconds < time.monotonic() - began
    # Every kept point is one of the stroke's, to a hundredth of a pixel, and the shape is the stroke's.
    away = np.hypot(*(np.asarray(drawn.points)[:, None] - np.asarray(path)[None]).transpose(2, 0, 1)).min(axis=1)
    assert away.max() < 0.02
    apart = shapely.hausdorff_distance(shapely.Polygon(path), shapely.Polygon(drawn.points))
    assert apart <= 1.25 / desk.scale + 0.02
    assert desk.status == f"Border closed, {len(drawn.points)} points, 400 × 260 px (width × height)"


def test_a_reduced_stroke_keeps_its_rectangle(desk):
    """A tilted lesion: each side of the rectangle as the full stroke has it, within half a pixel of the screen."""
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    path = [tuple(p) for p in np.array(ellipse((0, 0), (260, 110), 44)) @ turn.T + (512, 384)]
    desk.stroke(path)
    (drawn,) = desk.borders(1)
    full = minimum_area_rectangle(border_from_points(path, SIZE))
    along = np.subtract(full.corners[1], full.corners[0]) / full.width_px
    across = np.subtract(full.corners[3], full.corners[0]) / full.height_px
    screen_px = 1 / desk.scale
    for axis in (along, across):
        for side in (axis, -axis):
            lost = (np.asarray(path) @ side).max() - (np.asarray(drawn.points) @ side).max()
            assert 0 <= lost + 0.01 <= 0.5 * screen_px
    # The smallest rectangle of a smooth outline may tilt a little; its area and sides stay.
    reduced = minimum_area_rectangle(border_from_points(drawn.points, SIZE))
    assert reduced.width_px * reduced.height_px == pytest.approx(full.width_px * full.height_px, rel=0.006)
    assert reduced.angle_deg == pytest.approx(full.angle_deg, abs=4)


def test_a_new_stroke_takes_the_old_borders_place(desk):
    desk.stroke(ellipse(count=14))
    desk.borders(1)
    desk.stroke(ellipse((500, 350), (340, 290), 14))
    first, second = desk.borders(2)
    assert second.revision > first.revision
    assert max(x for x, _ in second.points) == pytest.approx(840, abs=0.02)
    desk.press("Control+z")
    assert desk.borders(3)[-1].points == first.points


def test_a_scratch_encloses_nothing_and_keeps_the_border(desk):
    desk.outline(TRIANGLE)
    desk.borders(1)
    desk.drag((100, 700), (180, 700))
    desk.borders(1)
    assert "encloses nothing" in desk.status


def test_a_stroke_that_leaves_the_image_is_kept_at_its_edge(desk):
    left, top = desk.at(0, 0)
    desk.page.mouse.move(*desk.at(200, 200))
    desk.page.mouse.down()
    for x, y in ((left - 30, desk.at(0, 100)[1]), (left - 30, top - 60), (desk.at(250, 0)[0], top - 60)):
        desk.page.mouse.move(x, y, steps=4)
    desk.page.mouse.up()
    (drawn,) = desk.borders(1)
    xs, ys = zip(*drawn.points, strict=True)
    assert min(xs) == 0
    assert min(ys) == 0


@pytest.mark.parametrize("how", ["Enter", "double click", "first point", "button"])
def test_points_are_closed_by(desk, how):
    for point in TRIANGLE[:2]:
        desk.click(*point)
    desk.borders(0)  # an open border is nobody's business
    if how == "double click":
        desk.page.mouse.dblclick(*desk.at(*TRIANGLE[2]))
    else:
        desk.click(*TRIANGLE[2])
    if how == "Enter":
        desk.press("Enter")
    elif how == "first point":
        desk.click(TRIANGLE[0][0] + 4, TRIANGLE[0][1] - 3)
    elif how == "button":
        desk.find('[data-action="close"]').click()
    (drawn,) = desk.borders(1)
    assert drawn.closed
    assert_near(drawn.points, TRIANGLE, 0.02)


def test_two_points_cannot_be_closed(desk):
    for point in TRIANGLE[:2]:
        desk.click(*point)
    desk.press("Enter")
    assert desk.find('[data-action="close"]').get_attribute("aria-disabled") == "true"
    assert "at least three points" in desk.status
    desk.borders(0)


def test_clicks_and_strokes_mix(desk):
    desk.click(300, 200)
    desk.click(500, 160)
    desk.stroke([(700, 200), (760, 300), (740, 420), (640, 500)])
    assert "Border open" in desk.status
    desk.click(420, 520)
    desk.press("Enter")
    (drawn,) = desk.borders(1)
    assert drawn.points[0] == pytest.approx((300, 200), abs=0.02)
    assert drawn.points[-1] == pytest.approx((420, 520), abs=0.02)
    assert len(drawn.points) == 7


def test_drawing_time_runs_from_the_first_point_to_the_closing(desk):
    desk.page.wait_for_timeout(400)  # looking at the image does not count
    began = time.monotonic()
    desk.click(*TRIANGLE[0])
    desk.page.wait_for_timeout(300)
    desk.click(*TRIANGLE[1])
    desk.click(*TRIANGLE[2])
    started = time.monotonic()
    desk.press("Enter")
    (drawn,) = desk.borders(1)
    assert 0.3 < drawn.drawing_seconds < time.monotonic() - began
    desk.page.wait_for_timeout(200)
    desk.drag(TRIANGLE[0], (280, 180))
    assert desk.borders(2)[1].drawing_seconds == drawn.drawing_seconds  # correcting is not drawing
    assert time.monotonic() - started > 0.2


def test_a_click_beside_a_closed_border_changes_nothing(desk):
    desk.outline(TRIANGLE)
    desk.borders(1)
    desk.click(900, 700)
    desk.click(100, 100)
    assert len(desk.borders(1)) == 1
    assert "closed" in desk.status
