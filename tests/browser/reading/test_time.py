"""The clock of a case: a page loaded anew, the next reader, the time limit on the page and on the server."""

import pytest

from tests.browser.reading.readers import at_case, forget, sign_in, sign_in_again
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser

#: `away(true)` puts the tab behind another one: it draws no frame until `away(false)`.
BEHIND = """
let hidden = false;
const waiting = [], frame = requestAnimationFrame.bind(window);
Object.defineProperty(document, "hidden", { get: () => hidden });
window.requestAnimationFrame = (done) => (hidden ? waiting.push(done) : frame(done));
window.away = (now) => {
  hidden = now;
  document.dispatchEvent(new Event("visibilitychange"));
  if (!now) waiting.splice(0).forEach((done) => frame(done));
};
const decode = HTMLImageElement.prototype.decode;
HTMLImageElement.prototype.decode = function () {
  if (window.leaveWithTheImage) away(true);
  window.leaveWithTheImage = false;
  return decode.call(this);
};
"""


def watched(tab, server, opened, script=""):
    """A page signed in as Ann, and what it asks of the server: (path, body)."""
    page = tab("about:blank")
    asked = []
    page.on("request", lambda request: asked.append((request.url.split("/api/")[-1], request.post_data_json)))
    if script:
        page.add_init_script(script)
    page.goto(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    return page, asked


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


def keep_as_spent(page, opened, look, spent_ms):
    """What the page, once left, will have kept as the time spent on a look, "position:revision"."""
    page.evaluate(
        """([key, spent]) => addEventListener("pagehide", () => {
          localStorage.setItem(key, JSON.stringify({ spent, at_ms: spent, events: [] }));
        })""",
        [f"lesion-reading:{opened.study_id}:clock:Ann:{look}", spent_ms],
    )


def test_a_case_that_was_left_open_for_more_than_a_day_is_answered(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page, _ = watched(tab, server, opened)
    keep_as_spent(page, opened, "0:0", 90_000_000)
    page.reload()
    at_case(page, 0)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    (row,) = store.answers(opened.study_id)
    assert (row.answer.call, row.answer.seconds) == (0, 86_400)
    assert row.answer.events[-1].what == "capped"
    assert row.answer.events[-1].at_s >= 90_000


def test_a_page_loaded_anew_past_the_limit_never_shows_the_images(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=60.0)))
    page, _ = watched(tab, server, opened)
    keep_as_spent(page, opened, "0:0", 61_000)
    page.add_init_script(
        """const decode = HTMLImageElement.prototype.decode;
        const seen = new Promise((go) => (window.goOn = go));
        HTMLImageElement.prototype.decode = async function () { await seen; return decode.call(this); };"""
    )
    page.reload()
    page.locator(".images img").first.wait_for(state="attached")
    assert page.locator(".images img").first.is_hidden()  # nobody had the time to look
    page.evaluate("goOn()")
    at_case(page, 0)
    page.get_by_text("The time is over").wait_for()
    assert page.locator(".images img").first.is_hidden()
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    assert page.locator(".images img").first.is_visible()
    assert store.answers(opened.study_id)[0].answer.overtime


def test_the_time_up_to_the_moment_a_page_is_left_counts(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    page, _ = watched(tab, server, opened, "window.setInterval = () => 0;")  # nothing is kept in between
    page.wait_for_timeout(400)
    page.reload()
    at_case(page, 0)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    (row,) = store.answers(opened.study_id)
    assert row.answer.seconds >= 0.4
    assert "reload" in [event.what for event in row.answer.events]


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


def test_the_limit_goes_on_after_an_answer_that_was_refused(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=8.0)))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    refused = '{"error": "no such answer"}'
    page.route(
        "**/api/answer",
        lambda route: route.fulfill(status=400, content_type="application/json", body=refused),
        times=1,
    )
    page.keyboard.press("b")
    with page.expect_response("**/api/answer"):
        page.keyboard.press("Enter")
    at_case(page, 0)
    page.locator(".images img").first.wait_for(state="hidden")
    page.keyboard.press("Enter")
    at_case(page, 1)
    assert store.answers(opened.study_id)[0].answer.overtime


def test_the_rules_say_what_the_limit_does_to_an_answer(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=8.0)))
    page = tab(f"{server.url}?study={opened.study_id}")
    page.locator("input[name=name]").fill("Ann")
    page.locator("input[name=code]").fill(dict(opened.codes)["Ann"])
    page.keyboard.press("Enter")
    page.get_by_text("The images go away after 8 seconds").wait_for()
    page.get_by_text("An answer given after that is marked as late").wait_for()


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
    looks = [each for each in before_the_answer if each.startswith("look/")]
    assert set(looks) == {"look/0"}
    assert len(looks) in (3, 4)  # the page that was left with the pause open says so as it goes


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


def test_a_tab_behind_another_one_costs_no_time_on_the_server(tab, server, store):
    """It paints nothing: the page's clock has not begun, so the server's must stand."""
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=30.0)))
    page, asked = watched(tab, server, opened, BEHIND)
    page.keyboard.press("b")
    page.evaluate("away(true)")
    page.keyboard.press("Enter")
    page.wait_for_timeout(3000)
    assert "answer" in dict(asked)
    assert "image/1/0" not in dict(asked)  # not looked at: not sent
    page.evaluate("leaveWithTheImage = true; away(false)")
    page.locator(".images img").first.wait_for(state="attached")
    page.wait_for_timeout(3000)  # left between the image's arrival and its first paint
    assert page.locator("#room").get_attribute("data-state") == "storing"
    page.evaluate("away(false)")
    at_case(page, 1)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 2)
    row = store.answers(opened.study_id)[1]
    assert row.server_seconds < row.answer.seconds + 2
    assert [body["what"] for path, body in asked if path == "look/1"] == ["resume", "pause", "resume"]


def test_an_answer_does_not_overtake_a_pause(tab, server, store):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=30.0)))
    page, asked = watched(tab, server, opened)
    while not any(path.startswith("image/") for path, _ in asked):  # a pause before the clock runs is not told
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)
    held = []
    page.route("**/api/look/*", lambda route: held.append(route), times=1)
    for key in "ppb":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_timeout(1000)
    assert len(held) == 1
    assert "answer" not in dict(asked)
    held[0].continue_()
    at_case(page, 1)
    said = [body["what"] if path == "look/0" else path for path, body in asked if path in ("look/0", "answer")]
    assert said == ["pause", "resume", "answer"]


def test_signing_out_in_a_pause_stops_the_servers_clock(tab, server, store):
    """Even where the pause itself hangs on its way."""
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=30.0)))
    page, asked = watched(tab, server, opened)
    held = []
    page.route("**/api/look/*", lambda route: held.append(route), times=1)
    page.keyboard.press("p")
    page.evaluate(  # it may stand for too short a time to be seen from here
        """() => new MutationObserver(() => {
          const words = [...document.querySelectorAll("h1, h2, h3")].map((each) => each.textContent);
          if (words.includes("Signing out")) sessionStorage.kept = JSON.stringify(Object.keys(localStorage));
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_timeout(3000)
    held[0].continue_()
    page.locator("input[name=name]").wait_for()
    assert not any(key.endswith(":token") for key in page.evaluate("JSON.parse(sessionStorage.kept)"))
    page.keyboard.type("Ann")
    page.keyboard.press("Tab")
    page.keyboard.type(dict(opened.codes)["Ann"])
    page.keyboard.press("Enter")
    at_case(page, 0)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    at_case(page, 1)
    (row,) = store.answers(opened.study_id)
    assert row.server_seconds < row.answer.seconds + 2
    assert [body["what"] for path, body in asked if path == "look/0"] == ["pause", "left"]


def test_an_answer_that_waits_for_its_reader_costs_no_time_on_the_server(tab, server, store):
    """Its reader signed out in another tab; the server still knows the sitting, so its clock stops with the images."""
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=30.0)))
    page, asked = watched(tab, server, opened)
    page.keyboard.press("b")
    forget(page, opened)
    page.keyboard.press("Enter")
    page.get_by_text("this sitting is over").wait_for()
    page.wait_for_timeout(3000)
    sign_in_again(page, opened, "Ann")
    at_case(page, 1)
    (row,) = store.answers(opened.study_id)
    assert row.server_seconds < row.answer.seconds + 2
    assert [body["what"] for path, body in asked if path == "look/0"] == ["pause"]


@pytest.mark.parametrize("hiding", ["answer", "pause", "leave"])
def test_a_page_left_behind_does_not_stop_the_clock_of_its_readers_next_one(tab, server, store, hiding):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=30.0)))
    page, asked = watched(tab, server, opened)
    page.keyboard.press("b")
    forget(page, opened)
    other = tab(f"{server.url}?study={opened.study_id}", context=page.context)
    other.locator("input[name=name]").fill("Ann")
    other.locator("input[name=code]").fill(dict(opened.codes)["Ann"])
    other.keyboard.press("Enter")
    at_case(other, 0)
    if hiding == "answer":
        page.keyboard.press("Enter")
        page.get_by_text("this sitting is over").wait_for()
    elif hiding == "pause":
        page.keyboard.press("p")
    else:
        page.goto("about:blank")
    other.wait_for_timeout(3000)
    other.keyboard.press("b")
    other.keyboard.press("Enter")
    at_case(other, 1)
    (row,) = store.answers(opened.study_id)
    assert row.server_seconds > 3
    assert not any(path.startswith("look/") for path, _ in asked)


def test_the_limit_does_not_pass_while_signing_out_waits(tab, server, store):
    """A timer of the case would find none: an error on the page, which `tab` reports."""
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=2.0)))
    page, _ = watched(tab, server, opened)
    held = []
    page.route("**/api/look/*", lambda route: held.append(route), times=1)
    page.keyboard.press("p")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Signing out").wait_for()
    page.wait_for_timeout(3000)
    held[0].continue_()
    page.locator("input[name=name]").wait_for()
