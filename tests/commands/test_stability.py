from lesion_core.model.predictor import LesionPredictor
from lesion_core.results.observers.stability import SHARES, read_nudges
from tests.commands.conftest import command


def test_every_border_is_nudged_at_every_size(workshop, tmp_path):
    done = command("stability", "bnet", "--cases", workshop.external, "--out", tmp_path / "nudges.csv")
    assert done.exit_code == 0, done.output
    rows = read_nudges(tmp_path / "nudges.csv")
    assert {row.nudge for row in rows} == set(SHARES)
    assert len(rows) == 6 * len(SHARES)
    assert len({row.score for row in rows}) <= 6
    assert any(row.nudged != row.score for row in rows)
    assert "nudged by 5%: mean change of the score" in done.output
    assert LesionPredictor.load("bnet").card.name == rows[0].model
