import pytest

from lesion_core.results import paper


@pytest.mark.parametrize("column", [*paper.TABLE_1, *paper.TABLE_2])
def test_every_breakdown_adds_up_or_is_known_not_to(column):
    assert sum(count for _, count in column.planes) == column.n
    assert sum(count for _, count in column.machines) == column.n
    assert sum(count for _, count in column.categories) == column.n
    if column.locations:
        assert sum(count for _, count in column.locations) == column.n


def test_sizes():
    assert paper.sizes("thyroid") == (45, 57)
    assert paper.sizes("breast") == (52, 52)
    assert sum(paper.sizes("thyroid", "development")) == 719
    assert sum(paper.sizes("breast", "development")) == 672
    assert sum(paper.sizes("thyroid")) + 719 == paper.THYROID_PATIENTS
    assert sum(paper.sizes("breast")) + 672 == paper.BREAST_PATIENTS
    assert paper.PATIENTS_BEFORE_EXCLUSION - paper.PATIENTS_EXCLUDED == 821 + 776


def test_readings():
    assert [row.reader for row in paper.READINGS] == ["TNet", "R1", "R2", "R3"] * 2
    row = paper.reading("breast", "R3")
    assert str(row.area) == "0.777 (0.682-0.872)"
    assert [str(figure) for _, figure in row.rates.named()] == ["59.6", "98.1", "78.8"]
    assert str(paper.TABLE_3[1].area) == "0.888"


def test_it_is_called_held_out():
    assert paper.population("thyroid", "held-out test (paper)", "benign").n == 57
