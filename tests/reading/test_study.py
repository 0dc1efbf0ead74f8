import json
from dataclasses import replace

import pytest

from lesion_core.errors import TableError
from lesion_core.reading.study import Order, Question, View, checked, study_from_json, study_to_json
from tests.reading.studies import items, study


def test_round_trip():
    made = study(
        question=Question(call=True, suspicion=True, system="acr-ti-rads", descriptors=True, action=True, border=True),
        order=Order(7, 3, 2),
        time_limit_s=30.0,
    )
    assert study_from_json(study_to_json(made)) == made


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "the title must have"),
        ({"items": ()}, "there are 0 lesions"),
        ({"items": items((0, 1)) + items((0, 1))}, "its name stands twice"),
        ({"question": Question(call=False)}, "nothing is asked"),
        ({"question": Question(system="x")}, "no reading system named 'x'"),
        ({"question": Question(system="five-point", descriptors=True)}, "the chosen system has none"),
        ({"readers": ()}, "there are no readers"),
        ({"readers": ("Ann", "Ann")}, "'Ann' stands twice"),
        ({"readers": ("Ann\n",)}, "a reader's name must"),
        ({"ethics": ""}, "the ethics and consent note is empty"),
        ({"design": "crossover", "washout_days": 27}, "allowed are 28 or more"),
        ({"design": "crossover", "items": items((1,))}, "it needs at least 2"),
        ({"readers": ("Ann\ud800",)}, "a reader's name must have"),
        ({"design": "sequential", "model": None}, "no model is named"),
        ({"design": "sequential", "items": items((0, 1), scores=False)}, "has no score, but the aided arm shows one"),
        ({"purpose": "teach", "design": "sequential"}, "it has one arm"),
        ({"purpose": "teach", "question": Question(call=False, suspicion=True)}, "ask for benign or malignant"),
        ({"time_limit_s": 0.5}, "the time limit is 0.5 s"),
        ({"order": Order(repeats=4)}, "4 repeated cases of 6"),
    ],
)
def test_what_cannot_be_read_is_said(changes, said):
    with pytest.raises(TableError) as caught:
        checked(study(**changes))
    assert any(said in problem for problem in caught.value.problems), caught.value.problems


def test_all_problems_are_listed_at_once():
    with pytest.raises(TableError) as caught:
        checked(study(title="", ethics="", readers=()))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw | {"format": 2}, "format is 2"),
        (lambda raw: raw | {"tittle": "x"}, "tittle"),
        (lambda raw: raw | {"purpose": "exam"}, "purpose"),
        (lambda raw: [raw], "format is None"),
    ],
)
def test_damaged_files(change, said):
    text = json.dumps(change(json.loads(study_to_json(study()))))
    with pytest.raises(TableError, match=said):
        study_from_json(text)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "9" * 5000])
def test_text_that_is_no_json(text):
    with pytest.raises(TableError, match="it is no JSON"):
        study_from_json(text)


def test_too_many_views():
    view = View("a", (1, 1), "0" * 64)
    item = replace(items((0,))[0], views=(view,) * 5)
    with pytest.raises(TableError, match="has 5 images"):
        checked(study(items=(item,)))
