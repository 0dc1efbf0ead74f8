"""More than one canvas, page or size."""

import pytest

from dashboards.widgets.border_canvas import BorderCanvas
from tests.browser.border_canvas.desk import SQUARE, TRIANGLE, Desk, assert_near, discs_in, speckle


def test_canvases_in_a_page_do_not_mix(desk):
    desk.outline(TRIANGLE)
    (drawn,) = desk.borders(1)
    third = Desk(desk.visited, desk.bench, name="third")
    third.show(speckle((400, 600)))
    third.find(".bc-overlay").scroll_into_view_if_needed()
    third.outline([(100.0, 100.0), (500.0, 120.0), (300.0, 350.0)])
    (other,) = third.borders(1)
    assert other.size == (400, 600)
    third.press("Control+z")
    assert len(third.borders(2)) == 2
    assert desk.seen == [drawn]
    desk.find(".bc-overlay").scroll_into_view_if_needed()
    assert desk.status == f"Border closed, 3 points, {400} × {400} px (width × height)"


def test_two_browser_tabs_do_not_mix(desk, open_desk):
    desk.outline(TRIANGLE)
    seen = list(desk.borders(1))
    other = open_desk()
    assert other.status.startswith("No border yet")
    other.outline(SQUARE)
    assert len(other.borders(1)[0].points) == 4
    desk.bench.seen[:0] = [("first", d) for d in seen]
    desk.drag(TRIANGLE[0], (280, 190))
    moved = desk.borders(2)[1]
    assert len(moved.points) == 3
    assert other.status.startswith("Border closed, 4 points")


def test_a_canvas_in_a_hidden_tab_works_once_shown(desk):
    second = Desk(desk.visited, desk.bench, name="second")
    true = discs_in((700, 900))
    update = BorderCanvas.show(speckle((700, 900), true))
    second.size, second.image_id = (700, 900), update["image_id"]
    second.send(update)
    desk.outline(TRIANGLE)
    desk.borders(1)
    desk.page.get_by_role("tab", name="Two").click()
    desk.page.wait_for_selector(f'#second .bc[data-shown="{second.image_id}"]')
    desk.page.wait_for_timeout(150)
    found = second.discs()
    assert len(found) == len(true)
    for point in found:
        second.page.mouse.click(*point)
    second.press("Enter")
    assert_near(second.borders(1)[0].points, true, 0.5)
    # There and back: zoom, border and accuracy survive being hidden.
    second.press("+", "+", "+")
    zoom = second.find(".bc-zoom").text_content()
    desk.page.get_by_role("tab", name="One").click()
    desk.page.wait_for_selector("#first .bc-overlay")
    assert desk.status.startswith("Border closed, 3 points")
    desk.drag(TRIANGLE[0], (280, 190))
    assert desk.borders(2)[1].points[0] == pytest.approx((280, 190), abs=0.05)
    desk.page.get_by_role("tab", name="Two").click()
    desk.page.wait_for_selector("#second .bc-overlay")
    assert second.status.startswith("Border closed, 5 points")
    assert second.find(".bc-zoom").text_content() == zoom
    desk.page.get_by_role("tab", name="One").click()


def test_a_resized_window_keeps_border_and_accuracy(desk, window):
    desk.outline(SQUARE)
    desk.borders(1)
    window(640, 700)
    desk.drag(SQUARE[2], (650, 470))
    assert_near(desk.borders(2)[1].points, [*SQUARE[:2], (650, 470), SQUARE[3]], 0.05)


def test_taken_off_the_page_and_put_back(desk):
    """Gradio mounts the component anew, without the properties that the last update did not name."""
    desk.outline(TRIANGLE)
    desk.wait(lambda: "rectangle" in desk.legend())
    desk.send({"__type__": "update", "visible": False})
    desk.page.wait_for_selector("#first .bc-overlay", state="hidden")
    desk.send({"__type__": "update", "visible": True})
    desk.page.wait_for_selector(f'#first .bc[data-shown="{desk.image_id}"]')
    desk.page.wait_for_timeout(150)
    assert desk.status.startswith("Border closed, 3 points")
    desk.drag(TRIANGLE[0], (280, 190))
    moved = desk.borders(2)
    assert moved[1].revision > moved[0].revision
    assert_near(moved[1].points, [(280, 190), *TRIANGLE[1:]], 0.05)
