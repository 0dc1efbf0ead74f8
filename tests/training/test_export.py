import copy

import numpy as np
import pytest
import torch

from lesion_core.cases.splits import units
from lesion_core.imaging.prepare import InputSpec
from lesion_core.model.checkpoint import as_stored, load_checkpoint, save_checkpoint
from lesion_core.model.predictor import LesionPredictor
from lesion_core.stats.paired import delong_test
from lesion_core.training.export import HELD_WORDS, TRAINED_ON, compress, look, score_change
from lesion_core.training.rois import load_rois
from tests.model.stand_in import card, cheap_vgg19, opinionated, use_cheap_trunk
from tests.training.phantom_set import make_set

SPEC = InputSpec()


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("phantoms"), patients=12)


@pytest.fixture(scope="module")
def rois(table):
    return load_rois(table, SPEC)


@pytest.fixture
def parent():
    """Ranks (8, 7), and a trunk of more than 256 values, as after fine-tuning."""
    made = opinionated(cheap_vgg19((8, 7), "power")).requires_grad_(False)
    drawn = torch.randn(made.features[1].weight.shape, generator=torch.Generator().manual_seed(5))
    made.features[1].weight += 1e-3 * drawn
    return made


def exact(network, rois):
    return LesionPredictor(network, card()).scores(rois)


def test_what_is_measured_is_what_comes_back_from_disk(parent, table, rois, tmp_path, monkeypatch):
    use_cheap_trunk(monkeypatch)
    before = exact(parent, rois)
    found = compress(parent, table, rois, SPEC, ranks=(3, 2), threshold=0.5)
    model = card(architecture=card(compression=found).architecture.__class__("vgg19", (3, 2), "power", "a", "b", "c"))
    save_checkpoint(parent, model, tmp_path, storage="int8")
    after = exact(load_checkpoint(tmp_path)[0], rois)
    held, everything = found.changes
    assert everything.cases == "PHANTOMS, all images"
    assert (everything.n, everything.n_malignant) == (24, 12)
    assert everything.largest == pytest.approx(np.abs(after - before).max(), abs=1e-6)
    assert everything.mean == pytest.approx(np.abs(after - before).mean(), abs=1e-6)
    assert everything.calls == ((after >= 0.5) != (before >= 0.5)).sum()
    test = delong_test(table.labels, after, before, groups=units(table.cases))
    assert (everything.difference, everything.low, everything.high) == pytest.approx((test.value, test.low, test.high))
    assert everything.auc - everything.auc_parent == pytest.approx(everything.difference)
    assert everything.note == TRAINED_ON
    assert everything.method == "DeLong, paired, clustered"
    assert held.cases == f"PHANTOMS, {HELD_WORDS}"
    assert held.n == 4  # a fifth of twelve patients with two views each
    assert found.fitted_on == 20
    assert "rank 3 and 2" in found.method
    assert "8 bits" in found.method


def test_factors_that_are_small_enough_stay_and_nothing_is_held_back(table, rois):
    network = opinionated(cheap_vgg19((2, 2), "power")).requires_grad_(False)
    layers = list(network.classifier)
    found = compress(network, table, rois, SPEC, ranks=(64, 64), storage="half")
    assert [id(each) for each in network.classifier] == [id(each) for each in layers]
    (everything,) = found.changes
    assert everything.n == 24
    assert found.fitted_on == 0
    assert 0 < everything.largest < 1e-3  # half precision alone
    assert everything.calls is None
    assert "rank" not in found.method


def test_a_trunk_that_storing_does_not_change_is_run_once(table, rois, monkeypatch):
    network = opinionated(cheap_vgg19((4, 4), "power")).requires_grad_(False)
    runs = []
    network.features.register_forward_hook(lambda *told: runs.append(1))
    compress(network, table, rois, SPEC, ranks=(2, 2))
    assert len(runs) == 3  # 24 images in batches of 8
    found = look(network, rois, SPEC)
    assert found.inputs.shape == (24, 25088)


def test_what_was_kept_in_training_takes_the_place_of_the_trunk(table, rois, tmp_path):
    network = opinionated(cheap_vgg19((4, 4), "power")).requires_grad_(False)
    whole = look(network, rois, SPEC)
    first = look(network, rois, SPEC, cache=tmp_path)
    runs = []
    network.features.register_forward_hook(lambda *told: runs.append(1))
    found = compress(network, table, rois, SPEC, ranks=(4, 4), cache=tmp_path)
    assert runs == []
    assert np.abs(first.scores - whole.scores).max() < 1e-2  # kept in half precision
    assert found.changes[-1].largest < 1e-3


def test_full_ranks_and_float32_change_nothing(parent, table, rois):
    whole = copy.deepcopy(parent)
    found = compress(parent, table, rois, SPEC, ranks=(8, 7), storage="float32")
    assert found.changes[0].largest == 0
    assert found.changes[0].difference == 0
    assert found.changes[0].low is None
    assert "never differ" in found.changes[0].note
    assert found.changes[0].note.endswith(TRAINED_ON)
    stored = as_stored(parent, storage="float32")
    assert all(torch.equal(tensor, stored[name]) for name, tensor in whole.state_dict().items())


def test_progress_is_told_for_parent_and_compact_network(parent, table, rois):
    told = []
    compress(parent, table, rois, SPEC, ranks=(2, 2), progress=lambda *done: told.append(done))
    assert told == [(what, done, 24) for what in ("parent", "compact") for done in (8, 16, 24)]


def test_one_class_has_no_area_and_says_so(table):
    scores = np.linspace(0.1, 0.9, 24)
    found = score_change(table, scores, scores + 0.05, table.labels == 1, "half of them", threshold=None)
    assert (found.auc, found.auc_parent, found.difference, found.low) == (None, None, None, None)
    assert "AUC undefined (one class)" in found.sentence
    assert found.largest == pytest.approx(0.05)


def test_a_change_is_told_in_one_sentence(table):
    rng = np.random.default_rng(0)
    parent = np.clip(0.3 + 0.3 * table.labels + 0.2 * rng.standard_normal(24), 0, 1)
    after = np.clip(parent + 0.1 * rng.standard_normal(24), 0, 1)
    found = score_change(table, parent, after, np.ones(24, dtype=bool), "all images", threshold=0.45)
    assert found.sentence.startswith("PHANTOMS, all images (n = 24, 12 malignant): largest score difference 0.")
    assert f"{found.calls} calls changed; AUC {found.auc_parent:.4f} to {found.auc:.4f}" in found.sentence
    assert "95 % CI" in found.sentence
