import math
from dataclasses import replace

import pytest

from lesion_core.reading.study import Order, Question
from lesion_core.reading.teaching import class_result, label_words, reveal
from lesion_core.stats.proportions import proportion_interval, wilson
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
    assert shown.score[2].startswith("Other readers on the same cases: ")
    bobs = [
        store.study(opened.study_id).items[each.item].label == 1
        for each in store.answers(opened.study_id)
        if each.reader == "Ann"
    ]
    assert shown.score[2].endswith(
        f"{100 * sum(bobs) / 4:.0f} % of 4 calls (no interval: the calls of a reader are not independent)."
    )
    assert shown.readers == "1 of 1 other reader so far called it malignant."
    assert "the threshold 0.40" in shown.model
    assert not reveal(store, ann, 0).agrees


def test_others_are_counted_by_their_newest_answers_without_repeats(store, desk):
    opened = store.open_study(bundle(study(order=Order(repeats=2), readers=("Ann", "Bob", "Cid"))))
    calls = {}
    for name in ("Bob", "Cid"):
        sitting = enter(desk, opened, name)
        steps = store.steps(sitting.reader_id)
        for at, step in enumerate(steps):
            call = (at + len(calls)) % 2
            desk.record(sitting, answer(at, answer_key=f"{name}-{at:06d}", call=1 - call))
            fixed = answer(at, answer_key=f"{name}-{at:06d}-again", revision=1, call=call)
            desk.record(sitting, fixed)
            if not step.repeat:
                calls.setdefault(step.item, []).append(call)
    ann = enter(desk, opened, "Ann")
    found = store.calls_of_others(opened.study_id, ann.reader_id)
    assert {item: (each.count, each.malignant) for item, each in found.items()} == {
        item: (len(said), sum(said)) for item, said in calls.items()
    }


def test_a_reveal_decodes_nobody_elses_steps(store, desk):
    opened = store.open_study(bundle(study(purpose="teach", readers=("Ann",), open_enrolment=True)))
    for number in range(30):
        entry = desk.enter(opened.study_id, f"R{number}", opened.join_code)
        desk.agree(desk.sitting(entry.token), experience="", display="")
        desk.record(desk.sitting(entry.token), answer(0, answer_key=f"r-{number:06d}"))
    ann = enter(desk, opened, "Ann")
    desk.record(ann, answer(0))
    store.steps.cache_clear()
    others = reveal(store, ann, 0).score[-1]
    assert others.startswith("Other readers on the same cases")
    assert store.steps.cache_info().misses == 1


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


def test_lesions_of_one_patient_are_not_taken_as_independent(store, desk):
    made = study(purpose="teach")
    patient_of = {each.item_id: f"patient {at // 2}" for at, each in enumerate(made.items)}
    pairs = tuple(replace(each, unit=patient_of[each.item_id]) for each in made.items)
    opened = store.open_study(bundle(graded(replace(made, items=pairs), ("4",) * len(pairs), rads_system="BI-RADS")))
    ann = enter(desk, opened, "Ann")
    items = [store.study(opened.study_id).items[step.item] for step in store.steps(ann.reader_id)]
    # Both lesions of a patient are called rightly, or both wrongly.
    right = [item.unit == "patient 0" for item in items]
    for at, (item, agrees) in enumerate(zip(items, right, strict=True)):
        desk.record(ann, answer(at, answer_key=f"ann-{at}-0000", call=item.label if agrees else 1 - item.label))
    expected = proportion_interval(right, groups=[item.unit for item in items])
    found = next(each for each in class_result(store, opened.study_id) if each.reader == "Ann").right
    assert (found.low, found.high, found.clusters) == (expected.low, expected.high, 3)
    ends = f"{100 * expected.low:.0f} to {100 * expected.high:.0f} %"
    score = reveal(store, ann, len(items) - 1).score
    assert score[0] == f"You: 2 of 6 calls agree with the labels, 33 % (95 % CI {ends}, Wilson, clustered)."
    assert [line.endswith(", Wilson, clustered).") for line in score] == [True, True, True]


def test_nobody_has_read_yet(store):
    opened = store.open_study(bundle(study(purpose="teach", question=Question(call=True))))
    ann, _ = class_result(store, opened.study_id)
    assert not ann.right.defined
    assert math.isnan(ann.median_s)


def graded(made, categories, **changes):
    pairs = zip(made.items, categories, strict=True)
    return replace(made, items=tuple(replace(each, rads=rads, **changes) for each, rads in pairs))


def test_the_recorded_category_is_shown_and_counted_from_4_on(store, desk):
    made = graded(study(purpose="teach"), ("2", "4a", "4", "3", "0", ""), rads_system="BI-RADS 2013")
    opened = store.open_study(bundle(made))
    ann = enter(desk, opened, "Ann")
    at = {store.steps(ann.reader_id)[place].item: place for place in range(6)}
    for place in range(6):
        desk.record(ann, answer(place, answer_key=f"ann-{place}-0000"))
    assert reveal(store, ann, at[1]).recorded == "BI-RADS 2013: 4a, one reader's category."
    assert reveal(store, ann, at[5]).recorded == ""
    # labels 0 1 0 1 0 1: right are 2 and 4a; 4 on a 0 and 3 on a 1 are wrong; 0 is no category, one has none
    (line,) = [line for line in reveal(store, ann, 5).score if line.startswith("The recorded category")]
    assert line.startswith("The recorded category, called malignant from 4 on: 2 of 4 calls agree with the labels")


def test_a_grade_that_is_the_label_is_no_second_opinion(store, desk):
    made = study(purpose="teach", items=items((0, 1, 0, 1, 0, 1), source="tirads"))
    opened = store.open_study(bundle(graded(made, ("2", "5") * 3, rads_system="TI-RADS")))
    ann = enter(desk, opened, "Ann")
    desk.record(ann, answer(0))
    shown = reveal(store, ann, 0)
    assert shown.recorded.startswith("TI-RADS: ")
    assert not any("recorded category" in line for line in shown.score)


def test_the_drawn_border_and_the_recorded_one(store, desk):
    square = ((20.0, 20.0), (60.0, 20.0), (60.0, 40.0), (20.0, 40.0))
    half = ((20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0))
    made = study(purpose="teach", question=Question(call=True, border=True))
    views = [replace(each.views[0], size=(100, 100), border=square) for each in made.items]
    made = replace(
        made, items=tuple(replace(each, views=(view,)) for each, view in zip(made.items, views, strict=True))
    )
    opened = store.open_study(bundle(made))
    ann = enter(desk, opened, "Ann")
    desk.record(ann, answer(0, border=half))
    desk.record(ann, answer(1, border=((5.0, 5.0), (6.0, 5.0), (7.0, 5.0))))
    shown = reveal(store, ann, 0)
    assert shown.drawn == "Your border and the recorded one: Dice 0.67 (1 would be the same)."  # 2 * 400 / (400 + 800)
    assert (
        shown.shape
        == "Recorded border: height to width 0.50 (not taller than wide), circularity 0.70 (a circle has 1)."
    )
    assert reveal(store, ann, 1).drawn == ""
