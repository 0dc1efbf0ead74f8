import pytest

from lesion_core.errors import InputError
from lesion_core.reading.systems import SYSTEMS, level_of, system


@pytest.mark.parametrize("each", SYSTEMS.values(), ids=lambda each: each.name)
def test_every_system_is_whole(each):
    assert len(each.categories) == len(each.meanings) == len(set(each.categories))
    assert [each.rank(category) for category in each.categories] == list(range(1, 1 + len(each.categories)))
    for descriptor in each.descriptors:
        assert len(set(descriptor.options)) == len(descriptor.options)
        assert len(descriptor.points) in (0, len(descriptor.options))
    assert len(each.levels) in (0, len(each.categories))


@pytest.mark.parametrize(
    ("points", "level"), [(0, "1"), (1, "1"), (2, "2"), (3, "3"), (4, "4"), (6, "4"), (7, "5"), (14, "5")]
)
def test_levels_of_acr_ti_rads_2017(points, level):
    assert level_of(points, system("acr-ti-rads")) == level


def test_the_most_suspicious_nodule_of_the_acr_chart():
    by_name = {each.name: max(each.points) for each in system("acr-ti-rads").descriptors}
    assert by_name == {"Composition": 2, "Echogenicity": 3, "Shape": 3, "Margin": 3, "Echogenic foci": 3}


def test_unknown_names():
    with pytest.raises(InputError, match="no reading system named 'x'"):
        system("x")
    with pytest.raises(InputError, match="'9' is no category"):
        system("bi-rads-us").rank("9")
