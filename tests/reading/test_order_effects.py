from datetime import timedelta

import numpy as np
import pytest

from lesion_core.cases.readings import Reading
from lesion_core.reading.importing import import_readings
from lesion_core.reading.order_effects import PERIODS, QUARTERS, order_effects
from lesion_core.reading.study import Order, Question
from lesion_core.stats.accuracy import accuracy
from lesion_core.stats.changes import ONE_SEQUENCE, mean_change
from lesion_core.stats.median import median_interval
from tests.reading.studies import answer, bundle, enter, items, read_all, study

LABELS = (0, 1) * 14


def effects(store, opened):
    made = store.study(opened.study_id)
    return order_effects(made, store.answers(opened.study_id), store.progress(opened.study_id))


def learner(store, desk, opened, name, *, slow, wrong):
    """Reads `slow` s at the first case and a twentieth less at each; the first `wrong` calls are wrong."""
    seen = iter(range(10_000))

    def say(step):
        at = next(seen)
        label = opened_label(store, opened, step.item)
        return {"call": 1 - label if at < wrong else label, "seconds": slow * 0.95**at}

    read_all(desk, opened, name, say)


def opened_label(store, opened, item):
    return store.study(opened.study_id).items[item].label


def test_quarters_of_the_readers_own_order_by_hand(store, desk):
    opened = store.open_study(bundle(study(LABELS, readers=("A",), order=Order(seed=3, repeats=4))))
    learner(store, desk, opened, "A", slow=20.0, wrong=5)
    ((effect,), _) = effects(store, opened)
    rows = store.answers(opened.study_id)
    twice = {row.item for row in rows if row.repeat}  # they never come last: no quarter holds them
    assert len(twice) == 4
    rows = [row for row in rows if row.item not in twice]
    rows.sort(key=lambda row: row.answer.position)
    rights = [row.answer.call == LABELS[row.item] for row in rows]
    assert [part.name for part in effect.parts] == list(QUARTERS)
    for at, part in enumerate(effect.parts):
        own = rows[6 * at : 6 * at + 6]
        expected = accuracy([LABELS[row.item] for row in own], [row.answer.call for row in own])
        assert (part.read, part.right.value, part.right.low) == (6, expected.value, expected.low)
        middle = median_interval([row.answer.seconds for row in own])
        assert (part.seconds.value, part.seconds.low, part.seconds.high) == (middle.value, middle.low, middle.high)
    assert effect.parts[0].right.value == pytest.approx(sum(rights[:6]) / 6)
    assert effect.parts[3].right.value == 1
    assert effect.part("first period") is None


def test_cases_that_will_be_read_twice_are_in_no_quarter_before_they_are(store, desk):
    opened = store.open_study(bundle(study(LABELS, readers=("A",), order=Order(seed=3, repeats=4))))
    sitting = enter(desk, opened, "A")
    steps = store.steps(sitting.reader_id)
    twice = {step.item for step in steps if step.repeat}
    until = next(at for at, step in enumerate(steps) if step.repeat)
    assert twice & {step.item for step in steps[:until]}
    for at in range(until):
        desk.record(sitting, answer(at, call=1))
    ((effect,), _) = effects(store, opened)
    assert sum(part.read for part in effect.parts) == sum(step.item not in twice for step in steps[:until])


def test_the_change_over_the_readers(store, desk):
    opened = store.open_study(bundle(study(LABELS, readers=("A", "B", "C", "D"))))
    for name, wrong in (("A", 7), ("B", 0), ("C", 3)):
        learner(store, desk, opened, name, slow=10.0, wrong=wrong)
    found, (calls, times) = effects(store, opened)
    assert [each.reader for each in found] == ["A", "B", "C"]  # D has not begun
    assert calls.name == "last quarter minus first quarter, unaided: calls that agree"
    expected = mean_change([1.0, 0.0, 3 / 7])
    assert (calls.value, calls.low, calls.n) == (pytest.approx(expected.value), pytest.approx(expected.low), 3)
    assert times.value == pytest.approx(0.95**21)
    assert times.reason == "a standard error of 0" or times.low == pytest.approx(0.95**21)


def test_who_has_not_read_everything_is_shown_and_not_averaged(store, desk, clock):
    made = study(LABELS, readers=("A", "B", "C"), design="crossover")
    opened = store.open_study(bundle(made))
    for name in made.readers:
        read_all(desk, opened, name, lambda step: {"call": LABELS[step.item]})  # the first period
    found, changes = effects(store, opened)
    assert [(each.reader, each.arm) for each in found][:2] == [("A", "unaided"), ("A", "aided")]
    assert (found[0].part(PERIODS[0]).read, found[0].part(PERIODS[1]).read) == (14, 0)
    assert not found[0].part(PERIODS[1]).right.defined
    assert changes == ()


def test_periods_of_a_crossover(store, desk, clock):
    made = study(LABELS, readers=("A", "B", "C"), design="crossover")
    opened = store.open_study(bundle(made))
    for _ in range(2):
        for number, name in enumerate(made.readers):
            read_all(
                desk,
                opened,
                name,
                lambda step, n=number: {"call": LABELS[step.item], "seconds": (8.0 + n) / (1 + step.period)},
            )
        clock.now += timedelta(days=28, minutes=1)
    found, changes = effects(store, opened)
    assert len(found) == 6
    for each in found:
        first, second = each.part(PERIODS[0]), each.part(PERIODS[1])
        assert (first.read, second.read) == (14, 14)
        assert second.seconds.value == first.seconds.value / 2
    over = {each.name: each.value for each in changes}
    assert over["second period over first period, aided: median seconds"] == pytest.approx(0.5)
    assert over["second period minus first period, unaided: calls that agree"] == 0
    assert len(changes) == 8


def crossover(store, desk, clock, names, say):
    """Readers `names` of a crossover of three; `say(step, reader's half of the cases)` is what they answer."""
    made = study(LABELS, readers=("A", "B", "C"), design="crossover")
    opened = store.open_study(bundle(made))
    halves = {}

    def answer_of(step):
        return say(step, halves[step.item])

    for _ in range(2):
        for name in made.readers:
            sitting = enter(desk, opened, name)
            if not halves:
                halves.update((step.item, step.arm) for step in store.steps(sitting.reader_id) if step.period == 0)
            if name in names:
                read_all(desk, opened, name, answer_of)
        clock.now += timedelta(days=28, minutes=1)
    found, changes = effects(store, opened)
    return found, {each.name: each for each in changes}


def test_a_harder_half_of_the_cases_is_no_change_in_the_course_of_reading(store, desk, clock):
    """Half the cases are called rightly and fast, the others wrongly and slowly; no reader changes.

    A and C meet the easy ones first, B the hard ones.
    """

    def say(step, half):
        label = LABELS[step.item]
        return {"call": label if half == "unaided" else 1 - label, "seconds": 4.0 if half == "unaided" else 16.0}

    found, changes = crossover(store, desk, clock, ("A", "B", "C"), say)
    alone = [each for each in found if each.arm == "unaided"]
    assert [each.part(PERIODS[0]).right.value for each in alone] == [1, 0, 1]
    assert changes["second period minus first period, unaided: calls that agree"].value == 0
    assert changes["second period over first period, aided: median seconds"].value == pytest.approx(1)
    assert changes["last quarter minus first quarter, unaided: calls that agree"].value == 0


def test_readers_of_one_sequence_do_not_tell_cases_and_periods_apart(store, desk, clock):
    found, changes = crossover(store, desk, clock, ("A", "C"), lambda step, half: {"call": 1, "seconds": 4.0})
    assert {each.reader for each in found} == {"A", "C"}
    period = changes["second period minus first period, unaided: calls that agree"]
    assert (period.defined, period.reason, period.n) == (False, ONE_SEQUENCE, 2)
    assert changes["last quarter over first quarter, unaided: median seconds"].value == 1


def test_the_washout_is_in_no_quarter(store, desk, clock):
    """Twice as fast after it, and evenly within each period."""
    _, changes = crossover(
        store, desk, clock, ("A", "B", "C"), lambda step, half: {"call": 1, "seconds": 8.0 / (1 + step.period)}
    )
    assert changes["second period over first period, aided: median seconds"].value == pytest.approx(0.5)
    assert changes["last quarter over first quarter, aided: median seconds"].value == pytest.approx(1)


def test_the_area_stands_where_no_call_is_asked_and_one_class_is_undefined(store, desk):
    asked = Question(call=False, suspicion=True)
    opened = store.open_study(bundle(study(LABELS, readers=("A",), question=asked)))
    read_all(desk, opened, "A", lambda step: {"call": None, "suspicion": 50.0 + 40 * LABELS[step.item]})
    ((effect,), changes) = effects(store, opened)
    assert {part.right.value for part in effect.parts if part.right.defined} == {1.0}
    assert changes[0].name.endswith("AUC")
    opened = store.open_study(bundle(study(items=items((0,) * 8), readers=("A",), question=asked)))
    read_all(desk, opened, "A", lambda step: {"call": None, "suspicion": 50.0})
    ((effect,), changes) = effects(store, opened)
    assert not any(part.right.defined for part in effect.parts)
    assert [each.name.split(": ")[1] for each in changes] == ["median seconds"]


def test_imported_readers_have_no_order(store, desk):
    opened = store.open_study(bundle(study(LABELS, readers=("A",))))
    import_readings(store, opened.study_id, [Reading("Z", f"secret-{at}", call=1, seconds=3.0) for at in range(28)])
    assert effects(store, opened) == ((), ())
    enter(desk, opened, "A")
    assert [each.imported for each in store.progress(opened.study_id)] == [False, True]


def test_patients_with_several_lesions_are_clusters(store, desk):
    from dataclasses import replace

    paired = tuple(replace(each, unit=f"p{at // 2}") for at, each in enumerate(items(LABELS)))
    opened = store.open_study(bundle(study(items=paired, readers=("A",))))
    rng = np.random.default_rng(1)
    read_all(desk, opened, "A", lambda step: {"call": int(rng.integers(2))})
    ((effect,), _) = effects(store, opened)
    assert any(part.right.clusters is not None for part in effect.parts)
