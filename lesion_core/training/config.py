"""The presets: everything a training run needs to be repeated, in one frozen object.

No torch in here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec

Balance = Literal["none", "weights"]


@dataclass(frozen=True)
class ClassifierConfig:
    """How the compact classifier is trained.

    Attributes:
        ranks: of the factors of fc6 and fc7.
        epochs: passes over the training images.
        batch: images in a step.
        rate: AdamW's learning rate at the start; falls to 0 along a half cosine.
        decay: AdamW's decoupled weight decay.
        dropout: after fc6 and after fc7 (the paper's last dropout: 0.25).
        input_dropout: share of trunk features set to 0 in training, before fc6.
        smoothing: label smoothing.
        balance: "weights" weighs classes inversely to their counts, "none" does not.
        seed: of initial weights, order and dropout.
    """

    ranks: tuple[int, int] = (64, 64)
    epochs: int = 20
    batch: int = 64
    rate: float = 1e-3
    decay: float = 0.05
    dropout: tuple[float, float] = (0.5, 0.25)
    input_dropout: float = 0.3
    smoothing: float = 0.05
    balance: Balance = "none"
    seed: int = 0


@dataclass(frozen=True)
class Preset:
    """A training protocol.

    Attributes:
        name: as on the command line.
        input: how RoIs are made.
        mirrored: whether mirrored RoIs are drawn in training too.
        classifier: how the classifier is trained.
        wanted_sensitivity: what the threshold aims at.
    """

    name: str
    input: InputSpec = field(default_factory=InputSpec)
    mirrored: bool = True
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)
    wanted_sensitivity: float = 0.95


#: By name. "compact": frozen trunk, low-rank classifier; chosen as DECISIONS.md says.
PRESETS: dict[str, Preset] = {"compact": Preset("compact")}


def preset(name: str) -> Preset:
    """A preset by name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in PRESETS:
        raise InputError(f"no preset named {name!r}: choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
