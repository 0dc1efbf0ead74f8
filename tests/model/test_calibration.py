from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import CheckpointError
from lesion_core.model.calibration import CalibrationPart
from lesion_core.model.card import read_card, write_card
from tests.model.stand_in import card

PART = CalibrationPart(-0.1, 0.9, "BUS-BRA, out of fold, per image", 10, 0.4, 1.02, 0.01, 0.1)


def test_it_is_kept_in_the_card_and_is_no_part_of_the_version(tmp_path):
    made = card(calibration=PART)
    write_card(made, tmp_path)
    assert read_card(tmp_path) == made
    assert made.version == card().version
    assert read_card(tmp_path).calibration.prevalence == 0.4


def test_the_map_by_hand():
    found = PART.map.apply([0.2, 0.5])
    assert found == pytest.approx(1 / (1 + np.exp(-(-0.1 + 0.9 * np.log([0.25, 1.0])))))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slope": -0.1}, "not above 0"),
        ({"intercept": float("inf")}, "not all numbers"),
        ({"prevalence": 0.0}, "not between 0 and 1"),
        ({"fitted_brier": 1.1}, "not from 0 to 1"),
        ({"n": 0}, "learnt on 0 scores"),
    ],
)
def test_what_cannot_be_right_is_not_written(changes, said, tmp_path):
    with pytest.raises(CheckpointError, match=f"{said}|calibration"):
        write_card(card(calibration=replace(PART, **changes)), tmp_path)
    assert any(said in problem for problem in replace(PART, **changes).problems())
    assert not (tmp_path / "card.json").exists()
