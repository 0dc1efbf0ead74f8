"""The reading desk in a real browser: keyboard only, a server that is killed, windows that compete, what travels."""

import math
import re
import sqlite3

import pytest

from lesion_core.notice import NOTICE
from lesion_core.reading.bundle import Bundle
from lesion_core.reading.database import Database
from lesion_core.reading.make import from_phantoms
from lesion_core.reading.store import Store
from lesion_core.reading.study import Order, Question
from tests.browser.reading_server import Server
from tests.reading.studies import MODEL, bundle, study

pytestmark = pytest.mark.browser
LABELS = (0, 1) * 10


@pytest.fixture(scope="module")
def database_file(tmp_path_factory):
    return tmp_path_factory.mktemp("reading") / "readings.db"


@pytest.fixture(scope="module")
def store(database_file):
    made = Store(Database(f"sqlite:///{database_file}"))
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def server(database_file, store):
    made = Server(f"sqlite:///{database_file}")
    yield made
    made.close()


@pytest.fixture
def tab(browser):
    """`tab(url)` opens a page whose server may be away: its network errors are expected, nothing else is."""
    contexts, faults = [], []

    def open_page(url, *, context=None, **options):
        if context is None:
            context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def sign_in(page, name, code):
    page.locator("input[name=name]").wait_for()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.locator("input[name=experience]").wait_for()
    page.keyboard.type("5 years")
    page.keyboard.press("Enter")


def at_case(page, position, arm="unaided"):
    page.locator(f"#room[data-state='reading {position} {arm}']").wait_for()


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


def hold(page, key, times=12):
    """Press a key and keep it down, as a keyboard repeats it."""
    for _ in range(times):
        page.keyboard.down(key)
        page.wait_for_timeout(60)
    page.keyboard.up(key)


def test_a_key_that_is_held_answers_one_case_only(tab, server, store):
    asked = Question(call=True, suspicion=True)
    opened = store.open_study(bundle(study(readers=("Ann",), design="sequential", question=asked)))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    hold(page, "b", 4)  # would take the call back and give it again
    assert page.get_by_role("button", name="Benign").get_attribute("aria-pressed") == "true"
    hold(page, ".", 4)
    assert page.locator("output").inner_text() == "54"
    hold(page, "Enter")
    at_case(page, 1, "aided")
    hold(page, "p", 3)
    page.get_by_text("the time stands still").wait_for()
    hold(page, "Enter", 3)  # "Go on" has the focus: one press, one go
    assert [row.answer.position for row in store.answers(opened.study_id)] == [0]


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


def test_an_answer_waits_for_its_reader_when_the_server_forgot_the_sitting(tab, server, store):
    """As after a restart from the copy: the token is unknown, the answer goes in once its reader signs in again."""
    opened = store.open_study(bundle(study()))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    at_case(page, 0)
    page.evaluate(
        """(study) => localStorage.setItem(`lesion-reading:${study}:token`, "forgotten-token")""", opened.study_id
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


def test_nothing_that_a_blinded_browser_gets_tells_anything(tab, server, store):
    """Every byte of the network and the page's source in the end, on phantoms with all questions."""
    drawn = from_phantoms(4)
    asked = Question(call=True, suspicion=True, action=True)
    made = study(items=drawn.items, readers=("Ann",), question=asked, model=MODEL, order=Order(block_size=2))
    opened = store.open_study(Bundle(made, drawn.images))
    page = tab("about:blank")
    traffic = []
    page.on("response", lambda reply: traffic.append((reply.url, reply.headers, reply.body())))
    page.on("request", lambda request: traffic.append((request.url, request.headers, b"")))
    page.goto(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    for at in range(4):
        if at == 2:
            page.get_by_text("2 of 4 are done.").wait_for()
            page.keyboard.press("Enter")
        at_case(page, at)
        page.wait_for_load_state("networkidle")
        for key in ("b", "7", "r", "Enter"):
            page.keyboard.press(key)
    page.get_by_text("All answers are stored.").wait_for()
    texts = [f"{url} {headers} {body.decode('latin-1')}" for url, headers, body in traffic] + [page.content()]
    assert any(body.startswith(b"\x89PNG") for _, _, body in traffic)
    assert sum("/image/" in url for url, _, _ in traffic) >= 8
    whole = "\n".join(texts)
    names = [item.item_id for item in drawn.items] + ["phantom", "labelled malignant", "bnet", "histology"]
    assert [name for name in names if name in whole] == []
    assert not re.search(r'"(label|score|target|case_id|item_id|threshold)":', whole)
    hosts = {url.split("/")[2] for url, _, _ in traffic if url.startswith("http")}
    assert hosts == {f"127.0.0.1:{server.port}"}


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


@pytest.mark.parametrize(
    ("name", "options"),
    [("wide", {"viewport": {"width": 1400, "height": 900}}), ("narrow", {"viewport": {"width": 375, "height": 800}})],
)
def test_learning_on_phantoms_and_the_page_fits_its_window(visit, server, store, name, options):
    drawn = from_phantoms(2)
    made = study(items=drawn.items, purpose="teach", readers=(), open_enrolment=True, ethics="")
    opened = store.open_study(Bundle(made, drawn.images))
    made = visit(f"{server.url}?study={opened.study_id}#join={opened.join_code}", **options)
    page = made.page
    page.locator("input[name=name]").wait_for()
    page.keyboard.type("Eve")
    page.keyboard.press("Enter")
    page.locator(".code").wait_for()
    page.keyboard.press("Enter")
    page.locator("input[name=experience]").wait_for()
    assert NOTICE in page.inner_text("body")
    page.keyboard.press("Enter")
    at_case(page, 0)
    made.screenshot(f"reading-{name}")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_text("Label: a phantom drawn as").wait_for()
    assert page.locator(".overlay .truth").count() == 1
    assert "95 % CI" in page.locator(".score").inner_text()
    made.screenshot(f"teaching-{name}")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 1
    page.keyboard.press("Enter")
    at_case(page, 1)
