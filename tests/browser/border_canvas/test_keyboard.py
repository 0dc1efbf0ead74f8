"""Everything with keys alone, and the view."""

import pytest

from tests.browser.border_canvas.desk import PLAIN, SIZE, SQUARE, TRIANGLE, assert_near, speckle


def test_a_border_is_drawn_with_keys_alone(desk):
    desk.focus()
    # The cross starts in the middle of the window, on a pixel's centre: (512.5, 384.5).
    desk.press("Space", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "Space")
    desk.press("Shift+ArrowDown", "ArrowUp", "Enter")  # fewer than three: Enter sets a point as well
    desk.press("Control+ArrowLeft", "Space", "Enter")
    (drawn,) = desk.borders(1)
    assert drawn.points == ((512.5, 384.5), (533.5, 384.5), (533.5, 393.5), (433.5, 393.5))
    assert drawn.closed
    assert 0 < drawn.drawing_seconds < 10


def test_backspace_takes_a_point_back(desk):
    desk.focus()
    desk.press("Space", "Shift+ArrowRight", "Space", "Shift+ArrowDown", "Space", "Backspace")
    assert "Border open, 2 points" in desk.status
    desk.press("Space", "Enter")
    assert len(desk.borders(1)[0].points) == 3


def test_vertices_are_chosen_and_nudged_with_keys(desk):
    desk.show(PLAIN, SQUARE)
    desk.focus()
    desk.press("Tab", "Tab")
    assert desk.status.startswith("Point 2 of 4 selected")
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown", "ArrowUp"):
        desk.press(key)
    assert desk.seen == []  # held keys are one change
    moved = desk.borders(1)[0]
    assert_near(moved.points, [SQUARE[0], (702, 209), *SQUARE[2:]], 0.001)
    desk.press("Shift+Tab", "i")
    assert_near(desk.borders(2)[1].points[:3], [SQUARE[0], (501, 204.5), (702, 209)], 0.001)
    for count, key in enumerate(("Delete", "Control+z", "Control+z", "Control+z"), start=3):
        desk.press(key)
        desk.borders(count)
    assert_near(desk.seen[-1].points, SQUARE, 0.001)  # the four nudges were one step


def test_nudges_stop_at_the_image_and_are_sent_when_the_focus_leaves(desk):
    desk.show(PLAIN, [(5, 5), (600, 20), (300, 500)])
    desk.focus()
    desk.press("Tab", "Shift+ArrowLeft", "Shift+ArrowUp")
    desk.find('[data-action="fit"]').focus()
    assert desk.borders(1)[0].points[0] == (0.0, 0.0)


def test_tab_is_no_trap(desk):
    outside = "e => !e.matches('#first .bc-overlay')"
    active = desk.page.locator(":focus")
    desk.focus()
    desk.press("Tab")  # nothing drawn: on
    assert active.evaluate(outside)
    desk.show(PLAIN, TRIANGLE)
    desk.focus()
    desk.press("Tab", "Tab", "Tab")
    assert desk.status.startswith("Point 3 of 3")
    desk.press("Tab")
    assert active.evaluate(outside)
    desk.focus()
    desk.press("Tab", "Escape", "Tab")
    assert active.evaluate(outside)
    desk.focus()
    desk.press("Shift+Tab")
    assert active.evaluate("e => e.matches('#first [data-action=fit]')")


def test_the_focus_can_be_seen(desk):
    ring = "e => getComputedStyle(e).boxShadow"
    desk.page.mouse.click(2, 2)
    assert desk.find(".bc-overlay").evaluate(ring) == "none"
    desk.focus()
    assert "inset" in desk.find(".bc-overlay").evaluate(ring)
    desk.press("Tab")


def test_keys_zoom(desk):
    desk.focus()
    zoom = desk.find(".bc-zoom")
    fitted = zoom.text_content()
    desk.press("+", "+")
    assert int(zoom.text_content().split()[0]) == pytest.approx(int(fitted.split()[0]) * 1.25**2, abs=2)
    desk.press("-")
    desk.press("0")
    assert zoom.text_content() == fitted


def test_space_and_drag_pan_and_set_no_point(desk):
    desk.show(speckle(SIZE, [(512.5, 384.5)]))
    desk.focus()
    desk.press("+", "+", "+")
    ((x, y),) = desk.discs()
    desk.page.mouse.move(x + 40, y + 40)
    desk.page.keyboard.down("Space")
    desk.page.mouse.down()
    desk.page.mouse.move(x - 25, y + 70, steps=4)
    desk.page.mouse.up()
    desk.page.keyboard.up("Space")
    assert_near(desk.discs(), [(x - 65, y + 30)], 0.6)
    assert desk.status.startswith("No border yet")
    # The hand button does the same for a plain drag.
    hand = desk.find('[data-action="pan"]')
    hand.click()
    assert hand.get_attribute("aria-pressed") == "true"
    desk.page.mouse.move(x, y + 90)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 65, y + 60, steps=4)
    desk.page.mouse.up()
    hand.click()
    assert_near(desk.discs(), [(x, y)], 0.6)
    desk.borders(0)


def test_the_wheel_scrolls_the_page_once_the_image_is_fitted(desk, window):
    window(1000, 500)
    desk.page.mouse.move(*desk.at(512, 200))
    desk.page.mouse.wheel(0, -200)
    desk.frame()
    assert desk.page.evaluate("scrollY") == 0
    desk.page.mouse.wheel(0, 400)  # back to fitted
    desk.page.wait_for_function("document.querySelector('#first [data-action=fit]').ariaDisabled === 'true'")
    assert desk.page.evaluate("scrollY") == 0
    desk.page.mouse.wheel(0, 200)
    desk.page.wait_for_function("scrollY > 0")
    desk.page.evaluate("scrollTo(0, 0)")
