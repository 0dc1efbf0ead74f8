"""The review must arrive at each finding by computation; the numbers here were worked out by hand beforehand."""

import pytest

from lesion_core.results import paper
from lesion_core.results import paper_review as review
from lesion_core.stats.point import Point, point_interval


@pytest.mark.parametrize(
    ("organ", "reader", "tp", "tn"),
    [
        ("thyroid", "TNet", 38, 50),
        ("thyroid", "R1", 31, 47),
        ("thyroid", "R2", 39, 48),
        ("thyroid", "R3", 36, 49),
        ("breast", "TNet", 46, 44),
        ("breast", "R1", 34, 45),
        ("breast", "R2", 26, 48),
        ("breast", "R3", 31, 51),
    ],
)
def test_counts_behind_table_5(organ, reader, tp, tn):
    P, N = paper.sizes(organ)
    assert review.counts_of(organ, reader) == Point(tp, P, tn, N)


def test_published_areas_are_points_and_by_which_method():
    for reviewed in review.reviewed_readings():
        row, counts = reviewed.reading, reviewed.counts
        own = Point(counts.tp, reviewed.over[0], counts.tn, reviewed.over[1])
        assert row.area.area.allows(own.balanced_accuracy)
        is_model_on_thyroid = (row.organ, row.reader) == ("thyroid", "TNet")
        assert reviewed.method == ("delong" if is_model_on_thyroid else "spss")
        assert reviewed.over == ((45, 57) if row.organ == "thyroid" else (47, 57))


def test_breast_denominators_by_search():
    assert review.area_sizes("thyroid") == (45, 57)
    assert review.area_sizes("breast") == (47, 57)
    true = next(r for r in review.reviewed_readings() if (r.reading.organ, r.reading.reader) == ("breast", "TNet"))
    assert round(true.recomputed.value, 3) == 0.865


def test_average_reader_is_one_imaginary_reader():
    assert review.average_counts("thyroid") == Point(35, 45, 48, 57)
    assert review.average_counts("breast") == Point(30, 52, 48, 52)
    for organ, area, low, high in (("thyroid", 0.810, 0.720, 0.900), ("breast", 0.750, 0.653, 0.847)):
        found = point_interval(review.average_counts(organ), method="spss")
        assert (round(found.value, 3), round(found.low, 3), round(found.high, 3)) == (area, low, high)


@pytest.mark.parametrize(
    ("reader", "published", "low", "high", "accuracy", "totals"),
    [
        ("R1", 0.0004, 0.0008, 0.093, 0.0016, 0.0016),
        ("R2", 0.1536, 0.70, 0.90, 0.56, 0.32),
        ("R3", 0.0424, 0.082, 0.58, 0.083, 0.083),
    ],
)
def test_p_values_cannot_come_from_the_counts(reader, published, low, high, accuracy, totals):
    found = next(r for r in review.reviewed_p_values() if (r.organ, r.reader) == ("thyroid", reader))
    assert float(f"{found.delong.lowest:.{2 if low > 0.001 else 1}g}") == low
    assert float(f"{found.delong.highest:.2g}") == high
    assert float(f"{found.accuracy.lowest:.2g}") == accuracy
    assert float(f"{found.accuracy_from_totals.lowest:.2g}") == totals
    assert found.published is not None
    assert found.published.value == published
    assert not found.possible


def test_exact_mcnemar_of_the_first_radiologist():
    found = next(r for r in review.reviewed_p_values() if (r.organ, r.reader) == ("thyroid", "R1"))
    assert round(found.accuracy_exact.lowest, 3) == 0.002
    breast = [r for r in review.reviewed_p_values() if r.organ == "breast"]
    assert all(r.published is None and r.possible for r in breast)


def test_recorded_categories_as_a_reader():
    point, area = review.category_reader("thyroid")
    assert point == Point(45, 45, 43, 57)
    assert round(100 * point.accuracy, 1) == 86.3
    assert (round(area.value, 3), round(area.low, 3), round(area.high, 3)) == (0.878, 0.812, 0.943)
    point, area = review.category_reader("breast")
    assert point == Point(52, 52, 35, 52)
    assert (round(area.value, 3), round(area.low, 3), round(area.high, 3)) == (0.867, 0.802, 0.932)
