"""The Cohort tab in a real browser: the paper's tables, an upload, errors, light, dark and narrow."""

import gradio as gr
import pytest

from dashboards import cohort
from dashboards.style import CSS, THEME
from lesion_core.cases.table import write_cases
from lesion_core.notice import NOTICE
from tests.cases.test_cohort import CASES, case

pytestmark = pytest.mark.browser
NASTY = "<img src=x onerror=\"document.title='bad'\">${document.title='bad'}{{1+1}}"


@pytest.fixture(scope="module")
def url(serve):
    with gr.Blocks(title="Cohort", analytics_enabled=False) as demo, gr.Tab("Cohort"):
        cohort.build()
    return serve(demo, theme=THEME, css=CSS)


@pytest.fixture
def table(tmp_path):
    rows = [*CASES, case("x", 1, organ="breast", machine=NASTY, rads="4b", rads_system="BI-RADS")]
    write_cases(rows, tmp_path / "cases.csv")
    return tmp_path / "cases.csv"


def opened(visit, url, **options):
    made = visit(url, **options)
    made.page.locator("#cohort-flow .main-svg").first.wait_for()
    return made


def upload(page, file):
    page.locator("#cohort-upload input[type=file]").set_input_files(str(file))


def cells(page, table, row):
    return page.locator(f"{table} tbody tr").nth(row).locator("th, td").all_inner_texts()


def test_the_papers_tables_and_figures(visit, url):
    made = opened(visit, url)
    page = made.page
    assert cells(page, "#cohort-paper", 0)[:2] == ["Patients (years old)", "60.3 ± 11.7"]
    page.get_by_role("radio", name="thyroid").check()
    page.locator("#cohort-paper th", has_text="Location: isthmus").wait_for()
    assert cells(page, "#cohort-paper", 0)[1] == "58.5 ± 10.4"
    assert "1,611 patients" in page.locator("#cohort-flow").inner_text()
    assert NOTICE in page.inner_text("body")
    made.screenshot("cohort-paper", full_page=True)


def test_an_uploaded_table_is_described_and_nothing_in_it_runs(visit, url, table):
    made = opened(visit, url)
    page = made.page
    upload(page, table)
    page.locator("#cohort-own-flow .main-svg").first.wait_for()
    assert cells(page, "#cohort-own", 0)[1] == "55.0 ± 7.1"
    assert "6 cases; label 1 means histology malignant." in page.locator("#cohort-note").inner_text()
    page.locator("#cohort-population input").click()
    page.get_by_role("option", name="breast: histology malignant").click()
    page.locator("#cohort-own th", has_text="BI-RADS: 4b").wait_for()
    assert NASTY in page.locator("#cohort-own").inner_text()
    assert page.locator("#cohort-own img").count() == 0
    assert page.title() == "Cohort"
    with page.expect_download() as download:
        page.locator("#cohort-download").click()
    assert NOTICE in download.value.path().read_text(encoding="utf-8-sig")
    made.screenshot("cohort-own", full_page=True)


def test_a_bad_table_is_told_and_the_next_one_works(visit, url, table, tmp_path):
    page = opened(visit, url).page
    bad = tmp_path / "bad.csv"
    bad.write_text("case_id,organ,image,label,target\na,lung,a.png,3,mixed\n")
    upload(page, bad)
    page.locator("#cohort-note", has_text="row 2: organ is 'lung', allowed is breast or thyroid").wait_for()
    assert page.locator("#cohort-own table").count() == 0
    page.locator("#cohort-upload").get_by_label("Remove this file").or_(
        page.locator("#cohort-upload button[aria-label='Clear']")
    ).first.click()
    page.locator("#cohort-note", has_text=cohort.NOT_YET).wait_for()
    upload(page, table)
    page.locator("#cohort-own th", has_text="Number of lesions").wait_for()


@pytest.mark.parametrize(
    ("name", "options", "query"),
    [
        ("narrow", {"viewport": {"width": 390, "height": 800}}, ""),
        ("dark", {"color_scheme": "dark"}, "?__theme=dark"),
    ],
)
def test_narrow_and_dark(visit, url, table, name, options, query):
    made = opened(visit, url + query, **options)
    page = made.page
    upload(page, table)
    page.locator("#cohort-own-flow .main-svg").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    text = page.locator("#cohort-flow .annotation-text").first.evaluate("each => getComputedStyle(each).fill")
    light = sum(int(each) for each in text.removeprefix("rgb(").removesuffix(")").split(",")[:3]) > 3 * 128
    assert light == (name == "dark")
    made.screenshot(f"cohort-{name}", full_page=True)
