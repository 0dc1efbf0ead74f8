"""What is seen is what is sent."""

import numpy as np
import pytest

from tests.browser.border_canvas.desk import SIZE, SQUARE, assert_near, discs_in, speckle


def click_discs(desk, size, off_px=0.0):
    """Discs painted into the image are found in a screenshot and clicked: no formula of the canvas is believed."""
    true = discs_in(size)
    desk.show(speckle(size, true))
    desk.find(".bc-overlay").scroll_into_view_if_needed()
    found = desk.discs()
    assert len(found) == len(true)
    for point in found:
        desk.page.mouse.click(*point)
    desk.press("Enter")
    (drawn,) = desk.borders(1)
    assert drawn.size == size
    half_preview_px = max(1.0, max(size) / 1600) / 2
    assert_near(drawn.points, true, half_preview_px + off_px / desk.scale)
    return drawn, found


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [((768, 1024), 1280, 900), ((3750, 5000), 1280, 900), ((1811, 733), 901, 777)],
    ids=["plain", "5000 px", "upright, odd sizes"],
)
def test_points_land_where_they_are_seen(desk, window, size, width, height):
    if width != 1280:
        window(width, height)
    drawn, found = click_discs(desk, size)
    assert_near([desk.at(*p) for p in drawn.points], found, 0.02)


def test_points_land_where_they_are_seen_on_a_dense_screen(open_desk):
    """A phone's screen with 3 device pixels a CSS pixel, and 16 image pixels a CSS pixel."""
    desk = open_desk(device_scale_factor=3, viewport={"width": 375, "height": 740})
    # Chromium paints an emulated dense screen on whole CSS pixels: the screenshot itself is off by a part of one.
    drawn, found = click_discs(desk, (3750, 5000), off_px=0.35)
    assert_near([desk.at(*p) for p in drawn.points], found, 0.02)
    for layer in (".bc-image", ".bc-overlay"):
        width, shown = desk.find(layer).evaluate("e => [e.width, e.getBoundingClientRect().width]")
        assert width == pytest.approx(3 * shown, abs=0.5)


def test_zoomed_and_panned_points_land_where_they_are_seen(desk):
    true = sorted([(470.5, 350.5), (490.5, 420.5), (530.5, 360.5), (550.5, 410.5)])
    desk.show(speckle(SIZE, true, radius=6.0))
    desk.focus()
    desk.press("+", "+")  # larger than the window in both directions: before that the image stays centred
    start = desk.discs()
    pointer = np.round(np.mean(start, axis=0))  # wheel events come on whole pixels
    desk.page.mouse.move(*pointer)
    shown = int(desk.find(".bc-zoom").text_content().split()[0])
    for _ in range(4):
        desk.page.mouse.wheel(0, -150)
        desk.frame()
    zoom = int(desk.find(".bc-zoom").text_content().split()[0])
    assert zoom / shown == pytest.approx(np.exp(4 * 150 * 0.002), rel=0.02)
    # Wheel: the image point under the pointer stays under it.
    before = desk.discs()
    assert len(before) == 4
    assert_near(before, pointer + (np.array(start) - pointer) * zoom / shown, 2.5)
    # Middle button: everything moves with the pointer.
    desk.page.mouse.down(button="middle")
    desk.page.mouse.move(pointer[0] + 61, pointer[1] - 37, steps=3)
    desk.page.mouse.up(button="middle")
    after = desk.discs()
    assert_near(after, np.add(before, (61, -37)), 0.6)
    for point in after:
        desk.page.mouse.click(*point)
    desk.press("Enter")
    (drawn,) = desk.borders(1)
    assert_near(drawn.points, true, 0.3)
    desk.press("0")
    assert desk.find('[data-action="fit"]').get_attribute("aria-disabled") == "true"


def test_a_line_is_painted_where_its_points_are(desk):
    """The painted border, read from a screenshot, runs through the points that were sent."""
    desk.outline(SQUARE)
    desk.borders(1)
    desk.page.mouse.move(2, 2)
    line = desk.painted(lambda c: (c[..., 0] > 200) & (c[..., 1] > 170) & (c[..., 2] < 140))
    assert_near(line.min(axis=0), desk.at(*SQUARE[0]), 2)  # the line is 2 px wide
    assert_near(line.max(axis=0), desk.at(*SQUARE[2]), 2)


def test_a_border_and_a_transform_around_the_canvas_do_not_shift_points(desk):
    style = desk.page.add_style_tag(
        content="#first .bc-overlay, #first .bc-image { border: 7px solid green !important }"
        "#first .bc-stage { transform: scale(0.8); transform-origin: 30% 0 }"
    )
    desk.page.wait_for_timeout(200)
    true = discs_in(SIZE)
    desk.show(speckle(SIZE, true))
    found = desk.discs()
    assert len(found) == len(true)
    for point in found:
        desk.page.mouse.click(*point)
    desk.press("Enter")
    assert_near(desk.borders(1)[0].points, true, 0.8)
    style.evaluate("e => e.remove()")
