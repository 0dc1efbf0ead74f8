import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.results.review.attributes import NONE, Attributes
from lesion_core.results.review.selection import Selection, attribute_of_units, choose
from tests.results.review.columns import run

NAN = float("nan")
RUN = run([1, 1, 0, 0, 1, 0], [0.9, 0.2, 0.8, 0.1, NAN, NAN], patients=list("pqrstu"), folds=[1, 2, 1, 2, 1, 2])
KNOWN = Attributes(np.array(["a0", "a1", "a2"]), {"machine": np.array(["x", "y", "x"])}, "by hand")


def names(asked, threshold=0.5, attributes=KNOWN, unit="patient"):
    view = RUN.in_unit(unit)
    return view.names[choose(asked, view, threshold=threshold, attributes=attributes)].tolist()


CELLS = {"tp": "p", "fn": "q", "fp": "r", "tn": "s", "unassessed-positive": "t", "unassessed-negative": "u"}


@pytest.mark.parametrize(("cell", "expected"), CELLS.items())
def test_each_cell(cell, expected):
    assert names(Selection(cell=cell)) == [expected]


def test_the_cells_share_out_every_unit_at_any_threshold():
    cells = ("tp", "fn", "fp", "tn", "unassessed-positive", "unassessed-negative")
    for threshold in (0.0, 0.1, 0.2, 0.5, 0.9, 1.0):
        assert sorted(each for cell in cells for each in names(Selection(cell=cell), threshold)) == list("pqrstu")


def test_a_score_at_the_threshold_is_above_it():
    assert names(Selection(cell="tp"), 0.9) == ["p"]


def test_bars_hold_their_lower_end_and_the_last_one_its_upper():
    assert names(Selection(low=0.1, high=0.2)) == ["s"]
    assert names(Selection(low=0.2, high=0.8)) == ["q"]
    assert names(Selection(low=0.9, high=1.0)) == ["p"]


def test_folds_attributes_and_named_cases():
    assert names(Selection(fold=2)) == ["q", "s", "u"]
    assert names(Selection(attribute="machine", level="x")) == ["p", "r"]
    assert names(Selection(attribute="machine", level="not stated")) == ["s", "t", "u"]
    assert names(Selection(attribute="machine", level="nothing")) == []
    assert names(Selection(attribute="organ", level="breast"), attributes=NONE) == list("pqrstu")
    assert names(Selection(cases=("a1", "a5"), words="named")) == ["q", "u"]


def test_a_patients_measurement_is_the_mean_over_the_views():
    both = run([1, 1, 0, 0], [0.9, 0.2, 0.8, 0.1], patients=["p", "p", "q", "r"]).in_unit("patient")
    areas = np.array(["10", "15", "7", "", *(str(each) for each in range(20, 40))])
    names = np.array([f"a{at}" for at in range(areas.size)])
    many = run([0] * 24, [0.5] * 24, patients=["p", "p", "q", "r", *(f"s{at}" for at in range(20))]).in_unit("patient")
    known = Attributes(names, {"area_px": areas, "machine": np.array(["x", "y", "x", ""] * 6)})
    found = dict(zip(many.names.tolist(), attribute_of_units(many, known, "area_px").tolist(), strict=True))
    assert (found["p"], found["q"], found["r"], found["s3"]) == ("12.5", "7", "", "23")
    # A few numbers are names of levels, such as categories: views that differ are "several".
    assert attribute_of_units(both, known, "area_px").tolist() == ["several", "7", ""]
    assert attribute_of_units(both, known, "machine").tolist() == ["several", "x", ""]


def test_parts_must_all_hold():
    assert names(Selection(cell="fn", fold=1)) == []
    assert names(Selection(cell="fn", fold=2)) == ["q"]


def test_a_selection_survives_a_link():
    for asked in (
        Selection(),
        Selection(cell="fn", fold=3),
        Selection(low=0.1, high=0.25),
        Selection(attribute="machine", level="GE Logiq 7 @10-14MHz & more=1"),
        Selection(cases=("a b", "c&d"), words="wrong: model only"),
    ):
        assert Selection.from_query(asked.as_query()) == asked


@pytest.mark.parametrize("text", ["cell=all", "fold=x", "low=much"])
def test_a_bad_link_says_so(text):
    with pytest.raises(InputError, match="holds no selection"):
        Selection.from_query(text)


def test_in_words():
    assert Selection().sentence("patient") == "patients: all"
    asked = Selection(cell="fn", fold=3)
    assert asked.sentence("patient") == "patients: positive, called below the threshold (missed); fold 3"
