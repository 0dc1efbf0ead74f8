import pytest

from lesion_core.cases.readings import Reading, read_readings, write_readings
from lesion_core.errors import TableError


def test_round_trip(tmp_path):
    readings = (
        Reading("R1", "a", call=1, rating="4a", seconds=31.5, read_at="2026-01-02T03:04:05", session="s"),
        Reading("R1", "b", call=0),
        Reading("BI-RADS", "c", rating="3", session="import"),
        Reading("R1", "c", assessable=False),
        Reading("R2", "a", suspicion=62.5, action="biopsy", arm="unaided"),
        Reading("R2", "a", suspicion=80, action="biopsy", arm="aided"),
    )
    write_readings(readings, tmp_path / "readings.csv")
    assert read_readings(tmp_path / "readings.csv") == readings


def test_faults(tmp_path):
    path = tmp_path / "readings.csv"
    path.write_text("reader,case_id,call,rating,seconds\nR,a,2,,\nR,b,,,5\nR,c,1,,-1\n")
    with pytest.raises(TableError) as caught:
        read_readings(path)
    assert caught.value.problems == (
        "row 2: call is '2', allowed is 0 (benign), 1 (malignant) or 'cannot assess'",
        "row 4: seconds is '-1', allowed is a number from 0 to 86400",
        "row 3: neither call nor rating nor suspicion nor action is given, one of them is needed",
    )


def test_a_case_that_a_reader_read_twice_in_one_sitting(tmp_path):
    path = tmp_path / "readings.csv"
    path.write_text("reader,case_id,call,session\nR,a,1,s\nR,a,0,t\nR,a,cannot assess,s\n")
    with pytest.raises(TableError) as caught:
        read_readings(path)
    assert caught.value.problems == ("row 4: reader 'R' already read case 'a' in row 2",)
