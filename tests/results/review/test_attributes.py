import numpy as np

from lesion_core.cases.table import Case
from lesion_core.results.review.attributes import Attributes, attributes_of_cases, levels_of, merged


def column(*values):
    return np.array(values, dtype=np.str_)


def test_levels_are_in_order_and_unknown_comes_last():
    names, codes = levels_of(column("4b", "3", "", "4a", "10"))
    assert names == ("3", "4a", "4b", "10", "not stated")
    assert [names[code] for code in codes] == ["4b", "3", "not stated", "4a", "10"]


def test_large_numbers_are_written_out():
    large = column(*(str(each) for each in range(10_000, 70_000, 3_000)))
    assert levels_of(large)[0] == ("up to 29000", "29000 to 48000", "above 48000")


def test_many_numbers_are_cut_at_their_thirds():
    values = column(*(str(each) for each in range(30)), "")
    names, codes = levels_of(values)
    assert names == ("up to 9.667", "9.667 to 19.33", "above 19.33", "not stated")
    assert np.bincount(codes).tolist() == [10, 10, 10, 1]


def test_few_numbers_stay_as_they_are():
    assert levels_of(column("1", "2", "2"))[0] == ("1", "2")


def test_cases_give_their_attributes():
    known = attributes_of_cases(
        [Case("a", "breast", "a.png", 1, "mixed", machine="x", age=51.5), Case("b", "breast", "b.png", 0, "mixed")],
        source="by hand",
    )
    assert known.aligned("age", ["b", "a", "c"]).tolist() == ["", "51.5", ""]
    assert known.names == ("organ", "machine", "age")
    assert known.of("a") == (("Organ", "breast"), ("Machine", "x"), ("Age, years", "51.5"))
    assert known.of("nobody") == ()


def test_merged_keeps_the_first_word():
    one = Attributes(column("a", "b"), {"machine": column("x", "")}, "One.")
    two = Attributes(
        column("b", "c", "a"), {"machine": column("y", "z", "w"), "plane": column("", "", "radial")}, "Two."
    )
    both = merged(one, two)
    assert both.aligned("machine", ["a", "b", "c"]).tolist() == ["x", "y", "z"]
    assert both.aligned("plane", ["a", "b"]).tolist() == ["radial", ""]
    assert both.source == "One. Two."
