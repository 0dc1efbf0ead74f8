"""Running a study from the tab: what its handlers show, save and take in."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from dashboards import reading_run as run
from dashboards import reading_setup as setup
from dashboards import reading_store
from dashboards.held_out_report import report_of
from dashboards.held_out_view import main_of
from dashboards.observers.address import first_choice
from dashboards.reading_form import PHANTOMS
from lesion_core.cases.readings import read_readings
from lesion_core.notice import NOTICE
from lesion_core.reading.database import Database
from lesion_core.reading.desk import Desk
from lesion_core.reading.exchange import read_imrmc
from lesion_core.reading.store import Store
from lesion_core.reading.study import Order, Question
from tests.dashboards.test_reading_form import FILLED
from tests.reading.studies import answer, bundle, enter, read_all, study

ASKED = SimpleNamespace(headers={"referer": "https://host.test/app/?view=reading"})


@pytest.fixture
def store(tmp_path):
    made = Store(Database(f"sqlite:///{tmp_path}/readings.db"))
    reading_store.use(made)
    yield made
    reading_store.use(None)
    made.database.close()


@pytest.fixture
def warned(monkeypatch):
    said = []
    monkeypatch.setattr(gr, "Warning", lambda message, **_: said.append(message))
    return said


@pytest.fixture
def opened(store):
    """A sequential study that Ann finished and Bob began."""
    made = study(design="sequential", question=Question(call=True, suspicion=True), order=Order(repeats=2))
    opened = store.open_study(bundle(made))
    desk = Desk(store)
    read_all(desk, opened, "Ann", lambda step: {"call": step.item % 2, "suspicion": 10.0 * step.item})
    desk.record(enter(desk, opened, "Bob"), answer(0, answer_key="bob-answers-0", suspicion=5.0))
    return opened


def test_the_result_with_the_key_only(opened, warned):
    note, progress, readers, result, classes, figure, exports, aid, course = run.show(
        f" {opened.study_id} ", opened.key
    )
    assert "6 lesions, label 1 means histology malignant" in note
    assert "1 of 2 readers have not read every case in every arm and are left out" in note
    assert "14 of 14" in str(progress["value"])
    assert "1 of 14" in str(progress["value"])
    assert "Ann, unaided" in str(readers["value"])
    assert "Ann, aided" in str(readers["value"])
    assert "Ann with themself" in str(result["value"])
    assert [each["value"]["name"] for each in (progress, readers, result) if each["value"]["titled"]] == [
        "Progress of the readers",
        "Each reader",
        "The study",
    ]
    assert (classes["visible"], figure["visible"], exports["visible"]) == (False, True, True)
    assert (aid["visible"], course["visible"]) == (True, True)
    assert "0.000 (-0.561 to +0.561), p = 1.000, n = 3" in str(aid["value"])  # every call is right in both arms
    assert "1.000 (0.207 to 1.000), n = 1" in str(course["value"])  # 6 lesions without the 2 that are read twice
    assert "2.0 (no interval: 1 value: too few for an interval of a median), n = 1" in str(course["value"])
    assert "n = 2" not in str(course["value"])
    assert warned == []
    for key in ("", "wrong", dict(opened.codes)["Ann"]):
        shown = run.show(opened.study_id, key)
        assert shown[0] == run.CLOSED
        assert not any(each["visible"] for each in shown[1:])
    assert len(warned) == 3
    for save in (run.save_readings, run.save_imrmc, run.save_audit, run.save_answers, run.save_study):
        with pytest.raises(gr.Error, match="do not fit"):  # none: the page would save the file of before
            save(opened.study_id, "wrong")


def test_the_exports(opened, store):
    path = run.save_readings(opened.study_id, opened.key)
    rows = read_readings(path)
    assert len(rows) == 15
    assert {each.arm for each in rows} == {"unaided", "aided"}
    assert sum(each.session.endswith("repeat") for each in rows) == 2
    found = read_imrmc(run.save_imrmc(opened.study_id, opened.key))
    assert len(found.readings) == 13  # the repeats stay out
    audit = Path(run.save_audit(opened.study_id, opened.key)).read_text("utf-8-sig")
    assert "study opened" in audit
    assert NOTICE in audit
    text = Path(run.save_answers(opened.study_id, opened.key)).read_text("utf-8-sig")
    assert [row["revision"] for row in csv.DictReader(io.StringIO(text))] == ["0"] * 15


def test_readings_go_out_and_come_into_another_study(opened, store, warned):
    made = store.study(opened.study_id)
    other = store.open_study(
        bundle(study(items=made.items, design=made.design, question=made.question, readers=("Eve",)))
    )
    said = run.import_file(run.save_readings(opened.study_id, opened.key), other.study_id, other.key)
    assert said == "15 readings of 2 readers were imported."
    first, second = store.answers(opened.study_id), store.answers(other.study_id)
    assert [(a.reader, a.item, a.arm, a.answer.suspicion) for a in first] == [
        (b.reader, b.item, b.arm, b.answer.suspicion) for b in second
    ]
    again = run.import_file(run.save_readings(opened.study_id, opened.key), other.study_id, other.key)
    assert "reader 'Ann' reads in this study already" in again
    assert len(warned) == 1


def test_the_study_file_opens_the_same_study(opened, store):
    path = run.save_study(opened.study_id, opened.key)
    assert path.endswith(".study.zip")
    values = [*(FILLED.__dict__ | {"source": "my cases or study file", "file": path}).values()]
    _, codes, file, study_id, key = setup.open_study(ASKED, *values)
    assert study_id != opened.study_id
    assert store.bundle(study_id) == store.bundle(opened.study_id)
    assert codes["visible"]
    assert file["visible"]
    store.check_key(study_id, key)


def test_one_click_opens_the_held_out_test(opened, warned, store):
    own, count, tabs = run.hand_over(opened.study_id, opened.key, (), 0)
    assert (own[0].title, count, tabs["selected"]) == ("study: A study", 1, "test")
    assert [reader.name for reader in own[0].readers] == ["Ann (unaided)", "Ann (aided)", "Bob (unaided)"]
    assert len(run.hand_over(opened.study_id, opened.key, own, 1)[0]) == 1
    choice = first_choice(own[0].key, "", own)
    assert choice.readers == ("Ann (unaided)", "Bob (unaided)")  # a person is one reader
    both = replace(choice, readers=("Ann (unaided)", "Ann (aided)", "Bob (unaided)"))
    assert any("Ann: chosen in both arms" in note for note in main_of(both, own).notes)
    assert not any("both arms" in note for note in main_of(choice, own).notes)
    aided = "Ann (aided): read with a model's score in view"
    assert any(aided in note for note in main_of(both, own).notes)
    assert not any("model's score in view" in note for note in main_of(choice, own).notes)
    assert {table.title for table in report_of(both, own).tables if aided in table.caption} >= {
        "Each model against each reader",
        "Models against the group of readers",
    }
    without = store.open_study(bundle(study(model=None)))
    assert run.hand_over(without.study_id, without.key, (), 0) == (gr.skip(),) * 3
    assert "holds no model's scores" in warned[0]


def test_a_class_by_name(store, warned):
    opened = store.open_study(bundle(study(purpose="teach", readers=("Zoe", "Ann"))))
    read_all(Desk(store), opened, "Zoe", lambda step: {"call": step.item % 2})
    classes = run.show(opened.study_id, opened.key)[4]
    assert classes["visible"]
    shown = str(classes["value"])
    assert shown.index("Ann") < shown.index("Zoe")
    assert "100 (61 to 100) %" in shown
    readers, whole = run.show(opened.study_id, opened.key)[2:4]
    assert "Balanced accuracy" in str(readers["value"])
    assert "AUC" not in str(readers["value"])
    assert whole["visible"]
    begun = store.open_study(bundle(study(purpose="teach", readers=("Zoe",))))
    Desk(store).record(enter(Desk(store), begun, "Zoe"), answer(0))
    assert not run.show(begun.study_id, begun.key)[3]["visible"]


def test_setting_up_shows_links_and_codes_once(store, warned):
    panel, codes, _, study_id, _ = setup.open_study(ASKED, *FILLED.__dict__.values())
    assert f"https://host.test/app/reading/?study={study_id}" in panel
    assert NOTICE in panel
    rows = list(csv.reader(io.StringIO(Path(codes["value"]).read_text("utf-8-sig"))))
    assert [row[0] for row in rows] == ["who", "key of the study, for you alone", "Ann", "Bob"]
    for name, code, _ in rows[2:]:
        assert Desk(store).enter(study_id, name, code).token
    failed = setup.open_study(ASKED, *(FILLED.__dict__ | {"title": "", "source": PHANTOMS}).values())
    assert "the title must have 1 to 200 characters" in failed[0]
    assert "1 to 200" in warned[0]


def test_the_practice_study_is_made_once(store, monkeypatch):
    monkeypatch.setattr("dashboards.serving.choices", list)
    first, second = setup.practise(ASKED), setup.practise(ASKED)
    assert first == second
    assert "https://host.test/app/reading/?study=practice#join=PRACTICE" in first
    assert len(store.study("practice").items) == 20


def test_the_planner():
    assert "cases" in setup.plan(0.85, 0.05, 6, 0.1, 0.8)
    assert setup.plan(0.85, 0.05, 2, 0.1, 0.8)
    assert setup.plan(None, 0.05, 6, 0.1, 0.8)
