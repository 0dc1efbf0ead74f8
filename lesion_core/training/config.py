"""The presets: everything a training run needs to be repeated, in frozen objects. No torch in here.

One architecture for all three models; what differs between presets is how it is trained.

- ``paper``: the paper's protocol: all layers trained, eight variants of each RoI, mini-batches of 8, SGD. Where
  ImageNet's fc6 and fc7 are not at hand it is called ``paper (conv-only init)`` in every record and on every figure.
- ``paper-frozen``: the same protocol for two CPU cores: frozen trunk, low-rank fc6 and fc7.
- ``best``: fine-tunes all layers on a GPU, images drawn anew in every step; ``best-cpu``: block 5 and the classifier.
- ``compact``: frozen trunk and a small classifier, minutes on two cores.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec

Trainable = Literal["all", "block2", "block3", "block4", "block5", "classifier", "fc8"]
TRAINABLE: tuple[Trainable, ...] = ("all", "block2", "block3", "block4", "block5", "classifier", "fc8")
Augmentation = Literal["none", "mirror", "eight", "random"]
Drawing = Literal["all", "one"]
Optimiser = Literal["sgd", "adamw"]
Schedule = Literal["constant", "cosine"]
Balance = Literal["none", "weights", "oversample", "undersample"]
Precision = Literal["float32", "bfloat16"]
Normalisation = Literal["none", "power", "power-rms"]

#: Variants that stand ready for each RoI under an augmentation; "random" draws among the SVD images.
VARIANTS: dict[Augmentation, int] = {"none": 1, "mirror": 2, "eight": 8, "random": 4}


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained.

    Attributes:
        trainable: "all", from a block of convolutions upwards ("block5" ...), "classifier" (fc6 to fc8) or "fc8".
        ranks: of the low-rank factors that stand for fc6 and fc7 (compact classifier); None trains the full layers.
        normalisation: of the trunk's output before fc6; "none" is the paper's network.
        augmentation: "none", "mirror" (RoI and mirror image), "eight" (the paper's variants) or "random" (drawn anew
            for every image and epoch, see `augment.random`; frozen blocks then run in every step).
        drawing: "all" shows every variant of every image in every epoch (the paper), "one" draws one.
        epochs: passes over the training part; the upper limit where `patience` is set.
        batch: images in a step, over all devices together.
        optimiser: "sgd" or "adamw".
        rate: learning rate of the new layers at the start.
        momentum: of SGD.
        decay: L2 term of SGD, decoupled weight decay of AdamW.
        schedule: "constant", or "cosine" down to 0.
        layer_decay: the rate of a block of convolutions is this factor times that of the block above it (the classifier
            above block 5); 1 gives all layers one rate.
        dropout: after fc6 and after fc7 (the paper's last dropout: 0.25).
        smoothing: label smoothing.
        balance: "none"; "weights" weighs classes inversely to their counts; "oversample" repeats images of the rarer
            class up to the other's number; "undersample" draws as many of the commoner class, anew in every epoch.
        validation: share of each training part that is held back, by patient; it is watched, and decides where
            `patience` is set.
        patience: stop after so many epochs without a better validation AUC and take the best one; 0 trains to the end.
        precision: of the arithmetic in training; scoring is always in float32. "bfloat16" is float32 on a device
            without instructions for it.
        averaging: decay per step of an exponential moving average of the weights that takes their place at the end;
            0 takes the last weights.
        seed: of new weights, order, draws and dropout.
        deterministic: refuse operations that could differ between two runs on a GPU (slower).
    """

    trainable: Trainable = "classifier"
    ranks: tuple[int, int] | None = (64, 64)
    normalisation: Normalisation = "power"
    augmentation: Augmentation = "mirror"
    drawing: Drawing = "one"
    epochs: int = 16
    batch: int = 64
    optimiser: Optimiser = "adamw"
    rate: float = 1e-4
    momentum: float = 0.9
    decay: float = 0.05
    schedule: Schedule = "cosine"
    layer_decay: float = 1.0
    dropout: tuple[float, float] = (0.5, 0.25)
    smoothing: float = 0.0
    balance: Balance = "none"
    validation: float = 0.0
    patience: int = 0
    precision: Precision = "float32"
    averaging: float = 0.0
    seed: int = 0
    deterministic: bool = False

    def __post_init__(self) -> None:
        for name, allowed in (("trainable", TRAINABLE), ("augmentation", tuple(VARIANTS))):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} is {getattr(self, name)!r}: choose one of {', '.join(allowed)}")
        for name in ("epochs", "batch"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be 1 or more, got {getattr(self, name)}")
        for name in ("rate", "momentum", "decay", "layer_decay", "smoothing", "averaging"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"{name} must be 0 or more, got {getattr(self, name)}")
        if not 0 <= self.validation <= 0.5:
            raise InputError(f"validation is a share from 0 to 0.5 of the training part, got {self.validation}")
        if self.patience and not self.validation:
            raise InputError("patience needs a validation part: set validation, e.g. to 0.1")
        if self.averaging >= 1:
            raise InputError(f"averaging is a decay per step below 1, got {self.averaging}")

    @property
    def layers(self) -> str:
        """Which layers are trained, in words."""
        words = {"all": "all layers", "classifier": "fc6 to fc8", "fc8": "fc8"}
        return words.get(self.trainable, f"the convolutions of {self.trainable} and above, fc6 to fc8")

    @property
    def summary(self) -> str:
        """What was done, in a few words."""
        steps = f"{self.optimiser} {self.rate:g}, {self.epochs} epochs, batch {self.batch}"
        return f"{self.layers}; {steps}; augmentation {self.augmentation}, smoothing {self.smoothing:g}"


@dataclass(frozen=True)
class Preset:
    """A training protocol.

    Attributes:
        name: as on the command line.
        input: how RoIs are made.
        candidates: settings to choose from on inner folds; one alone is taken as it is.
        inner_folds: how many parts each training part is divided into to compare the candidates.
        wanted_sensitivity: what the threshold aims at, per image.
    """

    name: str
    input: InputSpec = field(default_factory=InputSpec)
    candidates: tuple[TrainConfig, ...] = (TrainConfig(),)
    inner_folds: int = 3
    wanted_sensitivity: float = 0.95


#: The paper, section 2: eight variants, mini-batches of 8, SGD (MATLAB's `sgdm`: momentum 0.9, L2 1e-4), rate 1e-4,
#: 20 epochs, the last dropout 25 %, 10 % of each training part for validation.
PAPER = TrainConfig(
    trainable="all",
    ranks=None,
    normalisation="none",
    augmentation="eight",
    drawing="all",
    epochs=20,
    batch=8,
    optimiser="sgd",
    rate=1e-4,
    momentum=0.9,
    decay=1e-4,
    schedule="constant",
    dropout=(0.5, 0.25),
    validation=0.1,
)
PAPER_INPUT = InputSpec(rule="min-area", margin=0.0)
#: What of it two CPU cores can do in an hour.
PAPER_FROZEN = replace(PAPER, trainable="classifier", ranks=(64, 64), precision="bfloat16")
COMPACT = TrainConfig(normalisation="power-rms", augmentation="none", epochs=12, rate=3e-5, smoothing=0.2)
BEST_CPU = replace(COMPACT, trainable="block5", epochs=5, precision="bfloat16")
BEST = replace(
    COMPACT,
    trainable="all",
    augmentation="random",
    epochs=16,
    batch=32,
    rate=5e-5,
    layer_decay=0.7,
    smoothing=0.1,
    precision="bfloat16",
    averaging=0.99,
)

PRESETS: dict[str, Preset] = {
    each.name: each
    for each in (
        Preset("paper", PAPER_INPUT, (PAPER,)),
        Preset("paper-frozen", PAPER_INPUT, (PAPER_FROZEN,)),
        Preset("best", candidates=(BEST,)),
        Preset("best-cpu", candidates=(BEST_CPU,)),
        Preset("compact", candidates=(COMPACT,)),
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


def training_images(images: int, validation: float) -> int:
    """How many of some images are trained on when a share is held back without regard to class, rounded down.

    The paper's count: 568 images, 20 % held back: 454.
    """
    return math.floor(images * (1 - validation) + 1e-9)


def iterations(config: TrainConfig, images: int) -> int:
    """How many steps a training on so many images takes; the last step of an epoch may be smaller.

    The paper's count: 454 images, eight variants, mini-batches of 8, 20 epochs: 9,080.
    """
    shown = images * VARIANTS[config.augmentation] if config.drawing == "all" else images
    return config.epochs * math.ceil(shown / config.batch)


def config_from_json(content: dict[str, Any]) -> TrainConfig:
    """The settings that `config_as_json` wrote.

    Raises:
        InputError: other fields or values.
    """
    lists = {name: tuple(value) for name, value in content.items() if isinstance(value, list)}
    try:
        return TrainConfig(**{**content, **lists})
    except TypeError as error:
        raise InputError(f"these are no settings of this version ({error}): run it again") from error


def config_as_json(config: TrainConfig) -> dict[str, Any]:
    """Settings as plain JSON."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(config).items()}
