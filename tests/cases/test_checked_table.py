import io
import zipfile

import pytest

from lesion_core.cases.border_check import check
from lesion_core.cases.border_desk import BorderDesk
from lesion_core.cases.border_example import example_table
from lesion_core.cases.checked_table import checks_zip, mark_checks, progress
from lesion_core.cases.table import read_cases
from lesion_core.errors import InputError
from lesion_core.notice import NOTICE

from .test_agreement import square

READERS = {"first_reader": "Reader A", "second_reader": "Reader B"}


@pytest.fixture(scope="module")
def table(drawn_example):
    return example_table(drawn_example)


@pytest.fixture
def desk(table, tmp_path):
    made = BorderDesk(table, tmp_path / "checks")
    one, two, three, *_ = table.cases
    made.decide(one, "approved", known=0, **READERS)
    made.decide(two, "corrected", known=0, first=square(0, 0, 100), second=square(40, 0, 100), **READERS)
    made.decide(three, "rejected", known=0, comment="the shadow is in it", **READERS)
    return made


def test_corrected_borders_replace_and_rejected_ones_are_marked(table, desk):
    marked = mark_checks(table, desk.checks(), desk.folder)
    assert [case.case_id for case in marked.cases] == [case.case_id for case in table.cases]
    one, two, three, four, *_ = marked.cases
    assert one.border == table.cases[0].border
    assert one.notes == "synthetic phantom, no patient; border approved by Reader B"
    assert marked.border_path(two).resolve() == (desk.folder / desk.checks()[1].border).resolve()
    assert two.notes.endswith("border corrected by Reader B (Dice 0.600 with the first)")
    assert (three.border, three.image) == ("", table.cases[2].image)
    assert three.notes.endswith("border rejected by Reader B: the shadow is in it")
    assert four.border == table.cases[3].border
    assert four.notes.endswith("border not checked by a second reader")


def test_the_last_decision_counts(table, desk):
    later = check(table.cases[2], "approved", **READERS)
    assert mark_checks(table, [*desk.checks(), later], desk.folder).cases[2].border == table.cases[2].border
    assert progress(table, [*desk.checks(), later]) == {"approved": 2, "corrected": 1, "rejected": 0, "drawn": 5}


def test_the_zip_is_whole_when_it_is_unpacked(desk, tmp_path):
    content = checks_zip(desk, with_pictures=True)
    assert checks_zip(desk, with_pictures=True) == content
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path / "out")
    read_cases(tmp_path / "out" / "cases.csv")
    marked = read_cases(tmp_path / "out" / "cases-checked.csv")  # pictures and borders are there, or it raises
    assert marked.cases[1].border.startswith("border_checks/borders/phantom-2-")
    note = (tmp_path / "out" / "README.txt").read_text()
    assert NOTICE in note
    assert "1 approved, 1 corrected, 1 rejected, of 8 cases" in note


def test_without_being_asked_no_picture_leaves(desk):
    names = zipfile.ZipFile(io.BytesIO(checks_zip(desk))).namelist()
    assert not [name for name in names if name.endswith(".png")]
    assert len(names) == 4


def test_nothing_decided_is_nothing_to_download(table, tmp_path):
    with pytest.raises(InputError, match="no border has been checked yet"):
        checks_zip(BorderDesk(table, tmp_path / "none"))
