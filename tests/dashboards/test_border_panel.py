from dataclasses import replace

from dashboards.border_panel import case_panel, closed_panel, comparison_panel, fault_panel
from lesion_core.cases.agreement import Agreement
from lesion_core.cases.border_check import Check
from lesion_core.cases.table import Case

NASTY = "<img src=x onerror=alert(1)>${alert(2)}{{1+1}}"
CASE = Case("a", "breast", "a.png", 1, "histology malignant")
MADE = Check(
    "a", "corrected", "First", "Second", "2026-03-04T05:06:07+00:00", "b.json", Agreement(0.91, 7.5, 2.25, 1.1)
)


def test_a_case_and_what_was_decided_on_it():
    text = case_panel(CASE, 3, 1875, (360, 480), [])
    assert "Case 3 of 1,875 · breast · 480 × 360 px" in text
    assert "Not checked yet." in text
    text = case_panel(CASE, 3, 1875, (360, 480), [replace(MADE, decision="approved", agreement=None), MADE])
    assert "<b>Corrected</b> by Second, 2026-03-04 05:06:07 UTC." in text
    assert "Dice 0.910, mean distance 2.2 px, Hausdorff 7.5 px from the border of First" in text
    assert "Before: approved by Second." in text


def test_the_label_is_not_shown():
    text = case_panel(CASE, 1, 2, (360, 480), [MADE])
    assert "malignant" not in text
    assert "histology" not in text


def test_two_borders_compared():
    text = comparison_panel(Agreement(0.9123, 7.56, 2.34, 1.1))
    assert "<b>0.912</b>" in text
    assert "<b>2.3 px</b>" in text
    assert "<b>7.6 px</b>" in text
    assert "Draw a second border" in comparison_panel(None)


def test_no_text_becomes_markup():
    case = replace(CASE, case_id=NASTY, organ=NASTY)
    decision = replace(MADE, second_reader=NASTY, first_reader=NASTY, comment=NASTY)
    for made in (
        case_panel(case, 1, 2, (1, 1), [decision, decision]),
        fault_panel(case, 1, 2, NASTY, [decision, decision]),
        closed_panel(NASTY),
        comparison_panel(None, note=NASTY),
        comparison_panel(MADE.agreement, note=NASTY),
    ):
        assert "<img" not in made
        assert "${" not in made
        assert "{{" not in made
        assert "onerror" in made
