"""Out of reach: questions and images before the first paint and as an answer is stored, all but the veil in a pause."""

import pytest

from lesion_core.reading.study import Question
from tests.browser.reading.readers import at_case, sign_in
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser


def click(page, name):
    """A press of the mouse where that button is, whether it takes it or not."""
    box = page.get_by_role("button", name=name, exact=True).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def draw(page):
    """A border around the middle of the image."""
    box = page.locator(".frame").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 40, y - 40)
    page.mouse.down()
    for to in ((x + 40, y - 40), (x + 40, y + 40), (x - 40, y + 40)):
        page.mouse.move(*to, steps=4)
    page.mouse.up()


def pressed(page):
    return page.locator("[aria-pressed=true]").all_inner_texts()


def test_before_the_image_is_seen_no_answer_can_be_given(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), question=Question(call=True, border=True))))
    page = tab("about:blank")
    page.add_init_script(
        """const decode = HTMLImageElement.prototype.decode;
        const seen = new Promise((go) => (window.goOn = go));
        HTMLImageElement.prototype.decode = async function () { await seen; return decode.call(this); };"""
    )
    on_its_way = []
    page.route("**/api/image/0/0", lambda route: on_its_way.append(route), times=1)
    page.goto(f"{server.url}?study={opened.study_id}")
    with page.expect_request("**/api/image/0/0"):
        sign_in(page, "Ann", dict(opened.codes)["Ann"])
    click(page, "M Malignant")
    assert pressed(page) == []
    on_its_way[0].continue_()
    page.locator(".images img").wait_for(state="attached")
    click(page, "M Malignant")
    draw(page)
    assert pressed(page) == []
    assert page.locator(".own").count() == 0
    page.evaluate("goOn()")
    at_case(page, 0)
    click(page, "M Malignant")
    draw(page)
    assert pressed(page) == ["M\nMalignant"]
    assert page.locator(".own").count() == 1


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
