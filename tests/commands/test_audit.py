from dataclasses import replace

import pytest
from PIL import Image
from typer.testing import CliRunner

from lesion_core.cases.folds import Scheme, write_folds
from lesion_core.cases.table import read_cases, write_cases
from lesion_core.cli import app
from lesion_core.errors import InputError
from tests.cases.scans import save_scan


def run(*arguments):
    return CliRunner().invoke(app, ["audit", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def table(tmp_path):
    cases = [save_scan(seed, tmp_path) for seed in range(4)]
    write_cases(cases, tmp_path / "cases.csv")
    return tmp_path / "cases.csv"


def test_exit_code_0_when_nothing_spoils(table):
    result = run(table)
    assert result.exit_code == 0
    assert "nothing was found that would spoil a result" in result.output
    assert (table.parent / "audit.csv").is_file()
    assert (table.parent / "audit.html").is_file()


def test_exit_code_1_when_something_does_and_the_table_can_be_mended(table, tmp_path):
    cases = read_cases(table).cases
    Image.open(tmp_path / "images" / "2.png").save(tmp_path / "images" / "copy.png")
    write_cases([*cases, replace(cases[2], case_id="copy", patient_id="q", image="images/copy.png")], table)
    out, mended = tmp_path / "report", tmp_path / "new" / "cases.csv"
    result = run(table, "--out", out, "--regroup", mended)
    assert result.exit_code == 1
    assert "spoils: duplicate: 1" in result.output
    assert sorted(each.name for each in out.iterdir()) == ["audit.csv", "audit.html"]
    assert [case.group for case in read_cases(mended).cases] == ["", "", "same-as-case2", "", "same-as-case2"]
    assert run(mended).exit_code == 0


def test_folds_beside_the_table_are_checked(table):
    cases = [replace(case, patient_id="one") for case in read_cases(table).cases]
    write_cases(cases, table)
    write_folds(
        [Scheme("mine", {case.case_id: 1 + at % 2 for at, case in enumerate(cases)})], table.with_name("folds.csv")
    )
    result = run(table)
    assert result.exit_code == 1
    assert "spoils: both sides of a split: 1" in result.output


def test_against_itself_everything_is_shared(table):
    result = run(table, "--against", table)
    assert result.exit_code == 1
    assert "spoils: duplicate: 4" in result.output
    with pytest.raises(InputError, match="leave --against out"):
        run(table, "--against", table, "--regroup", table)
