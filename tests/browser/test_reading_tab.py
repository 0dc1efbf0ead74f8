"""A study's result: one click to the held-out test, whether that tab was ever shown or not; what is saved of it."""

import gradio as gr
import pytest

from dashboards import held_out, reading, reading_store
from dashboards.style import CSS, THEME
from lesion_core.reading.database import Database
from lesion_core.reading.desk import Desk
from lesion_core.reading.store import Store
from lesion_core.reading.study import Question
from tests.reading.studies import bundle, read_all, study

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = Store(Database(f"sqlite:///{tmp_path_factory.mktemp('tab')}/readings.db"))
    reading_store.use(made)
    yield made
    reading_store.use(None)
    made.database.close()


@pytest.fixture(scope="module")
def url(serve, store):
    with gr.Blocks(title="Reading room", analytics_enabled=False) as demo, gr.Tabs() as tabs:
        with gr.Tab("Held-out test", id="test"):
            test = held_out.build()
        with gr.Tab("Reading room", id="reading"):
            reading.build(tabs, test)
        tabs.selected = "reading"
    return serve(demo, theme=THEME, css=CSS)


def finished(store, title):
    """A study of that title that both readers finished."""
    opened = store.open_study(bundle(study((0, 1) * 10, title=title, question=Question(call=True, suspicion=True))))
    for name in ("Ann", "Bob"):
        read_all(
            Desk(store), opened, name, lambda step: {"call": step.item % 2, "suspicion": float(step.item * 7 % 100)}
        )
    return opened


def show(page, opened):
    page.get_by_role("tab", name="Reading room").click()
    page.get_by_role("tab", name="Run a study").click()
    page.locator("#run-study input, #run-study textarea").first.fill(opened.study_id)
    page.locator("#run-key input").fill(opened.key)
    page.locator("#run-show").click()


def test_the_first_study_and_the_next_open_in_the_held_out_test(visit, url, store):
    made = visit(url)
    page = made.page
    for title in ("First study", "Second study"):
        show(page, finished(store, title))
        page.locator("#run-note", has_text=title).wait_for()
        page.locator("#run-readers table").wait_for()
        page.locator("#run-hand-over").click()
        page.locator("#test-header .hs-what", has_text=f"bnet on study: {title} against 2 readers").wait_for()
        assert page.get_by_role("tab", name="Held-out test").get_attribute("aria-selected") == "true"


def test_a_file_that_is_refused_saves_none(visit, url, store):
    page = visit(url).page
    show(page, finished(store, "Third study"))
    saved = []
    page.on("download", lambda download: saved.append(download.suggested_filename))
    with page.expect_download():
        page.locator("#run-save-readings").click()
    page.locator("#run-key input").fill("wrong")
    page.locator("#run-save-audit").click()
    page.get_by_text("study and key do not fit").wait_for()
    page.wait_for_timeout(1000)
    assert [name.split("-")[0] for name in saved] == ["readings"]
