"""No answer is lost or doubled: a killed server, a locked database, a proxy, competing windows, a forgotten sitting."""

import sqlite3

import pytest

from lesion_core.reading.desk import Desk
from tests.browser.reading.readers import at_case, sign_in, sign_in_again
from tests.reading.studies import answer, bundle, enter, study

pytestmark = pytest.mark.browser
LABELS = (0, 1) * 10


def test_no_answer_is_lost_or_doubled_when_the_server_is_killed_ten_times(tab, server, store):
    opened = store.open_study(bundle(study(LABELS, readers=("Ann",))))
    url = f"{server.url}?study={opened.study_id}"
    page = tab(url)
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    plan = [at % 3 == 0 for at in range(20)]
    for at, malignant in enumerate(plan):
        at_case(page, at)
        page.keyboard.press("m" if malignant else "b")
        moment = at // 2 % 4 if at % 2 else None
        if moment == 0:  # the server is gone before the answer leaves
            server.kill()
        page.keyboard.press("Enter")
        if moment in (1, 3):  # in the middle of it
            server.kill()
        if moment == 2:  # the answer arrived, the next case may not have
            page.locator("#room[data-state='storing']").or_(
                page.locator(f"#room[data-state^='reading {at + 1}']")
            ).wait_for()
            server.kill()
        if moment == 3:  # the browser dies too
            context = page.context
            page.close()
        if moment is not None:
            server.start()
        if moment == 3:
            page = tab(url, context=context)
    page.get_by_text("All answers are stored.").wait_for()
    assert server.kills == 10
    rows = store.answers(opened.study_id, all_revisions=True)
    assert [row.answer.position for row in rows] == list(range(20))
    assert [bool(row.answer.call) for row in rows] == plan
    assert sorted(row.item for row in rows) == list(range(20))


def test_what_cannot_be_stored_is_kept_in_the_browser_and_said(tab, server, store, database_file):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    other = sqlite3.connect(database_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_text("Not stored yet: the readings are locked by another program").wait_for()
    kept = page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':pending:')).length")
    assert (kept, len(store.answers(opened.study_id))) == (1, 0)
    other.execute("ROLLBACK")
    other.close()
    at_case(page, 1)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':pending:')).length") == 0
    assert [row.answer.call for row in store.answers(opened.study_id)] == [1]
    assert page.locator("#status").is_hidden()


def test_an_answer_outlives_the_refusal_of_a_proxy(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    refusals = iter([429, 404, 403])

    def proxy(route):
        status = next(refusals, None)
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, content_type="application/json", body='{"error": "slow down"}')

    page.route("**/api/answer", proxy)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_text("Not stored yet: slow down").wait_for()
    at_case(page, 1)
    assert [row.answer.call for row in store.answers(opened.study_id)] == [1]


def test_an_answer_that_waits_for_an_unheard_pause_is_said_to_wait(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=600.0)))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.route("**/api/**", lambda route: route.abort())
    for key in "ppb":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.get_by_text("Not stored yet: the server cannot be reached. Your answer is kept in this browser").wait_for()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':pending:')).length") == 1
    page.unroute("**/api/**")
    at_case(page, 1)
    assert page.locator("#status").is_hidden()
    assert [row.answer.call for row in store.answers(opened.study_id)] == [0]


def test_a_case_that_waits_for_an_unheard_pause_is_said_to_wait(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=600.0)))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    at_case(page, 1)
    refused = '{"error": "slow down"}'
    page.route("**/api/look/*", lambda route: route.fulfill(status=429, content_type="application/json", body=refused))
    for key in "ppu":
        page.keyboard.press(key)
    page.get_by_text("Waiting: slow down. Nothing is lost.").wait_for()
    page.unroute("**/api/look/*")
    at_case(page, 0)
    assert page.locator("#status").is_hidden()


def test_two_tabs_of_one_reader(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    url = f"{server.url}?study={opened.study_id}"
    one = tab(url)
    sign_in(one, "Ann", dict(opened.codes)["Ann"])
    at_case(one, 0)
    two = tab(url, context=one.context)
    at_case(two, 0)
    one.keyboard.press("m")
    one.keyboard.press("Enter")
    at_case(one, 1)
    two.keyboard.press("b")
    two.keyboard.press("Enter")
    at_case(two, 1)
    two.get_by_text("answered in another window; that answer stands").wait_for()
    two.keyboard.press("b")
    two.keyboard.press("Enter")
    at_case(two, 2)
    assert [row.answer.call for row in store.answers(opened.study_id)] == [1, 0]


def test_an_answer_waits_for_its_reader_when_the_server_forgot_the_sitting(tab, server, store):
    """As after a restart from the copy: the token is unknown, the answer goes in once its reader signs in again."""
    opened = store.open_study(bundle(study()))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.route(
        "**/api/answer",
        lambda route: route.continue_(headers={**route.request.headers, "x-reading-token": "forgotten-token"}),
        times=2,  # the answer, and once more before its reader is known again
    )
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_text("this sitting is over").wait_for()
    page.locator("input[name=name]").wait_for()
    page.keyboard.type("Ann")
    page.keyboard.press("Tab")
    page.keyboard.type(dict(opened.codes)["Ann"])
    page.keyboard.press("Enter")
    at_case(page, 1)
    assert [(row.reader, row.answer.call) for row in store.answers(opened.study_id)] == [("Ann", 1)]


def test_two_readers_in_two_tabs_of_one_browser(tab, server, store):
    """Who signs in in the second tab does not answer in the first one, where another reader's case is open."""
    opened = store.open_study(bundle(study()))
    url = f"{server.url}?study={opened.study_id}"
    one = tab(url)
    sign_in(one, "Ann", dict(opened.codes)["Ann"])
    at_case(one, 0)
    two = tab(url, context=one.context)
    at_case(two, 0)
    two.keyboard.press("p")
    two.get_by_role("button", name="Sign out").click()
    sign_in(two, "Bob", dict(opened.codes)["Bob"])
    at_case(two, 0)
    one.keyboard.press("m")
    one.keyboard.press("Enter")
    one.get_by_text("this sitting is over").wait_for()
    assert store.answers(opened.study_id) == ()
    two.keyboard.press("b")
    two.keyboard.press("Enter")
    at_case(two, 1)
    one.reload()  # what Ann answered goes in as hers
    one.locator("input[name=name]").fill("Ann")
    one.locator("input[name=code]").fill(dict(opened.codes)["Ann"])
    one.keyboard.press("Enter")
    at_case(one, 1)
    assert one.get_by_text("Reader: Ann").is_visible()
    assert two.get_by_text("Reader: Bob").is_visible()
    assert [(row.reader, row.answer.call) for row in store.answers(opened.study_id)] == [("Ann", 1), ("Bob", 0)]


def reads_in_a_second_tab(tab, url, page, opened, name):
    """Whoever was signed in in this browser signs out in the second tab, before that one's case or rules."""
    other = tab(url, context=page.context)
    leave = other.get_by_role("button", name="That is not me")
    leave.or_(other.locator("#room[data-state^=reading]")).wait_for()
    if not leave.is_visible():
        other.keyboard.press("p")
        leave = other.get_by_role("button", name="Sign out")
    leave.click()
    sign_in(other, name, dict(opened.codes)[name])
    at_case(other, 0)


@pytest.mark.parametrize("leaving", ["reload", "sign out"])
def test_a_page_does_not_go_on_as_the_reader_of_another_tab(tab, server, store, leaving):
    opened = store.open_study(bundle(study()))
    url = f"{server.url}?study={opened.study_id}"
    page = tab(url)
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    reads_in_a_second_tab(tab, url, page, opened, "Bob")
    if leaving == "reload":
        page.reload()
        page.get_by_text("this sitting is over").wait_for()
    else:
        page.keyboard.press("p")
        page.get_by_role("button", name="Sign out").click()
    page.locator("input[name=name]").wait_for()
    page.reload()
    page.locator("input[name=name]").wait_for()
    tab(url, context=page.context).get_by_text("Reader: Bob").wait_for()  # a new tab is whoever signed in last


def test_who_has_noted_the_own_code_does_not_go_on_as_the_reader_of_another_tab(tab, server, store):
    opened = store.open_study(bundle(study(open_enrolment=True)))
    url = f"{server.url}?study={opened.study_id}"
    page = tab(url)
    page.locator("input[name=name]").fill("Eve")
    page.locator("input[name=code]").fill(opened.join_code)
    page.keyboard.press("Enter")
    noted = page.get_by_role("button", name="I have noted it")
    noted.wait_for()
    reads_in_a_second_tab(tab, url, page, opened, "Bob")
    noted.click()
    page.get_by_text("this sitting is over").wait_for()
    page.locator("input[name=name]").wait_for()


def test_a_kept_answer_that_is_refused_is_said(tab, server, store):
    """The server forgot the sitting; before its reader signed in again, they answered elsewhere."""
    opened = store.open_study(bundle(study()))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.route(
        "**/api/answer",
        lambda route: route.continue_(headers={**route.request.headers, "x-reading-token": "forgotten-token"}),
        times=2,  # the answer, and once more before its reader is known again
    )
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_text("this sitting is over").wait_for()
    desk = Desk(store)
    desk.record(enter(desk, opened, "Ann"), answer(0, call=0))
    sign_in_again(page, opened, "Ann")
    at_case(page, 1)
    page.get_by_text("Answer 1 of Ann was not stored: this case was answered in another window").wait_for()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':pending:')).length") == 0
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    at_case(page, 2)
    assert page.locator("#status").is_hidden()
    assert [row.answer.call for row in store.answers(opened.study_id)] == [0, 1]


@pytest.mark.parametrize("agreed", [True, False], ids=["reads on", "agrees anew"])
def test_a_kept_answer_that_is_refused_is_said_to_its_reader_alone(tab, server, store, agreed):
    """Another reader signs in first in the same browser, and the answer is sent then."""
    opened = store.open_study(bundle(study()))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.route(
        "**/api/answer",
        lambda route: route.continue_(headers={**route.request.headers, "x-reading-token": "forgotten-token"}),
        times=1,
    )
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_text("this sitting is over").wait_for()
    desk = Desk(store)
    desk.record(enter(desk, opened, "Ann"), answer(0, call=0))
    sign_in(page, "Bob", dict(opened.codes)["Bob"])
    at_case(page, 0)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':pending:')).length") == 0
    assert page.locator("#status").is_hidden()
    page.keyboard.press("p")
    page.get_by_role("button", name="Sign out").click()
    page.locator("input[name=name]").fill("Ann")
    page.locator("input[name=code]").fill(dict(opened.codes)["Ann"])
    if not agreed:  # as where the server began anew from an older copy
        page.route("**/api/desk", lambda route: route.fulfill(json={**route.fetch().json(), "agreed": False}), times=1)
    page.keyboard.press("Enter")
    if not agreed:
        page.get_by_role("button", name="I agree").click()
    at_case(page, 1)
    page.get_by_text("Answer 1 of Ann was not stored: this case was answered in another window").wait_for()
    page.reload()
    at_case(page, 1)
    assert page.locator("#status").is_hidden()  # once is enough
