"""What a process of its own trains until it is killed; in a file of its own so that a fork server can load it once."""

import json
from pathlib import Path

import numpy as np
import torch

from lesion_core.imaging.prepare import InputSpec
from lesion_core.training.config import config_from_json
from lesion_core.training.examples import Examples
from lesion_core.training.finetune import fit
from tests.training.blocks import block_vgg19, fill_blocks

LABELS = np.array([0, 1] * 8)


def network(config, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = block_vgg19(config.ranks, config.normalisation, dropout=config.dropout)
    fill_blocks(made)
    return made


def run(folder, told):
    """Train what the folder describes; each finished epoch is told, the weights are left in done.npy."""
    torch.set_num_threads(1)
    folder = Path(folder)
    config = config_from_json(json.loads((folder / "config.json").read_text()))
    examples = Examples(np.load(folder / "inputs.npy"), 5, InputSpec())
    made = network(config)
    positions = np.arange(len(LABELS))
    fit(made, examples, LABELS, positions, config, folder=folder, report=lambda record: told.send(record.epoch))
    np.save(folder / "done.npy", made.classifier[0][0].weight.detach().numpy())
