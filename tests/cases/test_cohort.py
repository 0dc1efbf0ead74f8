import numpy as np
import pytest

from lesion_core.cases.cohort import Age, grid, label_name, population_tables
from lesion_core.cases.table import Case


def case(name, label, **more):
    values = {"organ": "thyroid", "image": f"{name}.png", "target": "histology malignant"} | more
    return Case(case_id=name, label=label, **values)


CASES = [
    case("a1", 1, patient_id="a", age=60, sex="F", plane="longitudinal", machine="X", rads="4a", rads_system="R"),
    case("a2", 1, patient_id="a", age=60, sex="F", plane="transverse", machine="X", rads="5", rads_system="R"),
    case("b1", 1, patient_id="b", age=50, sex="M", machine="Y", location="left"),
    case("c1", 0, patient_id="c", sex="F", plane="transverse", machine="X", rads="2", rads_system="R"),
    case("d1", 1, patient_id="d", age=41, split="external", image="a1.png"),
]


def test_patients_are_counted_once_and_rows_as_rows():
    (table,) = population_tables(CASES)
    heads = [(each.part, each.name, each.lesions, each.patients, each.images) for each in table.columns]
    assert heads == [
        ("development", "malignant", 3, 2, 3),
        ("development", "benign", 1, 1, 1),
        ("external", "malignant", 1, 1, 1),
        ("external", "benign", 0, 0, 0),
    ]
    assert table.columns[0].age == Age(55, pytest.approx(np.std([60, 50], ddof=1)), 2)
    assert table.columns[1].age is None
    assert table.columns[2].age == Age(41, None, 1)
    lines = {(each.section, each.level): each.counts for each in table.lines}
    assert lines == {
        ("Sex", "female"): (1, 1, 0, 0),
        ("Sex", "male"): (1, 0, 0, 0),
        ("Sex", "not stated"): (0, 0, 1, 0),
        ("Location", "left"): (1, 0, 0, 0),
        ("Location", "not stated"): (2, 1, 1, 0),
        ("Planes of US images", "longitudinal"): (1, 0, 0, 0),
        ("Planes of US images", "transverse"): (1, 1, 0, 0),
        ("Planes of US images", "not stated"): (1, 0, 1, 0),
        ("US machine types", "X"): (2, 1, 0, 0),
        ("US machine types", "Y"): (1, 0, 0, 0),
        ("US machine types", "not stated"): (0, 0, 1, 0),
        ("R", "2"): (0, 1, 0, 0),
        ("R", "4a"): (1, 0, 0, 0),
        ("R", "5"): (1, 0, 0, 0),
        ("R", "not stated"): (1, 0, 1, 0),
    }


def test_every_section_adds_up_to_its_lesions_or_patients():
    for table in population_tables(CASES):
        sections = {}
        for line in table.lines:
            sections.setdefault((line.section, line.of), []).append(line.counts)
        for (section, of), counts in sections.items():
            totals = tuple(getattr(column, of) for column in table.columns)
            assert tuple(np.sum(counts, axis=0)) == totals, (table.source, section)


def test_text_of_the_table():
    rows = grid(population_tables(CASES)[0])
    assert rows[0] == ("", "development, malignant", "development, benign", "external, malignant", "external, benign")
    assert rows[1] == ("Patients (years old)", "55.0 ± 7.1", "not stated", "41.0", "not stated")
    assert rows[4] == ("Sex: female (patients)", "1", "1", "0", "0")
    assert grid(population_tables([CASES[0], CASES[2], case("e", 1)])[0])[1][1] == "55.0 ± 7.1 (n = 2)"


def test_organs_and_targets_stand_apart_and_are_worded_by_the_target():
    mixed = [*CASES, case("x", 1, organ="breast"), case("y", 0, target="TI-RADS 4a or higher", label_source="tirads")]
    tables = population_tables(mixed)
    assert [(table.organ, table.target) for table in tables] == [
        ("thyroid", "histology malignant"),
        ("breast", "histology malignant"),
        ("thyroid", "TI-RADS 4a or higher"),
    ]
    assert [column.name for column in tables[2].columns] == ["TI-RADS 4a or higher", "not TI-RADS 4a or higher"]
    assert label_name("labelled malignant", 1) == "malignant"
