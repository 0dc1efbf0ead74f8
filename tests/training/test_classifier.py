import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lesion_core.errors import InputError
from lesion_core.model.vgg import TRUNK_FEATURES, build_vgg19
from lesion_core.stats.roc import auc
from lesion_core.training import classifier as training
from lesion_core.training.classifier import classifier_scores, fit_classifier, normalised, span_of
from lesion_core.training.config import ClassifierConfig

CONFIG = ClassifierConfig(ranks=(2, 2), epochs=12, batch=8, rate=3e-3, dropout=(0.0, 0.0), smoothing=0.0)
LABELS = np.arange(16) % 2


def features(n=16, *, seed=0, signal=1.0):
    """(n, 25088) float32, not negative; odd rows are larger in the first hundred features."""
    rng = np.random.default_rng(seed)
    rows = rng.random((n, TRUNK_FEATURES), dtype=np.float32)
    rows[1::2, :100] += np.float32(20 * signal)
    return rows


@pytest.fixture(scope="module")
def rows():
    return features()


@pytest.fixture(scope="module")
def span(rows):
    return span_of(rows)


@pytest.fixture(scope="module")
def fitted(span):
    return fit_classifier(span, LABELS, CONFIG)


def test_the_span_keeps_all_inner_products(rows, span):
    basis, coordinates = span.basis.numpy(), span.coordinates.numpy()
    assert basis.shape == (TRUNK_FEATURES, 16)
    assert np.abs(basis.T @ basis - np.eye(16)).max() < 1e-3
    assert np.abs(coordinates - rows @ basis).max() < 1e-3 * np.abs(coordinates).max()
    assert coordinates @ coordinates.T == pytest.approx(rows @ rows.T, rel=1e-4)
    lengths = np.linalg.norm(span.scale * coordinates, axis=1)
    assert math.sqrt(np.mean(lengths**2)) == pytest.approx(5.0, rel=1e-5)


def test_repeated_images_add_no_direction(rows):
    assert span_of(np.concatenate([rows[:4], rows[:4]])).basis.shape == (TRUNK_FEATURES, 4)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(value, rows):
    broken = rows.copy()
    broken[3, 70] = value
    with pytest.raises(InputError, match="trunk features of 1 of 16 rows are not finite"):
        span_of(broken)


def test_features_that_are_all_zero_or_missing_are_refused():
    with pytest.raises(InputError, match="all zero"):
        span_of(np.zeros((4, TRUNK_FEATURES), np.float32))
    with pytest.raises(InputError, match="no image to train on"):
        span_of(np.zeros((0, TRUNK_FEATURES), np.float32))


def test_it_learns_sixteen_separable_images(rows, fitted):
    scores = classifier_scores(fitted, rows)
    assert scores[LABELS == 1].min() > 0.9
    assert scores[LABELS == 0].max() < 0.1
    assert scores.dtype == np.float64
    assert auc(np.arange(20) % 2, classifier_scores(fitted, features(20, seed=1))) == 1.0


def test_the_result_is_the_networks_own_classifier(fitted):
    with torch.device("meta"):
        expected = build_vgg19((2, 2)).classifier.state_dict()
    assert {name: value.shape for name, value in fitted.state_dict().items()} == {
        name: value.shape for name, value in expected.items()
    }
    assert not fitted.training


def test_the_same_seed_gives_the_same_weights_and_leaves_other_chance_alone(span, fitted):
    state = torch.random.get_rng_state()
    again = fit_classifier(span, LABELS, CONFIG).state_dict()
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(77)
    third = fit_classifier(span, LABELS, CONFIG).state_dict()
    for name, value in fitted.state_dict().items():
        assert torch.equal(again[name], value)
        assert torch.equal(third[name], value)
    other = fit_classifier(span, LABELS, replace(CONFIG, seed=1)).state_dict()
    assert not torch.equal(other["0.0.weight"], fitted.state_dict()["0.0.weight"])


class Spy:
    """Stands for `torch.nn.functional` and keeps what the loss was given."""

    def __init__(self):
        self.calls = []

    def cross_entropy(self, logits, targets, weight, **options):
        self.calls.append(SimpleNamespace(logits=logits.detach().clone(), targets=targets, weight=weight, **options))
        return torch.nn.functional.cross_entropy(logits, targets, weight, **options)


@pytest.fixture
def spy(monkeypatch):
    made = Spy()
    monkeypatch.setattr(training, "functional", made)
    return made


def test_the_written_out_first_factor_does_what_training_did_in_the_span(rows, span, spy):
    still = replace(CONFIG, rate=0.0, decay=0.0, epochs=1, batch=16)
    fitted = fit_classifier(span, LABELS, still)
    (step,) = spy.calls
    with torch.inference_mode():
        written = fitted(torch.from_numpy(rows))
    for label in (0, 1):
        in_span = step.logits[step.targets == label].sort(dim=0).values
        out = written[torch.from_numpy(label == LABELS)].sort(dim=0).values
        assert np.ptp(out.numpy()) > 1e-4
        assert torch.allclose(out, in_span, atol=1e-5)


def test_every_image_is_seen_once_in_each_epoch_with_the_settings_given(span, spy):
    labels = np.array([1] * 4 + [0] * 12)
    fit_classifier(span, labels, replace(CONFIG, epochs=2, batch=6, smoothing=0.2, balance="weights"))
    assert [len(call.targets) for call in spy.calls] == [6, 6, 4] * 2
    for epoch in (spy.calls[:3], spy.calls[3:]):
        assert torch.cat([call.targets for call in epoch]).sum() == 4
    assert all(call.label_smoothing == 0.2 for call in spy.calls)
    assert spy.calls[0].weight.tolist() == pytest.approx([16 / 24, 16 / 8])
    spy.calls.clear()
    fit_classifier(span, labels, CONFIG)
    assert spy.calls[0].weight is None


def test_one_variant_of_each_image_is_drawn(rows):
    """Variant 1 carries its class in other features: only a classifier that saw it ranks it."""
    mirrored = features(signal=0.0, seed=5)
    mirrored[1::2, -100:] += 20
    both = fit_classifier(span_of(np.concatenate([rows, mirrored])), LABELS, replace(CONFIG, epochs=40))
    for variant in (rows, mirrored):
        scores = classifier_scores(both, variant)
        assert scores[LABELS == 1].min() > scores[LABELS == 0].max()


def test_unusable_labels_are_refused(span):
    with pytest.raises(InputError, match=r"needs both labels 0 and 1, got \[1\]"):
        fit_classifier(span, np.ones(16, dtype=np.int64), CONFIG)
    with pytest.raises(InputError, match=r"needs both labels 0 and 1, got \[0, 2\]"):
        fit_classifier(span, LABELS * 2, CONFIG)
    for n in (0, 5, 32):
        with pytest.raises(InputError, match=f"16 rows of features do not fit {n} labels"):
            fit_classifier(span, np.arange(n) % 2, CONFIG)


def test_training_that_runs_away_is_said(span):
    with pytest.raises(InputError, match="training ran away"):
        fit_classifier(span, LABELS, replace(CONFIG, rate=1e30))


def test_power_normalisation_takes_roots_and_unit_length(rows):
    stored = (rows[:3] * 100).astype(np.float16)
    expected = np.sqrt(stored.astype(np.float64))
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    found = normalised(stored, "power")
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-6
    assert np.array_equal(normalised(stored, "none"), stored.astype(np.float32))
    many = np.repeat(stored[:1], 300, axis=0)
    assert np.ptp(normalised(many, "power"), axis=0).max() < 1e-7
