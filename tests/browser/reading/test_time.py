"""The clock of a case: a page loaded anew, the next reader, the time limit on the page and on the server."""

import pytest

from tests.browser.reading.readers import at_case, sign_in
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser


def test_a_page_loaded_anew_goes_on_with_the_time(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=6.0)))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.wait_for_timeout(2600)
    page.reload()
    at_case(page, 0)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 2)
    first, second = (row.answer for row in store.answers(opened.study_id))
    assert first.seconds > 2  # kept once a second
    assert "reload" in [event.what for event in first.events]
    assert second.seconds < first.seconds
    assert "reload" not in [event.what for event in second.events]
    page.wait_for_timeout(4000)
    page.reload()
    at_case(page, 2)
    page.get_by_text("The time is over").wait_for(timeout=4000)  # not six seconds anew


def test_the_next_reader_at_the_same_browser(tab, server, store):
    opened = store.open_study(bundle(study()))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.wait_for_timeout(1200)
    page.keyboard.press("p")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "Bob", dict(opened.codes)["Bob"])
    at_case(page, 0)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    (row,) = store.answers(opened.study_id)
    assert row.reader == "Bob"
    assert "reload" not in [event.what for event in row.answer.events]


def test_the_time_limit_takes_the_images_away(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=1.0)))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    assert page.locator(".images img").first.is_visible()
    page.get_by_text("The time is over: answer by what you have seen.").wait_for()
    assert page.locator(".images img").first.is_hidden()
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    assert store.answers(opened.study_id)[0].answer.overtime


def test_the_server_times_a_limited_case_by_itself_and_leaves_out_pauses(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=30.0)))
    page = tab("about:blank")
    asked = []
    page.on("request", lambda request: asked.append(request.url.split("/api/")[-1]))
    page.goto(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.wait_for_timeout(600)
    page.keyboard.press("p")
    page.get_by_text("the time stands still").wait_for()
    page.wait_for_timeout(3000)
    page.reload()  # left with the pause open: it goes on when the images come again
    at_case(page, 0)
    page.keyboard.press("p")
    page.get_by_text("the time stands still").wait_for()
    page.wait_for_timeout(3000)
    page.keyboard.press("p")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    (row,) = store.answers(opened.study_id)
    assert 0.6 < row.answer.seconds <= row.server_seconds + 1
    assert row.server_seconds < row.answer.seconds + 2.5  # and not 6 s more
    assert not row.late
    before_the_answer = asked[: asked.index("answer")]
    assert "image/1/0" not in before_the_answer  # nothing ahead of its turn
    assert [each for each in before_the_answer if each.startswith("look/")] == ["look/0"] * 3


def test_a_page_that_says_in_time_when_it_was_not_is_found_out(tab, server, store):
    """A reader who changes the page: the limit never passes there, and the seconds are its own."""
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=1.0)))
    page = tab("about:blank")
    page.add_init_script("performance.now = () => 1000")
    page.goto(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.wait_for_timeout(11_500)
    assert page.locator(".images img").first.is_visible()
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    (row,) = store.answers(opened.study_id)
    assert (row.answer.overtime, row.answer.seconds) == (False, 0)
    assert row.late
    assert row.server_seconds > 11
