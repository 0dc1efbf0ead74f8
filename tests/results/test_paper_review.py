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
    found = {f.key: f for f in review.findings()}["breast-denominators"]
    assert not found.follows
    assert "57 is the thyroid set's benign count (57) and 47 = 104 - 57" in found.recomputed
    true = next(r for r in review.reviewed_readings() if (r.reading.organ, r.reading.reader) == ("breast", "TNet"))
    assert round(true.recomputed.value, 3) == 0.865


def test_average_reader_is_one_imaginary_reader():
    assert review.average_counts("thyroid") == Point(35, 45, 48, 57)
    assert review.average_counts("breast") == Point(30, 52, 48, 52)
    for organ, area, low, high in (("thyroid", 0.810, 0.720, 0.900), ("breast", 0.750, 0.653, 0.847)):
        found = point_interval(review.average_counts(organ), method="spss")
        assert (round(found.value, 3), round(found.low, 3), round(found.high, 3)) == (area, low, high)
    keys = {f.key: f for f in review.findings()}
    assert keys["average-reader-thyroid"].follows
    assert "not an interval over readers" in keys["average-reader-breast"].recomputed


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


@pytest.mark.parametrize(
    ("key", "follows", "part"),
    [
        ("bnet-thyroid", False, "30/45 = 66.7"),
        ("bnet-breast", True, "46/52 and 45/52"),
        ("tnet-development-breast", True, "259/299 and 325/373"),
        ("tbnet", False, "only 67/90 + 101/114 = 168/204"),
        ("tbnet", False, "97 malignant and 109 benign"),
        ("fold-area-TNet", True, "0.8625"),
        ("fold-area-BNet", False, "0.8890"),
        ("discussion-tnet-breast", False, "the two are swapped"),
        ("discussion-bnet-thyroid", False, "these are their breast counts; on thyroid 78.5/81.7/84.2"),
        ("mean-age", False, "57.0 by weight"),
        ("breast-planes", False, "427 in Table 1"),
        ("held-out", False, "373 - 52 = 321 and 299 - 52 = 247"),
        ("iterations", True, "20 epochs x 454"),
        ("thyroid-age", False, "56.0 by weight of Table 2, and Table 1's benign breast lesions have 55.3 ± 12.6"),
    ],
)
def test_other_findings(key, follows, part):
    found = {f.key: f for f in review.findings()}[key]
    assert found.follows is follows
    assert part in found.recomputed


def test_findings_are_complete_and_named_once():
    found = review.findings()
    assert len({f.key for f in found}) == len(found)
    assert all(f.about and f.published and f.recomputed and f.how for f in found)
    assert sum(f.key.startswith("counts-") and f.follows for f in found) == 8
    assert [f.key for f in found if f.key.startswith("area-") and not f.follows] == [
        f"area-breast-{reader}" for reader in ("TNet", "R1", "R2", "R3")
    ]


def test_findings_change_with_the_figures(monkeypatch):
    """Nothing is written down beforehand: with other figures the review says otherwise."""
    for cached in (review.findings, review.reviewed_readings, review.area_sizes, review.reviewed_p_values):
        cached.cache_clear()
    monkeypatch.setattr(paper, "MEAN_AGE_OF_ALL", 57.0)
    monkeypatch.setattr(paper, "ITERATIONS", 9000)
    monkeypatch.setattr(paper, "P_VALUES", (("R1", paper.Printed.of("0.0424")), *paper.P_VALUES[1:]))
    found = {f.key: f for f in review.findings()}
    assert found["mean-age"].follows
    assert not found["iterations"].follows
    assert found["p-R1"].follows
    for cached in (review.findings, review.reviewed_readings, review.area_sizes, review.reviewed_p_values):
        cached.cache_clear()
