"""Reading by keyboard: undo, pause, held keys, focused buttons, corrections, a border drawn by hand."""

import math

import pytest

from lesion_core.reading.bundle import Bundle
from lesion_core.reading.make import from_phantoms
from lesion_core.reading.study import Question
from tests.browser.reading.readers import at_case, hold, sign_in
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser


def test_undo_pause_and_a_window_left(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), question=Question(call=True, system="bi-rads-us"))))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.keyboard.press("Enter")
    assert page.locator(".message").inner_text() == "Benign or malignant? Press B or M."
    for key in ("m", "4", "4", "Enter"):
        page.keyboard.press(key)
    at_case(page, 1)
    page.keyboard.press("u")
    at_case(page, 0)
    assert page.get_by_role("button", name="4b · moderate").get_attribute("aria-pressed") == "true"
    page.keyboard.press("b")
    page.keyboard.press("p")
    assert page.locator(".images img").first.is_hidden()
    page.wait_for_timeout(700)
    page.keyboard.press("p")
    page.evaluate("dispatchEvent(new Event('blur'))")
    page.keyboard.press("Enter")
    at_case(page, 1)
    first, second = store.answers(opened.study_id, all_revisions=True)
    assert [(row.answer.call, row.answer.rating) for row in (first, second)] == [(1, "4b"), (0, "4b")]
    assert [event.what for event in second.answer.events if event.what != "focus"] == ["pause", "resume", "blur"]
    paused = {event.what: event.at_s for event in second.answer.events}
    assert second.answer.seconds < paused["blur"] - 0.6


def test_a_key_that_is_held_answers_one_case_only(tab, server, store):
    asked = Question(call=True, suspicion=True)
    opened = store.open_study(bundle(study(readers=("Ann",), design="sequential", question=asked)))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    hold(page, "b", 4)
    page.keyboard.press("b")  # said twice is said
    assert page.get_by_role("button", name="Benign").get_attribute("aria-pressed") == "true"
    hold(page, ".", 4)
    assert page.locator("output").inner_text() == "54"
    hold(page, "Enter")
    at_case(page, 1, "aided")
    hold(page, "p", 3)
    page.get_by_text("the time stands still").wait_for()
    hold(page, "Enter", 3)  # "Go on" has the focus: one press, one go
    assert [row.answer.position for row in store.answers(opened.study_id)] == [0]


def test_cannot_assess_said_twice_is_said_and_another_answer_undoes_it(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), design="sequential")))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    at_case(page, 1, "aided")  # it starts from the unaided answer
    page.get_by_role("button", name="Cannot assess").click()
    page.keyboard.press("c")
    page.keyboard.press("c")  # an odd number: a switch would be off
    assert page.get_by_role("button", name="Cannot assess").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Enter")
    at_case(page, 2)
    page.keyboard.press("c")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    at_case(page, 3, "aided")
    said = [(row.answer.assessed, row.answer.call) for row in store.answers(opened.study_id)]
    assert said == [(False, None), (False, None), (True, 1)]


def test_a_button_that_has_the_focus_keeps_its_own_enter(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.keyboard.press("b")
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    page.get_by_text("the time stands still").wait_for()
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    page.locator("input[name=name]").wait_for()
    assert store.answers(opened.study_id) == ()


def test_a_correction_starts_from_all_that_was_said(tab, server, store):
    """By mouse, then Enter: a click must not be taken back by it. Descriptors and the border are there again."""
    drawn = from_phantoms(2)
    asked = Question(call=True, system="bi-rads-us", descriptors=True, suspicion=True, border=True)
    made = study(items=drawn.items, readers=("Ann",), question=asked)
    opened = store.open_study(Bundle(made, drawn.images))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    overlay = page.locator(".overlay").bounding_box()
    middle = (overlay["x"] + overlay["width"] / 2, overlay["y"] + overlay["height"] / 2)
    page.mouse.move(middle[0] + 50, middle[1])
    page.mouse.down()
    for turn in range(1, 13):
        page.mouse.move(middle[0] + 50 * math.cos(turn / 2), middle[1] + 50 * math.sin(turn / 2))
    page.mouse.up()
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    for key in "><>,.":
        page.keyboard.press(key)
    page.keyboard.press("3")
    page.get_by_role("button", name="irregular", exact=True).click()
    page.get_by_role("button", name="Malignant").click()
    page.keyboard.press("Enter")
    at_case(page, 1)
    page.keyboard.press("u")
    at_case(page, 0)
    assert page.get_by_role("button", name="irregular", exact=True).get_attribute("aria-pressed") == "true"
    assert page.locator(".overlay .own").count() == 1
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    first, second = (row.answer for row in store.answers(opened.study_id, all_revisions=True))
    assert (first.call, second.call, first.suspicion, first.rating) == (1, 0, 61.0, "3")
    assert first.descriptors == second.descriptors == (("Shape", ("irregular",)),)
    assert len(first.border) > 5
    assert first.border == second.border


def test_a_border_drawn_by_the_reader_is_in_image_pixels(tab, server, store):
    drawn = from_phantoms(2)
    made = study(items=drawn.items, readers=("Ann",), question=Question(call=True, border=True))
    opened = store.open_study(Bundle(made, drawn.images))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    assert "Draw the border" in page.locator(".message").inner_text()
    page.keyboard.press("+")
    box = page.evaluate(
        """() => { const m = document.querySelector('.overlay').getScreenCTM();
        return [m.a, m.e, m.f]; }"""
    )
    scale, left, top = box
    circle = [(320 + 60 * math.cos(turn / 4), 240 + 60 * math.sin(turn / 4)) for turn in range(25)]
    places = [(left + x * scale, top + y * scale) for x, y in circle]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()
    page.keyboard.press("Enter")
    at_case(page, 1)
    border = store.answers(opened.study_id)[0].answer.border
    assert (
        max(abs(a - b) for own, wanted in zip(border, circle, strict=True) for a, b in zip(own, wanted, strict=True))
        < 1.5
    )
