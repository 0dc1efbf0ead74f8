"""What most folds of a cross validation took: the final model is trained so."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np

from lesion_core.errors import InputError
from lesion_core.training.config import Preset, TrainConfig
from lesion_core.training.run_record import RunRecord, config_as_json


def agreed_config(record: RunRecord, preset: Preset) -> tuple[TrainConfig, int, bool]:
    """The choice that most outer folds took: a candidate, with or without further cases.

    Of equals the first listed, without further cases before with them. The final model is trained so: then the
    out-of-fold scores, and the threshold learnt from them, are of the same kind as the final model's scores.

    Returns:
        The candidate, the median of its epochs in the folds that took it so, and whether they learnt from the further
        cases.

    Raises:
        InputError: the run names candidates that the preset does not have.
    """
    known = [config_as_json(candidate) for candidate in preset.candidates]
    if not record.folds or any(fold.config not in known for fold in record.folds.values()):
        raise InputError(f"run {record.run} was made with other candidates than preset {preset.name}: run it again")
    taken = [(fold.learnt_further, known.index(fold.config)) for fold in record.folds.values()]
    counts = Counter(taken)
    further, place = max(product((False, True), range(len(preset.candidates))), key=lambda choice: counts[choice])
    chosen = zip(taken, record.folds.values(), strict=True)
    epochs = [fold.epoch for choice, fold in chosen if choice == (further, place)]
    return preset.candidates[place], int(np.median(epochs)), further
