"""The small components of the review: header strip, matrix, table of choices, case list."""

import json
from types import SimpleNamespace

import gradio as gr
import pytest

from dashboards.review.case_list import PER_PAGE, CaseList, page_of
from dashboards.review.choice_table import ChoiceTable
from dashboards.review.header import HeaderStrip
from dashboards.review.matrix import ConfusionMatrix
from lesion_core.notice import NOTICE
from lesion_core.results.review.case_cards import CaseCard
from lesion_core.results.review.operating import Counts
from lesion_core.results.review.report import HeaderFacts, ThresholdFact

FACTS = HeaderFacts("W", "mixed", "", "patient", 10, 4, 0, ThresholdFact(0.5, "post hoc", "by hand"), "once", ("N.",))


def event(data):
    return SimpleNamespace(_data=data)


def test_the_strip_says_post_hoc_and_the_notice():
    sent = json.loads(HeaderStrip.show(FACTS))
    assert sent["what"] == "W"
    assert ["Threshold", "0.5, post hoc: by hand", "post-hoc"] in sent["entries"]
    assert ["Label source", "not stated", ""] in sent["entries"]
    assert sent["entries"][-1] == ["", NOTICE, "wide"]


def test_the_matrix_shows_its_counts_and_the_cell_chosen():
    sent = json.loads(
        ConfusionMatrix().postprocess(ConfusionMatrix.show(Counts(1200, 2, 3, 4), unit="patient", chosen="fn"))
    )
    assert sent["rows"][0] == ["label 1", [["tp", "1,200", "found", True, False], ["fn", "2", "missed", False, True]]]
    assert not sent["lost"]
    lost = ConfusionMatrix.show(Counts(1, 2, 3, 4, 5, 6), unit="patient")
    assert lost["lost"]
    assert [cells[-1][1] for _, cells in lost["rows"]] == ["5", "6"]


@pytest.mark.parametrize("data", [None, {}, {"cell": "all"}, {"cell": 3}, "fn"])
def test_no_cell_is_refused(data):
    with pytest.raises(gr.Error, match="could not be read"):
        ConfusionMatrix.read_cell(event(data))


def test_a_cell_is_read():
    assert ConfusionMatrix.read_cell(event({"cell": "fn"})) == "fn"


def test_rows_can_be_chosen_but_the_foot():
    sent = ChoiceTable.show(["a", "b"], {"1": ("x", 2)}, name="n", chosen="1", foot=("all", "3"))
    assert sent["rows"] == [("1", True, ["x", "2"]), ("", False, ["all", "3"])]
    assert ChoiceTable.read_row(event({"key": "1"})) == "1"
    assert ChoiceTable.read_row(event({"key": 7})) == ""
    assert ChoiceTable.read_row(event(None)) == ""


def test_pages():
    assert page_of(total=0, asked=3).count == 1
    last = page_of(total=2 * PER_PAGE + 1, asked=99)
    assert (last.start, last.stop, last.number, last.count) == (2 * PER_PAGE, 2 * PER_PAGE + 1, 2, 3)


@pytest.mark.parametrize(
    ("data", "page"), [({"page": 4}, 4), ({"page": -1}, 0), ({"page": "x"}, 0), (None, 0), ({"page": float("nan")}, 0)]
)
def test_a_page_is_read(data, page):
    assert CaseList.read_turn(event(data)) == page


def test_a_card_without_a_picture_says_how_to_connect_its_set():
    card = CaseCard("a", "nowhere", 1, (("m", None), ("n", 0.25)), (("R1", "4"),), (("fold", "1"),))
    (shown,) = CaseList.show([card], heading="h", page=page_of(total=1, asked=0))["cards"]
    assert shown["picture"] == ""
    assert "nowhere" in shown["hint"]
    assert "LESION_CASES" in shown["hint"]
    assert shown["rows"] == [("m", "could not be assessed"), ("n", "score 0.250"), ("R1", "4")]
    assert shown["more"] == (("fold", "1"),)
