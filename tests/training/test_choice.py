from dataclasses import replace

import pytest

from lesion_core.training.choice import CHOICE_FILE, Choice, keep_choice, kept_choice
from lesion_core.training.config import TrainConfig
from tests.training.test_run_record import RECORD

CANDIDATES = (TrainConfig(), TrainConfig(rate=1e-3))
CHOSEN = Choice(CANDIDATES[1], further=True, inner=(0.1 + 0.2, 0.7), inner_further=(0.65, 0.8))


def test_a_choice_comes_back_to_the_last_digit(tmp_path):
    assert kept_choice(tmp_path / "fold-01", RECORD, CANDIDATES) is None
    keep_choice(CHOSEN, tmp_path / "fold-01", RECORD, CANDIDATES)
    assert kept_choice(tmp_path / "fold-01", RECORD, CANDIDATES) == CHOSEN
    assert [path.name for path in (tmp_path / "fold-01").iterdir()] == [CHOICE_FILE]


@pytest.mark.parametrize("change", [{"cases_sha256": "ef" * 32}, {"folds_sha256": "ef" * 32}, {"settings": {"a": 1}}])
def test_a_choice_for_another_run_is_none(tmp_path, change):
    keep_choice(CHOSEN, tmp_path, RECORD, CANDIDATES)
    assert kept_choice(tmp_path, replace(RECORD, **change), CANDIDATES) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "null"])
def test_what_cannot_be_read_is_decided_again(tmp_path, text):
    (tmp_path / CHOICE_FILE).write_text(text)
    assert kept_choice(tmp_path, RECORD, CANDIDATES) is None


def test_a_candidate_that_is_not_there_is_decided_again(tmp_path):
    keep_choice(CHOSEN, tmp_path, RECORD, CANDIDATES)
    assert kept_choice(tmp_path, RECORD, CANDIDATES[:1]) is None
