import numpy as np
import pytest

from lesion_core.errors import InputError, TableError
from lesion_core.results.review import scores_file
from lesion_core.results.review.mapping import ColumnMapping
from lesion_core.results.review.scores_file import header_of, read_scores_file
from lesion_core.results.scores import read_scores
from tests.test_readme import ROOT

RELEASED = ROOT / "checkpoints" / "bnet" / "scores" / "busbra-10-out-of-fold.csv"


def write(tmp_path, text, name="a.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(tmp_path, text):
    with pytest.raises(TableError) as caught:
        read_scores_file(write(tmp_path, text))
    return caught.value.problems


def test_a_released_file_is_read_as_the_strict_reader_reads_it():
    (run,) = read_scores_file(RELEASED).runs
    strict = read_scores(RELEASED)
    assert run.case_ids.tolist() == [row.case_id for row in strict.rows]
    np.testing.assert_array_equal(run.scores, strict.scores)
    np.testing.assert_array_equal(run.labels, strict.labels)
    np.testing.assert_array_equal(run.folds, strict.folds)
    assert run.patient_ids.tolist() == strict.patients.tolist()
    assert (run.key, run.target, run.dataset) == ("bnet@bnet-best-cv", "histology malignant", "busbra")
    assert np.isnan(run.calibrated).all()


def test_every_fault_comes_in_one_error_with_its_row(tmp_path):
    text = "case_id,score,label,fold\na,1.5,0,1\nb,0.2,maybe,1\na,0.3,1,2\n,0.4,1,2\nc,x,1,2\nd,0.1,0,99999\ne,0.1,0\n"
    found = problems(tmp_path, text)
    assert [each.split(":")[0] for each in found] == [f"row {number}" for number in range(2, 9)]
    for words, each in zip(
        ("'1.5'", "'maybe'", "already scored in row 2", "empty", "'x'", "'99999'", "3 cells"), found, strict=True
    ):
        assert words in each


def test_an_empty_score_could_not_be_assessed(tmp_path):
    (run,) = read_scores_file(write(tmp_path, "case_id,score,label\na,,1\nb,cannot assess,0\nc,0.5,0\n")).runs
    assert np.isnan(run.scores).tolist() == [True, True, False]


def test_infinite_and_not_a_number_are_no_scores(tmp_path):
    assert len(problems(tmp_path, "case_id,score,label\na,inf,1\nb,1e999,0\nc,-0.1,0\n")) == 3


def test_any_csv_through_a_guess_and_its_further_columns(tmp_path):
    text = "Image ID,Prob,Pathology,Patient,KFold,Scanner\nx,0.9,Malignant,p,1,A\ny,0.1,benign,q,2,B\n"
    found = read_scores_file(write(tmp_path, text), target="histology malignant")
    (run,) = found.runs
    assert run.labels.tolist() == [1, 0]
    assert run.folds.tolist() == [1, 2]
    assert run.target == "histology malignant"
    assert found.attributes.names == ("Scanner",)
    assert found.attributes.aligned("Scanner", ["y", "x"]).tolist() == ["B", "A"]


def test_a_mapping_says_it_otherwise(tmp_path):
    path = write(tmp_path, "id,first,second,label\nx,0.9,0.4,1\n")
    assert read_scores_file(path, ColumnMapping("id", "second", "label")).runs[0].scores.tolist() == [0.4]


def test_two_models_are_two_runs(tmp_path):
    text = "run,model,case_id,label,target,score\nr,b,x,1,mixed,0.5\nr,a,x,1,mixed,0.4\nr,b,y,0,mixed,0.3\n"
    runs = read_scores_file(write(tmp_path, text)).runs
    assert [(run.key, len(run)) for run in runs] == [("b@r", 2), ("a@r", 1)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("case_id,score,label\n", "no score below the header"),
        ("case_id,score\na,0.5\n", "which column holds label"),
        ("case_id;score;label\na;0.5;1\n", "separated by semicolons"),
        ("case_id,score,label,label\na,0.5,1,1\n", "stands twice"),
    ],
)
def test_a_file_that_cannot_be_understood(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_scores_file(write(tmp_path, text))


def test_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(scores_file, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="tables of up to"):
        header_of(write(tmp_path, "case_id,score,label\na,0.5,1\n"))


def test_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xff\xfe\x00case")
    with pytest.raises(InputError, match="UTF-8"):
        header_of(path)
