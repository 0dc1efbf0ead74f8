"""Moving, adding and removing points; undo, clear, cancel."""

import pytest

from tests.browser.border_canvas.desk import SQUARE, TRIANGLE, assert_near, ellipse


def test_a_vertex_is_dragged_with_one_event(desk):
    desk.outline(SQUARE)
    grip = desk.at(*SQUARE[2])
    desk.page.mouse.move(grip[0] + 3, grip[1] + 2)
    desk.page.mouse.down()
    desk.page.mouse.move(grip[0] + 83, grip[1] + 52, steps=8)
    desk.page.wait_for_timeout(150)
    assert len(desk.seen) == 1
    desk.page.mouse.up()
    moved = desk.borders(2)[1]
    # It keeps its distance from the pointer: no jump when it is taken.
    assert moved.points[2] == pytest.approx((700 + 80 / desk.scale, 500 + 50 / desk.scale), abs=0.02)
    assert_near([moved.points[i] for i in (0, 1, 3)], [SQUARE[i] for i in (0, 1, 3)], 0.02)
    desk.press("Control+z")
    assert_near(desk.borders(3)[2].points, SQUARE, 0.02)


def test_a_point_is_added_by_dragging_the_middle_of_an_edge(desk):
    desk.outline(SQUARE)
    desk.borders(1)
    desk.drag((700, 350), (760, 340))
    added = desk.borders(2)[1]
    assert_near(added.points, [*SQUARE[:2], (760, 340), *SQUARE[2:]], 0.02)


def test_a_point_is_added_by_alt_click_on_an_edge(desk):
    desk.outline(SQUARE)
    desk.borders(1)
    desk.page.keyboard.down("Alt")
    desk.click(403, 502)
    added = desk.borders(2)[1]
    desk.page.keyboard.up("Alt")
    assert len(added.points) == 5
    assert added.points[3] == pytest.approx((403, 500), abs=0.02)  # on the edge, where it was clicked
    desk.page.keyboard.down("Alt")
    desk.click(400, 350)  # far from any edge: nothing
    desk.page.keyboard.up("Alt")
    desk.borders(2)


@pytest.mark.parametrize("how", ["Delete", "right click", "double click", "button"])
def test_a_point_is_removed_by(desk, how):
    desk.outline(SQUARE)
    if how == "right click":
        desk.click(*SQUARE[1], button="right")
    elif how == "double click":
        desk.page.mouse.dblclick(*desk.at(*SQUARE[1]))
    else:
        desk.click(*SQUARE[1])
        assert desk.status.startswith("Point 2 of 4 selected, x 700.0, y 200.0")
        if how == "Delete":
            desk.press("Delete")
        else:
            desk.find('[data-action="remove"]').click()
    assert_near(desk.borders(2)[1].points, [SQUARE[0], *SQUARE[2:]], 0.02)


def test_a_triangle_keeps_its_points(desk):
    desk.outline(TRIANGLE)
    desk.borders(1)
    desk.click(*TRIANGLE[1], button="right")
    desk.borders(1)
    assert "at least three points" in desk.status


def test_undo_redo_and_clear(desk):
    desk.outline(TRIANGLE)
    desk.borders(1)
    desk.press("Control+z")  # open again
    desk.borders(2)
    desk.press("Control+z")  # two points: still open, not sent
    assert "Border open, 2 points" in desk.status
    desk.press("Control+Shift+Z")
    desk.press("Control+y")
    closed, opened, again = desk.borders(3)
    assert (closed.closed, opened.closed, again.closed) == (True, False, True)
    assert again.points == closed.points
    desk.find('[data-action="clear"]').click()
    cleared = desk.borders(4)[3]
    assert cleared.points == ()
    assert not cleared.closed
    assert desk.status.startswith("No border yet")
    assert desk.legend() == []
    desk.find('[data-action="undo"]').click()
    assert desk.borders(5)[4].points == closed.points
    revisions = [drawn.revision for drawn in desk.seen]
    assert revisions == sorted(set(revisions))
    assert desk.find('[data-action="redo"]').get_attribute("aria-disabled") == "false"


def test_escape_cancels_what_is_in_progress(desk):
    for point in TRIANGLE:
        desk.click(*point)
    desk.press("Escape")
    assert "Cancelled" in desk.status
    desk.press("Enter")
    desk.borders(0)
    desk.press("Escape")
    desk.outline(SQUARE)
    assert len(desk.borders(1)[0].points) == 4
    # A stroke in progress: the border before it stays.
    desk.stroke(ellipse((500, 350), (340, 290), 16), release=False)
    desk.press("Escape")
    desk.page.mouse.up()
    # A vertex in the hand: back to its place.
    desk.page.mouse.move(*desk.at(*SQUARE[0]))
    desk.page.mouse.down()
    desk.page.mouse.move(*desk.at(200, 100), steps=4)
    desk.press("Escape")
    desk.page.mouse.up()
    desk.borders(1)
    desk.press("Escape")
    assert desk.status == "Border closed, 4 points, 400 × 300 px (width × height)"
