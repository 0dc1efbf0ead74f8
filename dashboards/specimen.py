"""An RoI on a page: cut as the chosen model takes it, decomposed once, and put to the network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dashboards import serving
from dashboards.uploads import Source, load
from lesion_core.augment.export import VariantScores
from lesion_core.augment.svd import Decomposition, decompose
from lesion_core.augment.variants import eight_variants
from lesion_core.imaging.prepare import InputSpec, prepare
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.records import Border, Quad

#: Height and width of every RoI.
SIDE = 224
#: How the RoI is cut where no model says otherwise: the paper's way.
PAPER = InputSpec(rule="min-area", margin=0.0)
PHANTOM = "This is a synthetic phantom, no patient: a score on it says nothing about the model."
WHOLE = "No border is drawn, so the whole image is taken as the RoI: outline the lesion to cut it out."


@dataclass(frozen=True, eq=False)
class Specimen:
    """An RoI on a page.

    Attributes:
        roi: (224, 224, 3) uint8, RGB, as it goes to the network.
        source: the image it was cut from.
        notes: sentences about it for the user.
        border: the lesion's border; None for a whole image.
        rectangle: corners of the border's minimum-area rectangle; None for a whole image.
        fed: corners of the RoI in the image; None for a whole image.
    """

    roi: NDArray[np.uint8]
    source: Source
    notes: tuple[str, ...]
    border: Border | None = None
    rectangle: Quad | None = None
    fed: Quad | None = None


def cut(source: Source, border: Border | None, model: str | None) -> Specimen:
    """The RoI of a border as a model takes it; of the whole image without a border.

    Raises:
        ImageError: the image cannot be read.
        CheckpointError: the model is damaged.
    """
    image = load(source)
    spec = serving.card(model).input if model else PAPER
    notes = [PHANTOM] if source.example else list(image.notes)
    if border is None:
        height, width = image.size
        frame = Border(((0.0, 0.0), (0.0, float(height)), (float(width), float(height)), (float(width), 0.0)))
        return Specimen(prepare(image.pixels, frame, PAPER).pixels, source, (*notes, WHOLE))
    roi = prepare(image.pixels, border, spec)
    rectangle = minimum_area_rectangle(border).corners
    return Specimen(roi.pixels, source, (*notes, *border.notes, _rule(spec)), border, rectangle, roi.corners)


def ask(model: str, specimen: Specimen) -> VariantScores:
    """The network's answers for the eight.

    Raises:
        CheckpointError: the model is missing or damaged.
    """
    card = serving.card(model)
    scores = serving.predictor(model).scores(eight_variants(specimen.roi).stack(), specimen.border)
    return VariantScores(
        card.name, card.version, card.target, card.operating_point.threshold, tuple(float(score) for score in scores)
    )


@lru_cache(maxsize=16)
def decomposed(specimen: Specimen) -> Decomposition:
    """Kept for the RoIs that are looked at now, at most 2.5 MB each."""
    return decompose(specimen.roi)


def _rule(spec: InputSpec) -> str:
    if spec.rule == "min-area":
        return (
            "RoI: the minimum-area rectangle of the border, turned upright, squashed to 224 × 224 (the paper's rule)."
        )
    return f"RoI: the border's box in image axes with {100 * spec.margin:.0f} % margin, as this model takes it."
