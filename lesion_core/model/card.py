"""The card beside a model's weights: what it is, how its input is made, what it was trained on, what it reached.

A card is ``card.json``; reading it checks every field, and the checksum it carries over itself. No torch in here, so
that models can be listed without loading one.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from lesion_core.errors import CheckpointError
from lesion_core.imaging.prepare import InputSpec
from lesion_core.model.calibration import CalibrationPart
from lesion_core.model.compression import Compression
from lesion_core.model.outline import OutlinePart
from lesion_core.model.training_data import FurtherData, LearntFrom, TrainingData

if TYPE_CHECKING:
    from pydantic import TypeAdapter

CARD_FILE = "card.json"
WEIGHTS_FILE = "weights.safetensors"
FORMAT = 1
#: What class 1 may mean.
Target = Literal["histology malignant", "TI-RADS 4 or higher", "mixed"]
TARGETS: tuple[str, ...] = get_args(Target)
#: fc6 and fc7 have 4096 outputs: a higher rank would not be a low one.
LARGEST_RANK = 4096
#: Environment variable that replaces the folder of the bundled models.
FOLDER_VARIABLE = "LESION_CHECKPOINTS"


@dataclass(frozen=True)
class Architecture:
    """The network.

    Attributes:
        kind: always "vgg19".
        ranks: of the low-rank factors of fc6 and fc7; None where the layers are full.
        normalisation: of the trunk's output before fc6; "none" is the paper's network.
        initialisation: where the first weights came from, in words.
        trained: which layers were trained, in words.
        storage: how the weights are stored, in words.
    """

    kind: Literal["vgg19"]
    ranks: tuple[int, int] | None
    normalisation: Literal["none", "power", "power-rms"]
    initialisation: str
    trained: str
    storage: str


@dataclass(frozen=True)
class OrganRates:
    """What a threshold that was learnt over several organs gives in one of them.

    Attributes:
        organ: "breast" or "thyroid".
        label: what class 1 means there.
        sensitivity: cross-fitted, 0-1.
        specificity: cross-fitted, 0-1.
        n: images of the organ.
        n_malignant: those of class 1 among them.
    """

    organ: Literal["breast", "thyroid"]
    label: str
    sensitivity: float
    specificity: float
    n: int
    n_malignant: int


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold and what it means.

    Attributes:
        threshold: scores at or above it are called "above", 0-1.
        rule: how it was chosen, e.g. "95 % sensitivity".
        dataset: the scores it was chosen on, e.g. "BUS-BRA, out of fold, per image".
        sensitivity: cross-fitted, 0-1.
        specificity: cross-fitted, 0-1.
        prevalence: share of malignant images in the scores it was chosen on, 0-1.
        organs: its rates in each organ, where it was chosen over several; () otherwise.
    """

    threshold: float
    rule: str
    dataset: str
    sensitivity: float
    specificity: float
    prevalence: float
    organs: tuple[OrganRates, ...] = ()

    @property
    def wanted_sensitivity(self) -> float | None:
        """What the rule aims at, 0-1; None where it names no sensitivity."""
        found = re.match(r"(\d+(?:\.\d+)?) % sensitivity", self.rule)
        return float(found[1]) / 100 if found else None

    def problems(self) -> list[str]:
        """What is of the right type and still wrong."""
        problems = [] if 0 < self.threshold < 1 else [f"threshold {self.threshold} is not between 0 and 1"]
        shares = {
            "sensitivity": self.sensitivity,
            "specificity": self.specificity,
            "prevalence": self.prevalence,
        }
        problems += [
            f"{name} {share} of the operating point is not from 0 to 1"
            for name, share in shares.items()
            if not 0 <= share <= 1
        ]
        problems += [
            f"rates of the operating point in the {each.organ} cannot be right"
            for each in self.organs
            if not (0 <= each.sensitivity <= 1 and 0 <= each.specificity <= 1 and 0 < each.n_malignant < each.n)
        ]
        return problems


@dataclass(frozen=True)
class Metric:
    """One measured figure with its interval.

    Attributes:
        name: "AUC", "sensitivity" or "specificity".
        dataset: what it was measured on.
        protocol: "out of fold (5 official folds)", "external", ...
        unit: "image" or "patient".
        value: the figure, 0-1.
        low: lower end of the interval.
        high: upper end of the interval.
        level: of the interval, e.g. 0.95.
        method: of the interval.
        n: number of units.
        n_malignant: malignant ones among them.
        label: what the label means there.
        note: anything a reader must know; may be empty.
    """

    name: Literal["AUC", "sensitivity", "specificity"]
    dataset: str
    protocol: str
    unit: Literal["image", "patient"]
    value: float
    low: float
    high: float
    level: float
    method: str
    n: int
    n_malignant: int
    label: str
    note: str = ""


@dataclass(frozen=True)
class Card:
    """Everything that must be known to use a model, and to judge it.

    Attributes:
        name: key of the model, e.g. "bnet".
        title: as people write it, e.g. "BNet".
        organs: what it was trained on.
        target: what class 1 means.
        classes: class names in the order of the outputs.
        input: how an image and a border become the network's input; values are scaled to 0-1, then standardised.
        architecture: the network.
        operating_point: the threshold that the call uses.
        training: the data.
        metrics: measured figures.
        limits: what the model must not be trusted with, one sentence each.
        commands: how it was made, one command each.
        seed: of the training.
        created: date, YYYY-MM-DD.
        code_version: of lesion_core.
        licence: of the weights.
        citations: what to cite beside the data.
        weights_sha256: SHA-256 of the weights file, 64 hex digits.
        format: version of this layout.
        compression: how it was made smaller and what that changed; None for a model as it was trained.
        outline: how measurements of the border enter the score; None where the network answers alone.
        calibration: how a score becomes a probability, and for whom; None where that was not learnt.
        youden: the threshold of the largest Youden index, beside the one that the call uses; None where unknown.
        further: data that it only learnt from, often labelled by another rule.
    """

    name: str
    title: str
    organs: tuple[Literal["breast", "thyroid"], ...]
    target: Target
    classes: tuple[Literal["benign"], Literal["malignant"]]
    input: InputSpec
    architecture: Architecture
    operating_point: OperatingPoint
    training: tuple[TrainingData, ...]
    metrics: tuple[Metric, ...]
    limits: tuple[str, ...]
    commands: tuple[str, ...]
    seed: int
    created: str
    code_version: str
    licence: str
    citations: tuple[str, ...]
    weights_sha256: str
    format: int = FORMAT
    compression: Compression | None = None
    outline: OutlinePart | None = None
    calibration: CalibrationPart | None = None
    youden: OperatingPoint | None = None
    further: tuple[FurtherData, ...] = ()

    @property
    def learnt_from(self) -> tuple[LearntFrom, ...]:
        """All data that the weights have seen."""
        return (*self.training, *self.further)

    @property
    def preset(self) -> str:
        """Name of the preset that it was trained with; "" where the card does not say."""
        found = re.search(r"\(preset ([^()]+)\)", self.architecture.trained)
        return found[1] if found else ""

    @property
    def identity(self) -> str:
        """64 hex digits for all that makes the score: the weights' SHA-256, hashed with the outline's numbers."""
        if self.outline is None:
            return self.weights_sha256
        return _checksum({"weights": self.weights_sha256, "outline": dataclasses.asdict(self.outline)})

    @property
    def version(self) -> str:
        """First 12 hex digits of the identity."""
        return self.identity[:12]


def write_card(card: Card, folder: Path) -> None:
    """Write ``card.json`` with its checksum, whole or not at all.

    Raises:
        CheckpointError: a card that `read_card` would refuse; what was there stays.
    """
    check_card(card)
    content = json.loads(json.dumps(dataclasses.asdict(card)))
    content["card_sha256"] = _checksum(content)
    unfinished = folder / f"{CARD_FILE}.part"
    unfinished.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(folder / CARD_FILE)


def read_card(folder: Path) -> Card:
    """Read ``card.json`` and check every field.

    Raises:
        CheckpointError: missing, not JSON, changed since it was written, or with fields that do not fit.
    """
    file = folder / CARD_FILE
    if not file.is_file():
        raise CheckpointError(f"no {CARD_FILE} in {folder}: a model is a folder with {CARD_FILE} and {WEIGHTS_FILE}")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, or nested without end
        raise CheckpointError(f"{file} is damaged ({error}): get the model again") from error
    if not isinstance(content, dict) or content.pop("card_sha256", None) != _checksum(content):
        raise CheckpointError(f"{file} was changed after it was written (its checksum differs): get the model again")
    return _checked(content, str(file))


def check_card(card: Card) -> None:
    """Find out before anything is written whether a card could be read back.

    Raises:
        CheckpointError: it could not; all faults are named.
    """
    _checked(dataclasses.asdict(card), f"the card of {card.name!r}")


def models_folder() -> Path:
    """Where the bundled models are: ``checkpoints`` beside the package, or what LESION_CHECKPOINTS says."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "checkpoints"


def bundled_names() -> tuple[str, ...]:
    """Names of the bundled models, damaged ones too."""
    folder = models_folder()
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{CARD_FILE}"))) if folder.is_dir() else ()


def model_folder(name: str) -> Path:
    """The folder of a bundled model, or of a path to one.

    Raises:
        CheckpointError: there is none of that name; the message lists those there are.
    """
    places = [models_folder() / name] if name and Path(name).name == name else []
    for folder in [*places, Path(name)]:
        try:
            if (folder / CARD_FILE).is_file():
                return folder
        except OSError:  # a name longer than the file system takes, a folder that may not be looked into
            continue
    there = f"there are: {', '.join(bundled_names())}" if bundled_names() else f"there are none in {models_folder()}"
    raise CheckpointError(f"no model named {name!r}; {there}. Train one with `python -m lesion_core train`")


def _checksum(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _checked(content: dict[str, Any], where: str) -> Card:
    """The card of plain JSON, types and values checked."""
    from pydantic import ValidationError

    try:
        card: Card = _schema().validate_json(json.dumps(content), strict=True, extra="forbid")
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise CheckpointError(f"{where} does not fit this version of the software: {faults}") from error
    problems = _problems(card)
    if problems:
        raise CheckpointError(f"{where} cannot be right: {'; '.join(problems)}")
    return card


@functools.cache
def _schema() -> TypeAdapter[Card]:
    from pydantic import TypeAdapter

    return TypeAdapter(Card)


def _problems(card: Card) -> list[str]:
    """What is of the right type and still wrong."""
    problems = []
    if card.format != FORMAT:
        problems.append(f"format {card.format} is not {FORMAT}")
    problems += card.operating_point.problems()
    problems += card.youden.problems() if card.youden else []
    ranks = card.architecture.ranks
    if ranks is not None and not all(1 <= rank <= LARGEST_RANK for rank in ranks):
        problems.append(f"ranks {ranks} are not from 1 to {LARGEST_RANK}")
    if card.input.size != (224, 224):
        problems.append(f"input size {card.input.size} is not (224, 224)")
    if not all(0 < sd < math.inf for sd in card.input.sd):
        problems.append("input SD must be positive")
    if not all(map(math.isfinite, card.input.mean)):
        problems.append("input mean must be a number")
    if not 0 <= card.input.padding <= 255:
        problems.append(f"padding {card.input.padding} is not from 0 to 255")
    if not 0 <= card.input.margin <= 2:
        problems.append(f"margin {card.input.margin} is not between 0 and 2")
    if len(card.weights_sha256) != 64 or set(card.weights_sha256) - set("0123456789abcdef"):
        problems.append("weights_sha256 is not a SHA-256")
    problems += [
        f"{metric.name} on {metric.dataset} lies outside its own interval"
        for metric in card.metrics
        if not 0 <= metric.low <= metric.value <= metric.high <= 1
    ]
    problems += [problem for data in card.learnt_from for problem in data.problems()]
    problems += card.compression.problems() if card.compression else []
    problems += card.calibration.problems() if card.calibration else []
    return problems + (card.outline.problems() if card.outline else [])
