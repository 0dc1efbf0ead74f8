import pytest

from dashboards import serving
from lesion_core.errors import CheckpointError
from lesion_core.model.card import bundled_names, models_folder


def test_every_bundled_model_is_offered_by_name():
    assert [name for _, name in serving.choices()] == list(bundled_names())


@pytest.mark.parametrize("name", ["xnet", "", "../checkpoints/bnet", str(models_folder() / "bnet")])
def test_names_from_the_browser_reach_bundled_models_only(name):
    for ask in (serving.card, serving.predictor):
        with pytest.raises(CheckpointError, match="no model named"):
            ask(name)
