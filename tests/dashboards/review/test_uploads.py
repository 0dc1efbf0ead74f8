import gradio as gr
import pytest

from dashboards.review import uploads
from lesion_core.results.review.mapping import ROLES

GOOD = "case_id,score,label,fold\n" + "".join(f"c{i},0.{i}5,{i % 2},{i % 2 + 1}\n" for i in range(8))


@pytest.fixture
def warned(monkeypatch):
    said = []
    monkeypatch.setattr(gr, "Warning", lambda text, **_: said.append(text))
    return said


def write(tmp_path, text, name="a.csv"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_a_file_opens_at_once_and_shows_what_was_taken_for_what(tmp_path):
    own, opened, note, mapper, *roles = uploads.open_files([write(tmp_path, GOOD)], (), 0)
    assert opened == 1
    assert own[0].key == "upload-1"
    assert note == "Open: 8 scores in 1 run(s), 0 reader(s)."
    assert mapper["visible"]
    assert not mapper["open"]
    assert roles[ROLES.index("score")]["value"] == "score"
    assert roles[ROLES.index("patient_id")]["value"] == uploads.NONE


def test_columns_that_cannot_be_guessed_are_asked_for_and_then_work(tmp_path, warned):
    path = write(tmp_path, GOOD.replace("score", "foo"))
    own, opened, note, mapper, *_ = uploads.open_files([path], (), 0)
    assert (own, opened) == ((), 0)
    assert "which column holds score" in note
    assert mapper["open"]
    assert warned
    columns = [{"case_id": "case_id", "score": "foo", "label": "label"}.get(role, uploads.NONE) for role in ROLES]
    own, opened, *_ = uploads.open_mapped([path], (), 0, " histology malignant ", *columns)
    assert opened == 1
    assert own[0].runs[0].target == "histology malignant"


def test_a_bad_file_keeps_what_was_open_and_tells_every_row_without_the_servers_folders(tmp_path, warned):
    own, opened, *_ = uploads.open_files([write(tmp_path, GOOD)], (), 0)
    bad = write(tmp_path, "case_id,score,label\na,7,1\nb,0.1,9\n", "bad.csv")
    kept, count, note, *_ = uploads.open_files([bad], own, opened)
    assert kept is own
    assert count == opened
    assert "row 2: score is '7'" in note
    assert "row 3: label is '9'" in note
    assert str(tmp_path) not in note
    assert warned == ["bad.csv: 2 problem(s)"]


def test_a_file_that_is_no_table_is_told_in_a_line_that_can_be_read(tmp_path, warned):
    *_, note = uploads.open_files([write(tmp_path, ",".join(f"{i}" + "x" * 90 for i in range(400)) + "\n")], (), 0)[:3]
    assert "which column holds case_id and score and label" in note
    assert "... and 380 more" in note
    assert len(note) < 1100


def test_one_class_opens_and_says_what_is_undefined(tmp_path, warned):
    own, *_ = uploads.open_files([write(tmp_path, "case_id,score,label\na,0.5,1\nb,0.4,1\n")], (), 0)
    assert any("Every label of model@upload is 1" in note for note in own[0].notes)
    assert not warned


def test_only_so_many_are_kept(tmp_path):
    own, opened = (), 0
    for _ in range(uploads.KEPT + 2):
        own, opened, *_ = uploads.open_files([write(tmp_path, GOOD)], own, opened)
    assert [source.key for source in own] == [f"upload-{number}" for number in range(opened, opened - uploads.KEPT, -1)]


def test_nothing_dropped():
    assert uploads.open_files(None, (), 3)[:3] == ((), 3, uploads.WAITING)
