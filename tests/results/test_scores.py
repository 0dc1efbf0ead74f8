import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lesion_core.cases.table import Case
from lesion_core.errors import InputError, TableError
from lesion_core.results.scores import COLUMNS, Score, ScoreTable, as_written, read_scores, score_rows, write_scores

HEADER = "run,model,case_id,lesion_id,patient_id,dataset,organ,label,target,fold,score,calibrated"


def score(case_id, value=0.5, label=0, **changes):
    return Score(
        run="r", model="bnet", case_id=case_id, label=label, target="histology malignant", score=value, **changes
    )


def table(*rows):
    return ScoreTable(tuple(rows))


def written(tmp_path, *lines):
    file = tmp_path / "scores.csv"
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return file


SCORES = st.builds(
    Score,
    run=st.just("r"),
    model=st.sampled_from(["bnet", "tnet"]),
    case_id=st.uuids().map(str),
    label=st.sampled_from([0, 1]),
    target=st.just("mixed"),
    score=st.floats(0, 1),
    lesion_id=st.sampled_from(["", "Läsion 1", "a,b", 'with "quotes"']),
    patient_id=st.sampled_from(["", "p1"]),
    dataset=st.sampled_from(["", "busbra"]),
    organ=st.sampled_from(["", "breast", "thyroid"]),
    fold=st.none() | st.integers(1, 1000),
    calibrated=st.none() | st.floats(0, 1),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(SCORES, min_size=1, max_size=4, unique_by=lambda row: row.case_id))
def test_what_is_written_is_read_again_to_six_decimals_at_least(rows, tmp_path):
    write_scores(rows, tmp_path / "scores.csv")
    back = read_scores(tmp_path / "scores.csv")
    assert len(back) == len(rows)
    for row, again in zip(rows, back.rows, strict=True):
        assert abs(again.score - row.score) <= 5e-7 + 1e-12
        assert (again.calibrated is None) == (row.calibrated is None)
        assert replace(again, score=0, calibrated=None) == replace(row, score=0, calibrated=None)
    write_scores(back, tmp_path / "twice.csv")
    assert (tmp_path / "twice.csv").read_bytes() == (tmp_path / "scores.csv").read_bytes()


@given(low=st.floats(1e-14, 1), times=st.floats(1.001, 10))
def test_scores_near_0_and_1_keep_their_order(low, times):
    high = min(low * times, 1.0)
    if high - low > 1e-15:
        assert as_written(low) < as_written(high) or high - low < 2e-6 * min(high, 1 - low)
        assert as_written(1 - high) <= as_written(1 - low)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (0.25, "0.250000"),
        (0.0000000123456789, "0.0000000123457"),
        (0.9999999123456, "0.9999999123456"),
        (0.0999999999, "0.100000"),
        (0.9, "0.900000"),
        (0.0, "0.000000"),
        (1.0, "1.000000"),
        (1e-300, "0.000000"),
    ],
)
def test_digits_of_a_score(value, digits, tmp_path):
    write_scores(table(score("a", value)), tmp_path / "scores.csv")
    cell = (tmp_path / "scores.csv").read_text().splitlines()[1].split(",")[-2]
    assert (float(cell), cell.rstrip("0")) == (float(digits), digits.rstrip("0"))
    assert as_written(value) == read_scores(tmp_path / "scores.csv").rows[0].score


def test_an_overconfident_networks_order_survives_the_file(tmp_path):
    logits = np.linspace(-30, 30, 61)
    cases = [Case(f"c{at}", "breast", "x.png", int(logit > 0), "mixed") for at, logit in enumerate(logits)]
    scores = score_rows(cases, 1 / (1 + np.exp(-logits)), run="r", model="m", folds=[1] * 61)
    write_scores(scores, tmp_path / "scores.csv")
    assert (np.diff(read_scores(tmp_path / "scores.csv").scores) > 0).all()


def test_the_columns_are_the_contract(tmp_path):
    write_scores(table(score("a", 0.25, fold=3)), tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_text().splitlines() == [
        HEADER,
        "r,bnet,a,,,,,0,histology malignant,3,0.250000,",
    ]
    assert ",".join(column.name for column in COLUMNS) == HEADER


def test_another_programs_table_needs_only_what_is_required(tmp_path):
    file = tmp_path / "theirs.csv"
    file.write_text("score,label,case_id,target,run,model\n1,1,x,labelled malignant,a,their net\n0.5,0,y,mixed,a,b\n")
    back = read_scores(file)
    assert back.rows[0] == Score("a", "their net", "x", 1, "labelled malignant", 1.0)
    assert not back.has_patients


def test_every_bad_row_is_listed(tmp_path):
    file = written(
        tmp_path,
        "r,bnet,a,,,,,0,mixed,1,0.5,",
        "r,bnet,b,,,,,2,mixed,1,0.5,",
        "r,bnet,c,,,,,0,mixed,0,1.5,",
        "r,bnet,,,,,liver,0,mixed,1,nan,-1",
        "r,bnet,d,,,,,0,mixed",
        "r,bnet,a,,,,,0,mixed,1,0.5,",
        "r,tnet,a,,,,,0,mixed,1,0.5,",
        ",bnet,e,,,,,,,,,",
    )
    with pytest.raises(TableError) as caught:
        read_scores(file)
    problems = "\n".join(caught.value.problems)
    for expected in (
        "row 3: label is '2'",
        "row 4: fold is '0'",
        "row 4: score is '1.5'",
        "row 5: case_id is empty",
        "row 5: organ is 'liver'",
        "row 5: score is 'nan'",
        "row 5: calibrated is '-1'",
        "row 6: has 9 cells, expected 12",
        "row 7: case 'a' was already scored in row 2",
        "row 9: run is empty",
        "row 9: label is empty",
        "row 9: target is empty",
        "row 9: score is empty",
    ):
        assert expected in problems
    assert "row 8" not in problems
    assert len(caught.value.problems) == 13


def test_missing_and_empty_tables_are_refused(tmp_path):
    with pytest.raises(InputError, match="no table at"):
        read_scores(tmp_path / "none.csv")
    with pytest.raises(TableError, match="no score below the header"):
        read_scores(written(tmp_path))
    (tmp_path / "half.csv").write_text(HEADER + "\nr,bnet,a,,,,,0,mixed,1,0.5")
    with pytest.raises(TableError, match="ends in the middle of a line"):
        read_scores(tmp_path / "half.csv")
    (tmp_path / "other.csv").write_text("case_id,probability\na,0.5\n")
    with pytest.raises(TableError, match="column 'score' is missing"):
        read_scores(tmp_path / "other.csv")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([score("a", float("nan"))], "row 2: score is 'nan'"),
        ([score("a"), score("b", 1.1)], "row 3: score is '1.100000'"),
        ([score("a", calibrated=float("nan"))], "row 2: calibrated is 'nan'"),
        ([score("a"), score("a")], "row 3: case 'a' was already scored in row 2"),
        ([replace(score("a"), run="")], "row 2: run is empty"),
        ([score("a", fold=0)], "row 2: fold is '0'"),
        ([score("a\nb")], "row 2: case_id is"),
        ([], "there is no score"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(rows, problem, tmp_path):
    file = tmp_path / "scores.csv"
    write_scores([score("old")], file)
    before = file.read_bytes()
    with pytest.raises(TableError) as caught:
        write_scores(rows, file)
    assert problem in str(caught.value)
    assert file.read_bytes() == before


def test_views_of_a_patient_are_averaged():
    views = table(
        score("a", 0.2, fold=2, patient_id="q"),
        score("b", 0.9, label=1, fold=1, patient_id="p"),
        score("c", 0.6, fold=2, patient_id="q"),
        score("d", 0.3, fold=1, patient_id="p"),
        score("e", 0.1, fold=3, patient_id="s"),
    )
    labels, means, folds = views.per_patient()
    assert labels.tolist() == [1, 0, 0]
    assert means == pytest.approx([0.6, 0.4, 0.1])
    assert folds.tolist() == [1, 2, 3]
    assert views.has_patients


def test_a_case_of_an_unknown_patient_stands_for_itself():
    some = table(score("a", 0.2, patient_id="p"), score("b", 0.4), score("c", 0.6))
    assert not some.has_patients
    assert some.patients.tolist() == ["p", "b", "c"]
    assert some.per_patient()[1].tolist() == [0.4, 0.6, 0.2]  # in the order of b, c, p
    assert not ScoreTable(()).has_patients


def test_arrays_follow_the_order_of_the_rows():
    rows = table(score("b", 0.75, label=1, fold=2), score("a", 0.25))
    assert (rows.labels.tolist(), rows.scores.tolist(), rows.folds.tolist()) == ([1, 0], [0.75, 0.25], [2, 0])
    assert (rows.labels.dtype, rows.scores.dtype) == (np.int64, np.float64)


def test_cases_are_joined_with_their_scores():
    case = Case("a", "breast", "a.png", 1, "mixed", lesion_id="l", patient_id="p", dataset="d")
    joined = score_rows([case], [np.float32(0.5)], run="r", model="m", folds=[4])
    assert joined.rows == (Score("r", "m", "a", 1, "mixed", 0.5, "l", "p", "d", "breast", 4),)
    assert type(joined.rows[0].score) is float
    thirds = score_rows([case], [2 / 3], run="r", model="m", folds=[None])
    assert thirds.rows[0].score == 0.666667  # what the file will say
    with pytest.raises(ValueError, match="shorter"):
        score_rows([case], [], run="r", model="m", folds=[None])


def test_many_rows_are_quick_to_read_by_other_programs(tmp_path):
    write_scores([score(f"c{number}", number / 100) for number in range(101)], tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(newline="", encoding="utf-8") as file:
        assert [float(row["score"]) for row in csv.DictReader(file)] == [number / 100 for number in range(101)]
