from dataclasses import replace

import pytest

from lesion_core.cases.readings import read_readings, write_readings
from lesion_core.errors import InputError, TableError
from lesion_core.reading.exchange import imrmc_text, read_imrmc, readings_of, score_of, write_imrmc
from lesion_core.reading.study import Order, Question
from tests.reading.studies import answer, bundle, enter, read_all, study


@pytest.fixture
def made():
    return study(question=Question(call=True, suspicion=True, action=True), order=Order(repeats=1))


@pytest.fixture
def answers(store, desk, made):
    opened = store.open_study(bundle(made))
    say = {"suspicion": 40.0, "action": "biopsy"}
    read_all(desk, opened, "Ann", lambda step: say | ({"suspicion": 90.0} if step.repeat else {}))
    sitting = enter(desk, opened, "Bob")
    desk.record(sitting, answer(0, answer_key="bob-cannot", assessed=False, call=None))
    return store.answers(opened.study_id)


def test_readings_csv_comes_back_as_it_went(tmp_path, made, answers):
    rows = readings_of(made, answers)
    write_readings(rows, tmp_path / "readings.csv")
    assert read_readings(tmp_path / "readings.csv") == rows
    assert len(rows) == 8
    assert [each.session for each in rows if each.session.endswith("repeat")]
    assert not rows[-1].assessable
    assert {(each.call, each.suspicion, each.action, each.arm) for each in rows[:-1]} == {
        (1, 40.0, "biopsy", "unaided"),
        (1, 90.0, "biopsy", "unaided"),
    }
    assert len(readings_of(made, answers, repeats=False)) == 7


def test_looks_that_add_up_to_more_than_a_day_can_be_read_back(tmp_path, made, answers):
    long = [replace(each, answer=replace(each.answer, seconds=86_405.0)) for each in answers]
    write_readings(readings_of(made, long), tmp_path / "readings.csv")
    assert {each.seconds for each in read_readings(tmp_path / "readings.csv")} == {86_400.0}


def test_imrmc_by_hand(made, answers):
    lines = imrmc_text(made, answers).splitlines()
    at = lines.index("BEGIN DATA:")
    assert lines[at - 5 : at - 1] == ["NR: 2", "N0: 3", "N1: 3", "NM: 1"]
    assert lines[at + 1 : at + 7] == ["-1,1,0,0", "-1,2,0,1", "-1,3,0,0", "-1,4,0,1", "-1,5,0,0", "-1,6,0,1"]
    assert sorted(lines[at + 7 :]) == [f"1,{case},1,40" for case in range(1, 7)]
    assert "not assessed and left out 1" in lines


def test_imrmc_comes_back_with_its_names(tmp_path, made, answers):
    ann = [each for each in answers if each.reader == "Ann"]
    write_imrmc(made, ann, tmp_path / "a.imrmc")
    again = read_imrmc(tmp_path / "a.imrmc")
    assert again.labels == {f"secret-{at}": at % 2 for at in range(6)}
    assert {(each.reader, each.arm, each.rating) for each in again.readings} == {("Ann", "unaided", "40")}


def test_imrmc_of_others(tmp_path):
    path = tmp_path / "b.imrmc"
    path.write_text(
        "A study\nNR: 1\nN0: 1\nN1: 1\nNM: 2\nBEGIN DATA:\n-1,7,0,0\n-1,8,0,1\n3,7,1,1.5\n3,7,2,2\n3,8,1,4\n"
    )
    found = read_imrmc(path)
    assert found.labels == {"7": 0, "8": 1}
    assert [(each.reader, each.case_id, each.arm, each.rating) for each in found.readings][1] == ("3", "7", "2", "2")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("-1,1,0,2\n1,1,1,3\n", "the truth of case 1 is 2"),
        ("1,1,1,3\n", "case 1: no line says its truth"),
        ("-1,1,0,1\n1,1,1\n", "line 4: expected reader, case, modality and a score"),
        ("-1,1,0,1\n1,1,1,x\n", "line 4: expected reader"),
        ("-1,1,0,inf\n1,1,1,2\n", "line 3: expected reader"),
        ("-1,1,0,1\n1,1,1,inf\n", "line 4: expected reader"),
        ("-1,1,0,1\n1,1,1,2\n1,1,1,3\n", "stand twice"),
        ("-1,1,0,1\n1,1,1,2\n2,1,1,2\n", "the head says NR 1, the data have 2"),
    ],
)
def test_bad_imrmc_files(tmp_path, data, said):
    path = tmp_path / "c.imrmc"
    path.write_text(f"NR: 1\nBEGIN DATA:\n{data}")
    with pytest.raises(TableError, match=said):
        read_imrmc(path)


def test_a_file_that_is_none(tmp_path):
    (tmp_path / "x").write_text("nothing")
    with pytest.raises(InputError, match="has no line 'BEGIN DATA:'"):
        read_imrmc(tmp_path / "x")


def test_one_number_for_each_answer(answers, made):
    ann, bob = answers[0], answers[-1]
    assert score_of(made, ann) == 40.0
    assert score_of(made, bob) is None
    assert score_of(replace(made, question=Question(call=True)), ann) == 1.0
    by_category = replace(made, question=Question(call=True, system="bi-rads-us"))
    assert score_of(by_category, replace(ann, answer=replace(ann.answer, rating="4c"))) == 5.0
    with pytest.raises(InputError, match="an action only"):
        imrmc_text(replace(made, question=Question(call=False, action=True)), [])
