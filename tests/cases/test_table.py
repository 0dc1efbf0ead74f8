from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesion_core.cases.table import COLUMNS, Case, CaseTable, read_cases, write_cases
from lesion_core.errors import InputError, TableError

CASE = Case(case_id="a", organ="breast", image="a.png", label=1, target="histology malignant")
FULL = Case(
    case_id="bus_0001-l",
    lesion_id="l1",
    patient_id="p1",
    group="g1",
    dataset="busbra",
    organ="breast",
    image="images/a b.png",
    border="borders/a.json",
    label=0,
    label_source="histopathology",
    target="histology malignant",
    split="development",
    age=45.5,
    sex="F",
    plane="radial",
    machine="GE Logiq 7 @10-14MHz",
    location="left, outer upper",
    rads_system="BI-RADS",
    rads="4a",
    notes='a "note", with commas',
)


def problems_of(tmp_path, *rows, header="case_id,organ,image,label,target"):
    path = tmp_path / "cases.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    with pytest.raises(TableError) as caught:
        read_cases(path, check_files=False)
    return list(caught.value.problems)


def test_round_trip(tmp_path):
    path = tmp_path / "cases.csv"
    write_cases([FULL, CASE], path)
    table = read_cases(path, check_files=False)
    assert table == CaseTable((FULL, CASE), tmp_path)
    assert path.read_text().splitlines()[0] == ",".join(column.name for column in COLUMNS)
    assert table.image_path(FULL) == tmp_path / "images" / "a b.png"
    assert table.border_path(FULL) == tmp_path / "borders" / "a.json"
    assert table.border_path(CASE) is None


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.builds(
            replace,
            st.just(FULL),
            case_id=st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9 ()_.-]{0,20}[a-z0-9]", fullmatch=True),
            label=st.sampled_from([0, 1]),
            age=st.one_of(st.none(), st.integers(0, 240).map(lambda n: n / 2)),
            sex=st.sampled_from(["", "F", "M"]),
            rads=st.sampled_from(["", "0", "3", "4c", "6"]),
            notes=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Zl", "Zp"])).map(str.strip),
        ),
        min_size=1,
        unique_by=lambda case: case.case_id,
    )
)
def test_any_table_that_can_be_written_reads_back_the_same(tmp_path_factory, cases):
    path = tmp_path_factory.mktemp("table") / "cases.csv"
    write_cases(cases, path)
    assert read_cases(path, check_files=False).cases == tuple(cases)


def test_every_bad_row_at_once(tmp_path):
    found = problems_of(
        tmp_path,
        "a,breast,a.png,1,histology malignant",
        "a,breast,a.png,2,histology malignant",
        "c,lung,,1,cancer",
        "d,breast,d.png,1",
        "../e,thyroid,e.png,0,TI-RADS 4a or higher",
    )
    assert found == [
        "row 3: label is '2', allowed is 0 (or benign) or 1 (or malignant)",
        "row 3: case_id is 'a', allowed once, also in row 2",
        "row 4: organ is 'lung', allowed is breast or thyroid",
        "row 4: image is empty, allowed is a path on one line",
        "row 4: target is 'cancer', allowed is 'histology malignant', 'labelled malignant', 'mixed',"
        " 'TI-RADS <grade> or higher' or 'BI-RADS <grade> or higher'",
        "row 5: has 4 cells, expected 5 (is the file half-written?)",
        "row 6: case_id is '../e', allowed is up to 120 characters without / \\ , ; : \" ' < > & | * ?",
    ]


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        ("lesion_id", "a/b"),
        ("patient_id", "x" * 121),
        ("group", "a,b"),
        ("dataset", "<b>"),
        ("border", "a\tb"),
        ("label_source", "guess"),
        ("split", "test"),
        ("age", "121"),
        ("sex", "f"),
        ("plane", "sagittal"),
        ("machine", "a\x07"),
        ("location", "a\tb"),
        ("rads_system", "a\tb"),
        ("rads", "4d"),
        ("notes", "a\tb"),
    ],
)
def test_each_optional_column_refuses_what_is_not_allowed(tmp_path, column, bad):
    found = problems_of(
        tmp_path,
        f'a,breast,a.png,1,histology malignant,"{bad}"',
        header=f"case_id,organ,image,label,target,{column}",
    )
    assert found[0].startswith(f"row 2: {column} is '")


def test_label_words_are_read_and_written_as_numbers(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(
        "case_id,organ,image,label,target\n"
        "a,breast,a.png,benign,labelled malignant\nb,breast,a.png,malignant,labelled malignant\n"
    )
    table = read_cases(path, check_files=False)
    np.testing.assert_array_equal(table.labels, [0, 1])
    write_cases(table.cases, path)
    assert ",1," in path.read_text().splitlines()[2]


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        ("folder", "histology malignant", "row 2: target is 'histology malignant', allowed with label_source hist"),
        ("tirads", "histology malignant", "row 2: target is 'histology malignant', allowed with label_source hist"),
        (
            "histopathology",
            "TI-RADS 4 or higher",
            "row 2: target is 'TI-RADS 4 or higher', allowed with label_source t",
        ),
        ("tirads", "labelled malignant", "row 2: label_source is tirads, but the target 'labelled malignant' names no"),
        ("birads", "TI-RADS 4 or higher", "row 2: target is 'TI-RADS 4 or higher', allowed with label_source tirads"),
    ],
)
def test_a_reading_is_never_called_histology(tmp_path, source, target, problem):
    found = problems_of(
        tmp_path, f"a,thyroid,a.png,1,{target},{source}", header="case_id,organ,image,label,target,label_source"
    )
    assert found[0].startswith(problem)


@pytest.mark.parametrize("target", ["TI-RADS 4 or higher", "TI-RADS 4a or higher", "mixed"])
def test_targets_of_a_tirads_label(tmp_path, target):
    case = replace(CASE, organ="thyroid", label_source="tirads", target=target)
    write_cases([case], tmp_path / "cases.csv")
    assert read_cases(tmp_path / "cases.csv", check_files=False).cases == (case,)


def test_a_lesion_has_one_patient_and_a_category_its_system(tmp_path):
    found = problems_of(
        tmp_path,
        "a,breast,a.png,1,mixed,l1,p1,4",
        "b,breast,a.png,1,mixed,l1,p2,",
        header="case_id,organ,image,label,target,lesion_id,patient_id,rads",
    )
    assert found == [
        "row 2: rads is '4', allowed only with its rads_system",
        "row 3: patient_id is 'p2', but lesion 'l1' belongs to 'p1' in row 2",
    ]


def test_missing_files_are_listed_all(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    path = tmp_path / "cases.csv"
    write_cases([CASE, replace(CASE, case_id="b", image="b.png", border="b.json")], path)
    with pytest.raises(TableError) as caught:
        read_cases(path)
    assert caught.value.problems == (
        "row 3: image is 'b.png', no such file from the folder of the table",
        "row 3: border is 'b.json', no such file from the folder of the table",
    )


def test_an_empty_table_is_no_table(tmp_path):
    assert problems_of(tmp_path) == ["row 1: there is no case below the header"]
    with pytest.raises(TableError, match="no case to write"):
        write_cases([], tmp_path / "new.csv")
    assert not (tmp_path / "new.csv").exists()


def test_what_could_not_be_read_back_is_not_written(tmp_path):
    path = tmp_path / "cases.csv"
    with pytest.raises(TableError) as caught:
        write_cases([CASE, CASE, replace(CASE, case_id="b", notes="two\nlines")], path)
    assert len(caught.value.problems) == 2
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="no table at"):
        read_cases(path)


def test_frame_select_and_unit():
    table = CaseTable((FULL, CASE, replace(CASE, case_id="c", lesion_id="l")), Path())
    frame = table.frame
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert str(frame["label"].dtype) == "int64"
    assert frame["age"].isna().tolist() == [False, True, True]
    assert [case.case_id for case in table.select(label=1).cases] == ["a", "c"]
    assert [case.unit for case in table.cases] == ["p1", "a", "l"]
