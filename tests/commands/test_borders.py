import shutil

import pytest
from typer.testing import CliRunner

from lesion_core.cases.border_desk import BorderDesk, checks_path_of
from lesion_core.cases.border_example import example_table
from lesion_core.cases.table import read_cases
from lesion_core.cli import app
from lesion_core.errors import InputError
from tests.cases.test_agreement import square

READERS = {"first_reader": "Reader A", "second_reader": "Reader B"}


def run(*arguments):
    return CliRunner().invoke(app, ["borders", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def cases(tmp_path, drawn_example):
    shutil.copytree(drawn_example, tmp_path / "set")
    table = example_table(tmp_path / "set")
    path = tmp_path / "set" / "cases.csv"
    desk = BorderDesk(table, checks_path_of(path).parent)
    desk.decide(table.cases[0], "approved", known=0, **READERS)
    desk.decide(table.cases[1], "corrected", known=0, first=square(0, 0, 99), second=square(9, 0, 99), **READERS)
    desk.decide(table.cases[2], "rejected", known=0, comment="shadow", **READERS)
    return path


def test_all_rows_with_what_was_decided(cases, tmp_path):
    before = cases.read_bytes()
    result = run(cases, tmp_path / "elsewhere" / "checked.csv")
    assert "1 approved, 1 corrected, 1 rejected, 5 not checked of 8" in result.output
    assert "8 cases, 1 without a border" in result.output
    made = read_cases(tmp_path / "elsewhere" / "checked.csv")
    assert made.border_path(made.cases[1]).parent.name == "borders"
    assert made.border_path(made.cases[1]).resolve().is_relative_to(cases.parent / "border_checks")
    assert made.cases[2].border == ""
    assert cases.read_bytes() == before


def test_the_new_table_may_lie_in_a_linked_folder(cases, tmp_path):
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "runs").symlink_to(tmp_path / "far" / "away")
    run(cases, tmp_path / "runs" / "checked.csv")
    assert len(read_cases(tmp_path / "runs" / "checked.csv")) == 8


def test_only_what_passed(cases, tmp_path):
    run(cases, tmp_path / "passed.csv", "--passed")
    assert [case.case_id for case in read_cases(tmp_path / "passed.csv").cases] == ["phantom-1", "phantom-2"]


def test_the_table_itself_is_not_overwritten(cases):
    with pytest.raises(InputError, match="name another file"):
        run(cases, cases)


def test_without_decisions(cases, tmp_path):
    with pytest.raises(InputError, match=r"no table at .*nothing\.csv"):
        run(cases, tmp_path / "out.csv", "--checks", tmp_path / "nothing.csv")
    checks_path_of(cases).write_text("case_id,decision,first_reader,second_reader,checked_at\n")
    with pytest.raises(InputError, match="no case was approved or corrected"):
        run(cases, tmp_path / "out.csv", "--passed")


def test_decisions_on_cases_that_are_gone_are_told(cases, tmp_path):
    rows = cases.read_text().splitlines(keepends=True)
    cases.write_text("".join([rows[0], *rows[2:]]))
    assert "decisions on 1 cases that are not in the table, e.g. phantom-1" in run(cases, tmp_path / "o.csv").output
