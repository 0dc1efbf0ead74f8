import sys

import pytest

from lesion_core.errors import MissingExtraError
from lesion_core.training.snapshot import EpochRecord
from lesion_core.training.tracking import ProgressLines, Tracker, time_left

RECORD = EpochRecord(2, 0.25, None, 0.75, 1e-3, 2.0, 50, 92)


def test_a_line_for_each_epoch():
    told = []
    with Tracker("", "run", printed=told.append) as tracker:
        tracker.report(RECORD)
    assert told == ["  epoch 2/92: loss 0.2500, validation AUC 0.750 (25 images/s, at most 3 min left)"]
    assert "trackio" not in sys.modules


class Recorded:
    """Stands where trackio does."""

    def __init__(self):
        self.calls = []

    def init(self, **options):
        self.calls.append(("init", options["project"], options["name"]))

    def log(self, values):
        self.calls.append(("log", values))

    def finish(self):
        self.calls.append(("finish",))


def test_curves_go_to_trackio_where_that_is_asked_for(monkeypatch):
    recorded = Recorded()
    monkeypatch.setitem(sys.modules, "trackio", recorded)
    with Tracker("lesions", "run") as tracker:
        tracker.report(RECORD)
    assert recorded.calls[0] == ("init", "lesions", "run")
    assert recorded.calls[1][1]["validation_auc"] == 0.75
    assert "validation_loss" not in recorded.calls[1][1]
    assert recorded.calls[2] == ("finish",)


def test_a_missing_trackio_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "trackio", None)
    with pytest.raises(MissingExtraError, match=r"pip install -r requirements-train\.txt"), Tracker("lesions", "run"):
        pass


def test_lines_come_now_and_then_with_the_time_left():
    now, told = [0.0], []
    lines = ProgressLines(told.append, every=5.0, clock=lambda: now[0])
    for second in range(0, 21):
        now[0] = float(second)
        lines("RoIs", second * 10, 200)
    lines("features", 1, 1)
    assert told == [
        "RoIs: 0/200",
        "RoIs: 50/200, 15 s left",
        "RoIs: 100/200, 10 s left",
        "RoIs: 150/200, 5 s left",
        "RoIs: 200/200",
        "features: 1/1",
    ]
    assert [time_left(seconds) for seconds in (3, 150, 9000)] == ["3 s", "2 min", "2.5 h"]
