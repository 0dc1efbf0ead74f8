import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from dashboards import border_sitting, borders
from dashboards.border_sitting import Sitting, remembered
from dashboards.border_tables import EXAMPLE, open_desk
from dashboards.widgets.drawn_border import DrawnBorder
from lesion_core.cases.border_example import EXAMPLE as PHANTOMS
from lesion_core.cases.table import write_cases

ANNA = "a" * 32
NAMES = ("Program", "Anna", "")


@pytest.fixture(autouse=True)
def said(tmp_path, monkeypatch, drawn_example):
    shutil.copytree(drawn_example, tmp_path / "state" / "phantoms")
    monkeypatch.setenv("LESION_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("LESION_CASES", raising=False)
    messages = []
    for kind in ("Warning", "Info"):
        monkeypatch.setattr(gr, kind, lambda message, **more: messages.append(message))
    return messages


@pytest.fixture
def opened():
    """What the page keeps once the example is open."""
    return borders.first_look(Sitting(), {"visitor": ANNA})[3]


def drawn(sitting, points=((100, 100), (300, 100), (300, 250), (100, 250))):
    return DrawnBorder(points, closed=True, size=(360, 480), revision=1, image_id=sitting.image_id)


def pressed(**data):
    return SimpleNamespace(_data=data)


def state(sitting):
    return [(each.case_id, each.decision) for each in open_desk(EXAMPLE, sitting.visitor).checks()]


def nothing(sitting):
    """The canvas as it was shown, without a second border."""
    return DrawnBorder(size=(360, 480), image_id=sitting.image_id)


def test_the_example_opens_by_itself_for_a_new_visitor():
    memory, first, second, sitting, canvas, strip, about, comparison, reason = borders.first_look(Sitting(), None)
    assert len(memory["visitor"]) == 32
    assert (first, second) == ("Phantom program", "Visitor")
    assert (sitting.key, sitting.index, sitting.known) == (EXAMPLE, 0, 0)
    assert sitting.image_id == canvas["image_id"] != ""
    assert len(canvas["reference"]) > 5
    assert not canvas["value"].closed
    assert strip["states"] == "d" * len(PHANTOMS)
    assert "phantom-1" in about
    assert "Draw a second border" in comparison
    assert reason == ""
    assert borders.first_look(sitting, memory)[0] == gr.skip()


def test_approving_goes_on_to_the_next_unchecked_case(opened):
    sitting, _, strip, about, *_ = borders.approve(nothing(opened), opened, *NAMES)
    assert state(opened) == [("phantom-1", "approved")]
    assert (sitting.index, sitting.known) == (1, 0)
    assert strip["states"].startswith("ad")
    assert "phantom-2" in about


def test_a_second_border_on_the_canvas_is_not_approved_away(opened, said):
    assert borders.approve(drawn(opened), opened, *NAMES)[0] == gr.skip()
    assert "save it as the correction" in said[0]
    assert state(opened) == []


def test_correcting_compares_keeps_a_draft_and_saves(opened):
    _, comparison = borders.compare(drawn(opened), opened, "Anna")
    assert "Dice" in comparison
    again = border_sitting.show(open_desk(EXAMPLE, ANNA), opened, "Anna")
    assert again[1]["value"].closed
    assert "Your draft from before" in again[4]
    borders.save(drawn(opened), opened, *NAMES)
    assert state(opened) == [("phantom-1", "corrected")]
    _, canvas, strip, about, comparison, _ = border_sitting.reopen(opened, "Anna")
    assert strip["states"][0] == "c"
    assert canvas["value"].closed
    assert "The correction by Anna." in comparison
    assert "<b>Corrected</b> by Anna" in about


def test_clearing_the_drawing_forgets_the_draft(opened):
    borders.compare(drawn(opened), opened, "Anna")
    _, comparison = borders.compare(replace(drawn(opened), points=(), closed=False), opened, "Anna")
    assert "Draw a second border" in comparison
    assert not border_sitting.reopen(opened, "Anna")[1]["value"].closed


def test_a_drawing_of_another_image_is_not_taken(opened, said):
    assert borders.save(replace(drawn(opened), image_id="other"), opened, *NAMES)[0] == gr.skip()
    assert "was not on the page yet" in said[0]
    assert borders.save(nothing(opened), opened, *NAMES)[0] == gr.skip()


def test_an_unusable_second_border_is_said(opened, said):
    line = drawn(opened, ((10, 10), (20, 20), (30, 30)))
    _, comparison = borders.compare(line, opened, "Anna")
    assert "lie on one line" in comparison
    borders.save(line, opened, *NAMES)
    assert "lie on one line" in said[-1]
    assert state(opened) == []


def test_a_copy_of_the_first_border_is_no_correction(opened, said):
    sitting, canvas, _, _, comparison, _ = borders.copy_first(nothing(opened), opened, *NAMES)
    assert "<b>1.000</b>" in comparison
    same = replace(drawn(sitting), points=canvas["value"].points)
    assert borders.save(same, sitting, *NAMES)[0] == gr.skip()
    assert "both borders are the same" in said[0]


def test_rejecting_needs_a_reason(opened, said):
    borders.reject(nothing(opened), opened, "Program", "Anna", "  ")
    assert "write down why" in said[0]
    borders.reject(nothing(opened), opened, "Program", "Anna", "no lesion here")
    assert open_desk(EXAMPLE, ANNA).checks()[0].comment == "no lesion here"


def test_both_readers_have_to_be_named(opened, said):
    borders.approve(nothing(opened), opened, "Program", " ", "")
    borders.approve(nothing(opened), opened, "Anna", "anna", "")
    assert "write down who drew the borders and who you are" in said[0]
    assert "must be another person" in said[1]
    assert state(opened) == []


def test_two_tabs_do_not_spoil_each_other(opened, said):
    borders.reject(nothing(opened), opened, "Program", "Anna", "blurred")
    sitting, canvas, strip, about, comparison, _ = borders.save(drawn(opened), opened, "Program", "Bert", "")
    assert "was rejected (blurred) by Anna" in said[-1]
    assert canvas == comparison == gr.skip()
    assert strip["states"][0] == "r"
    assert "<b>Rejected</b> by Anna" in about
    assert state(opened) == [("phantom-1", "rejected")]
    borders.save(drawn(opened), sitting, "Program", "Bert", "")
    assert state(opened) == [("phantom-1", "rejected"), ("phantom-1", "corrected")]


def test_walking(opened, said):
    names = {key: borders.ACTIONS[word] for key, word in borders.KEYS.items()}
    walk = names["n"](nothing(opened), opened, *NAMES)[0]
    assert walk.index == 1
    assert names["p"](nothing(walk), walk, *NAMES)[0].index == 0
    assert names["p"](nothing(opened), opened, *NAMES)[0].index == 0
    last = replace(opened, index=len(PHANTOMS) - 1)
    assert names["n"](nothing(last), last, *NAMES)[0].index == last.index
    borders.approve(nothing(opened), opened, *NAMES)
    assert names["u"](nothing(last), last, *NAMES)[0].index == 1
    assert borders.jump(opened, "Anna", pressed(index=4))[0].index == 4
    with pytest.raises(gr.Error, match="names no case"):
        borders.jump(opened, "Anna", pressed(index=99))
    assert borders.press(nothing(opened), opened, *NAMES, pressed(word="next"))[0].index == 1
    with pytest.raises(gr.Error, match="could not be read"):
        borders.press(nothing(opened), opened, *NAMES, pressed(word="reject"))


def test_the_end_is_said(opened, said):
    sitting = opened
    for _ in PHANTOMS:
        sitting = borders.approve(nothing(sitting), sitting, *NAMES)[0]
    assert said == [borders.DONE]
    assert sitting.index == len(PHANTOMS) - 1
    borders.step_open(nothing(sitting), sitting, *NAMES)
    assert said == [borders.DONE] * 2


def test_an_unreadable_picture_is_said_and_the_next_case_is_there(tmp_path, monkeypatch, opened, said):
    table = open_desk(EXAMPLE, ANNA).table
    broken = [replace(table.cases[0], image="images/broken.png"), replace(table.cases[1], border=""), table.cases[2]]
    (table.folder / "images" / "broken.png").write_text("no picture")
    write_cases(broken, table.folder / "broken.csv")
    monkeypatch.setenv("LESION_CASES", str(table.folder / "broken.csv"))
    *_, sitting, canvas, strip, about, _, _ = borders.open_table("here:0", {"visitor": ANNA})
    assert 'role="alert"' in about
    assert canvas["image"] == ""
    walk = borders.step_next(nothing(sitting), sitting, *NAMES)
    assert "has no border: there is nothing to check" in walk[3]
    assert borders.step_next(nothing(walk[0]), walk[0], *NAMES)[0].index == 2
    assert strip["states"] == "ddd"


def test_a_table_that_cannot_be_opened(tmp_path, monkeypatch, said):
    (tmp_path / "half.csv").write_text("case_id,organ,image,label,target\na,lung,a.pn")
    monkeypatch.setenv("LESION_CASES", str(tmp_path / "half.csv"))
    first, second, sitting, *_, about, _, _ = borders.open_table("here:0", {"visitor": ANNA})
    assert first == second == gr.skip()
    assert sitting == Sitting()
    assert "half-written" in about
    assert borders.approve(nothing(sitting), sitting, *NAMES)[0] == gr.skip()
    assert said[-1] == "no table is open: choose one"


def test_uploads(tmp_path, monkeypatch, opened, said):
    table = open_desk(EXAMPLE, ANNA).table
    assert borders.open_upload(None, {})[0] == gr.skip()
    outputs = borders.open_upload(str(table.folder / "cases.csv"), {"visitor": ANNA})
    assert "LESION_CASE_FILES" in said[0]
    assert len(outputs) == 9
    monkeypatch.setenv("LESION_CASE_FILES", str(table.folder))
    choice, first, second, sitting, *_ = borders.open_upload(
        str(table.folder / "cases.csv"), {"visitor": ANNA, "second": "Anna"}
    )
    assert choice["value"] == sitting.key == choice["choices"][-1][1]
    assert (first, second) == ("", "Anna")


def test_the_browser_remembers_names_and_nothing_it_sends_is_trusted():
    assert remembered("text") == remembered(None) == {"visitor": "", "first": "", "second": ""}
    assert remembered({"visitor": "../..", "first": "a\nb", "second": ["x"] * 99, "more": 1})["visitor"] == ""
    assert remembered({"first": "a\nb"})["first"] == ""
    kept = borders.remember({"visitor": ANNA, "first": "Dr A"}, EXAMPLE, "Phantom program", " Anna ")
    assert kept == {"visitor": ANNA, "first": "Dr A", "second": "Anna"}
    assert borders.remember(kept, "here:0", "Dr B", "Anna")["first"] == "Dr B"


def test_the_download_has_the_checks(opened):
    with pytest.raises(gr.Error, match="no border has been checked yet"):
        borders.pack(opened)
    borders.approve(nothing(opened), opened, *NAMES)
    content = Path(borders.pack(opened)).read_bytes()
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert {"README.txt", "cases-checked.csv", "border_checks/border_checks.csv", "images/phantom-1.png"} <= set(names)


def test_pictures_of_this_machine_do_not_leave_it(opened, monkeypatch):
    table = open_desk(EXAMPLE, ANNA).table
    monkeypatch.setenv("LESION_CASES", str(table.folder / "cases.csv"))
    sitting = borders.open_table("here:0", {"visitor": ANNA})[2]
    borders.approve(nothing(sitting), sitting, *NAMES)
    names = zipfile.ZipFile(io.BytesIO(Path(borders.pack(sitting)).read_bytes())).namelist()
    assert not [name for name in names if name.endswith(".png")]


@pytest.mark.parametrize("decide", [borders.approve, borders.reject, borders.save])
def test_nothing_is_decided_on_a_case_that_the_page_has_not_shown_yet(opened, said, decide):
    """The server is at the next case already; the page sends what it shows."""
    later = borders.step_next(nothing(opened), opened, *NAMES)[0]
    for on_the_page in (nothing(opened), drawn(opened)):
        assert decide(on_the_page, later, "Program", "Anna", "blurred")[0] == gr.skip()
        assert "was not on the page yet" in said[-1]
    assert state(later) == []
    decide(drawn(later) if decide is borders.save else nothing(later), later, "Program", "Anna", "blurred")
    assert len(state(later)) == 1


def test_a_border_that_arrives_late_leaves_the_next_cases_draft(opened):
    later = borders.step_next(nothing(opened), opened, *NAMES)[0]
    borders.compare(drawn(later), later, NAMES[1])
    for late in (drawn(opened), nothing(opened)):
        assert borders.compare(late, later, NAMES[1])[1] == gr.skip()
    again = borders.step_next(nothing(opened), opened, *NAMES)[1]
    assert again["value"].closed, "the draft is still there"


def test_a_forgotten_sitting_is_told_as_that(opened, said):
    borders.approve(nothing(opened), Sitting(), *NAMES)
    assert said == ["no table is open: choose one"]


@pytest.fixture
def unseen(monkeypatch, opened):
    """What the page keeps at the first of a table's cases: two whose picture is none, one without a border."""
    table = open_desk(EXAMPLE, ANNA).table
    (table.folder / "images" / "broken.png").write_text("no picture")
    broken = [replace(case, image="images/broken.png") for case in table.cases[:2]]
    write_cases([*broken, replace(table.cases[2], border="")], table.folder / "broken.csv")
    monkeypatch.setenv("LESION_CASES", str(table.folder / "broken.csv"))
    return borders.open_table("here:0", {"visitor": ANNA})[2]


def decisions(sitting):
    return [(each.case_id, each.decision) for each in open_desk(sitting.key, ANNA).checks()]


def test_a_case_that_cannot_be_looked_at_is_not_approved_and_is_told_why(unseen, said):
    borders.approve(DrawnBorder(image_id=unseen.image_id), unseen, *NAMES)
    assert "cannot be approved" in said[-1]
    assert "not an image" in said[-1]
    later = border_sitting.reopen(replace(unseen, index=2), "Anna")[0]
    borders.approve(DrawnBorder(image_id=later.image_id), later, *NAMES)
    assert "cannot be approved" in said[-1]
    assert "has no border" in said[-1]
    assert decisions(unseen) == []


def test_of_two_cases_that_cannot_be_looked_at_a_double_click_rejects_one(unseen, said):
    """The second click comes from the page as it was, while the server is at the next case already."""
    page = DrawnBorder(image_id=unseen.image_id)
    later, canvas, *_ = borders.reject(page, unseen, "Program", "Anna", "no image")
    assert borders.reject(page, later, "Program", "Anna", "no image")[0] == gr.skip()
    assert said == [borders.NOT_SEEN]
    assert decisions(unseen) == [("phantom-1", "rejected")]
    borders.reject(canvas["value"], later, "Program", "Anna", "no image")
    assert decisions(unseen) == [("phantom-1", "rejected"), ("phantom-2", "rejected")]


def test_a_case_that_cannot_be_looked_at_is_shown_as_decided_in_another_tab(unseen, said):
    page = DrawnBorder(image_id=unseen.image_id)
    borders.reject(page, unseen, "Program", "Anna", "no image")
    sitting, canvas, strip, about, *_ = borders.reject(page, unseen, "Program", "Bert", "not readable")
    assert "was rejected (no image) by Anna" in said[-1]
    assert (sitting.known, canvas, strip["states"]) == (1, gr.skip(), "rdd")
    assert 'role="alert"' in about
    assert "<b>Rejected</b> by Anna" in about
