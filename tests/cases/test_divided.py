from dataclasses import replace

import pytest

from lesion_core.cases.divided import read_divided
from lesion_core.cases.folds import write_folds
from lesion_core.errors import InputError
from tests.training.phantom_set import by_patient, make_set, write_scheme


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    root = tmp_path_factory.mktemp("divided")
    made = [
        make_set(root / name, patients=6, views=1, first_seed=at, prefix=name, dataset=name)
        for at, name in ((0, "a"), (90, "b"))
    ]
    for table in made:
        write_scheme(table, by_patient(table))
    return made


def test_one_table_has_the_folds_beside_it_or_those_that_are_named(tables, tmp_path):
    path = tables[0].folder / "cases.csv"
    table, scheme = read_divided([path], "thirds-3")
    assert table.cases == tables[0].cases
    assert scheme.fold == by_patient(tables[0]).fold
    write_folds([replace(by_patient(tables[0], k=2), name="halves")], tmp_path / "folds.csv")
    assert read_divided([path], "halves", tmp_path / "folds.csv")[1].folds == (1, 2)
    with pytest.raises(InputError, match="no scheme 'halves'"):
        read_divided([path], "halves")


def test_several_tables_need_folds_of_all_of_them(tables, tmp_path):
    paths = [table.folder / "cases.csv" for table in tables]
    with pytest.raises(InputError, match="name one with --folds"):
        read_divided(paths, "thirds-3")
    with pytest.raises(InputError, match="has no fold for 6 of 12 cases"):
        read_divided(paths, "thirds-3", tables[0].folder / "folds.csv")
    fold = by_patient(tables[0]).fold | by_patient(tables[1]).fold
    write_folds([replace(by_patient(tables[0]), fold=fold)], tmp_path / "folds.csv")
    table, scheme = read_divided(paths, "thirds-3", tmp_path / "folds.csv")
    assert [case.case_id for case in table.cases] == [case.case_id for each in tables for case in each.cases]
    assert scheme.fold == fold
    assert all(table.image_path(case).is_file() for case in table.cases)
