import csv
from pathlib import Path

import gradio as gr
import pytest

from dashboards import cohort
from lesion_core.cases.table import Case, write_cases
from lesion_core.notice import NOTICE
from tests.cases.test_cohort import CASES, case


@pytest.fixture
def warned(monkeypatch):
    messages = []
    monkeypatch.setattr(gr, "Warning", lambda message, **more: messages.append(message))
    return messages


def write(tmp_path, cases):
    write_cases(cases, tmp_path / "cases.csv")
    return str(tmp_path / "cases.csv")


def test_the_published_table_of_each_organ():
    frame, figure = cohort.show_published("thyroid")
    assert frame["rows"][0][1] == "development, malignant"
    assert ["Location: isthmus", "10", "27", "8", "12"] in frame["rows"]
    assert "4a: 126, 68, 31, 9" in figure["description"]
    assert ["BI-RADS: 5", "61", "0", "10", "0"] in cohort.show_published("breast")[0]["rows"]


def test_an_uploaded_table(tmp_path, warned):
    path = write(tmp_path, [*CASES, case("x", 1, organ="breast", machine='=HYPERLINK("x")')])
    note, which, frame, categories, download, flow = cohort.open_table(path)
    assert warned == []
    assert note == "6 cases; label 1 means histology malignant."
    assert which["choices"] == [("thyroid: histology malignant", 0), ("breast: histology malignant", 1)]
    assert which["visible"]
    assert frame["visible"]
    assert frame["value"]["rows"][1][1] == "55.0 ± 7.1"
    assert categories["visible"]
    assert flow["visible"]
    assert "All cases: 5 patients or groups, 5 images, 6 lesions" in flow["description"]
    with Path(download["value"]).open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [NOTICE]
    assert ["thyroid: label 1 is histology malignant"] in rows
    assert all(not cell.startswith("=") for row in rows for cell in row)


def test_another_population_of_the_table(tmp_path):
    path = write(tmp_path, [*CASES, case("x", 1, organ="breast")])
    frame, _ = cohort.choose_population(path, 1)
    assert frame["value"]["rows"][3][1:] == ["1", "0"]
    assert cohort.choose_population(path, 99)[0]["value"]["rows"][3][1:] == ["1", "0"]
    assert cohort.choose_population(None, 0) == (gr.skip(), gr.skip())


def test_a_table_that_cannot_be_used_is_told_as_it_stands(tmp_path, warned):
    path = tmp_path / "cases.csv"
    path.write_text("case_id,organ,image,label,target\na,lung,a.png,1,mixed\n")
    note, *others = cohort.open_table(str(path))
    assert "row 2: organ is 'lung', allowed is breast or thyroid" in note
    assert note.startswith("```text")
    assert warned
    assert warned[0] in note
    assert [each["visible"] for each in others] == [False] * 5


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch, warned):
    monkeypatch.setattr(cohort, "MAX_BYTES", 10)
    note, *_ = cohort.open_table(write(tmp_path, CASES))
    assert "a cases.csv of up to 0 MB is read" in note


def test_taking_the_file_away_closes_the_table():
    note, *others = cohort.open_table(None)
    assert note == cohort.NOT_YET
    assert [each["visible"] for each in others] == [False] * 5


def test_spreadsheets_see_no_formula():
    assert [cohort._plain(cell) for cell in ("=1+1", "+1", "-1", "@x", "a=b", "")] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "a=b",
        "",
    ]


def test_what_the_page_shows_of_a_case_is_text(tmp_path):
    nasty = Case("a", "breast", "a.png", 1, "mixed", machine="<img src=x onerror=alert(1)>${alert(2)}")
    frame = cohort.open_table(write(tmp_path, [nasty]))[2]
    assert any("<img src=x onerror=alert(1)>${alert(2)}" in row[0] for row in frame["value"]["rows"])
