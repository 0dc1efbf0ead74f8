from dataclasses import replace

import pytest

from lesion_core.cases.marked import development_cases, external_cases
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError


def table(tmp_path, *splits, dataset="others"):
    cases = tuple(
        Case(f"c{at}", "breast", "x.png", 0, "mixed", split=split, dataset=dataset) for at, split in enumerate(splits)
    )
    return CaseTable(cases, tmp_path)


def test_external_cases_are_never_learnt_from(tmp_path):
    mixed = table(tmp_path, "external", "", "development")
    assert [case.case_id for case in development_cases(mixed).cases] == ["c1", "c2"]
    assert [case.case_id for case in external_cases(mixed).cases] == ["c0"]
    assert external_cases(table(tmp_path, "", "development")) is None
    with pytest.raises(InputError, match="all 2 cases are marked external"):
        development_cases(table(tmp_path, "external", "external"))


def test_an_external_set_has_a_name(tmp_path):
    nameless = table(tmp_path, "external", "external", dataset="")
    with pytest.raises(InputError, match="2 external cases name no dataset"):
        external_cases(nameless)
    one = replace(nameless, cases=(replace(nameless.cases[0], dataset="x"), replace(nameless.cases[1], split="")))
    assert len(external_cases(one)) == 1
