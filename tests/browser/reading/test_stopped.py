"""What fails on the way to the next screen is said, is no refusal of the answer before, and can be gone on from."""

import pytest

from lesion_core.reading.study import Order
from tests.browser.reading.readers import at_case, forget, sign_in, sign_in_again
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "reply",
    [
        {"status": 400, "content_type": "application/json", "body": '{"error": "this case is not open yet"}'},
        {"status": 200, "content_type": "image/png", "body": "no image"},
    ],
    ids=["refused", "broken"],
)
def test_a_case_whose_image_cannot_be_shown_cannot_be_answered(tab, server, store, reply):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = tab("about:blank")
    page.route("**/api/image/1/0", lambda route: route.fulfill(**reply))
    page.goto(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    again = page.get_by_role("button", name="Load the page again")
    again.or_(page.locator("#room[data-state='reading 1 unaided']")).wait_for()
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    assert again.is_visible()
    page.unroute("**/api/image/1/0")
    again.click()
    at_case(page, 1)
    assert [(row.answer.position, row.answer.call) for row in store.answers(opened.study_id)] == [(0, 1)]


def test_who_signed_out_in_another_tab_signs_in_again_and_goes_on(tab, server, store):
    """While agreeing, after a break, and taking back; with a time limit no image is there ahead."""
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=600.0, order=Order(block_size=1))))
    page = tab(f"{server.url}?study={opened.study_id}")
    page.locator("input[name=name]").fill("Ann")
    page.locator("input[name=code]").fill(dict(opened.codes)["Ann"])
    page.keyboard.press("Enter")
    page.locator("input[name=experience]").wait_for()
    forget(page, opened)
    page.get_by_role("button", name="I agree").click()
    sign_in_again(page, opened, "Ann")
    page.get_by_role("button", name="I agree").click()
    at_case(page, 0)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Go on").wait_for()
    forget(page, opened)
    page.keyboard.press("Enter")
    sign_in_again(page, opened, "Ann")
    page.get_by_role("button", name="Go on").click()
    at_case(page, 1)
    page.keyboard.press("b")
    forget(page, opened)
    page.keyboard.press("u")
    page.locator("input[name=name]").wait_for()
    page.get_by_role("heading", name="Reading room").click()
    page.keyboard.press("Enter")  # what was chosen is no answer any more
    sign_in_again(page, opened, "Ann")
    page.get_by_role("button", name="Go on").click()
    at_case(page, 1)
    assert [row.answer.position for row in store.answers(opened.study_id)] == [0]


def test_after_a_reveal_too(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), purpose="teach", time_limit_s=600.0)))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Next case").wait_for()
    forget(page, opened)
    page.keyboard.press("Enter")
    sign_in_again(page, opened, "Ann")
    at_case(page, 1)
