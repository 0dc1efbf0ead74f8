"""The presets: everything a training run needs to be repeated, in frozen objects. No torch in here."""

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
        smoothing: label smoothing.
        balance: "weights" weighs classes inversely to their counts, "none" does not.
        seed: of initial weights, order and dropout.
    """

    ranks: tuple[int, int] = (64, 64)
    epochs: int = 16
    batch: int = 64
    rate: float = 1e-4
    decay: float = 0.05
    dropout: tuple[float, float] = (0.5, 0.25)
    smoothing: float = 0.05
    balance: Balance = "none"
    seed: int = 0

    @property
    def summary(self) -> str:
        """What differs between candidates, in a few words."""
        return f"{self.epochs} epochs at {self.rate:g}, smoothing {self.smoothing:g}"


@dataclass(frozen=True)
class Preset:
    """A training protocol.

    Attributes:
        name: as on the command line.
        input: how RoIs are made.
        normalisation: of the trunk's output before fc6.
        mirrored: whether mirrored RoIs are drawn in training too.
        candidates: settings to choose from on inner folds; one alone is taken as it is.
        wanted_sensitivity: what the threshold aims at, per image.
    """

    name: str
    input: InputSpec = field(default_factory=InputSpec)
    normalisation: Literal["none", "power"] = "power"
    mirrored: bool = False
    candidates: tuple[ClassifierConfig, ...] = (ClassifierConfig(),)
    wanted_sensitivity: float = 0.95


#: By name. "compact": frozen trunk, low-rank classifier on cached features: what two CPU cores can train.
PRESETS: dict[str, Preset] = {
    "compact": Preset(
        "compact",
        candidates=(
            ClassifierConfig(epochs=8, smoothing=0.2),
            ClassifierConfig(epochs=12, smoothing=0.2),
            ClassifierConfig(epochs=16, smoothing=0.2),
        ),
    )
}


def preset(name: str) -> Preset:
    """A preset by name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in PRESETS:
        raise InputError(f"no preset named {name!r}: choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
