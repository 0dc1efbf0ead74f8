"""Fingers on a phone."""

import numpy as np
import pytest

from dashboards.widgets.drawn_border import DrawnBorder
from tests.browser.border_canvas.desk import PLAIN, SQUARE, assert_near, box_around, ellipse


class Fingers:
    """Real touch points, through the DevTools protocol."""

    def __init__(self, desk):
        self.desk = desk
        self.session = desk.page.context.new_cdp_session(desk.page)

    def send(self, kind, *points):
        touches = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": touches})

    def stroke(self, path):
        self.send("Start", path[0])
        for p in path[1:]:
            self.send("Move", p)
        self.send("End")


def test_a_finger_draws_without_scrolling(phone):
    before = phone.page.evaluate("scrollY")
    path = ellipse(radii=(300, 220), count=24)
    Fingers(phone).stroke([phone.at(*p) for p in path])
    (drawn,) = phone.borders(1)
    assert phone.page.evaluate("scrollY") == before
    away = np.hypot(*(np.asarray(drawn.points)[:, None] - np.asarray(path)[None]).transpose(2, 0, 1)).min(axis=1)
    assert away.max() < 0.1
    assert 12 <= len(drawn.points) <= 40


def test_taps_set_points_and_two_fingers_zoom(phone):
    fingers = Fingers(phone)
    centre = phone.at(512.5, 384.5)
    (seen,) = phone.discs()
    assert seen == pytest.approx(centre, abs=0.6)
    spread = [(centre[0] - 30, centre[1]), (centre[0] + 30, centre[1])]
    fingers.send("Start", spread[0])
    fingers.send("Start", *spread)  # the second finger: no drawing any more
    for step in range(1, 9):
        fingers.send("Move", (spread[0][0] - 10 * step, centre[1]), (spread[1][0] + 10 * step, centre[1] - 5 * step))
    fingers.send("End")
    zoom = int(phone.find(".bc-zoom").text_content().split()[0])
    assert zoom / 100 == pytest.approx(phone.scale * np.hypot(220, 40) / 60, abs=0.02)
    # What was between the fingers still is: their middle went 20 px up.
    assert_near(phone.discs(), [(centre[0], centre[1] - 20)], 1.0)
    assert phone.status.startswith("No border yet")
    for dx, dy in ((-60, -50), (60, -50), (60, 50), (-60, 50)):
        fingers.stroke([(centre[0] + dx, centre[1] - 20 + dy)])
    phone.find('[data-action="close"]').tap()
    (drawn,) = phone.borders(1)
    reach = np.array([[-60, -50], [60, -50], [60, 50], [-60, 50]]) / (zoom / 100)
    assert_near(drawn.points, np.add((512.5, 384.5), reach), 1.0)


def test_a_finger_in_the_way_shows_the_loupe(phone):
    fingers = Fingers(phone)
    path = [phone.at(*p) for p in ellipse(centre=(600, 500), radii=(200, 150), count=12)]
    left, top = (int(2 * v) for v in (phone.box["x"], phone.box["y"]))
    corner = (slice(top + 30, top + 110), slice(left + 30, left + 110))  # the loupe's place, away from the finger
    before = phone.screen()[corner].astype(int)
    fingers.send("Start", path[0])
    for p in path[1:6]:
        fingers.send("Move", p)
    assert np.abs(phone.screen()[corner] - before).mean() > 5
    fingers.send("Cancel")
    assert phone.status.startswith("No border yet")
    assert np.abs(phone.screen()[corner] - before).mean() < 1


def test_a_narrow_phone_gets_a_tidy_toolbar(phone):
    phone.show(PLAIN, SQUARE, rectangle=box_around(DrawnBorder(tuple(SQUARE))), message="A note below the image.")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 375
    for button in phone.find("[data-action]").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 36
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 375
    phone.visited.screenshot("canvas-narrow")
