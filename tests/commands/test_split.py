from dataclasses import replace

import pytest
from typer.testing import CliRunner

from lesion_core.cases.folds import read_folds
from lesion_core.cases.table import Case, write_cases
from lesion_core.cli import app
from lesion_core.errors import InputError


def run(*arguments):
    return CliRunner().invoke(app, ["split", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def table(tmp_path):
    base = Case(case_id="x", organ="breast", image="x.png", label=0, target="mixed")
    cases = [replace(base, case_id=f"{p}-{v}", patient_id=f"p{p}", label=p % 2) for p in range(20) for v in ("a", "b")]
    write_cases([*cases, replace(base, case_id="held", split="external")], tmp_path / "cases.csv")
    return tmp_path / "cases.csv"


def test_folds_are_added_to_the_file(table):
    folds = table.with_name("folds.csv")
    result = run(table, folds, "-k", 5)
    assert result.exit_code == 0
    assert "fold 1: 8 cases, 4 with label 1" in result.output
    assert "scheme patient-5-seed-0, 40 cases, 1 external ones left out" in result.output
    run(table, folds, "-k", 5, "--seed", 1)
    schemes = read_folds(folds)
    assert set(schemes) == {"patient-5-seed-0", "patient-5-seed-1"}
    assert all(scheme.fold[f"{p}-a"] == scheme.fold[f"{p}-b"] for scheme in schemes.values() for p in range(20))
    with pytest.raises(InputError, match="has a scheme 'patient-5-seed-1' already"):
        run(table, folds, "-k", 5, "--seed", 1)


def test_image_level_is_refused_unless_forced_and_marked(table):
    folds = table.with_name("folds.csv")
    with pytest.raises(InputError, match="40 cases come from 20 patients"):
        run(table, folds, "--level", "image")
    assert not folds.exists()
    result = run(table, folds, "-k", 4, "--level", "image", "--force")
    assert "every result with these folds is marked" in result.output
    assert read_folds(folds)["image-4-seed-0"].level == "image"
