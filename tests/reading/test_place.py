import pytest

from lesion_core.reading.order import draw_steps
from lesion_core.reading.place import nearest_correctable
from tests.reading.studies import study


@pytest.mark.parametrize(
    ("changes", "before", "answered", "expected"),
    [
        ({"come_back": "any"}, 3, 3, 2),
        ({"come_back": "any"}, 2, 3, 1),
        ({"come_back": "any"}, 0, 3, -1),
        ({"come_back": "any"}, 0, 0, -1),
        ({"come_back": "last"}, 3, 3, 2),
        ({"come_back": "last"}, 2, 3, -1),
        ({"come_back": "no"}, 3, 3, -1),
        ({"come_back": "any", "purpose": "teach"}, 3, 3, -1),
        ({"come_back": "any", "design": "sequential"}, 4, 4, 3),  # places 0, 2, 4 are the locked ones
        ({"come_back": "any", "design": "sequential"}, 3, 4, 1),
        ({"come_back": "any", "design": "sequential"}, 5, 5, 3),
        ({"come_back": "any", "design": "sequential"}, 1, 1, -1),
        ({"come_back": "last", "design": "sequential"}, 5, 5, -1),
        ({"come_back": "any", "design": "crossover"}, 6, 6, -1),  # the first period, places 0 to 5, is closed
        ({"come_back": "any", "design": "crossover"}, 8, 8, 7),
        ({"come_back": "any", "design": "crossover"}, 6, 8, -1),
        ({"come_back": "any", "design": "crossover"}, 12, 12, 11),
    ],
)
def test_the_nearest_earlier_answer_that_may_be_corrected(changes, before, answered, expected):
    made = study(**changes)
    assert nearest_correctable(made, draw_steps(made, "Ann"), answered, before=before) == expected
