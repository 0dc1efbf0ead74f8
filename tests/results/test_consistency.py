import itertools

import pytest

from lesion_core.errors import StatisticsError
from lesion_core.results.consistency import (
    Printed,
    PrintedArea,
    PrintedRates,
    check_study,
    explain_area,
    fitting_counts,
    search_area_sizes,
    search_sizes,
)
from lesion_core.stats.point import Point, point_interval


def test_printed_figures():
    figure = Printed.of("84.4")
    assert (figure.value, figure.decimals) == (84.4, 1)
    assert figure.allows(100 * 38 / 45)
    assert figure.allows(84.45)
    assert figure.allows(84.35)
    assert not figure.allows(84.46)
    assert not figure.allows(84.49)
    assert figure.allows(84.49, cut=True)
    assert not figure.allows(84.5, cut=True)
    assert Printed.of("86").allows(100 * 49 / 57)
    assert str(Printed.of("0.830")) == "0.830"
    with pytest.raises(StatisticsError, match="no printed figure"):
        Printed.of("n/a")


def test_only_counts_by_trying_all():
    rates = PrintedRates.of("84.4", "87.7", "86.3")
    expected = [
        (tp, tn)
        for tp, tn in itertools.product(range(46), range(58))
        if (round(100 * tp / 45, 1), round(100 * tn / 57, 1), round(100 * (tp + tn) / 102, 1)) == (84.4, 87.7, 86.3)
    ]
    found = check_study(45, 57, rates)
    assert [(point.tp, point.tn) for point in found.fits] == expected == [(38, 50)]
    assert found.consistent
    assert found.suspects == ()
    assert found.sentence() == "38/45 and 50/57 give every printed figure"


def test_several_counts_fit_coarse_figures():
    found = check_study(200, 200, PrintedRates.of("80", None, None))
    assert {point.tp for point in found.fits} == {159, 160, 161}
    assert "or" in found.sentence()


def test_a_figure_that_no_integer_gives():
    found = check_study(45, 57, PrintedRates.of("67.6", "86", "77.5"))
    assert not found.consistent
    assert found.impossible == ("sensitivity",)
    assert found.suspects == (("sensitivity",),)
    assert found.repaired == ((Point(30, 45, 49, 57),),)
    assert "no integer gives sensitivity 67.6; without sensitivity 30/45 and 49/57 would fit" in found.sentence()


def test_figures_that_only_clash():
    found = check_study(50, 50, PrintedRates.of("80.0", "90.0", "87.0"))
    assert found.impossible == ()
    assert set(found.suspects) == {("sensitivity",), ("specificity",), ("accuracy",)}


def test_two_wrong_figures():
    found = check_study(10, 10, PrintedRates.of("33.3", "33.3", "50.0"))
    assert found.impossible == ("sensitivity", "specificity")
    assert found.suspects == (("sensitivity", "specificity"),)
    assert len(found.repaired[0]) == 11


def test_sizes():
    found = search_sizes(20, PrintedRates.of("75.0", "50.0", "60.0"))
    assert found == (Point(6, 8, 6, 12),)
    assert search_sizes(20, PrintedRates.of("75.0", "50.0", "61.0")) == ()


def test_areas_are_explained_and_their_sizes_found():
    points = [Point(20, 24, 25, 31), Point(17, 24, 29, 31), Point(22, 24, 20, 31)]
    printed = []
    for point in points:
        found = point_interval(point, method="spss")
        printed.append(PrintedArea.of(f"{found.value:.3f}", f"{found.low:.3f}", f"{found.high:.3f}"))
    assert all("spss" in explain_area(point, row) for point, row in zip(points, printed, strict=True))
    assert explain_area(Point(20, 25, 25, 31), printed[0]) == ()
    counts = [(point.tp, point.tn) for point in points]
    assert search_area_sizes(counts, printed, largest=120) == ((24, 31),)
    assert search_area_sizes(counts, printed, largest=120, method="delong") == ()


def test_a_rate_not_printed_allows_every_count():
    assert len(fitting_counts(3, 4, PrintedRates(None, None, None))) == 20
    rates = PrintedRates.of("50.0", "25.0", None)
    assert rates.without(["specificity"]) == PrintedRates.of("50.0", None, None)


def test_unusable_input():
    with pytest.raises(StatisticsError, match="both classes"):
        check_study(0, 5, PrintedRates.of("50", "50", "50"))
    with pytest.raises(StatisticsError, match="one of each"):
        search_area_sizes([], [], largest=10)
    with pytest.raises(StatisticsError, match="one of each"):
        search_area_sizes([(1, 2)], [], largest=10)
