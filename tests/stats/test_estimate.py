import dataclasses
import math

import pytest

from lesion_core.stats.estimate import Comparison, Estimate, number, signed, undefined, undefined_test


def test_sentences():
    estimate = Estimate("AUC", 0.8605, 0.7921, 0.9289, 0.95, "DeLong", 102)
    assert estimate.sentence() == "AUC 0.861 (95 % CI 0.792 to 0.929, DeLong, n = 102)"
    assert estimate.with_note("Post hoc.").sentence().endswith("n = 102) Post hoc.")
    assert dataclasses.replace(estimate, level=0.975, clusters=60).sentence() == (
        "AUC 0.861 (97.5 % CI 0.792 to 0.929, DeLong, n = 102 in 60 clusters)"
    )
    ratio = Estimate("likelihood ratio", math.inf, 3.0, math.inf, 0.95, "log", 9)
    assert ratio.sentence() == "likelihood ratio infinity (95 % CI 3.000 to infinity, log, n = 9)"
    test = Comparison("AUC, A minus B", 0.011, -0.176, 0.198, 0.95, "DeLong", 43, 0.11, 0.0004)
    assert test.sentence() == "AUC, A minus B 0.011 (95 % CI -0.176 to 0.198), p < 0.001 (DeLong, n = 43)"
    bare = dataclasses.replace(test, value=math.nan, p_value=0.25, name="all equal").with_note("Note.")
    assert bare.sentence() == "all equal (95 % CI -0.176 to 0.198), p = 0.250 (DeLong, n = 43) Note."


def test_undefined_says_why():
    estimate = undefined("AUC", "one class", method="DeLong", n=3, level=0.95)
    assert not estimate.defined
    assert estimate.sentence() == "AUC: undefined (one class)"
    no_interval = Estimate("mean AUC", 0.8, math.nan, math.nan, 0.95, "x", 9, reason="one fold")
    assert no_interval.sentence() == "mean AUC 0.800 (no interval: one fold; n = 9)"
    test = undefined_test("A minus B", "one class", method="DeLong", n=3, level=0.95, value=0.5)
    assert not test.defined
    assert test.sentence() == "A minus B 0.500: test undefined (one class; DeLong, n = 3)"


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        undefined("AUC", "one class", method="DeLong", n=3, level=0.95).value = 0


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (0.0126, 3, "+0.013"),
        (-0.0126, 3, "-0.013"),
        (-0.0005001, 3, "-0.001"),
        (-0.0004, 3, "0.000"),
        (0.0004, 3, "0.000"),
        (-0.0004, 4, "-0.0004"),
        (-0.004, 2, "0.00"),
        (0.0, 3, "0.000"),
        (-0.0, 3, "0.000"),
    ],
)
def test_a_difference_has_a_sign_unless_it_is_shown_as_0(value, decimals, shown):
    assert signed(value, decimals) == shown


def test_no_number_is_minus_0():
    assert (number(-0.0004), number(-0.0126), number(-math.inf)) == ("0.000", "-0.013", "-infinity")
    found = Comparison("AUC, A minus B", -0.0001, -0.0126, 0.0124, 0.95, "DeLong, paired", 43, -0.02, 0.984)
    assert found.sentence() == "AUC, A minus B 0.000 (95 % CI -0.013 to 0.012), p = 0.984 (DeLong, paired, n = 43)"
