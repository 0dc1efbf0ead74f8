"""What Python sends: images, borders, answers."""

import threading

import pytest

from dashboards.widgets.border_canvas import BorderCanvas
from dashboards.widgets.drawn_border import DrawnBorder
from tests.browser.border_canvas.desk import PLAIN, SQUARE, TRIANGLE, answer, assert_near, box_around, ellipse, speckle


def test_a_new_image_clears_the_border_and_fits_the_view(desk):
    desk.outline(TRIANGLE)
    desk.borders(1)
    desk.press("+", "+")
    desk.borders(1)
    desk.click(100, 100)
    desk.show(speckle((500, 900)))
    assert desk.status.startswith("No border yet")
    assert desk.find('[data-action="fit"]').get_attribute("aria-disabled") == "true"
    assert desk.find('[data-action="undo"]').get_attribute("aria-disabled") == "true"
    assert desk.legend() == []
    desk.borders(0)
    desk.outline([(10.0, 10.0), (890.0, 10.0), (450.0, 490.0)])
    assert desk.borders(1)[0].size == (500, 900)
    assert_near(desk.seen[0].points, [(10, 10), (890, 10), (450, 490)], 0.02)


def test_the_same_image_again_is_a_new_image(desk):
    for point in TRIANGLE:
        desk.click(*point)
    desk.show(PLAIN)
    assert desk.status.startswith("No border yet")


def test_a_ready_border_is_shown_closed_without_an_event(desk):
    drawn = DrawnBorder(tuple(SQUARE))
    desk.show(PLAIN, SQUARE, rectangle=box_around(drawn), fed=box_around(drawn, 30), drawing_seconds=12.5)
    assert desk.status == "Border closed, 4 points, 400 × 300 px (width × height)"
    assert desk.legend() == ["border", "rectangle", "fed"]
    desk.borders(0)
    desk.drag(SQUARE[0], (280, 180))
    moved = desk.borders(1)[0]
    assert_near(moved.points, [(280, 180), *SQUARE[1:]], 0.02)
    assert moved.drawing_seconds == 12.5
    assert moved.revision == 2


def test_an_answer_is_drawn_and_leaves_the_border_alone(desk):
    desk.bench.reply = lambda drawn: {**answer(drawn), "message": "Repaired." if drawn.closed else ""}
    desk.outline(TRIANGLE)
    desk.wait(lambda: desk.legend() == ["border", "rectangle", "fed"])
    assert desk.find(".bc-message").text_content() == "Repaired."
    desk.page.mouse.move(2, 2)
    blue = desk.painted(lambda c: (c[..., 0] < 120) & (c[..., 1] > 190) & (c[..., 2] > 220))
    pink = desk.painted(lambda c: (c[..., 0] > 220) & (c[..., 1] < 170) & (c[..., 2] > 180))
    for line, left, right in ((blue, 300, 700), (pink, 280, 720)):  # the rectangle, the area fed
        between_the_labels = abs(line[:, 1] - desk.at(0, 400)[1]) < 100
        xs = line[between_the_labels, 0]
        assert xs.min() == pytest.approx(desk.at(left, 0)[0], abs=2)
        assert xs.max() == pytest.approx(desk.at(right, 0)[0], abs=2)
    desk.borders(1)
    desk.press("Control+z")
    desk.wait(lambda: desk.legend() == ["border"])  # open again: no areas
    assert not desk.find(".bc-message").is_visible()


def test_a_late_answer_disturbs_neither_the_next_border_nor_its_drawing(desk):
    """The answer to the first border arrives while the second is being drawn."""
    gate = threading.Event()

    def slow(drawn):
        assert gate.wait(60)
        return answer(drawn)

    desk.bench.reply = slow
    desk.outline(TRIANGLE)
    desk.wait(lambda: len(desk.seen) == 1)
    desk.stroke(ellipse((500, 350), (340, 290), 14), release=False)
    gate.set()
    desk.page.wait_for_timeout(400)
    assert desk.legend() == ["border"]  # not the old rectangle over the new line
    desk.bench.reply = lambda drawn: BorderCanvas.answer(drawn)
    desk.page.mouse.move(*desk.at(838, 330))
    desk.page.mouse.up()
    second = desk.borders(2)[1]
    assert max(x for x, _ in second.points) == pytest.approx(840, abs=0.02)
    assert desk.status.startswith(f"Border closed, {len(second.points)} points")


def test_areas_and_messages_leave_a_begun_border_alone(desk):
    for point in TRIANGLE[:2]:
        desk.click(*point)
    area = box_around(DrawnBorder(tuple(SQUARE)))
    desk.send({"__type__": "update", "rectangle": area, "fed": area, "answer_to": [], "message": "Take your time."})
    desk.wait(lambda: desk.find(".bc-message").text_content() == "Take your time.")
    assert desk.status.startswith("Border open, 2 points")
    desk.click(*TRIANGLE[2])
    desk.press("Enter")
    assert_near(desk.borders(1)[0].points, TRIANGLE, 0.02)


def test_an_answer_to_an_older_border_is_not_shown(desk):
    first = []

    def stale(drawn):
        first.append(drawn)
        return BorderCanvas.answer(first[0], rectangle=box_around(first[0]), message="old")

    desk.bench.reply = stale
    desk.outline(TRIANGLE)
    desk.wait(lambda: "rectangle" in desk.legend())
    desk.drag(TRIANGLE[0], (250, 180))
    desk.borders(2)
    desk.page.wait_for_timeout(200)
    assert desk.legend() == ["border"]
    assert not desk.find(".bc-message").is_visible()


def test_a_handler_that_hands_the_border_back_does_not_undo_newer_points(desk):
    gate = threading.Event()

    def echo(drawn):
        assert gate.wait(60)
        return drawn

    desk.bench.reply = echo
    desk.outline(SQUARE)
    desk.wait(lambda: len(desk.seen) == 1)
    desk.drag(SQUARE[0], (250, 150))
    gate.set()
    moved = desk.borders(2)[1]
    desk.page.wait_for_timeout(300)
    assert_near(moved.points, [(250, 150), *SQUARE[1:]], 0.02)
    assert desk.status == "Point 1 of 4 selected, x 250.0, y 150.0 px"


def test_python_can_take_border_or_image_away(desk):
    desk.outline(TRIANGLE)
    desk.borders(1)
    desk.send({"__type__": "update", "value": None})
    desk.wait(lambda: desk.status.startswith("No border yet"))
    desk.send(BorderCanvas.empty("Upload an image."))
    desk.wait(lambda: desk.find(".bc-placeholder").text_content() == "The image appears here: draw the border on it.")
    assert desk.find(".bc-message").text_content() == "Upload an image."
    desk.click(500, 300)
    assert desk.status == ""
