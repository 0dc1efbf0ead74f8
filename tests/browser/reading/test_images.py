"""The images of a case leave the browser's memory with it, and are those of the reader who answers."""

import pytest

from lesion_core.reading.desk import Desk
from lesion_core.reading.order import draw_steps
from tests.browser.reading.readers import at_case, forget, sign_in, sign_in_again
from tests.reading.studies import answer, bundle, enter, study

pytestmark = pytest.mark.browser

#: `held` is the set of the addresses of images that the page has not given back.
COUNT = """
window.held = new Set();
const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
URL.createObjectURL = (blob) => { const url = make(blob); held.add(url); return url; };
URL.revokeObjectURL = (url) => { held.delete(url); revoke(url); };
"""


def test_one_case_is_held_at_a_time(tab, server, store):
    opened = store.open_study(bundle(study((0, 1), readers=("Ann",))))
    page = tab("about:blank")
    page.add_init_script(COUNT)
    page.goto(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    for position in range(2):
        at_case(page, position)
        assert page.evaluate("held.size") == 1
        page.keyboard.press("b")
        page.keyboard.press("Enter")
    page.get_by_text("All answers are stored.").wait_for()
    assert page.evaluate("held.size") == 0


def shown_item(page):
    """Which lesion of the study is on the screen: its grey value is its number."""
    return page.locator(".images img").evaluate(
        """(image) => {
          const sheet = document.createElement("canvas").getContext("2d");
          sheet.drawImage(image, 0, 0);
          return sheet.getImageData(0, 0, 1, 1).data[0];
        }"""
    )


def test_an_image_that_was_fetched_for_one_reader_is_not_shown_to_the_next(tab, server, store):
    made = study((0, 1) * 5)
    assert draw_steps(made, "Ann")[1].item != draw_steps(made, "Bob")[1].item
    opened = store.open_study(bundle(made))
    desk = Desk(store)
    desk.record(enter(desk, opened, "Bob"), answer(0))
    page = tab("about:blank")
    with page.expect_response("**/api/image/1/0"):  # fetched ahead
        page.goto(f"{server.url}?study={opened.study_id}")
        sign_in(page, "Ann", dict(opened.codes)["Ann"])
        at_case(page, 0)
    forget(page, opened)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    sign_in_again(page, opened, "Bob")
    at_case(page, 1)
    shown = shown_item(page)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    at_case(page, 2)
    (answered,) = (row for row in store.answers(opened.study_id) if row.reader == "Bob" and row.answer.position == 1)
    assert shown == answered.item
