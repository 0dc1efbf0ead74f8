from dataclasses import FrozenInstanceError

import pytest

from lesion_core.errors import InputError
from lesion_core.training.config import PRESETS, ClassifierConfig, preset


def test_presets_go_by_name():
    for name, each in PRESETS.items():
        assert preset(name) is each
        assert each.name == name
        assert each.candidates
    with pytest.raises(InputError, match="no preset named 'papper': choose one of compact"):
        preset("papper")


def test_candidates_tell_apart_in_their_summary():
    for each in PRESETS.values():
        assert len({config.summary for config in each.candidates}) == len(each.candidates)
    assert ClassifierConfig(epochs=8, rate=1e-4, smoothing=0.2).summary == "8 epochs at 0.0001, smoothing 0.2"


def test_settings_are_frozen():
    with pytest.raises(FrozenInstanceError):
        preset("compact").candidates[0].seed = 1
