"""Own scores in the cross-validation tab: opened beside any name, and bad ones told whole."""

import pytest

from tests.browser.crossval.page import images_of, listed, matrix_of, opened, shown_matrix

pytestmark = pytest.mark.browser
NASTY = "<img src=x onerror=\"document.title='bad'\">"


def test_own_scores_are_opened_beside_a_name_that_is_no_markup(visit, url, tmp_path):
    page = opened(visit, url).page
    own = tmp_path / "own.csv"
    lines = ["model,case_id,score,label,fold,machine"]
    name = '"' + NASTY.replace('"', '""') + '"'
    for i in range(150):
        score = "" if i % 25 == 0 else f"{0.2 + 0.5 * (i % 2) + i % 7 / 40:g}"
        lines.append(f"{name},c{i},{score},{i % 2},{i % 3 + 1},{'AB'[i % 5 > 2]}")
    own.write_text("\n".join(lines) + "\n")
    page.locator("#cv-own button").first.click()
    page.locator("#cv-upload input[type=file]").set_input_files(str(own))
    page.locator("#cv-header .hs-what", has_text="upload: own.csv").wait_for()
    assert NASTY in page.locator("#cv-header").inner_text()
    page.locator("#cv-matrix [data-cell=unassessed-positive]").wait_for()
    assert page.locator("#cv-matrix [data-cell=unassessed-positive] b").inner_text() == "3"
    assert page.locator("#cv-matrix [data-cell=unassessed-negative] b").inner_text() == "3"
    page.locator("#cv-figures", has_text="Sensitivity, not assessed = missed").wait_for()
    page.locator("#cv-matrix [data-cell=unassessed-negative]").click()
    assert listed(page, "could not be assessed") == 3
    assert page.locator("#cv-cases .cl-card", has_text="could not be assessed").count() == 3
    assert page.title() == "Folds"


HEAD = "case_id,score,label,fold\n"
BAD = {
    "columns.csv": ("name,value\na,1\n", ["which column holds score and label; the file has name, value"]),
    "twice.csv": (
        HEAD + "a,0.1,0,1\nb,0.7,1,2\na,0.3,0,2\nb,0.7,1,1\n",
        ["2 problem(s)", "row 4: case 'a' was already scored in row 2", "row 5: case 'b' was already scored in row 3"],
    ),
    "cells.csv": (
        HEAD + "a,1.4,0,1\nb,-0.2,1,2\nc,0.5,maybe,1\nd,x,2,2\n",
        ["5 problem(s)", "row 2: score is '1.4'", "row 3: score is '-0.2'", "row 4: label is 'maybe'", "row 5: label"],
    ),
    "empty.csv": ("", ["the file is empty, expected a header row"]),
    "header.csv": (HEAD, ["row 1: there is no score below the header"]),
}


def test_bad_files_are_told_whole_and_the_page_keeps_working(visit, url, tmp_path, patients):
    page = opened(visit, url, "cv.rule=slider&cv.t=0.3").page
    page.locator("#cv-own button").first.click()
    note, clear = page.locator("#cv-upload-note"), page.locator("#cv-upload [aria-label='Clear']").first
    for name, (text, told) in BAD.items():
        (tmp_path / name).write_text(text)
        page.locator("#cv-upload input[type=file]").set_input_files(str(tmp_path / name))
        note.filter(has_text=told[-1]).wait_for()
        assert all(each in note.inner_text() for each in told), note.inner_text()
        assert str(tmp_path) not in page.locator("body").inner_text()
        clear.click()
        page.locator("#cv-upload input[type=file]").wait_for(state="attached")
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(200_000_000)
    page.locator("#cv-upload input[type=file]").set_input_files(str(tmp_path / "huge.csv"))
    page.locator(".toast-body", has_text="exceed the maximum allowed size").wait_for()
    # All the while the view is what it was, and answers.
    assert shown_matrix(page) == matrix_of(patients, 0.3)
    page.locator("#cv-matrix [data-cell=fn]").click()
    assert listed(page, "(missed)") == images_of(patients, lambda p: p.label and p.score < 0.3)
