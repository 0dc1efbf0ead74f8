from types import SimpleNamespace

import numpy as np

from dashboards.reading_course import aid_rows, drift_rows
from lesion_core.reading.aid import AidChange
from lesion_core.stats.changes import mean_change
from lesion_core.stats.mcnemar import compare_calls


def test_one_reader_is_no_readers():
    rows = drift_rows(SimpleNamespace(drift=(mean_change([0.1], name="change"), mean_change([0.1, 0.3, 0.2]))))
    assert [row[-1] for row in rows] == ["1 reader", "3 readers"]
    assert rows[0][0] == "change"


def test_an_aid_that_changes_no_call_has_no_interval_and_says_so():
    y, groups = np.repeat([0, 1], 8), np.repeat(np.arange(8), 2)
    same = [compare_calls(y, y, y, rate=rate, groups=groups) for rate in ("sensitivity", "specificity")]
    _, row = aid_rows([AidChange("Ann", 16, 0, 0, *same)])
    reason = "no patient's calls differ: a standard error of 0 gives no interval"
    assert row[4] == row[5] == f"0.000 (no interval: {reason}), p = 1.000, n = 8"
