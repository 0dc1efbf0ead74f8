import sys

import pytest

from lesion_core.errors import MissingExtraError
from lesion_core.training.snapshot import EpochRecord
from lesion_core.training.tracking import Tracker

RECORD = EpochRecord(2, 0.25, None, 0.75, 1e-3, 2.0, 50)


def test_a_line_for_each_epoch():
    told = []
    with Tracker("", "run", printed=told.append) as tracker:
        tracker.report(RECORD)
    assert told == ["  epoch 2: loss 0.2500, validation AUC 0.750 (25 images/s)"]
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
