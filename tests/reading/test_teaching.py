import math
from dataclasses import replace

import pytest

from lesion_core.reading.study import Question
from lesion_core.reading.teaching import class_result, label_words, reveal
from lesion_core.stats.proportions import wilson
from tests.reading.studies import answer, bundle, enter, items, study


@pytest.fixture
def opened(store):
    return store.open_study(bundle(study(purpose="teach")))


def right_call(store, sitting, at):
    return store.study(sitting.study_id).items[store.steps(sitting.reader_id)[at].item].label


def test_the_running_score_beside_model_and_readers(store, desk, opened):
    bob = enter(desk, opened, "Bob")
    for at in range(6):
        desk.record(bob, answer(at, answer_key=f"bob-{at}-0000", call=1))
    ann = enter(desk, opened, "Ann")
    for at in range(4):
        wrong = at == 0
        desk.record(ann, answer(at, answer_key=f"ann-{at}-0000", call=right_call(store, ann, at) ^ wrong))
    shown = reveal(store, ann, 3)
    assert shown.agrees
    interval = wilson(3, 4)
    ends = f"{100 * interval.low:.0f} to {100 * interval.high:.0f} %"
    assert shown.score[0] == f"You: 3 of 4 calls agree with the labels, 75 % (95 % CI {ends}, Wilson)."
    assert shown.score[1].startswith("bnet at its threshold: ")
    assert " of 4 calls" in shown.score[1]
    assert shown.score[2].startswith("1 other readers on the same cases: ")
    assert shown.readers == "1 of 1 other readers so far called it malignant."
    assert "the threshold 0.40" in shown.model
    assert not reveal(store, ann, 0).agrees


def test_a_case_that_was_not_assessed(store, desk, opened):
    ann = enter(desk, opened, "Ann")
    desk.record(ann, answer(0, assessed=False, call=None))
    shown = reveal(store, ann, 0)
    assert (shown.agrees, shown.verdict) == (None, "You did not assess this case.")
    assert shown.score[0] == "You: nothing called yet."


@pytest.mark.parametrize(
    ("source", "target", "label", "words"),
    [
        ("histopathology", "histology malignant", 1, "malignant (histopathology)"),
        ("follow-up", "histology malignant", 0, "benign (follow-up)"),
        (
            "tirads",
            "TI-RADS 4a or higher",
            1,
            "TI-RADS 4a or higher: met (TI-RADS grade of one reader, no histology)",
        ),
        (
            "tirads",
            "TI-RADS 4a or higher",
            0,
            "TI-RADS 4a or higher: not met (TI-RADS grade of one reader, no histology)",
        ),
        ("folder", "labelled malignant", 1, "labelled malignant: yes (by its folder's name, proof not stated)"),
        ("", "mixed", 0, "mixed: no (by the data set, proof not stated)"),
        ("phantom", "labelled malignant", 1, "a phantom drawn as malignant (synthetic, no patient)"),
    ],
)
def test_a_label_is_called_what_it_is(source, target, label, words):
    item = replace(items((label,), source=source)[0], target=target)
    assert label_words(item) == words
    assert "truth" not in label_words(item)


def test_a_class_result_has_no_ranking(store, desk, opened):
    for name, call in (("Bob", 1), ("Ann", 0)):
        sitting = enter(desk, opened, name)
        for at in range(2):
            desk.record(sitting, answer(at, answer_key=f"{name}-{at}-0000", call=call, seconds=2.0 + at))
    ann, bob = class_result(store, opened.study_id)
    assert (ann.reader, bob.reader) == ("Ann", "Bob")
    assert (ann.right.n, ann.total, ann.median_s) == (2, 6, 2.5)


def test_nobody_has_read_yet(store):
    opened = store.open_study(bundle(study(purpose="teach", question=Question(call=True))))
    ann, _ = class_result(store, opened.study_id)
    assert not ann.right.defined
    assert math.isnan(ann.median_s)
