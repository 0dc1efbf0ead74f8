"""What stays the same over the folds of a run: cases, folds, settings, first weights, and what a network is shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lesion_core.cases.folds import Scheme
from lesion_core.cases.table import CaseTable
from lesion_core.model.weights import ImageNetWeights
from lesion_core.training.config import Preset, TrainConfig
from lesion_core.training.examples import Examples, Progress, kept_block, make_examples
from lesion_core.training.further import Further
from lesion_core.training.parts import new_network


@dataclass(frozen=True)
class Plan:
    """What stays the same over the folds of a run.

    Attributes:
        table: n development cases.
        rois: (n, 224, 224, 3) uint8, made with the preset's input.
        scheme: the folds.
        preset: the protocol.
        shown_preset: its name on figures ("paper (conv-only init)").
        model: name of the model.
        weights: the first weights.
        folder: of the run; its name is the run's.
        cache: folder of kept features.
        cpu: stay on the CPU even where there is a GPU.
        further: m cases that are only learnt from; None for none.
        further_rois: (m, 224, 224, 3) uint8, likewise; None for none.
    """

    table: CaseTable
    rois: NDArray[np.uint8]
    scheme: Scheme
    preset: Preset
    shown_preset: str
    model: str
    weights: ImageNetWeights
    folder: Path
    cache: Path
    cpu: bool = False
    further: Further | None = None
    further_rois: NDArray[np.uint8] | None = None

    @property
    def all_rois(self) -> NDArray[np.uint8]:
        """(n + m, 224, 224, 3): of the cases, then of the further ones."""
        return self.rois if self.further_rois is None else np.concatenate([self.rois, self.further_rois])

    @property
    def all_labels(self) -> NDArray[np.int64]:
        """(n + m,): likewise."""
        labels = self.table.labels
        return labels if self.further is None else np.concatenate([labels, self.further.table.labels])

    def learnt(self, train: NDArray[np.int64], *, further: bool) -> NDArray[np.int64]:
        """What is learnt from in a training part: positions in `all_rois`.

        Args:
            train: (k,) positions among the cases.
            further: add the further cases that share no patient or group with a case outside `train`.
        """
        if self.further is None or not further:
            return train
        return np.concatenate([train, len(self.table) + self.further.learnable(train)])

    @property
    def run(self) -> str:
        """Name of the run."""
        return self.folder.resolve().name

    def fold_folder(self, number: int) -> Path:
        """Where a fold leaves what it made."""
        return self.folder / f"fold-{number:02d}"


class ExampleStore:
    """The examples of a plan, made once for all settings that show the same."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._plan, self._progress = plan, progress
        self._made: dict[tuple[object, ...], Examples] = {}

    def __call__(self, config: TrainConfig) -> Examples:
        """The examples for some settings."""
        key = (kept_block(config), config.augmentation, config.precision)
        if key not in self._made:
            self._made.clear()  # one at a time: they are large
            plan = self._plan
            network = new_network(config, plan.weights).eval()
            if not plan.cpu and torch.cuda.is_available():
                network.to("cuda")
            self._made[key] = make_examples(
                plan.all_rois, config, network, plan.preset.input, cache=plan.cache, progress=self._progress
            )
        return self._made[key]
