from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lesion_core.errors import InputError
from lesion_core.reading import limit, tables
from lesion_core.reading.limit import GRACE_S, Look, images_go_out, is_late, page_says, spent_s
from tests.reading.studies import answer, bundle, enter, study

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)


def looks(*said):
    """(second, what) at place 3; (second, what, place) elsewhere."""
    return [Look(place[0] if place else 3, what, BEGIN + timedelta(seconds=at)) for at, what, *place in said]


def until(second):
    return BEGIN + timedelta(seconds=second)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], None),
        ([(0, "pause"), (1, "resume")], None),  # no image ever went out
        ([(0, "images")], 100.0),
        ([(0, "images"), (30, "images")], 100.0),  # the second view, or a reload
        ([(0, "images"), (30, "pause")], 30.0),
        ([(0, "images"), (30, "pause"), (40, "pause"), (60, "resume"), (70, "resume")], 70.0),
        ([(0, "images"), (30, "left"), (90, "images")], 40.0),
        ([(0, "images"), (30, "answered"), (80, "images")], 50.0),  # the look of a correction adds up
        ([(0, "images"), (30, "images", 2), (80, "pause", 2)], 30.0),  # the page shows one case at a time
        ([(0, "images"), (30, "pause", 2), (40, "left", 2)], 100.0),
        ([(0, "images"), (30, "answered"), (60, "resume")], 70.0),
    ],
)
def test_the_clock_by_hand(said, expected):
    assert spent_s(looks(*said), 3, until(100)) == expected


def test_late_is_after_the_limit_and_the_grace():
    made = study(time_limit_s=20.0)
    assert not is_late(made, 20.0 + GRACE_S)
    assert is_late(made, 20.1 + GRACE_S)
    assert not is_late(made, None)
    assert not is_late(replace(made, time_limit_s=None), 1e6)


def test_an_answer_is_timed_by_the_server_and_a_correction_gets_no_new_time(store, desk, clock):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=20.0)))
    ann = enter(desk, opened, "Ann")
    images_go_out(store, ann, 0)
    images_go_out(store, ann, 0)
    clock.now += timedelta(seconds=18)
    desk.record(ann, answer(0))
    images_go_out(store, ann, 1)
    clock.now += timedelta(seconds=4)
    images_go_out(store, ann, 0)  # taken back: the first case is looked at again
    clock.now += timedelta(seconds=13)
    desk.record(ann, answer(0, revision=1, call=0))
    images_go_out(store, ann, 1)
    clock.now += timedelta(seconds=2)
    desk.record(ann, answer(1))
    rows = store.answers(opened.study_id, all_revisions=True)
    assert [(row.server_seconds, row.late) for row in rows] == [(18.0, False), (31.0, True), (6.0, False)]
    assert [(row.server_seconds, row.late) for row in store.answers(opened.study_id)] == [(31.0, True), (6.0, False)]
    with store.database.reading() as connection:
        kept = connection.execute(sa.select(tables.looks.c.position, tables.looks.c.what)).all()
    assert [tuple(row) for row in kept] == [
        (0, "images"),
        (0, "answered"),
        (1, "images"),
        (0, "images"),
        (0, "answered"),
        (1, "images"),
        (1, "answered"),
    ]


def test_two_readers_do_not_stop_each_others_clocks(store, desk, clock):
    opened = store.open_study(bundle(study(time_limit_s=20.0)))
    ann, bob = enter(desk, opened, "Ann"), enter(desk, opened, "Bob")
    images_go_out(store, ann, 0)
    images_go_out(store, bob, 0)
    page_says(store, bob, 0, "pause")
    clock.now += timedelta(seconds=7)
    desk.record(ann, answer(0))
    desk.record(bob, answer(0))
    assert [row.server_seconds for row in store.answers(opened.study_id)] == [7.0, 0.0]


def test_without_a_limit_nothing_is_timed(store, desk, clock):
    opened = store.open_study(bundle(study(readers=("Ann",))))
    ann = enter(desk, opened, "Ann")
    page_says(store, ann, 0, "pause")
    desk.record(ann, answer(0))
    (row,) = store.answers(opened.study_id)
    assert (row.server_seconds, row.late) == (None, False)
    with store.database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.looks)) == 0


def test_an_answer_whose_images_never_went_out_is_not_timed(store, desk):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=20.0)))
    desk.record(enter(desk, opened, "Ann"), answer(0))
    assert store.answers(opened.study_id)[0].server_seconds is None


def test_what_a_page_may_say(store, desk, monkeypatch):
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=20.0)))
    ann = enter(desk, opened, "Ann")
    with pytest.raises(InputError, match="a page says one of pause, resume, left, got 'answered'"):
        page_says(store, ann, 0, "answered")
    with pytest.raises(InputError, match="no such place"):
        page_says(store, ann, 6, "pause")
    images_go_out(store, ann, 0)
    monkeypatch.setattr(limit, "MOST_LOOKS", 1)
    page_says(store, ann, 0, "pause")  # the image was no pause
    with pytest.raises(InputError, match="there are 1 pauses of yours"):
        page_says(store, ann, 0, "resume")


def test_images_leave_no_rows_without_end_and_still_go_out(store, desk, monkeypatch):
    """A page that asks for two places in turn."""
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=20.0)))
    ann = enter(desk, opened, "Ann")
    monkeypatch.setattr(limit, "MOST_LOOKS", 5)
    for at in range(12):
        images_go_out(store, ann, at % 2)
    with store.database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.looks)) == 5


def test_a_page_that_says_resume_before_the_first_image_does_not_hold_the_clock(store, desk, clock):
    """A tab that is hidden and shown again while the image is on its way, or a page that was changed."""
    opened = store.open_study(bundle(study(readers=("Ann",), time_limit_s=20.0)))
    ann = enter(desk, opened, "Ann")
    page_says(store, ann, 0, "pause")
    page_says(store, ann, 0, "resume")
    images_go_out(store, ann, 0)
    clock.now += timedelta(seconds=40)
    desk.record(ann, answer(0))
    (row,) = store.answers(opened.study_id)
    assert (row.server_seconds, row.late) == (40.0, True)
