"""The Borders tab on a real page: keys, drawing, two tabs, a reload, hostile text, narrow and dark."""

import math
import os
import shutil
from dataclasses import replace

import gradio as gr
import pytest

from dashboards import borders
from dashboards.style import CSS, THEME
from lesion_core.cases.border_check import read_checks
from lesion_core.cases.border_example import example_table
from lesion_core.cases.table import write_cases
from lesion_core.notice import NOTICE

pytestmark = pytest.mark.browser
NASTY = "$%7Bdocument.title='bad'%7D{{1+1}}${document.title=1}"


@pytest.fixture(scope="module")
def place(tmp_path_factory, drawn_example):
    root = tmp_path_factory.mktemp("borders")
    shutil.copytree(drawn_example, root / "state" / "phantoms")
    shutil.copytree(drawn_example, root / "set")
    table = example_table(root / "set")
    named = replace(table.cases[0], case_id=NASTY.replace("'", "").replace(";", ""))
    (root / "set" / "images" / "broken.png").write_text("no picture")
    broken = [replace(case, image="images/broken.png") for case in table.cases[-2:]]
    write_cases([named, *table.cases[1:-2], *broken], root / "set" / "cases.csv")
    return root


@pytest.fixture(scope="module")
def url(serve, place):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LESION_STATE", str(place / "state"))
        patch.setenv("LESION_CASES", os.fspath(place / "set" / "cases.csv"))
        with gr.Blocks(title="Borders", analytics_enabled=False) as demo:
            with gr.Tab("Other"):
                gr.Markdown("Another tab")
            with gr.Tab("Borders"):
                borders.build()
        yield serve(demo, theme=THEME, css=CSS)


def look(page):
    page.get_by_role("tab", name="Borders").click()
    wait_for(page, "phantom-1")
    return page


def wait_for(page, case_id):
    page.locator("#borders-case h4", has_text=case_id).wait_for()
    page.locator("#borders-canvas .bc:not([data-shown=''])").wait_for()


def outline(page, x=0.5, y=0.5, wide=0.2, tall=0.2):
    """Draw an ellipse with the mouse, in shares of the canvas, and wait for the comparison."""
    box = page.locator("#borders-canvas .bc-overlay").bounding_box()
    turn = [2 * math.pi * step / 24 for step in range(24)]
    points = [
        (box["x"] + box["width"] * (x + wide * math.cos(t)), box["y"] + box["height"] * (y + tall * math.sin(t)))
        for t in turn
    ]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()
    page.locator("#borders-comparison dl").wait_for()


def counts(page):
    return [int(each) for each in page.locator("#borders-strip .cs-legend b").all_inner_texts()]


def test_with_keys_through_the_example_and_back_after_a_reload(visit, url, place):
    made = visit(url)
    page = look(made.page)
    page.keyboard.press("a")
    wait_for(page, "phantom-2")
    outline(page)
    assert "Dice" in page.locator("#borders-comparison").inner_text()
    made.screenshot("borders-correcting", full_page=True)
    page.keyboard.press("s")
    wait_for(page, "phantom-3")
    page.keyboard.press("r")
    page.keyboard.type("a p s n: the shadow is in it")
    page.keyboard.press("Enter")
    wait_for(page, "phantom-4")
    page.keyboard.press("n")
    wait_for(page, "phantom-5")
    page.keyboard.press("p")
    wait_for(page, "phantom-4")
    assert counts(page) == [1, 1, 1, 5]
    outline(page, wide=0.1)
    page.reload()
    page.get_by_role("tab", name="Borders").click()
    wait_for(page, "phantom-4")
    page.get_by_text("Your draft from before").wait_for()
    assert counts(page) == [1, 1, 1, 5]
    page.locator("#borders-strip .cs-cells").click(position={"x": 30, "y": 8})
    wait_for(page, "phantom-2")
    assert "Corrected by Visitor" in page.locator("#borders-case").inner_text()
    with page.expect_download() as download:
        page.locator("#borders-download").click()
    assert download.value.suggested_filename == "border-checks.zip"
    assert NOTICE in page.inner_text("body")
    (folder,) = [each for each in (place / "state" / "example").iterdir() if (each / "border_checks.csv").is_file()]
    assert [each.decision for each in read_checks(folder / "border_checks.csv")] == [
        "approved",
        "corrected",
        "rejected",
    ]


def test_two_tabs_of_one_browser(visit, url):
    made = visit(url)
    one = look(made.page)
    with one.context.expect_page() as opening:
        one.evaluate("window.open(location.href)")
    two = look(opening.value)
    one.keyboard.press("r")
    one.keyboard.type("blurred")
    one.keyboard.press("Enter")
    wait_for(one, "phantom-2")
    two.bring_to_front()
    outline(two)
    two.keyboard.press("s")
    two.get_by_text("was rejected (blurred) by Visitor").wait_for()
    assert "Dice" in two.locator("#borders-comparison").inner_text()
    assert counts(two) == [0, 0, 1, 7]
    two.keyboard.press("s")
    wait_for(two, "phantom-2")
    assert counts(two) == [0, 1, 0, 7]
    assert two.locator("#borders-strip .cs-cells").get_attribute("aria-label") == "8 cases, case 2 is open: not checked"


def test_keys_are_text_where_text_is_typed_and_nothing_in_another_tab(visit, url):
    page = look(visit(url).page)
    field = page.locator("#borders-second textarea, #borders-second input")
    field.fill("")
    field.press_sequentially("anna s")
    assert field.input_value() == "anna s"
    assert counts(page) == [0, 0, 0, 8]
    page.get_by_role("tab", name="Other").click()
    page.keyboard.press("a")
    page.get_by_role("tab", name="Borders").click()
    wait_for(page, "phantom-1")
    assert counts(page) == [0, 0, 0, 8]


def test_a_table_of_this_machine_nothing_in_it_runs_and_a_double_click_rejects_one_case(visit, url, place):
    page = look(visit(url).page)
    page.locator("#borders-table input").click()
    page.get_by_role("option", name="set/cases.csv").click()
    page.locator("#borders-case h4", has_text="document.title").wait_for()
    assert page.title() == "Borders"
    page.keyboard.press("a")
    page.get_by_text("write down who drew the borders").first.wait_for()
    for name, text in (("first", "Dr A"), ("second", "Dr B")):
        page.locator(f"#borders-{name} textarea, #borders-{name} input").fill(text)
    page.locator("#borders-approve").click()
    wait_for(page, "phantom-2")
    assert page.title() == "Borders"
    (made,) = read_checks(place / "set" / "border_checks" / "border_checks.csv")
    assert (made.first_reader, made.second_reader) == ("Dr A", "Dr B")
    page.locator("#borders-strip .cs-cells").click(position={"x": 150, "y": 8})
    page.locator("#borders-case h4", has_text="phantom-7").wait_for()
    reason = page.locator("#borders-reason textarea, #borders-reason input")
    reason.fill("no image")
    page.locator("#borders-reject").dblclick()
    page.get_by_text("was not on the page yet").wait_for()
    page.locator("#borders-case h4", has_text="phantom-8").wait_for()
    reason.fill("no image either")
    page.locator("#borders-reject").click()
    wait_for(page, "phantom-2")
    made = read_checks(place / "set" / "border_checks" / "border_checks.csv")
    assert [(each.case_id, each.comment) for each in made[1:]] == [
        ("phantom-7", "no image"),
        ("phantom-8", "no image either"),
    ]


@pytest.mark.parametrize(
    ("name", "options", "query"),
    [
        ("narrow", {"viewport": {"width": 375, "height": 800}}, ""),
        ("dark", {"color_scheme": "dark"}, "?__theme=dark"),
    ],
)
def test_narrow_and_dark(visit, url, name, options, query):
    made = visit(url + query, **options)
    page = look(made.page)
    page.get_by_role("button", name="Start from the first border").click()
    page.locator("#borders-comparison dl").wait_for()
    page.locator("#borders-agreement .main-svg").first.wait_for()
    assert page.locator("#borders-agreement-table tbody tr").count() == 3
    assert "identical in 152 of 153 images" in page.inner_text("body")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    made.screenshot(f"borders-{name}", full_page=True)
