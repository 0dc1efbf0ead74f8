from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import Case, CaseTable, write_cases
from lesion_core.errors import InputError
from lesion_core.training.further import read_further


def case(name, patient, label=0, **changes):
    made = Case(
        name, "thyroid", "x.png", label, "TI-RADS 4 or higher", patient_id=patient, rads_system="the new reading"
    )
    return replace(made, **changes)


def other(name, patient, label=1, **changes):
    old = {"target": "TI-RADS 4a or higher", "rads_system": "the old reading"}
    return replace(case(name, patient, label), **old | changes)


def run_of(folder, *cases):
    (folder / "x.png").touch()
    return CaseTable(cases, folder)


def tables(folder, *cases):
    (folder / "x.png").touch()
    write_cases(cases, folder / "further.csv")
    return [folder / "further.csv"]


def learnt(further, train):
    return [further.table.cases[position].case_id for position in further.learnable(np.array(train, dtype=np.int64))]


def test_only_units_that_are_wholly_in_the_training_part_teach(tmp_path):
    run = run_of(tmp_path, case("a", "p1"), case("b", "p2", group="g"), case("c", "p3"), case("d", "p3"))
    paths = tables(
        tmp_path,
        other("same patient", "p1"),
        other("a copy of b", "p8", group="g"),
        other("beside the copy", "p8"),  # its patient is p2, as the copy says
        other("p3 too", "p3"),
        other("a stranger", "p9"),
    )
    further, left = read_further(paths, run)
    assert left == 0
    assert learnt(further, [0, 1, 2, 3]) == [each.case_id for each in further.table.cases]
    assert learnt(further, [1, 2, 3]) == ["a copy of b", "beside the copy", "p3 too", "a stranger"]
    assert learnt(further, [0, 2, 3]) == ["same patient", "p3 too", "a stranger"]
    assert learnt(further, [0, 1, 2]) == ["same patient", "a copy of b", "beside the copy", "a stranger"]
    assert learnt(further, []) == ["a stranger"]


def test_a_further_image_that_joins_two_patients_needs_both(tmp_path):
    run = run_of(tmp_path, case("a", "p1"), case("b", "p2", group="g"))
    further, _ = read_further(tables(tmp_path, other("joins", "p1", group="g")), run)
    assert [learnt(further, train) for train in ([0], [1], [0, 1])] == [[], [], ["joins"]]


def test_the_record_says_what_they_are(tmp_path):
    run = run_of(tmp_path, case("a", "p1"))
    more = (other("f1", "p1"), other("f2", "p2", 0), other("f3", "p2"))
    record = read_further(tables(tmp_path, *more), run)[0].record
    assert (record.images, record.patients, record.positive) == (3, 2, 2)
    assert record.labelled == "TI-RADS 4a or higher by the old reading"
    mixed = (*more, other("f4", "p4", rads_system="", label_source="cytology", target="histology malignant"))
    assert read_further(tables(tmp_path, *mixed), run)[0].record.labelled == (
        "TI-RADS 4a or higher by the old reading or histology malignant by cytology"
    )


def test_the_fingerprint_follows_cases_labels_targets_and_whom_they_belong_to(tmp_path):
    run = run_of(tmp_path, case("a", "p1"), case("b", "p2"))
    more = (other("f1", "p1"), other("f2", "p9"))

    def found(*cases, of=run):
        return read_further(tables(tmp_path, *cases), of)[0].record.cases_sha256

    first = found(*more)
    assert found(*more[::-1]) == first
    renamed = run_of(tmp_path, *(replace(each, patient_id=f"x{each.patient_id}") for each in run.cases))
    assert found(replace(more[0], patient_id="xp1"), more[1], of=renamed) == first
    for changed in (
        more[:1],
        (more[0], replace(more[1], label=0)),
        (more[0], replace(more[1], case_id="f3")),
        (more[0], replace(more[1], target="TI-RADS 4b or higher")),
        (replace(more[0], patient_id="p2"), more[1]),
    ):
        assert found(*changed) != first


def test_a_case_in_both_is_refused(tmp_path):
    run = run_of(tmp_path, case("a", "p1"), case("b", "p2"))
    with pytest.raises(InputError, match=r"1 case_id stand among the cases and among the further ones .*: b;"):
        read_further(tables(tmp_path, other("b", "p9"), other("c", "p9")), run)


def test_cases_without_a_patient_are_refused_in_either_table(tmp_path):
    run = run_of(tmp_path, case("a", "p1"), case("b", "p2"))
    with pytest.raises(InputError, match=r"1 of 2 further cases of --also have no patient_id \(f2\).*that column"):
        read_further(tables(tmp_path, other("f1", "p1"), other("f2", "")), run)
    nameless = run_of(tmp_path, case("a", "p1"), case("b", ""))
    with pytest.raises(InputError, match=r"1 of 2 cases of the run, where --also is given, have no patient_id \(b\)"):
        read_further(tables(tmp_path, other("f1", "p1")), nameless)


def test_external_cases_and_their_patients_are_left_out(tmp_path):
    run = run_of(tmp_path, case("a", "p1"), case("sealed", "p5", split="external"), case("b", "p2"))
    more = (other("of a sealed patient", "p5"), other("sealed too", "p6", split="external"), other("f", "p2"))
    further, left = read_further(tables(tmp_path, *more), run)
    assert [each.case_id for each in further.table.cases] == ["f"]
    assert left == 2
    assert learnt(further, [0]) == []  # positions are those of the development cases: b is the second of them
    assert learnt(further, [1]) == ["f"]
    with pytest.raises(InputError, match="all further cases are marked external"):
        read_further(tables(tmp_path, *more[:2]), run)
