import os
import shutil
from dataclasses import replace

import pytest

from dashboards import border_tables
from dashboards.border_tables import EXAMPLE, keep_upload, offered, open_desk
from lesion_core.cases.border_desk import BorderDesk
from lesion_core.cases.border_example import example_table
from lesion_core.cases.table import write_cases
from lesion_core.errors import InputError, TableError

ANNA, BERT = "a" * 32, "b" * 32
READERS = {"first_reader": "A", "second_reader": "B"}


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch, drawn_example):
    shutil.copytree(drawn_example, tmp_path / "state" / "phantoms")
    monkeypatch.setenv("LESION_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("LESION_CASES", raising=False)
    monkeypatch.delenv("LESION_CASE_FILES", raising=False)
    return tmp_path / "state"


@pytest.fixture
def here(tmp_path, monkeypatch, state):
    shutil.copytree(state / "phantoms", tmp_path / "set")
    monkeypatch.setenv("LESION_CASES", os.pathsep.join([str(tmp_path / "set" / "cases.csv"), "/no/such.csv"]))
    return tmp_path / "set"


def test_each_visitor_has_decisions_of_their_own_on_the_example():
    desk = open_desk(EXAMPLE, ANNA)
    desk.decide(desk.table.cases[0], "approved", known=0, **READERS)
    assert len(open_desk(EXAMPLE, ANNA).checks()) == 1
    assert open_desk(EXAMPLE, BERT).checks() == ()


@pytest.mark.parametrize("visitor", ["", "../../etc", "A" * 32, "a" * 31])
def test_names_of_visitors_are_checked(visitor, state):
    with pytest.raises(InputError, match="reload the page"):
        open_desk(EXAMPLE, visitor)
    assert not (state / "example").exists()


def test_the_visitor_who_was_away_for_longest_goes_first(state, monkeypatch):
    monkeypatch.setattr(border_tables, "MOST_VISITORS", 2)
    names = [f"{number}" * 32 for number in range(1, 4)]
    for age, name in enumerate(names):
        desk = open_desk(EXAMPLE, name)
        desk.decide(desk.table.cases[0], "approved", known=0, **READERS)
        os.utime(desk.checks_path, (1000 + age, 1000 + age))
    assert sorted(path.name for path in (state / "example").iterdir()) == names[1:]


def test_tables_of_this_machine_keep_their_decisions_beside_them(here):
    assert offered()[1:] == [("set/cases.csv", "here:0"), ("no/such.csv", "here:1")]
    desk = open_desk("here:0", "")
    desk.decide(desk.table.cases[0], "approved", known=0, **READERS)
    assert (here / "border_checks" / "border_checks.csv").is_file()
    with pytest.raises(InputError, match=r"cannot open the table such\.csv"):
        open_desk("here:1", "")
    for key in ("here:2", "here:-1", "/etc/passwd", "upload:../x"):
        with pytest.raises(InputError, match="no such table any more"):
            open_desk(key, "")


def test_a_table_that_changed_is_read_again(here):
    before = open_desk("here:0", "").table
    assert open_desk("here:0", "").table is before
    write_cases(before.cases[:3], here / "cases.csv")
    assert len(open_desk("here:0", "").table) == 3


def test_uploads_are_only_taken_where_there_is_a_folder_for_pictures(here, monkeypatch):
    with pytest.raises(InputError, match="set LESION_CASE_FILES"):
        keep_upload(here / "cases.csv")
    with pytest.raises(InputError, match="LESION_CASE_FILES"):
        open_desk(f"upload:{ANNA}", "")


def test_an_uploaded_table_names_pictures_in_the_folder(here, tmp_path, monkeypatch):
    monkeypatch.setenv("LESION_CASE_FILES", str(here))
    copy = tmp_path / "upload.csv"
    copy.write_bytes((here / "cases.csv").read_bytes())
    key = keep_upload(copy)
    desk = open_desk(key, "")
    desk.decide(desk.table.cases[0], "approved", known=0, **READERS)
    assert keep_upload(copy) == key
    assert len(open_desk(key, "").checks()) == 1
    assert isinstance(desk, BorderDesk)
    assert desk.table.image_path(desk.table.cases[0]).is_file()


def test_an_uploaded_table_reaches_nothing_outside(here, tmp_path, monkeypatch, state):
    monkeypatch.setenv("LESION_CASE_FILES", str(here))
    (tmp_path / "secret.png").write_bytes((here / "images" / "phantom-1.png").read_bytes())
    (here / "link.png").symlink_to(tmp_path / "secret.png")
    one, two, three, four, *_ = example_table(here).cases
    cases = [
        replace(one, image="../secret.png"),
        replace(two, border=str(tmp_path / "secret.png")),
        replace(three, image="link.png"),
        replace(four, image="images/none.png"),
    ]
    write_cases(cases, tmp_path / "upload.csv")
    with pytest.raises(TableError) as caught:
        keep_upload(tmp_path / "upload.csv")
    assert [problem.split(",")[0] for problem in caught.value.problems] == [
        "row 2: image is '../secret.png'",
        f"row 3: border is '{tmp_path}/secret.png'",
        "row 4: image is 'link.png'",
        "row 5: image is 'images/none.png'",
    ]
    assert "leaves the folder" in caught.value.problems[2]
    assert not (state / "uploaded").exists()


def test_large_files_are_not_read(here, monkeypatch):
    monkeypatch.setenv("LESION_CASE_FILES", str(here))
    monkeypatch.setattr(border_tables, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="up to 0 MB is read"):
        keep_upload(here / "cases.csv")
