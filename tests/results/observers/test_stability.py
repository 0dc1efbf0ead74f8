from pathlib import Path

import numpy as np
import pytest

from lesion_core.errors import TableError
from lesion_core.results.observers.stability import (
    SHARES,
    Nudged,
    bundled_nudges,
    read_nudges,
    summarise,
    write_nudges,
)
from lesion_core.results.scores import read_scores

MODELS = Path(__file__).resolve().parents[3] / "checkpoints"

ROWS = (
    Nudged("bnet", "set", "a", 0.01, 0.40, 0.45),
    Nudged("bnet", "set", "b", 0.01, 0.60, 0.58),
    Nudged("bnet", "set", "a", 0.05, 0.40, 0.70),
    Nudged("bnet", "set", "b", 0.05, 0.60, 0.50),
)


def test_round_trip_and_faults(tmp_path):
    write_nudges(ROWS, tmp_path / "n.csv")
    assert read_nudges(tmp_path / "n.csv") == ROWS
    (tmp_path / "bad.csv").write_text("model,dataset,case_id,nudge,score,nudged\nm,d,c,2,0.5,x\n")
    with pytest.raises(TableError) as caught:
        read_nudges(tmp_path / "bad.csv")
    assert len(caught.value.problems) == 2


def test_by_hand():
    small, large = summarise(ROWS, 0.5, draws=50)
    assert (small.nudge, large.nudge) == (0.01, 0.05)
    assert small.moved.change.value == pytest.approx(0.035)
    assert large.moved.change.value == pytest.approx(0.2)
    assert large.moved.largest == pytest.approx(np.quantile([0.3, 0.1], 0.95))
    assert small.moved.flipped.value == 0
    assert large.moved.flipped.value == 0.5
    assert large.n == 2
    assert summarise(ROWS, None, draws=50)[0].moved.flipped is None


def test_the_bundled_table_starts_from_the_released_scores():
    ((dataset, rows),) = bundled_nudges(MODELS, "bnet")
    assert dataset == "busi"
    released = {row.case_id: row.score for row in read_scores(MODELS / "bnet" / "scores" / "busi-external.csv").rows}
    assert len(rows) == len(released) * len(SHARES)
    assert max(abs(released[row.case_id] - row.score) for row in rows) < 1e-3
    changes = [each.moved.change.value for each in summarise(rows, 0.1, draws=50)]
    assert changes == sorted(changes)
    assert bundled_nudges(MODELS, "nobody") == ()
