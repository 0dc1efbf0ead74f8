import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lesion_core.cases.readings import Reading
from lesion_core.errors import InputError
from lesion_core.reading import store as store_module
from lesion_core.reading.database import Database
from lesion_core.reading.desk import Desk
from lesion_core.reading.importing import import_readings
from lesion_core.reading.store import Store
from lesion_core.reading.stored import AlreadyAnsweredError, SignInError
from lesion_core.reading.study import Question
from tests.reading.studies import answer, bundle, enter, read_all, study


@pytest.fixture
def opened(store):
    return store.open_study(bundle())


def test_signing_in(store, desk, opened):
    code = dict(opened.codes)["Ann"]
    entry = desk.enter(opened.study_id, " Ann ", code.lower().replace("-", " "))
    assert desk.sitting(entry.token).reader == "Ann"
    for name, wrong in (("Ann", dict(opened.codes)["Bob"]), ("Ann", ""), ("Cid", code), ("Ann", opened.key)):
        with pytest.raises(SignInError, match="do not fit"):
            desk.enter(opened.study_id, name, wrong)
    with pytest.raises(SignInError, match="do not fit"):
        desk.enter("nothing", "Ann", code)
    for token in ("", "x", code):
        with pytest.raises(SignInError, match="sign in"):
            desk.sitting(token)


def test_secrets_are_not_stored(store, opened, desk):
    entry = desk.enter(opened.study_id, "Ann", dict(opened.codes)["Ann"])
    with store.database.reading() as connection:
        for table in ("studies", "readers", "sittings", "audit"):
            stored = str(connection.execute(sa.text(f"SELECT * FROM {table}")).all())
            for secret in (opened.key, entry.token, *dict(opened.codes).values()):
                assert secret not in stored
                assert secret.replace("-", "") not in stored


def test_the_class_link(store, desk):
    opened = store.open_study(bundle(study(readers=(), open_enrolment=True)))
    entry = desk.enter(opened.study_id, "Eve", opened.join_code)
    assert desk.sitting(entry.token).reader == "Eve"
    assert desk.sitting(desk.enter(opened.study_id, "Eve", entry.code).token).reader == "Eve"
    with pytest.raises(SignInError, match="use your own code"):
        desk.enter(opened.study_id, "Eve", opened.join_code)
    with pytest.raises(InputError, match="a reader's name"):
        desk.enter(opened.study_id, " ", opened.join_code)
    assert [each.reader for each in store.progress(opened.study_id)] == ["Eve"]


def test_a_proven_identity_needs_no_code(store, desk, opened):
    assert desk.sitting(desk.enter_as(opened.study_id, "Ann").token).reader == "Ann"
    with pytest.raises(SignInError, match="not among the readers"):
        desk.enter_as(opened.study_id, "Cid")


def test_a_typed_name_and_an_account_are_two_people(store, desk):
    opened = store.open_study(bundle(study(readers=("Ann",), open_enrolment=True)))
    typed = desk.enter(opened.study_id, "Eve", opened.join_code)
    with pytest.raises(SignInError, match="someone reads under this name with a code"):
        desk.enter_as(opened.study_id, "Eve")
    proven = desk.sitting(desk.enter_as(opened.study_id, "Eve", code=opened.join_code).token)
    assert proven.reader == "Eve (Hugging Face)"
    assert proven.reader_id != desk.sitting(typed.token).reader_id
    assert desk.sitting(desk.enter_as(opened.study_id, "Eve").token).reader_id == proven.reader_id


def test_a_named_reader_who_entered_by_code_is_not_taken_over_by_an_account(desk, opened):
    desk.enter(opened.study_id, "Ann", dict(opened.codes)["Ann"])
    with pytest.raises(SignInError, match="with a code"):
        desk.enter_as(opened.study_id, "Ann")
    first = desk.sitting(desk.enter_as(opened.study_id, "Bob").token)
    assert desk.sitting(desk.enter_as(opened.study_id, "Bob").token).reader_id == first.reader_id
    assert desk.enter(opened.study_id, "Bob", dict(opened.codes)["Bob"]).token  # the code is a proof of its own


def test_an_account_joins_by_the_class_link_only(store, desk):
    opened = store.open_study(bundle(study(readers=(), open_enrolment=True)))
    for code in ("", "WRONG"):
        with pytest.raises(SignInError, match="Eve is not among the readers of this study: open the class link"):
            desk.enter_as(opened.study_id, "Eve", code=code)
    with pytest.raises(SignInError, match="do not fit"):
        desk.enter_as("nothing", "Eve")
    assert desk.sitting(desk.enter_as(opened.study_id, "Eve", code=opened.join_code).token).reader == "Eve"


def test_nobody_enters_as_an_imported_reader(store, desk, opened):
    import_readings(store, opened.study_id, [Reading("Zoe", "secret-0", call=1)])
    with pytest.raises(SignInError):
        desk.enter_as(opened.study_id, "Zoe")


def test_a_study_has_room_for_so_many_readers(store, desk, monkeypatch):
    monkeypatch.setattr(store_module, "MOST_JOINED", 3)
    opened = store.open_study(bundle(study(open_enrolment=True)))
    assert store.has_room(opened.study_id)
    desk.enter(opened.study_id, "Eve", opened.join_code)
    assert not store.has_room(opened.study_id)
    with pytest.raises(InputError, match="this study has 3 readers, no more can join"):
        desk.enter(opened.study_id, "Fay", opened.join_code)
    assert desk.enter(opened.study_id, "Ann", dict(opened.codes)["Ann"]).token


def test_there_is_room_for_so_many_images(store, monkeypatch):
    made = bundle()
    size = sum(len(png) for png in made.images.values())
    monkeypatch.setattr(store_module, "MOST_STORED", 2 * size)
    store.open_study(made)
    store.open_study(made)
    with pytest.raises(InputError, match=r"of images, with this one .* allowed are .* move its readings away"):
        store.open_study(made)


def test_answers_come_one_after_the_other(store, desk, opened):
    sitting = enter(desk, opened, "Ann")
    with pytest.raises(InputError, match="not this case's turn"):
        desk.record(sitting, answer(1))
    for at in range(6):
        assert desk.record(sitting, answer(at)).answered == at + 1
    assert desk.place(sitting).state == "done"
    assert [each.answer.position for each in store.answers(opened.study_id)] == list(range(6))


def test_nobody_answers_before_agreeing(desk, opened):
    sitting = desk.sitting(desk.enter(opened.study_id, "Ann", dict(opened.codes)["Ann"]).token)
    with pytest.raises(InputError, match="agree to the study's rules"):
        desk.record(sitting, answer(0))


def test_the_same_answer_twice_is_stored_once(store, desk, opened):
    sitting = enter(desk, opened, "Ann")
    assert desk.record(sitting, answer(0)) == desk.record(sitting, answer(0))
    assert len(store.answers(opened.study_id, all_revisions=True)) == 1


def test_two_windows_do_not_spoil_each_other(store, desk, opened):
    one, two = enter(desk, opened, "Ann"), enter(desk, opened, "Ann")
    desk.record(one, answer(0, call=1))
    with pytest.raises(AlreadyAnsweredError, match="in another window"):
        desk.record(two, answer(0, call=0, answer_key="other-window"))
    desk.record(two, answer(1, answer_key="other-window-2"))
    assert [each.answer.call for each in store.answers(opened.study_id)] == [1, 1]
    refused = [line for line in store.audit_trail(opened.study_id) if line[2].startswith("refused")]
    assert '"call": 0' in refused[0][3]


def test_a_correction_is_a_new_row(store, desk, opened):
    sitting = enter(desk, opened, "Ann")
    desk.record(sitting, answer(0, call=1, seconds=3))
    desk.record(sitting, answer(0, call=0, seconds=2, revision=1))
    (newest,) = store.answers(opened.study_id)
    assert (newest.answer.call, newest.answer.seconds) == (0, 5)
    assert [each.answer.call for each in store.answers(opened.study_id, all_revisions=True)] == [1, 0]
    assert "corrected" in [line[2] for line in store.audit_trail(opened.study_id)]
    with pytest.raises(AlreadyAnsweredError):
        desk.record(sitting, answer(0, revision=1, answer_key="late-window"))


@pytest.mark.parametrize(
    ("changes", "positions", "said"),
    [
        ({"come_back": "no"}, (1,), "takes each answer as given"),
        ({"come_back": "last"}, (0,), "only the last answer"),
        ({"design": "sequential"}, (2,), "the unaided answer is locked"),
        ({"purpose": "teach"}, (1,), "the answer was revealed"),
    ],
)
def test_what_may_not_be_corrected(store, desk, changes, positions, said):
    opened = store.open_study(bundle(study(**changes)))
    sitting = enter(desk, opened, "Ann")
    for at in range(3 if changes.get("design") else 2):
        desk.record(sitting, answer(at))
    for position in positions:
        with pytest.raises(InputError, match=said):
            desk.check_correction(sitting, position)
        with pytest.raises(InputError, match=said):
            desk.record(sitting, answer(position, revision=1))


def test_any_answer_may_be_corrected_where_the_study_says_so(store, desk):
    opened = store.open_study(bundle(study(come_back="any")))
    sitting = enter(desk, opened, "Ann")
    for at in range(3):
        desk.record(sitting, answer(at))
    desk.record(sitting, answer(0, call=0, revision=1))
    assert store.answers(opened.study_id)[0].answer.call == 0


def test_the_washout_is_the_servers(store, desk, clock):
    opened = store.open_study(bundle(study(design="crossover", come_back="any")))
    sitting = read_all(desk, opened, "Ann", lambda step: {})
    waiting = desk.place(sitting)
    assert (waiting.state, waiting.answered, waiting.total) == ("wait", 6, 12)
    clock.now += timedelta(days=27, hours=23)
    with pytest.raises(InputError, match="not this case's turn"):
        desk.record(sitting, answer(6))
    with pytest.raises(InputError, match="this period is closed"):
        desk.record(sitting, answer(5, revision=1))
    clock.now += timedelta(hours=2)
    assert read_all(desk, opened, "Ann", lambda step: {})
    assert desk.place(sitting).state == "done"
    with pytest.raises(InputError, match="this period is closed"):
        desk.record(sitting, answer(5, revision=1))
    assert desk.record(sitting, answer(11, revision=1)).state == "done"


def test_rows_are_never_changed(store, desk, opened):
    desk.record(enter(desk, opened, "Ann"), answer(0))
    for verb in (
        "UPDATE readings SET call = 0",
        "DELETE FROM readings",
        "UPDATE audit SET what = ''",
        "DELETE FROM audit",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="never changed"), store.database.writing() as connection:
            connection.execute(sa.text(verb))
    assert store.answers(opened.study_id)[0].answer.call == 1


def test_it_goes_on_where_it_was_in_another_process(tmp_path, store, desk, opened):
    token = desk.enter(opened.study_id, "Ann", dict(opened.codes)["Ann"]).token
    desk.agree(desk.sitting(token), experience="", display="")
    desk.record(desk.sitting(token), answer(0))
    again = Desk(Store(Database(f"sqlite:///{tmp_path}/readings.db")))
    assert again.place(again.sitting(token)).answered == 1
    assert again.store.steps(1) == store.steps(1)
    again.database.close()


def test_progress_and_all_kinds_of_answers(store, desk):
    question = Question(call=True, suspicion=True, system="bi-rads-us", descriptors=True, action=True, border=True)
    opened = store.open_study(bundle(study(question=question)))
    sitting = enter(desk, opened, "Ann")
    said = answer(
        0,
        suspicion=33.0,
        rating="4a",
        action="biopsy",
        descriptors=(("Shape", ("oval",)),),
        border=((0.0, 0.0), (1.0, 0.0), (1.0, 1.5)),
        overtime=True,
    )
    desk.record(sitting, said)
    assert desk.latest(sitting, 0) == said
    assert desk.latest(sitting, 1) is None
    ann, bob = store.progress(opened.study_id)
    assert (ann.answered, ann.total, ann.experience, ann.display) == (1, 6, "5 years", "24 inch")
    assert (bob.answered, bob.last_at) == (0, "")


def test_twenty_windows_at_once(tmp_path, store, desk, opened):
    _race(desk, opened)
    assert len(store.answers(opened.study_id, all_revisions=True)) == 6


def test_the_same_on_postgresql(postgres_url):
    store = Store(Database(postgres_url))
    desk, opened = Desk(store), store.open_study(bundle())
    _race(desk, opened)
    assert len(store.answers(opened.study_id, all_revisions=True)) == 6
    for verb in ("UPDATE readings SET call = 0", "DELETE FROM audit"):
        with pytest.raises(Exception, match="never changed"), store.database.writing() as connection:
            connection.execute(sa.text(verb))
    assert store.bundle(opened.study_id) == bundle()
    store.database.close()


def test_nobody_holds_a_connection_and_asks_for_another(postgres_url, monkeypatch):
    """With one connection for all a second one would never come; with thirty it would not for thirty at once."""
    monkeypatch.setattr("lesion_core.reading.database.POOL", 1)
    monkeypatch.setattr("lesion_core.reading.database.MOST_CONNECTIONS", 1)
    monkeypatch.setattr("lesion_core.reading.database.PATIENCE_S", 1.0)
    store = Store(Database(postgres_url))
    opened = store.open_study(bundle(study(open_enrolment=True, design="sequential")))
    eve = Desk(store).enter(opened.study_id, "Eve", opened.join_code)
    assert eve.code
    store.database.close()
    for at in range(3):  # each time as a server that was just started, with nothing in memory
        fresh = Store(Database(postgres_url))
        desk = Desk(fresh)
        sitting = enter(desk, opened, "Ann")
        fresh.study.cache_clear()
        fresh.steps.cache_clear()
        place = desk.record(sitting, answer(at, answer_key=f"alone-{at:04d}"))
        assert place.answered == at + 1
        fresh.steps.cache_clear()
        assert desk.place(sitting) == place
        assert len(fresh.answers(opened.study_id)) == at + 1
        assert len(fresh.progress(opened.study_id)) == 3
        fresh.database.close()


def _race(desk, opened):
    """Twenty windows of one reader answer every case; each place must take exactly one of them."""
    sittings = [enter(desk, opened, "Ann") for _ in range(20)]
    taken, faults = [], []

    def work(window, sitting):
        for at in range(6):
            try:
                desk.record(sitting, answer(at, answer_key=f"window-{window:02d}-{at}"))
                taken.append(at)
            except AlreadyAnsweredError:
                pass
            except InputError as error:
                faults.append(error)

    threads = [threading.Thread(target=work, args=each) for each in enumerate(sittings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(6))
    assert faults == []
    assert replace(desk.place(sittings[0]), until=None).state == "done"
