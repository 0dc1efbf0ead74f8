"""docs/cases.md holds the schemas and importers that the code has."""

import re
from pathlib import Path

import pytest

from lesion_core.cases import border_check, folds, readings, table
from lesion_core.cases.importers import IMPORTERS
from lesion_core.cases.importers.ddti import RULES
from lesion_core.notice import NOTICE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cases.md").read_text(encoding="utf-8")
SCHEMAS = {
    "cases.csv": table.COLUMNS,
    "folds.csv": folds.COLUMNS,
    "readings.csv": readings.COLUMNS,
    "border_checks.csv": border_check.COLUMNS,
}


def rows(mark):
    part = re.search(rf"<!-- {re.escape(mark)} -->\n(.*?)<!-- end -->", PAGE, re.DOTALL)[1]
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in part.strip().splitlines()]
    return [[cell.strip().replace("\\|", "|") for cell in line] for line in lines[2:]]


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas(name):
    expected = [[f"`{c.name}`", c.meaning, c.allowed, "yes" if c.required else ""] for c in SCHEMAS[name]]
    assert rows(f"schema: {name}") == expected


def test_importers_and_their_options():
    options = {
        name: ", ".join(sorted(f"--{each.replace('_', '-')}" for each in importer.takes))
        for name, importer in IMPORTERS.items()
    }
    expected = [[f"`{name}`", importer.reads, options[name]] for name, importer in IMPORTERS.items()]
    assert [row[:3] for row in rows("importers")] == expected
    assert all(f"--label {rule}" in PAGE for rule in (RULES[0], RULES[-1]))


def test_commands_exist_and_the_notice_stands():
    from lesion_core.cli import app

    known = {command.name for command in app.registered_commands}
    named = set(re.findall(r"python -m lesion_core (\S+)", PAGE))
    assert named
    assert named <= known
    assert NOTICE in PAGE


def test_the_schema_of_the_design_is_whole():
    wanted = (
        "case_id, lesion_id, patient_id, group, dataset, organ, image, border, label, label_source, target, split, "
        "age, sex, plane, machine, location, rads_system, rads, notes"
    )
    assert [column.name for column in table.COLUMNS] == wanted.split(", ")
