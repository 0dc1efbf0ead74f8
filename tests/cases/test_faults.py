import pytest

from lesion_core.cases.faults import Faults
from lesion_core.cases.table import Case
from lesion_core.errors import InputError, TableError

CASES = [Case(f"c{at}", "breast", "x.png", 0, "mixed") for at in range(4)]


def test_every_fault_is_told_and_the_rest_is_done():
    faults, done = Faults(), []
    for at, case in enumerate(CASES):
        with faults.of(case):
            if at % 2:
                raise InputError(f"fault {at}")
            done.append(case.case_id)
    assert done == ["c0", "c2"]
    with pytest.raises(TableError, match="these cases cannot be used") as caught:
        faults.check("these cases cannot be used")
    assert list(caught.value.problems) == ["case c1: fault 1", "case c3: fault 3"]


def test_without_a_fault_nothing_is_raised_and_other_errors_pass():
    faults = Faults()
    with faults.of(CASES[0]):
        pass
    faults.check("nothing")
    with pytest.raises(ZeroDivisionError), faults.of(CASES[0]):
        1 / 0  # noqa: B018 -- it is what is raised
