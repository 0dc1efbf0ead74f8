"""What a card says of the data that a model learnt from: those it was measured on, and further ones. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class LearntFrom:
    """One data set that the weights have seen.

    Attributes:
        dataset: its name.
        organ: "breast" or "thyroid".
        images: number of cases; an image with several outlines counts as often.
        patients: number of patients.
        benign: of the cases, those of label 0.
        malignant: those of label 1.
        licence: terms of the data.
        citation: what to cite.
    """

    dataset: str
    organ: Literal["breast", "thyroid"]
    images: int
    patients: int
    benign: int
    malignant: int
    licence: str
    citation: str

    def problems(self) -> list[str]:
        """What is of the right type and still wrong."""
        fits = self.benign + self.malignant == self.images and 0 < self.patients <= self.images
        return [] if fits else [f"counts of {self.dataset} do not add up"]


@dataclass(frozen=True, kw_only=True)
class TrainingData(LearntFrom):
    """One data set that the model was trained on and measured on, out of fold.

    Attributes:
        label_source: e.g. "histopathology".
    """

    label_source: str


@dataclass(frozen=True, kw_only=True)
class FurtherData(LearntFrom):
    """One data set that the model only learnt from, often labelled by another rule than the cases it was measured on.

    Attributes:
        labelled: what label 1 means in it, and by whose word.
    """

    labelled: str
