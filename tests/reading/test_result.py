from datetime import timedelta

import numpy as np
import pytest

from lesion_core.cases.readings import Reading
from lesion_core.reading.answer import Event
from lesion_core.reading.exchange import readings_of
from lesion_core.reading.importing import import_readings
from lesion_core.reading.limit import images_go_out
from lesion_core.reading.order import draw_steps
from lesion_core.reading.result import study_result
from lesion_core.reading.study import Order, Question
from lesion_core.stats.agreement import cohen_kappa
from lesion_core.stats.intervals import auc_interval
from tests.reading.studies import answer, bundle, enter, items, read_all, study

LABELS = (0, 1) * 10
NONE = {"assessed": False, "call": None}
SCALE = Question(call=True, system="five-point")


def said_by(seed):
    """A reader with an opinion of each case: rating by label and chance."""
    rng = np.random.default_rng(seed)
    ratings = np.clip(np.round(2 + 1.6 * np.array(LABELS) + rng.normal(size=len(LABELS))), 1, 5).astype(int)
    return lambda step: {"rating": str(ratings[step.item]), "call": int(ratings[step.item] >= 3)}


def run(store, desk, readers=("A", "B", "C"), **changes):
    made = study(LABELS, readers=readers, question=SCALE, **changes)
    opened = store.open_study(bundle(made))
    for seed, name in enumerate(readers):
        read_all(desk, opened, name, said_by(seed))
    return made, opened


def outcome(store, opened):
    study_id = opened.study_id
    return study_result(store.study(study_id), store.answers(study_id), store.progress(study_id))


def test_each_reader_by_the_plain_statistics(store, desk):
    _, opened = run(store, desk)
    result = outcome(store, opened)
    ratings = [int(said_by(0)(step)["rating"]) for step in (type("S", (), {"item": at}) for at in range(20))]
    assert result.readers[0].area.value == auc_interval(LABELS, ratings).value
    assert result.readers[0].area.low == auc_interval(LABELS, ratings).low
    calls = [rating >= 3 for rating in ratings]
    assert result.readers[0].sensitivity.value == np.mean(np.array(calls)[np.array(LABELS) == 1])
    assert result.readers[0].seconds == (2.0, 2.0, 2.0)
    assert (result.cases, result.complete, result.arms) == (20, ("A", "B", "C"), None)
    assert result.means[0].defined
    assert [each.name for each in result.between] == [
        "3 readers, unaided, calls: Fleiss' kappa",
        "3 readers, unaided, calls: Gwet's AC1",
        "3 readers, unaided, categories: Fleiss' kappa, quadratic weights",
        "3 readers, unaided, categories: Gwet's AC2, quadratic weights",
    ]


def test_the_model_stands_beside_the_readers(store, desk):
    made, opened = run(store, desk)
    result = outcome(store, opened)
    assert result.model.model == auc_interval(LABELS, [item.score for item in made.items]).value
    assert result.model.readers.size == 3
    nothing = study(items=items(LABELS, scores=False), question=SCALE, model=None)
    opened = store.open_study(bundle(nothing))
    read_all(desk, opened, "Ann", said_by(0))
    assert outcome(store, opened).model is None


def test_repeats_count_for_the_reader_alone(store, desk):
    made = study(LABELS, readers=("A",), question=SCALE, order=Order(repeats=6))
    opened = store.open_study(bundle(made))
    first, other = said_by(0), said_by(9)
    read_all(desk, opened, "A", lambda step: other(step) if step.repeat else first(step))
    result = outcome(store, opened)
    assert result.readers[0].read == 20
    again = sorted({step.item for step in store.steps(1) if step.repeat})
    step = [type("S", (), {"item": at}) for at in again]
    expected = cohen_kappa([first(s)["call"] for s in step], [other(s)["call"] for s in step], categories=[0, 1])
    assert result.within[0].value == pytest.approx(expected.value, nan_ok=True)
    assert result.within[0].n == 6


def test_cannot_assess_is_counted_and_never_a_call(store, desk):
    made = study(LABELS, readers=("A", "B", "C"), question=SCALE)
    opened = store.open_study(bundle(made))
    for seed, name in enumerate(made.readers):
        say = said_by(seed)
        read_all(desk, opened, name, lambda step, s=say, n=name: NONE if (n, step.item) == ("B", 4) else s(step))
    result = outcome(store, opened)
    assert [each.not_assessed for each in result.readers] == [0, 1, 0]
    assert result.readers[1].area.n == 19
    assert result.cases == 19
    assert "1 cases that a reader could not assess are left out of the multi-reader analysis." in result.notes


def test_readers_who_have_not_finished_are_said(store, desk):
    _, opened = run(store, desk, readers=("A", "B", "C", "D"))
    made = study(LABELS, readers=("A", "B"), question=SCALE)
    opened = store.open_study(bundle(made))
    read_all(desk, opened, "A", said_by(0))
    sitting = enter(desk, opened, "B")
    log = (Event("blur", 0.5),)
    desk.record(sitting, answer(0, answer_key="b-0-0000", rating="3", events=log, overtime=True))
    result = outcome(store, opened)
    assert result.complete == ("A",)
    assert "1 of 2 readers have not read every case and are left out of the means." in result.notes
    assert not np.isfinite(result.means[0].low)
    assert (result.readers[1].left_window, result.readers[1].overtime) == (1, 1)
    assert not result.readers[1].area.defined


def test_answers_that_the_server_calls_late_are_counted_and_kept(store, desk, clock):
    """Three first readings and every second one take 40 s; the page calls the first late, and one of 12 s."""
    made = study(LABELS, readers=("A",), question=SCALE, time_limit_s=20.0, order=Order(repeats=4))
    opened, say = store.open_study(bundle(made)), said_by(0)
    sitting = enter(desk, opened, "A")
    for at, step in enumerate(store.steps(sitting.reader_id)):
        images_go_out(store, sitting, at)
        clock.now += timedelta(seconds=40 if at < 3 or step.repeat else 12)
        desk.record(sitting, answer(at, overtime=at in (0, 3), **say(step)))
    result = outcome(store, opened)
    assert (result.readers[0].read, result.readers[0].overtime, result.readers[0].late) == (20, 2, 3)
    assert [note for note in result.notes if note.startswith("2 answers came after the time limit by the server")]
    assert [note for note in result.notes if note.startswith("1 answer came after the time limit by the page")]
    assert result.cases == 20


def test_readings_without_a_time_have_none(store, desk):
    opened = store.open_study(bundle(study(LABELS, readers=("A",), question=SCALE)))
    brought = [Reading("D", f"secret-{at}", call=1, rating="3", seconds=4.0 if at else None) for at in range(2)]
    import_readings(store, opened.study_id, brought)
    assert outcome(store, opened).readers[1].seconds == (4.0, 4.0, 4.0)
    rows = readings_of(store.study(opened.study_id), store.answers(opened.study_id))
    assert [each.seconds for each in rows] == [None, 4.0]


def test_an_imported_reader_of_some_cases_leaves_the_analysis_of_the_others_whole(store, desk):
    made, opened = run(store, desk)
    brought = [
        Reading("D", item.views[0].case_id, call=int(label), rating="3")
        for item, label in zip(made.items[:7], LABELS, strict=False)
    ]
    import_readings(store, opened.study_id, brought)
    result = outcome(store, opened)
    assert (result.cases, result.complete) == (20, ("A", "B", "C"))
    assert "1 of 4 readers have not read every case and are left out of the means." in result.notes
    assert not any("could not assess" in note for note in result.notes)
    assert result.readers[3].read == 7


def test_open_repeats_do_not_hold_the_primary_analysis_back(store, desk):
    orders = (study(LABELS, readers=("A",), question=SCALE, order=Order(seed, repeats=4)) for seed in range(50))
    opened = store.open_study(bundle(next(each for each in orders if draw_steps(each, "A", number=0)[-1].repeat)))
    sitting, say = enter(desk, opened, "A"), said_by(0)
    steps = store.steps(sitting.reader_id)
    for at, step in enumerate(steps):
        if any(not later.repeat for later in steps[at:]):
            desk.record(sitting, answer(at, **say(step)))
    result = outcome(store, opened)
    assert store.progress(opened.study_id)[0].answered < 24
    assert (result.complete, result.cases) == (("A",), 20)


def test_nobody_has_read(store):
    opened = store.open_study(bundle(study(question=SCALE)))
    result = outcome(store, opened)
    assert (result.cases, result.means, result.arms, result.between) == (0, (), None, ())
    assert not any(each.area.defined for each in result.readers)


def test_readers_who_only_called_are_called_so(store, desk):
    opened = store.open_study(bundle(study(LABELS, readers=("A",))))
    read_all(desk, opened, "A", lambda step: {"call": LABELS[step.item]})
    result = outcome(store, opened)
    assert "balanced accuracy" in result.readers[0].area.sentence()
    assert any("balanced accuracy" in note for note in result.notes)
