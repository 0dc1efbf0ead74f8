"""Out of reach: the questions and the images while an answer is stored, all but the veil in a pause."""

import pytest

from lesion_core.reading.study import Question
from tests.browser.reading.readers import at_case, sign_in
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser


def click(page, name):
    """A press of the mouse where that button is, whether it takes it or not."""
    box = page.get_by_role("button", name=name, exact=True).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def pressed(page):
    return page.locator("[aria-pressed=true]").all_inner_texts()


def test_while_an_answer_is_being_stored_nothing_else_can_be_chosen(tab, server, store):
    asked = Question(call=True, system="bi-rads-us", descriptors=True)
    opened = store.open_study(bundle(study(readers=("Ann",), question=asked)))
    page = tab(f"{server.url}?study={opened.study_id}", viewport={"width": 1280, "height": 1600})
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    refused = '{"error": "no such answer"}'
    page.route(
        "**/api/answer", lambda route: route.fulfill(status=400, content_type="application/json", body=refused), times=1
    )
    for key in ("b", "2", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("no such answer").wait_for()
    click(page, "oval")  # refused: it can be changed again
    chosen = pressed(page)
    assert chosen[-1] == "oval"
    page.route("**/api/answer", lambda route: route.abort())
    page.keyboard.press("Enter")
    page.get_by_text("Not stored yet").wait_for()
    for name in ("M Malignant", "round", "irregular"):
        click(page, name)
    assert pressed(page) == chosen
    page.unroute("**/api/answer")
    at_case(page, 1)
    (row,) = store.answers(opened.study_id)
    assert (row.answer.call, row.answer.rating, row.answer.descriptors) == (0, "2", (("Shape", ("oval",)),))


def test_in_a_pause_only_the_veil_is_within_reach(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Benign or malignant? Press B or M.").wait_for()
    page.keyboard.press("p")
    page.get_by_text("the time stands still").wait_for()
    within = set()
    for key in ["Tab"] * 4 + ["Shift+Tab"] * 8:
        page.keyboard.press(key)
        within.add(page.evaluate("document.activeElement.textContent"))
    assert not within & {"BBenign", "MMalignant", "Store (Enter)", "Pause (P)", "Keys"}
    assert "Go on (P)" in within
    page.keyboard.press("p")
    click(page, "M Malignant")
    assert pressed(page) == ["M\nMalignant"]
