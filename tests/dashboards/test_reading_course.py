from types import SimpleNamespace

from dashboards.reading_course import drift_rows
from lesion_core.stats.changes import mean_change


def test_one_reader_is_no_readers():
    rows = drift_rows(SimpleNamespace(drift=(mean_change([0.1], name="change"), mean_change([0.1, 0.3, 0.2]))))
    assert [row[-1] for row in rows] == ["1 reader", "3 readers"]
    assert rows[0][0] == "change"
