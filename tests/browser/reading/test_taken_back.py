"""Taking an answer back on a slow line: each case keeps its own time, its own limit and its own images."""

import pytest

from tests.browser.reading.readers import at_case, sign_in
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser
NOT_TAKEN_BACK = "was not taken back: you answered or paused before the server replied."


def read(page, key):
    page.keyboard.press(key)
    page.keyboard.press("Enter")


def hold(page, path):
    """The server's next answer to `path` stays on its way, within the page, until `let_go`."""
    page.evaluate(
        """(path) => {
          const ask = window.fetch;
          const held = ((window.held ??= {})[path] = { came: false });
          const gate = new Promise((open) => (held.open = open));
          window.fetch = async (url, options) => {
            const reply = await ask(url, options);
            if (held.came || !String(url).endsWith(`/api/${path}`)) return reply;
            const body = await reply.blob();
            held.came = true;
            await gate;
            return new Response(body, { status: reply.status, headers: reply.headers });
          };
        }""",
        path,
    )


def wait_for(page, path):
    page.wait_for_function("(path) => window.held[path].came", arg=path)


def let_go(page, path):
    page.evaluate("(path) => window.held[path].open()", path)
    timers_fire(page, 500)


def timers_fire(page, milliseconds):
    """Every timer of the page that is due within that time has fired, however busy the machine."""
    page.evaluate("(wait) => new Promise((done) => setTimeout(done, wait))", milliseconds)


def clock_key(opened, look):
    return f"lesion-reading:{opened.study_id}:clock:Ann:{look}"


def kept_ms(page, opened, look):
    """What this browser keeps as the time spent on a look, "position:revision"; None where nothing."""
    return page.evaluate("(key) => JSON.parse(localStorage.getItem(key))?.spent ?? null", clock_key(opened, look))


def at_second_case(tab, server, opened):
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    read(page, "m")
    at_case(page, 1)
    return page


def test_a_correction_has_a_time_of_its_own(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = at_second_case(tab, server, opened)
    page.wait_for_function("(key) => JSON.parse(localStorage.getItem(key))?.spent > 1500", arg=clock_key(opened, "1:0"))
    hold(page, "image/0/0")
    page.keyboard.press("u")
    wait_for(page, "image/0/0")
    left = kept_ms(page, opened, "1:0")
    timers_fire(page, 2500)
    assert kept_ms(page, opened, "0:1") is None
    assert kept_ms(page, opened, "1:0") == left
    let_go(page, "image/0/0")
    at_case(page, 0)
    page.keyboard.press("Enter")
    at_case(page, 1)
    read(page, "b")
    at_case(page, 2)
    _, corrected, after = (row.answer for row in store.answers(opened.study_id, all_revisions=True))
    assert (corrected.position, corrected.revision, after.position) == (0, 1, 1)
    assert "reload" not in [event.what for event in corrected.events]  # it began with a clock of its own
    assert after.seconds >= left / 1000


def test_the_limit_of_the_case_that_was_left_hides_no_other_images(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=60.0)))
    page = at_second_case(tab, server, opened)
    page.evaluate(
        """(key) => addEventListener("pagehide", () => {
          localStorage.setItem(key, JSON.stringify({ spent: 56_000, at_ms: 56_000, events: [] }));
        })""",
        clock_key(opened, "1:0"),
    )
    page.reload()
    at_case(page, 1)  # four seconds are left
    hold(page, "image/0/0")
    page.keyboard.press("u")
    wait_for(page, "image/0/0")
    timers_fire(page, 5000)
    let_go(page, "image/0/0")
    at_case(page, 0)
    assert page.locator(".images img").first.is_visible()
    assert page.get_by_text("The time is over").count() == 0
    page.keyboard.press("Enter")
    at_case(page, 1)
    assert not store.answers(opened.study_id)[0].answer.overtime
    page.get_by_text("The time is over").wait_for()  # there it goes on


def test_images_that_come_after_another_case_was_opened_are_not_shown(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=60.0)))
    page = at_second_case(tab, server, opened)
    hold(page, "image/2/0")
    read(page, "b")
    wait_for(page, "image/2/0")
    page.get_by_role("button", name="Take back (U)").click()
    at_case(page, 1)
    let_go(page, "image/2/0")
    at_case(page, 1)
    assert page.locator(".images img").first.get_attribute("alt") == "case 2"
    read(page, "m")
    at_case(page, 2)
    rows = store.answers(opened.study_id, all_revisions=True)
    assert [(row.answer.position, row.answer.revision) for row in rows] == [(0, 0), (1, 0), (1, 1)]


def test_an_answer_is_taken_back_though_the_images_come_before_the_reply(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=60.0)))  # no images are fetched ahead
    page = at_second_case(tab, server, opened)
    hold(page, "image/2/0")
    read(page, "b")
    wait_for(page, "image/2/0")
    hold(page, "step/1")
    page.get_by_role("button", name="Take back (U)").click()
    wait_for(page, "step/1")
    let_go(page, "image/2/0")
    at_case(page, 2)
    let_go(page, "step/1")
    at_case(page, 1)
    assert kept_ms(page, opened, "2:0") is not None
    assert page.get_by_text(NOT_TAKEN_BACK).count() == 0
    read(page, "m")
    at_case(page, 2)
    rows = store.answers(opened.study_id, all_revisions=True)
    assert [(row.answer.position, row.answer.revision) for row in rows] == [(0, 0), (1, 0), (1, 1)]


def test_an_answer_given_while_taking_back_is_on_its_way_stands(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = at_second_case(tab, server, opened)
    hold(page, "step/0")
    page.keyboard.press("u")
    wait_for(page, "step/0")
    read(page, "b")
    at_case(page, 2)
    let_go(page, "step/0")
    at_case(page, 2)
    page.get_by_text(f"Answer 1 {NOT_TAKEN_BACK}").wait_for()
    assert [row.answer.call for row in store.answers(opened.study_id)] == [1, 0]
    read(page, "m")
    at_case(page, 3)
    assert page.get_by_text(NOT_TAKEN_BACK).count() == 0


def test_what_was_not_taken_back_is_still_said_when_the_answer_is_stored(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = at_second_case(tab, server, opened)
    hold(page, "step/0")
    hold(page, "answer")
    page.keyboard.press("u")
    wait_for(page, "step/0")
    read(page, "b")
    wait_for(page, "answer")
    let_go(page, "step/0")
    let_go(page, "answer")
    at_case(page, 2)
    page.get_by_text(f"Answer 1 {NOT_TAKEN_BACK}").wait_for()


def test_a_pause_begun_while_taking_back_is_on_its_way_stands(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = at_second_case(tab, server, opened)
    hold(page, "step/0")
    page.keyboard.press("u")
    wait_for(page, "step/0")
    page.keyboard.press("p")
    let_go(page, "step/0")
    assert page.get_by_text("Paused: the time stands still").is_visible()
    page.keyboard.press("p")
    at_case(page, 1)
    page.get_by_text(f"Answer 1 {NOT_TAKEN_BACK}").wait_for()


def test_taking_back_asked_for_twice_opens_the_correction_once(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page = at_second_case(tab, server, opened)
    hold(page, "step/0")
    page.keyboard.press("u")
    wait_for(page, "step/0")
    page.keyboard.press("u")
    at_case(page, 0)
    page.keyboard.press("b")
    let_go(page, "step/0")
    at_case(page, 0)
    assert page.get_by_text(NOT_TAKEN_BACK).count() == 0
    page.keyboard.press("Enter")
    at_case(page, 1)
    assert [row.answer.call for row in store.answers(opened.study_id)] == [0]
