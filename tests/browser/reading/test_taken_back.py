"""Taking an answer back on a slow line: each case keeps its own time, its own limit and its own images."""

from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import JSHandle, Page

from tests.browser.reading.readers import at_case, sign_in
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser
NOT_TAKEN_BACK = "was not taken back: you answered or paused before the server replied."


def read(page, key):
    page.keyboard.press(key)
    page.keyboard.press("Enter")


@dataclass(frozen=True)
class HeldReply:
    """A reply of the server that has come and stays on its way, within the page, until `let_go`."""

    page: Page
    gate: JSHandle

    def let_go(self):
        self.gate.evaluate("(held) => held.open()")
        timers_fire(self.page, 500)


@contextmanager
def held(page, path):
    """Holds the server's next answer to `path`, which the block asks for; at its end the answer has come."""
    gate = page.evaluate_handle(
        """(path) => {
          const ask = window.fetch;
          const held = { came: false };
          const gate = new Promise((open) => (held.open = open));
          window.fetch = async (url, options) => {
            const reply = await ask(url, options);
            if (held.came || !String(url).endsWith(`/api/${path}`)) return reply;
            const body = await reply.blob();
            held.came = true;
            await gate;
            return new Response(body, { status: reply.status, headers: reply.headers });
          };
          return held;
        }""",
        path,
    )
    yield HeldReply(page, gate)
    page.wait_for_function("(held) => held.came", arg=gate)


def timers_fire(page, milliseconds):
    """Every timer of the page that is due within that time has fired, however busy the machine."""
    page.evaluate("(wait) => new Promise((done) => setTimeout(done, wait))", milliseconds)


def clock_key(opened, look):
    return f"lesion-reading:{opened.study_id}:clock:Ann:{look}"


def kept_ms(page, opened, look):
    """What this browser keeps as the time spent on a look, "position:revision"; None where nothing."""
    return page.evaluate("(key) => JSON.parse(localStorage.getItem(key))?.spent ?? null", clock_key(opened, look))


def looks_answered(store, opened):
    """(position, revision) of every answer, corrected ones too, in the order of their coming."""
    return [(row.answer.position, row.answer.revision) for row in store.answers(opened.study_id, all_revisions=True)]


@pytest.fixture
def second_case(tab, server, store):
    """`second_case(**settings)`: a page on which Ann has answered the first case of a study, and the study."""

    def opened_at(**settings):
        opened = store.open_study(bundle(study(readers=("Ann",), **settings)))
        page = tab(f"{server.url}?study={opened.study_id}")
        sign_in(page, "Ann", dict(opened.codes)["Ann"])
        at_case(page, 0)
        read(page, "m")
        at_case(page, 1)
        return page, opened

    return opened_at


@pytest.fixture
def taking_back(second_case):
    """The same page and study as Ann takes her first answer back, and the reply to that, which is held."""
    page, opened = second_case()
    with held(page, "step/0") as reply:
        page.keyboard.press("u")
    return page, opened, reply


def test_a_correction_has_a_time_of_its_own(second_case, store):
    page, opened = second_case()
    page.wait_for_function("(key) => JSON.parse(localStorage.getItem(key))?.spent > 1500", arg=clock_key(opened, "1:0"))
    with held(page, "image/0/0") as image:
        page.keyboard.press("u")
    left = kept_ms(page, opened, "1:0")
    timers_fire(page, 2500)
    assert kept_ms(page, opened, "0:1") is None
    assert kept_ms(page, opened, "1:0") == left
    image.let_go()
    at_case(page, 0)
    page.keyboard.press("Enter")
    at_case(page, 1)
    read(page, "b")
    at_case(page, 2)
    _, corrected, after = (row.answer for row in store.answers(opened.study_id, all_revisions=True))
    assert (corrected.position, corrected.revision, after.position) == (0, 1, 1)
    assert "reload" not in [event.what for event in corrected.events]  # it began with a clock of its own
    assert after.seconds >= left / 1000
    assert [event.what for event in after.events if event.what in ("reload", "return")] == ["return"]


def test_the_limit_of_the_case_that_was_left_hides_no_other_images(second_case, store):
    page, opened = second_case(time_limit_s=60.0)
    page.evaluate(
        """(key) => addEventListener("pagehide", () => {
          localStorage.setItem(key, JSON.stringify({ spent: 56_000, at_ms: 56_000, events: [] }));
        })""",
        clock_key(opened, "1:0"),
    )
    page.reload()
    at_case(page, 1)  # four seconds are left
    with held(page, "image/0/0") as image:
        page.keyboard.press("u")
    timers_fire(page, 5000)
    image.let_go()
    at_case(page, 0)
    assert page.locator(".images img").first.is_visible()
    assert page.get_by_text("The time is over").count() == 0
    page.keyboard.press("Enter")
    at_case(page, 1)
    assert not store.answers(opened.study_id)[0].answer.overtime
    page.get_by_text("The time is over").wait_for()  # there it goes on


def test_images_that_come_after_another_case_was_opened_are_not_shown(second_case, store):
    page, opened = second_case(time_limit_s=60.0)
    with held(page, "image/2/0") as image:
        read(page, "b")
    page.get_by_role("button", name="Take back (U)").click()
    at_case(page, 1)
    image.let_go()
    at_case(page, 1)
    assert page.locator(".images img").first.get_attribute("alt") == "case 2"
    read(page, "m")
    at_case(page, 2)
    assert looks_answered(store, opened) == [(0, 0), (1, 0), (1, 1)]


def test_an_answer_is_taken_back_though_the_images_come_before_the_reply(second_case, store):
    page, opened = second_case(time_limit_s=60.0)  # no images are fetched ahead
    with held(page, "image/2/0") as image:
        read(page, "b")
    with held(page, "step/1") as reply:
        page.get_by_role("button", name="Take back (U)").click()
    image.let_go()
    at_case(page, 2)
    reply.let_go()
    at_case(page, 1)
    assert kept_ms(page, opened, "2:0") is not None
    assert page.get_by_text(NOT_TAKEN_BACK).count() == 0
    read(page, "m")
    at_case(page, 2)
    assert looks_answered(store, opened) == [(0, 0), (1, 0), (1, 1)]


def test_an_answer_given_while_taking_back_is_on_its_way_stands(taking_back, store):
    page, opened, reply = taking_back
    read(page, "b")
    at_case(page, 2)
    reply.let_go()
    at_case(page, 2)
    page.get_by_text(f"Answer 1 {NOT_TAKEN_BACK}").wait_for()
    assert [row.answer.call for row in store.answers(opened.study_id)] == [1, 0]
    read(page, "m")
    at_case(page, 3)
    assert page.get_by_text(NOT_TAKEN_BACK).count() == 0


def test_what_was_not_taken_back_is_still_said_when_the_answer_is_stored(taking_back):
    page, _, reply = taking_back
    with held(page, "answer") as answer:
        read(page, "b")
    reply.let_go()
    answer.let_go()
    at_case(page, 2)
    page.get_by_text(f"Answer 1 {NOT_TAKEN_BACK}").wait_for()


def test_a_pause_begun_while_taking_back_is_on_its_way_stands(taking_back):
    page, _, reply = taking_back
    page.keyboard.press("p")
    reply.let_go()
    assert page.get_by_text("Paused: the time stands still").is_visible()
    page.keyboard.press("p")
    at_case(page, 1)
    page.get_by_text(f"Answer 1 {NOT_TAKEN_BACK}").wait_for()


def test_taking_back_asked_for_twice_opens_the_correction_once(taking_back, store):
    page, opened, reply = taking_back
    page.keyboard.press("u")
    at_case(page, 0)
    page.keyboard.press("b")
    reply.let_go()
    at_case(page, 0)
    assert page.get_by_text(NOT_TAKEN_BACK).count() == 0
    page.keyboard.press("Enter")
    at_case(page, 1)
    assert [row.answer.call for row in store.answers(opened.study_id)] == [0]


def test_taking_back_passes_over_the_locked_answers(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), design="sequential", come_back="any")))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    for position in range(5):
        at_case(page, position, "aided" if position % 2 else "unaided")
        read(page, "m")
    at_case(page, 5, "aided")
    for position in (3, 1):
        page.keyboard.press("u")
        at_case(page, position, "aided")
    assert page.get_by_role("button", name="Take back").count() == 0
    read(page, "b")
    at_case(page, 5, "aided")
    assert looks_answered(store, opened) == [(0, 0), (1, 0), (1, 1), (2, 0), (3, 0), (4, 0)]
