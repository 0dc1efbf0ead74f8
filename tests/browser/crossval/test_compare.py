"""Two runs side by side, and a slice by plane, in a real browser; the figures are counted again from the files."""

import csv
import re
from collections import Counter

import pytest

from tests.browser.crossval.conftest import SCORES
from tests.browser.crossval.page import listed, opened
from tests.browser.looks import VIEWS, assert_fits

pytestmark = pytest.mark.browser
OTHER = SCORES.parents[2] / "bnet-image-only/scores/busbra-10-out-of-fold.csv"


def area(path):
    """AUC per patient by counting pairs."""
    scores, labels = {}, {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            scores.setdefault(row["patient_id"], []).append(float(row["score"]))
            labels[row["patient_id"]] = max(int(row["label"]), labels.get(row["patient_id"], 0))
    means = {patient: sum(each) / len(each) for patient, each in scores.items()}
    low = [means[patient] for patient, label in labels.items() if not label]
    high = [means[patient] for patient, label in labels.items() if label]
    return sum((a > b) + (a == b) / 2 for a in high for b in low) / (len(high) * len(low))


@pytest.mark.parametrize("view", ["wide", *VIEWS])
def test_two_runs_are_compared(visit, url, view):
    options, theme = VIEWS.get(view, ({}, ""))
    made = opened(visit, url, f"{theme}cv.rule=cross-fitted", **options)
    page = made.page
    page.locator("#cv-compare button").first.click()
    page.locator("#cv-other input").click()
    page.get_by_role("option", name=re.compile("^bnet-image-only")).click()
    table = page.locator("#cv-compared")
    table.locator("th", has_text="A is the run above").wait_for()
    shown = {row.locator("th, td").first.inner_text(): row.inner_text() for row in table.locator("tr").all()}
    first, second = area(SCORES), area(OTHER)
    assert f"{first:.3f} (" in shown["AUC of A"]
    assert f"{second:.3f} (" in shown["AUC of B"]
    assert f"{first - second:+.3f} (" in shown["AUC, A minus B"]
    assert "1,064 patients in common (342 with label 1)" in shown["Size"]
    assert_fits(page, ["#cv-compared"])
    page.locator("#cv-compare").scroll_into_view_if_needed()
    made.screenshot(f"crossval-compare-{view}")
    if view == "wide":  # the run above is another one: this is not its comparison
        page.locator("#cv-run input").click()
        page.get_by_role("option", name=re.compile("^bnet-image-only")).click()
        page.locator("#cv-header .hs-what", has_text="bnet-image-only").wait_for()
        table.wait_for(state="hidden")
        assert page.locator("#cv-other input").input_value() == ""


def test_a_slice_by_plane(visit, url, tmp_path):
    rows = [(f"c{i}", f"p{i // 2}", i // 2 % 2, i % 3 + 1, ("axial", "sagittal")[i % 2]) for i in range(240)]
    lines = ["case_id,patient_id,label,fold,plane,score"]
    for i, (case, patient, label, _, plane) in enumerate(rows):
        lines.append(f"{case},{patient},{label},{i // 2 % 3 + 1},{plane},{0.3 + 0.3 * label + i % 11 / 30:.3f}")
    (tmp_path / "planes.csv").write_text("\n".join(lines) + "\n")
    made = opened(visit, url)
    page = made.page
    page.locator("#cv-own button").first.click()
    page.locator("#cv-upload input[type=file]").set_input_files(str(tmp_path / "planes.csv"))
    page.locator("#cv-header .hs-what", has_text="upload: planes.csv").wait_for()
    page.locator("#cv-unit label", has_text="image").click()
    page.locator("#cv-by input").click()
    page.get_by_role("option", name="plane").click()
    for plane, count in Counter(row[4] for row in rows).items():
        row = page.locator("#cv-forest-table button[data-row]", has_text=plane)
        row.click()
        assert listed(page, plane) == count
    made.screenshot("crossval-planes", full_page=True)
