"""The held-out test tab in a real browser: each click does what it says, and the counts are those of the files."""

import csv
import re
import time
import zipfile
from pathlib import Path

import gradio as gr
import pytest

from dashboards import held_out, held_out_view
from dashboards.review.link import open_asked_tab
from dashboards.style import CSS, THEME
from lesion_core.notice import NOTICE
from tests.browser.looks import VIEWS, assert_fits, assert_text_is_readable
from tests.dashboards.observers.test_choice import readings_of_busi

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
NASTY = "<img src=x onerror=\"document.title='bad'\">${document.title='bad'}"


@pytest.fixture(scope="module")
def url(serve):
    with gr.Blocks(title="Held-out", analytics_enabled=False) as demo, gr.Tabs():
        with gr.Tab("Other", id="other"):
            gr.Markdown("nothing")
        with gr.Tab("Held-out test", id="test"):
            held_out.build()
    return serve(demo, theme=THEME, css=CSS, head=open_asked_tab({"test"}))


def opened(visit, url, query="", **options):
    made = visit(f"{url}?tab=test&{query}" if query else url, **options)
    if not query:
        made.page.get_by_role("tab", name="Held-out test").click()
    made.page.locator("#test-roc .main-svg").first.wait_for()
    return made


def choose_set(page, text, title):
    page.locator("#test-set input").click()
    page.get_by_role("option", name=text).first.click()
    page.locator("#test-header .hs-what", has_text=title).wait_for()


def part(page, name):
    page.locator("#test-parts").get_by_role("tab", name=name).first.click()


def count_as_wrong(page):
    """Count another way, and wait until the page says so: whatever was asked before is answered too."""
    page.locator("#test-how").get_by_label("counted as wrong").check()
    page.wait_for_function("new URL(location.href).searchParams.get('test.how') === 'counted as wrong'")


def place(page, plot, x, y):
    """Where a point of a plot lies on the screen; x and y as the axes have them."""
    page.locator(plot).scroll_into_view_if_needed()
    return page.evaluate(
        """([plot, x, y]) => { const e = document.querySelector(plot + ' .cp-plot'), b = e.getBoundingClientRect(),
        { xaxis, yaxis } = e._fullLayout;
        return [b.left + xaxis._offset + xaxis.d2p(x), b.top + yaxis._offset + yaxis.d2p(y)]; }""",
        [plot, x, y],
    )


def counts_of_the_files(reader_at_least=4, threshold=None):
    """Who is right per image on BUS-BRA, counted from the CSV files alone."""
    with (ROOT / "checkpoints/readings/busbra.csv").open() as file:
        grade = {row["case_id"]: int(row["rating"]) for row in csv.DictReader(file)}
    with (ROOT / "checkpoints/bnet/scores/busbra-10-out-of-fold.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = {}
    for row in rows:
        truth = row["label"] == "1"
        model = (float(row["score"]) >= threshold) == truth
        reader = (grade[row["case_id"]] >= reader_at_least) == truth
        who = {(1, 1): "both", (1, 0): "model only", (0, 1): "readers only", (0, 0): "none"}[int(model), int(reader)]
        found[f"label {row['label']}, right: {who}"] = found.get(f"label {row['label']}, right: {who}", 0) + 1
    return found


def test_the_recorded_reader_counts_clicks_and_keyboard(visit, url):
    made = opened(visit, url, "test.set=busbra.folds&test.models=bnet@bnet-best-cv&test.readers=BUS-BRA BI-RADS"
                  "&test.unit=image&test.t=0.3")  # fmt: skip
    page = made.page
    page.locator("#test-groups button").first.wait_for()
    expected = counts_of_the_files(threshold=0.3)
    rows = page.locator("#test-groups tbody tr").all_inner_texts()
    shown = {row.split("\t")[0].strip(): int(row.split("\t")[1].replace(",", "")) for row in rows}
    assert shown == expected
    assert "post hoc" in page.locator("#test-header").inner_text()
    # A click on a cell of the figure lists its cases; label 1 is the upper row, "model only" the second column.
    page.mouse.click(*place(page, "#test-agreement", 1, 1))
    heading = page.locator("#test-cases .cl-heading")
    heading.filter(has_text="label 1, right: model only").wait_for()
    assert f"{expected['label 1, right: model only']} images" in heading.inner_text()
    assert page.locator("#test-cases .cl-card").count() == min(12, expected["label 1, right: model only"])
    # The same with the keyboard alone.
    button = page.get_by_role("button", name="label 0, right: none")
    button.focus()
    page.keyboard.press("Enter")
    heading.filter(has_text="label 0, right: none").wait_for()
    assert f"{expected['label 0, right: none']} images" in heading.inner_text()
    assert "group=none" in page.url
    made.screenshot("held-out-busbra", full_page=True)


def test_the_flow_follows_what_is_compared(visit, url):
    page = opened(visit, url, "test.set=synthetic&test.readers=simulated A&test.unit=image&test.t=0.3").page
    with (ROOT / "checkpoints/bnet/scores/busi-external.csv").open() as file:
        n = len(list(csv.DictReader(file)))
    box = page.locator("#test-flow .annotation-text")

    def lines(title):
        return box.filter(has_text=title).evaluate(
            "e => [...e.querySelectorAll('.line')].map((each) => each.textContent)"
        )

    box.filter(has_text="Answered by every").wait_for()
    assert f"{n} images" in lines("Answered by every")
    page.locator("#test-readers").get_by_label("simulated B").check()
    box.filter(has_text="a reader could not").wait_for()
    shared = int(re.search(r"(\d+) images", " ".join(lines("Answered by every")))[1])
    lost = re.findall(r": (\d+) images with", " ".join(lines("a reader could not")))
    assert shared < n
    assert shared + sum(map(int, lost)) == n
    page.locator("#test-how").get_by_label("counted as wrong").check()
    box.filter(has_text="counted as wrong").wait_for()
    assert f"{n} images" in lines("Answered by every")
    assert "0.3, post hoc" in page.locator("#test-flow-note").inner_text()


def test_nothing_stays_over_the_page_that_is_opened_by_a_link(visit, url):
    """Gradio's "Loading..." did, in one load of eight, when the tab asked for its content while the page was built."""
    for _ in range(4):
        page = opened(visit, url, "test.set=paper.breast").page
        part(page, "Each reader")
        assert page.locator(".main > [data-testid=status-tracker]").count() == 0
        page.close()


def test_clicks_on_figure_4_move_the_threshold_and_choose_the_reader(visit, url):
    made = opened(visit, url, "test.set=synthetic&test.models=bnet@bnet-best-busi&test.readers=simulated A|simulated C")
    page = made.page
    page.locator("#test-groups button").first.wait_for()
    assert "pre-stated" in page.locator("#test-header").inner_text()
    point = page.evaluate(
        """() => { const t = document.querySelector('#test-roc .cp-plot')._fullData
        .find((each) => each.customdata?.[0]?.[0] === 'model'), at = Math.floor(t.x.length / 3);
        return [t.x[at], t.y[at], t.customdata[at][2]]; }"""
    )
    page.mouse.click(*place(page, "#test-roc", *point[:2]))
    page.locator("#test-header", has_text="post hoc").wait_for()
    moved = float(page.locator("#test-threshold input[type=number]").input_value())
    assert 0 <= moved <= 1
    page.locator("#test-note").wait_for()
    assert not page.locator("#test-stated input").is_checked()
    reader = page.evaluate(
        """() => { const t = document.querySelector('#test-roc .cp-plot')._fullData
        .find((each) => each.mode === 'markers+text' && each.customdata?.[0]?.[1] === 'simulated C');
        return [t.x[0], t.y[0]]; }"""
    )
    page.mouse.click(*place(page, "#test-roc", *reader))
    page.wait_for_function("document.querySelector('#test-against input').value === 'simulated C'")
    page.locator("#test-agreement-note", has_text="simulated C").wait_for()
    page.locator("#test-stated input").check()
    page.locator("#test-header", has_text="pre-stated").wait_for()
    number = page.locator("#test-threshold input[type=number]")
    page.wait_for_function(f"Math.abs(document.querySelector('#test-threshold input').value - {moved}) > 0.001")
    # A click into the slider's number, and leaving it, moves nothing.
    with page.expect_response(lambda answer: "/queue/join" in answer.url):
        number.click()
    number.blur()
    count_as_wrong(page)
    assert page.locator("#test-stated input").is_checked()
    assert "post hoc" not in page.locator("#test-header").inner_text()
    # The keyboard moves it.
    page.locator("#test-threshold input[type=range]").press("ArrowRight")
    page.locator("#test-header", has_text="post hoc").wait_for()
    assert not page.locator("#test-stated input").is_checked()
    number.fill("7")
    number.blur()
    page.wait_for_function("new URL(location.href).searchParams.get('test.t') >= 1")


def test_a_moved_threshold_does_not_go_over_to_another_model(visit, url):
    models = "bnet@bnet-best-busi|tnet@tnet-best-busi"
    page = opened(visit, url, f"test.set=synthetic&test.models={models}&test.readers=simulated A&test.t=0.3").page
    page.locator("#test-header", has_text="post hoc").wait_for()
    # The drop-down is looked into and left as it is.
    page.locator("#test-model input").focus()
    with page.expect_response(lambda answer: "/queue/join" in answer.url):
        page.locator("#test-model input").blur()
    count_as_wrong(page)
    assert not page.locator("#test-stated input").is_checked()
    assert "post hoc" in page.locator("#test-header").inner_text()
    page.locator("#test-model input").click()
    page.get_by_role("option", name="tnet").click()
    page.locator("#test-agreement-note", has_text="tnet at threshold").wait_for()
    page.locator("#test-header", has_text="pre-stated").wait_for()
    assert page.locator("#test-stated input").is_checked()
    assert "post hoc" not in page.locator("#test-agreement-note").inner_text()


def test_the_last_model_stays_ticked_and_no_reader_is_a_link_too(visit, url):
    page = opened(visit, url, "test.set=synthetic&test.models=tnet@tnet-best-busi&test.readers=simulated A").page
    page.locator("#test-models label", has_text=re.compile("^ *tnet *$")).click()
    page.get_by_text("tick another model first").wait_for()
    page.wait_for_function("document.querySelectorAll('#test-models input:checked').length === 1")
    page.locator("#test-readers label", has_text="simulated A").click()
    page.wait_for_function("new URL(location.href).searchParams.get('test.readers') === '|'")
    address = page.url.partition("?")[2].removeprefix("tab=test&")
    again = opened(visit, url, address).page
    again.wait_for_function("document.querySelectorAll('#test-models input:checked').length === 1")
    assert again.locator("#test-readers input:checked").count() == 0


def test_what_is_ticked_while_an_answer_is_slow_is_counted_too(visit, url, monkeypatch):
    page = opened(visit, url, "test.set=synthetic&test.readers=simulated A").page
    page.locator("#test-groups button").first.wait_for()
    main_of = held_out_view.main_of

    def slow(*chosen):
        time.sleep(1)
        return main_of(*chosen)

    monkeypatch.setattr(held_out_view, "main_of", slow)
    for letter in "BCD":
        page.locator("#test-readers label", has_text=f"simulated {letter}").click()
    page.locator("#test-header .hs-what", has_text="against 4 readers").wait_for()
    page.locator("#test-groups button").first.wait_for()
    page.wait_for_function(
        "new URL(location.href).searchParams.get('test.readers') === "
        "'simulated A|simulated B|simulated C|simulated D'"
    )  # fmt: skip


def test_the_synthetic_study_and_its_parts(visit, url):
    made = opened(visit, url)
    page = made.page
    choose_set(page, "SYNTHETIC", "Synthetic reader study")
    page.locator("#test-note", has_text="SYNTHETIC reader study: 5 simulated readers (seed").wait_for()
    models = list((ROOT / "checkpoints").glob("*net/scores/busi-external.csv"))
    assert page.locator("#test-merit tbody tr").count() == len(models) + 5
    part(page, "Each reader")
    page.locator("#test-pairs tbody tr").nth(19).wait_for()
    page.locator("#test-pairs-plot .main-svg").first.wait_for()
    part(page, "Readers as a group")
    page.locator("#test-group tbody th").get_by_text("bnet: AUC", exact=True).wait_for()
    assert "Readers and cases random" in page.locator("#test-group").inner_text()
    page.locator("#test-margin input").fill("0.2")
    page.locator("#test-margin input").press("Enter")
    page.locator("#test-group-note", has_text="Margin 0.2").wait_for()
    part(page, "Across organs")
    page.locator("#test-matrix tbody th", has_text="TBNet").wait_for()
    part(page, "Border and view")
    page.locator("#test-nudges tbody tr").nth(4).wait_for()
    part(page, "Published and recomputed")
    page.locator("#test-findings tbody tr").nth(30).wait_for()
    part(page, "Agreement and cases")
    page.locator("#test-how").get_by_label("counted as wrong").check()
    page.locator("#test-note", has_text="here they are counted as wrong").wait_for()
    made.screenshot("held-out-synthetic", full_page=True)


def test_the_papers_study_to_the_digit(visit, url):
    page = opened(visit, url, "test.set=paper.breast").page
    rows = page.locator("#test-merit tbody tr").all_inner_texts()
    assert len(rows) == 6
    assert "46/52, 44/52" in rows[0]
    assert rows[0].count("0.875 (0.804-0.947)") == 2
    assert "no: follows only over 47 malignant and 57 benign" in rows[0]
    assert "counts only" in page.locator("#test-agreement-note").inner_text()
    assert page.locator("#test-models").count() == 0 or not page.locator("#test-models").is_visible()
    part(page, "Each reader")
    page.locator("#test-pairs tbody th", has_text="R1").wait_for()
    choose_set(page, "study, thyroid", "thyroid")
    page.locator("#test-pairs td", has_text="no: outside every range").first.wait_for()
    assert page.locator("#test-pairs td", has_text="no: outside every range").count() == 3


def test_own_readings_bad_ones_and_a_name_that_is_no_markup(visit, url, tmp_path):
    made = opened(visit, url)
    page = made.page
    page.locator("#test-own button").first.click()
    bad = tmp_path / "bad.csv"
    bad.write_text("reader,case_id,call\nR,a,2\nR,b,x\n")
    page.locator("#test-readings input[type=file]").set_input_files(str(bad))
    page.locator("#test-readings-note", has_text="row 3: call is 'x'").wait_for()
    assert "row 2: call is '2'" in page.locator("#test-readings-note").inner_text()
    page.locator(
        "#test-readings button[aria-label='Clear'], #test-readings [aria-label='Remove this file']"
    ).first.click()
    page.locator("#test-readings-note", has_text="No file is open.").wait_for()
    path = Path(readings_of_busi(tmp_path))
    path.write_text(path.read_text().replace("Dr A", f'"{NASTY.replace(chr(34), chr(34) * 2)}"'))
    page.locator("#test-readings input[type=file]").set_input_files(str(path))
    page.locator("#test-readings-note", has_text="Open: 5 reader(s) of BUSI").wait_for()
    page.locator("#test-merit tbody th", has_text="Dr E").wait_for()
    assert NASTY in page.locator("#test-merit").inner_text()
    page.locator("#test-groups button").first.wait_for()
    assert page.title() == "Held-out"
    assert page.locator("#test-merit img, #test-roc img").count() == 0


def test_the_view_leaves_as_a_page_and_as_tables(visit, url, tmp_path):
    made = opened(visit, url, "test.set=synthetic")
    page = made.page
    page.locator("#test-groups button").first.wait_for()
    page.locator("#test-export").click()
    with page.expect_download() as download:
        page.locator("#test-export-page").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert NOTICE in text
    assert "SYNTHETIC reader study" in text
    assert "Models against the group of readers" in text
    with page.expect_download() as download:
        page.locator("#test-export-tables").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        names = archive.namelist()
        assert any(name.startswith("each-model-against-each-reader") and name.endswith(".csv") for name in names)
        assert all(NOTICE in archive.read(name).decode("utf-8-sig") for name in names if name.endswith(".csv"))


@pytest.mark.parametrize("view", VIEWS)
def test_narrow_and_dark(visit, url, view):
    options, theme = VIEWS[view]
    made = opened(visit, url, f"{theme}test.set=synthetic", **options)
    page = made.page
    page.locator("#test-agreement .annotation-text").first.wait_for()
    shown = ("set", "models", "readers", "unit", "how", "cut", "model", "against", "stated", "threshold")
    assert_fits(page, [f"#test-{name}" for name in shown])
    assert_text_is_readable(page, "#test-agreement .annotation-text", view)
    made.screenshot(f"held-out-{view}", full_page=True)
    more = page.locator("#test-header .hs-more")
    assert more.is_visible() == (view == "narrow")
    if more.is_visible():
        assert hidden_lines(page) > 0
        assert more.get_attribute("aria-expanded") == "false"
        more.click()
        assert hidden_lines(page) == 0
        more.click()
        assert hidden_lines(page) > 0


def hidden_lines(page):
    """How many entries of the strip lie outside what it shows."""
    return page.evaluate(
        """() => { const box = document.querySelector('#test-header .hs').getBoundingClientRect();
        return [...document.querySelectorAll('#test-header .hs dl > div')]
          .filter((each) => each.getBoundingClientRect().bottom > box.bottom).length; }"""
    )
