"""Tables 4 and 5 to the digit, row by row, against figures typed in from the paper here and nowhere else."""

import pytest

from lesion_core.results.observers.published import (
    method_shown,
    published_rows,
    published_tests,
    rate_ranges,
)

#: organ, reader: TPR, TNR, ACC; AUC, its interval; method and sizes (malignant, benign) by which they follow.
TABLES = {
    ("thyroid", "TNet"): ("84.4 87.7 86.3", "0.861 0.792 0.929", "DeLong", (45, 57)),
    ("thyroid", "R1"): ("68.9 82.5 76.5", "0.757 0.658 0.855", "SPSS non-parametric", (45, 57)),
    ("thyroid", "R2"): ("86.7 84.2 85.3", "0.854 0.775 0.934", "SPSS non-parametric", (45, 57)),
    ("thyroid", "R3"): ("80.0 86.0 83.3", "0.830 0.744 0.916", "SPSS non-parametric", (45, 57)),
    ("thyroid", "AvgR"): ("", "0.810 0.720 0.900", "SPSS non-parametric", (45, 57)),
    ("breast", "TNet"): ("88.5 84.6 86.5", "0.875 0.804 0.947", "SPSS non-parametric", (47, 57)),
    ("breast", "R1"): ("65.4 86.5 76.0", "0.756 0.660 0.853", "SPSS non-parametric", (47, 57)),
    ("breast", "R2"): ("50.0 92.3 71.2", "0.698 0.593 0.802", "SPSS non-parametric", (47, 57)),
    ("breast", "R3"): ("59.6 98.1 78.8", "0.777 0.682 0.872", "SPSS non-parametric", (47, 57)),
    ("breast", "AvgR"): ("", "0.750 0.653 0.847", "SPSS non-parametric", (52, 52)),
}


@pytest.mark.parametrize(("organ", "reader"), TABLES)
def test_each_row_comes_out_to_the_digit(organ, reader):
    rates, area, method, sizes = TABLES[organ, reader]
    row = next(each for each in published_rows(organ) if each.reader == reader)
    if rates:
        found = [100 * each.value for each in (row.sensitivity, row.specificity, row.accuracy)]
        assert [f"{each:.1f}" for each in found] == rates.split()
        assert " ".join(row.printed_rates) == rates.replace("86.0", "86.0")
    used = row.as_printed
    assert [f"{each:.3f}" for each in (used.value, used.low, used.high)] == area.split()
    assert row.printed_area == "{} ({}-{})".format(*area.split())
    assert (used.method, row.sizes) == (method, sizes)
    assert method_shown(row) == f"{method}, over {sizes[0]} malignant and {sizes[1]} benign"


def test_what_does_not_follow_is_marked_with_the_reason():
    marked = {(row.organ, row.reader) for organ in ("thyroid", "breast") for row in published_rows(organ) if row.reason}
    assert {("breast", "TNet"), ("breast", "R1"), ("breast", "R2"), ("breast", "R3")} <= marked
    assert not {("thyroid", "TNet"), ("thyroid", "R1")} & marked
    tnet = next(row for row in published_rows("breast") if row.reader == "TNet")
    assert "over 47 malignant and 57 benign instead of 52 and 52" in tnet.reason
    assert f"{tnet.area.value:.3f}" == "0.865"


def test_the_recorded_category_is_one_more_reader():
    thyroid, breast = (published_rows(organ)[-1] for organ in ("thyroid", "breast"))
    assert (thyroid.reader, breast.reader) == ("recorded TI-RADS", "recorded BI-RADS")
    assert (thyroid.counts.tp, thyroid.counts.tn) == (45, 43)
    assert [f"{v:.3f}" for v in (thyroid.area.value, thyroid.area.low, thyroid.area.high)] == [
        "0.878",
        "0.812",
        "0.943",
    ]
    assert [f"{v:.3f}" for v in (breast.area.value, breast.area.low, breast.area.high)] == ["0.867", "0.802", "0.932"]
    assert method_shown(thyroid) == "not printed"


def test_p_is_a_range():
    tests = published_tests("thyroid")
    assert [(each.reader, str(each.published), each.possible) for each in tests] == [
        ("R1", "0.0004", False),
        ("R2", "0.1536", False),
        ("R3", "0.0424", False),
    ]
    assert all(each.published is None for each in published_tests("breast"))
    sensitivity, specificity = rate_ranges("breast", "R1")
    assert sensitivity.overlaps == min(46, 34) - max(0, 46 + 34 - 52) + 1
    assert 0 < sensitivity.lowest < sensitivity.highest < 1
    assert specificity.highest <= 1
