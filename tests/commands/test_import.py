import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lesion_core.cases.table import read_cases
from lesion_core.cli import app
from lesion_core.errors import InputError
from tests.cases.importers import sets

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments):
    return CliRunner().invoke(app, ["import", *map(str, arguments)], catch_exceptions=False)


def test_import_tells_what_it_wrote(tmp_path):
    sets.busbra(tmp_path / "BUSBRA", 3)
    result = run("busbra", tmp_path / "BUSBRA", tmp_path / "out")
    assert result.exit_code == 0
    assert "6 cases in 6 images of 3 patients or groups" in result.output
    assert "label 1 (histology malignant): 2; label 0: 4" in result.output
    assert "folds busbra-5" in result.output
    assert "readings: 6" in result.output
    assert "note: Every lesion was biopsied" in result.output
    assert len(read_cases(tmp_path / "out" / "cases.csv")) == 6


def test_ddti_label_rule(tmp_path):
    sets.ddti(tmp_path / "DDTI")
    result = run("ddti", tmp_path / "DDTI", tmp_path / "out", "--label", "reread:4")
    assert "4 cases in 4 images of 4 patients" in result.output
    assert "label 1 (TI-RADS 4 or higher): 2; label 0: 2" in result.output


def test_refusals_leave_nothing_behind(tmp_path):
    sets.busi(tmp_path / "BUSI")
    with pytest.raises(InputError, match="no importer named 'bush'; there are\n  busbra: BUS-BRA"):
        run("bush", tmp_path / "BUSI", tmp_path / "out")
    with pytest.raises(InputError, match="is no BUS-BRA folder"):
        run("busbra", tmp_path / "BUSI", tmp_path / "out")
    with pytest.raises(InputError, match="busi has no use for --label: it takes --label-source, --target"):
        run("busi", tmp_path / "BUSI", tmp_path / "out", "--label", "2015:4a")
    with pytest.raises(InputError, match="is not empty"):
        run("busi", tmp_path / "BUSI", tmp_path / "BUSI")
    assert [each.name for each in tmp_path.iterdir()] == ["BUSI"]


def test_a_mistake_is_one_plain_message_and_exit_code_2(tmp_path):
    command = [sys.executable, "-m", "lesion_core", "import", "busi", str(tmp_path), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "is no BUSI folder: expected benign/, malignant/" in done.stderr
    assert "Traceback" not in done.stderr
