import json
import multiprocessing
from dataclasses import replace

import pytest

from lesion_core.cases import border_desk
from lesion_core.cases.border_desk import BorderDesk, OvertakenError, checks_path_of
from lesion_core.cases.border_example import example_table
from lesion_core.cases.table import Case
from lesion_core.errors import BorderError, InputError, TableError
from lesion_core.records import Border

from .test_agreement import square

SIZE = (360, 480)
READERS = {"first_reader": "Reader A", "second_reader": "Reader B"}


@pytest.fixture(scope="module")
def table(drawn_example):
    return example_table(drawn_example)


@pytest.fixture
def desk(table, tmp_path):
    return BorderDesk(table, tmp_path / "checks")


def decide(desk, number, decision="approved", known=0, **more):
    return desk.decide(desk.table.cases[number], decision, known=known, **{**READERS, **more})


def test_decisions_are_on_the_disk_in_their_order(desk):
    assert desk.checks() == ()
    decide(desk, 0)
    decide(desk, 1, "rejected", comment="no lesion")
    decide(desk, 0, "corrected", known=1, first=square(0, 0, 100), second=square(40, 0, 100))
    again = BorderDesk(desk.table, desk.folder).checks()
    assert [(each.case_id, each.decision) for each in again] == [
        ("phantom-1", "approved"),
        ("phantom-2", "rejected"),
        ("phantom-1", "corrected"),
    ]
    assert again[2].agreement.dice == 0.6
    assert desk.corrected_border(again[2], SIZE).points == square(40, 0, 100).points
    with pytest.raises(BorderError, match="there is no second border"):
        desk.corrected_border(again[0], SIZE)


def test_each_correction_is_a_file_of_its_own(desk):
    for known, shift in enumerate((10, 20)):
        decide(desk, 0, "corrected", known=known, first=square(0, 0, 100), second=square(shift, 0, 100))
    one, two = (desk.corrected_border(each, SIZE) for each in desk.checks())
    assert min(x for x, _ in one.points) == 10
    assert min(x for x, _ in two.points) == 20


def test_who_was_overtaken_is_told_and_nothing_is_written(desk):
    decide(desk, 0, "rejected", comment="blurred")
    before = desk.checks_path.read_bytes()
    with pytest.raises(OvertakenError, match=r"phantom-1 was rejected \(blurred\) by Reader B at .* meanwhile"):
        decide(desk, 0, known=0, second_reader="Reader C")
    with pytest.raises(OvertakenError, match="the decisions that you saw are no longer there"):
        decide(desk, 1, known=1)
    assert desk.checks_path.read_bytes() == before
    decide(desk, 0, known=1, second_reader="Reader C")
    assert [each.second_reader for each in desk.checks()] == ["Reader B", "Reader C"]


def test_an_unfinished_decision_leaves_nothing(desk):
    with pytest.raises(InputError, match="a rejection needs its reason"):
        decide(desk, 0, "rejected")
    with pytest.raises(InputError, match="must be another person"):
        decide(desk, 0, "corrected", first=square(0, 0, 9), second=square(1, 0, 9), second_reader="reader a")
    assert not desk.checks_path.exists()
    assert not (desk.folder / "borders").exists()


def test_a_damaged_file_of_decisions_is_told_and_left_alone(desk):
    decide(desk, 0)
    half = desk.checks_path.read_bytes()[:-9]
    desk.checks_path.write_bytes(half)
    with pytest.raises(TableError, match="half-written"):
        decide(desk, 1)
    assert desk.checks_path.read_bytes() == half


def test_a_failed_write_keeps_the_decisions_there_are(desk, monkeypatch):
    decide(desk, 0)
    before = desk.checks_path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lesion_core.cases.columns.os.fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        decide(desk, 1)
    assert desk.checks_path.read_bytes() == before
    assert list(desk.folder.glob("*.part")) == list(desk.folder.glob(".*.part")) == []


def test_a_folder_that_cannot_be_written(table, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write into"):
        decide(BorderDesk(table, tmp_path / "file" / "checks"), 0)


def test_a_lock_that_is_held_is_waited_for_and_told(desk, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(border_desk, "LOCK_SECONDS", 0.05)
    desk.folder.mkdir()
    with FileLock(desk.folder / ".lock"), pytest.raises(InputError, match="another decision is being written"):
        decide(desk, 0)
    decide(desk, 0)


def _walk(table, folder, reader, start):
    desk = BorderDesk(table, folder)
    start.wait()
    for number in range(len(table)):
        known = 0
        while True:
            try:
                decide(desk, number, known=known, second_reader=reader)
                break
            except OvertakenError:
                known = sum(each.case_id == table.cases[number].case_id for each in desk.checks())


def test_several_processes_lose_no_decision(desk):
    context = multiprocessing.get_context("fork")
    start = context.Event()
    readers = [f"Reader {number}" for number in range(3)]
    processes = [context.Process(target=_walk, args=(desk.table, desk.folder, each, start)) for each in readers]
    for each in processes:
        each.start()
    start.set()
    for each in processes:
        each.join(60)
        assert each.exitcode == 0
    found = desk.checks()
    assert len(found) == 3 * len(desk.table)
    assert len({(each.case_id, each.second_reader) for each in found}) == len(found)


def test_drafts_belong_to_a_reader_and_go_with_the_decision(desk):
    desk.keep_draft("phantom-1", "Reader B ", square(5, 5, 50))
    assert desk.draft("phantom-1", "reader b", SIZE).points == square(5, 5, 50).points
    assert desk.draft("phantom-1", "Reader C", SIZE) is None
    assert desk.draft("phantom-2", "Reader B", SIZE) is None
    decide(desk, 0)
    assert desk.draft("phantom-1", "Reader B", SIZE) is None
    desk.drop_draft("phantom-1", "Reader B")


def test_a_draft_that_no_longer_fits_is_not_shown(desk):
    desk.keep_draft("phantom-1", "B", Border(((400.0, 300.0), (470.0, 300.0), (470.0, 350.0))))
    assert desk.draft("phantom-1", "B", (100, 100)) is None
    (path,) = (desk.folder / "drafts").iterdir()
    assert json.loads(path.read_text())["case_id"] == "phantom-1"
    path.write_text("{")
    assert desk.draft("phantom-1", "B", SIZE) is None


def test_first_borders(desk):
    assert len(desk.first_border(desk.table.cases[0], SIZE).points) > 5
    with pytest.raises(BorderError, match="has no border: there is nothing to check"):
        desk.first_border(replace(desk.table.cases[0], border=""), SIZE)


def test_any_case_name_becomes_a_file(desk):
    strange = Case("Ünïcode (1) é.", "breast", "i.png", 1, "mixed")
    for known in range(2):
        desk.decide(strange, "corrected", known=known, first=square(0, 0, 9), second=square(1, 0, 9), **READERS)
    assert len(list((desk.folder / "borders").iterdir())) == 2


def test_where_the_decisions_on_a_table_lie(tmp_path):
    assert checks_path_of(tmp_path / "cases.csv") == tmp_path / "border_checks" / "border_checks.csv"
    assert checks_path_of(tmp_path / "a.csv") == tmp_path / "a.border_checks" / "border_checks.csv"


def _decide_for_ever(table, folder, told):
    desk = BorderDesk(table, folder)
    number = 0
    while True:
        case = replace(table.cases[0], case_id=f"c{number}")
        desk.decide(case, "corrected", known=0, first=square(0, 0, 99), second=square(9, 0, 99), **READERS)
        told.send(case.case_id)
        number += 1


def test_whatever_was_answered_outlives_a_killed_server(desk):
    context = multiprocessing.get_context("fork")
    hear, told = context.Pipe(duplex=False)
    server = context.Process(target=_decide_for_ever, args=(desk.table, desk.folder, told))
    server.start()
    heard = [hear.recv() for _ in range(12)]
    server.kill()
    server.join(30)
    while hear.poll():
        heard.append(hear.recv())
    found = desk.checks()
    assert [each.case_id for each in found][: len(heard)] == heard
    assert len(found) <= len(heard) + 1
    assert all(desk.corrected_border(each, SIZE) for each in found)
    decide(desk, 1)
    assert len(desk.checks()) == len(found) + 1
