import pytest

from lesion_core.errors import InputError
from lesion_core.reading.answer import Event, read_answer
from lesion_core.reading.study import Question
from tests.reading.studies import study

ALL = study(
    question=Question(call=True, suspicion=True, system="bi-rads-us", descriptors=True, action=True, border=True)
)
GOOD = {
    "position": 3,
    "answer_key": "0123456789abcdef",
    "call": 1,
    "suspicion": 70,
    "rating": "4b",
    "action": "biopsy",
    "descriptors": {"Margin": ["angular", "spiculated"], "Shape": ["irregular"]},
    "border": [[1, 2], [3, 4], [5, 6.5]],
    "seconds": 12.5,
    "events": [{"what": "blur", "at_s": 3.14159}],
}


def test_a_whole_answer():
    answer = read_answer(GOOD, ALL)
    assert answer.descriptors == (("Shape", ("irregular",)), ("Margin", ("angular", "spiculated")))
    assert answer.border == ((1, 2), (3, 4), (5, 6.5))
    assert answer.events == (Event("blur", 3.142),)
    assert (answer.call, answer.suspicion, answer.rating, answer.action) == (1, 70, "4b", "biopsy")


def test_cannot_assess_stands_alone():
    bare = {"position": 0, "answer_key": "0123456789", "assessed": False}
    assert not read_answer(bare, ALL).assessed
    with pytest.raises(InputError, match="stands alone"):
        read_answer(bare | {"call": 0}, ALL)


def test_a_case_that_was_left_open_for_more_than_a_day_is_answered_and_says_so():
    answer = read_answer(GOOD | {"seconds": 90_000.0005}, ALL)
    assert (answer.call, answer.seconds) == (1, 86_400.0)
    assert answer.events == (Event("blur", 3.142), Event("capped", 90_000.0))
    to_the_second = read_answer(GOOD | {"seconds": 86_400}, ALL)
    assert (to_the_second.seconds, to_the_second.events) == (86_400.0, (Event("blur", 3.142),))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"call": None}, "call is missing"),
        ({"call": 2}, "call must be a whole number from 0 to 1"),
        ({"call": True}, "call must be a whole number"),
        ({"suspicion": 101}, "suspicion must be a number from 0 to 100"),
        ({"suspicion": float("nan")}, "suspicion must be a number"),
        ({"suspicion": 10**400}, "suspicion must be a number from 0 to 100"),
        ({"rating": "6"}, "'6' is no category"),
        ({"rating": ["4b"]}, "rating must be a short text"),
        ({"action": "surgery"}, "action is 'surgery'"),
        ({"descriptors": {"Margin": ["soft"]}}, "Margin: choose among"),
        ({"descriptors": {"Shape": ["oval", "round"]}}, "Shape: one answer only"),
        ({"descriptors": {"Colour": ["red"]}}, "no descriptor 'Colour'"),
        ({"border": []}, "the border is missing"),
        ({"border": [[1, 2], [3]]}, "a border is a list of"),
        ({"border": [[0, 0]] * 2001}, "at most 2000 points"),
        ({"seconds": -1}, "seconds must be"),
        ({"seconds": "5"}, "seconds must be"),
        ({"seconds": float("inf")}, "seconds must be a number of 0 or more"),
        ({"events": [{"what": "x", "at_s": 1}]}, "an event is one of"),
        ({"events": [{"what": "capped", "at_s": 1}]}, "an event is one of"),
        ({"answer_key": "short"}, "answer_key must"),
        ({"position": -1}, "position must be"),
        ({"assessed": "no"}, "assessed must be true or false"),
        ({"label": 1}, "an answer has no field 'label'"),
    ],
)
def test_nothing_unasked_or_malformed_comes_in(change, said):
    with pytest.raises(InputError, match=said):
        read_answer(GOOD | change, ALL)


def test_what_is_not_asked_is_refused():
    for field, value in (("suspicion", 5), ("rating", "3"), ("action", "biopsy")):
        with pytest.raises(InputError, match=f"{field} is not asked"):
            read_answer({"position": 0, "answer_key": "0123456789", "call": 1, field: value}, study())
    with pytest.raises(InputError, match="must be a JSON object"):
        read_answer([1], study())
