import pytest

from lesion_core.errors import InputError, TableError
from lesion_core.results.review.upload import kind_of, sort_files, uploaded_source

SCORES = "run,model,case_id,patient_id,label,target,score\nr,m,a,p,1,mixed,0.9\nr,m,b,q,0,mixed,0.2\n"
READINGS = "reader,case_id,call,rating\nR1,a,1,\nR1,b,cannot assess,\n"
CASES = (
    "case_id,organ,image,label,target,machine,label_source\n"
    "a,breast,a.png,1,mixed,X,histopathology\nb,breast,b.png,0,mixed,Y,histopathology\n"
)


def files(tmp_path, **texts):
    paths = []
    for name, text in texts.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def test_files_are_told_apart_by_their_columns(tmp_path):
    found = sort_files(files(tmp_path, one=READINGS, two=SCORES, three=CASES))
    assert [path.name for path in (*found.scores, *found.readings, *found.cases)] == ["two.csv", "one.csv", "three.csv"]
    assert kind_of(["id", "p", "y"]) == "scores"


def test_all_three_together(tmp_path):
    source = uploaded_source(sort_files(files(tmp_path, s=SCORES, r=READINGS, c=CASES)), key="upload-1")
    assert source.title == "upload: s.csv"
    assert source.attributes.aligned("machine", ["a", "b"]).tolist() == ["X", "Y"]
    assert source.label_source == "histopathology"
    assert [source.readers[0].answer(case) for case in ("a", "b", "c")] == ["malignant", "cannot assess", ""]
    assert source.kind == "uploaded"


def test_label_sources_of_every_table_are_told(tmp_path):
    second = CASES.replace("histopathology", "cytology").replace("\na,", "\nx,").replace("\nb,", "\ny,")
    source = uploaded_source(sort_files(files(tmp_path, s=SCORES, c=second, d=CASES)), key="u")
    assert source.label_source == "cytology, histopathology"


def test_readers_of_other_cases_are_told(tmp_path):
    source = uploaded_source(
        sort_files(files(tmp_path, s=SCORES, r=READINGS.replace("R1,a", "R1,x").replace("R1,b", "R1,y"))), key="u"
    )
    assert any("No case of these readers" in note for note in source.notes)


def test_one_file_of_scores_is_needed(tmp_path):
    with pytest.raises(InputError, match="got none"):
        sort_files(files(tmp_path, r=READINGS))
    with pytest.raises(InputError, match=r"s\.csv, t\.csv"):
        sort_files(files(tmp_path, s=SCORES, t=SCORES))


def test_bad_readings_are_told_and_nothing_is_opened(tmp_path):
    with pytest.raises(TableError, match="row 2"):
        uploaded_source(sort_files(files(tmp_path, s=SCORES, r="reader,case_id,call\nR1,a,7\n")), key="u")
