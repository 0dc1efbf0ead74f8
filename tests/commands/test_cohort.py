from typer.testing import CliRunner

from lesion_core.cases.table import write_cases
from lesion_core.cli import app
from lesion_core.notice import NOTICE
from tests.cases.importers import sets
from tests.cases.test_cohort import CASES


def test_tables_and_flow_are_printed_and_written(tmp_path):
    write_cases(CASES, tmp_path / "cases.csv")
    out = tmp_path / "tables.csv"
    result = CliRunner().invoke(app, ["cohort", str(tmp_path / "cases.csv"), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    assert NOTICE in result.output
    assert "55.0 ± 7.1" in result.output
    assert "All cases: 4 patients; 4 images, 5 lesions" in result.output
    assert "Patients (years old),55.0 ± 7.1,not stated,41.0,not stated" in out.read_text()


def test_agreement_of_the_readers(tmp_path):
    sets.ddti(tmp_path / "DDTI")
    command = ["agreement", str(tmp_path / "DDTI"), str(tmp_path / "out.csv")]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert "radiologist and resident 1: 1 images, median Dice 1.000" in result.output
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 4
