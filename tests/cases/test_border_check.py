from datetime import UTC, datetime
from pathlib import Path

import pytest

from lesion_core.cases.border_check import check, checked, read_checks, states, write_checks
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError, TableError

from .test_agreement import circle, square

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
READERS = {"first_reader": "Reader A", "second_reader": "Reader B", "now": NOW}


def case(name):
    return Case(case_id=name, organ="breast", image="i.png", label=1, target="mixed", border=f"borders/{name}.json")


def corrected(name):
    return check(
        case(name), "corrected", drawn=square(0, 0, 10), corrected=square(4, 0, 10), border="new.json", **READERS
    )


def test_round_trip_with_the_agreement_of_a_correction(tmp_path):
    checks = (
        check(case("a"), "approved", **READERS),
        corrected("b"),
        check(case("c"), "rejected", comment="two lesions\nin one", **READERS),
    )
    write_checks(checks, tmp_path / "border_checks.csv")
    read = read_checks(tmp_path / "border_checks.csv")
    assert [(each.case_id, each.decision, each.comment) for each in read] == [
        ("a", "approved", ""),
        ("b", "corrected", ""),
        ("c", "rejected", "two lesions in one"),
    ]
    assert read[0] == checks[0]
    assert read[1].checked_at == "2026-03-04T05:06:07+00:00"
    assert (read[1].agreement.dice, read[1].agreement.hausdorff_px) == (0.6, 4)


def test_a_second_reader_is_another_person():
    for name in ("reader a ", "READER A", ""):
        with pytest.raises(InputError, match="must be another person than the first"):
            check(case("a"), "approved", first_reader="Reader A", second_reader=name)


def test_corrections_need_both_borders_and_rejections_a_reason():
    with pytest.raises(InputError, match="a rejection needs its reason"):
        check(case("a"), "rejected", comment=" ", **READERS)
    with pytest.raises(InputError, match="a correction needs the drawn border"):
        check(case("a"), "corrected", corrected=circle(9, 9, 9), border="x.json", **READERS)
    with pytest.raises(InputError, match="a correction needs the drawn border"):
        check(case("a"), "approved", drawn=circle(9, 9, 9), corrected=circle(9, 9, 9), border="x.json", **READERS)


def test_the_last_decision_counts():
    checks = [check(case("a"), "rejected", comment="blurred", **READERS), check(case("a"), "approved", **READERS)]
    assert states([case("a"), case("b")], [*checks, check(case("gone"), "approved", **READERS)]) == {
        "a": "approved",
        "b": "drawn",
    }


def test_only_checked_cases_are_used_with_corrected_borders():
    table = CaseTable((case("a"), case("b"), case("c"), case("d")), Path("/data/set"))
    checks = [
        check(case("a"), "approved", **READERS),
        corrected("b"),
        check(case("c"), "rejected", comment="no lesion", **READERS),
    ]
    used = checked(table, checks, Path("/data/checks"))
    assert [(each.case_id, each.border) for each in used.cases] == [
        ("a", "borders/a.json"),
        ("b", "../checks/new.json"),
    ]


def test_bad_rows(tmp_path):
    path = tmp_path / "border_checks.csv"
    head = "case_id,decision,first_reader,second_reader,checked_at,border,dice,hausdorff_px,mean_px\n"
    path.write_text(
        head + "a,accepted,A,B,t,,,,\nb,approved,A,a,t,,,,\nc,corrected,A,B,t,x.json,,,\nd,approved,A,B,t,,0.5,,\n"
    )
    with pytest.raises(TableError) as caught:
        read_checks(path)
    assert caught.value.problems == (
        "row 2: decision is 'accepted', allowed is approved or corrected or rejected",
        "row 3: second_reader is the first_reader, it must be another person",
        "row 4: a correction, and only a correction, has a border and its agreement",
    )
