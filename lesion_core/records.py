"""The frozen records that pass between the parts.

Conventions: points are (x, y) in image pixels, origin at the top left corner of the image, the centre of the first
pixel at (0.5, 0.5); sizes are (height, width); angles are degrees, counter-clockwise as seen on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
RoiRule = Literal["min-area", "upright"]


@dataclass(frozen=True)
class LoadedImage:
    """An upload, decoded.

    Attributes:
        pixels: (height, width, 3) uint8, RGB, 0-255, turned upright (EXIF).
        format: what the file was, e.g. "PNG", "JPEG", "DICOM".
        sha256: hash of the file's bytes, 64 hex digits.
        frame: index of the frame shown, from 0.
        frames: how many frames the file has (1 for a plain image).
        notes: what was done to the pixels, in sentences for the user.
        mm_per_px: millimetres per pixel, in both directions; None where the file does not say.
    """

    pixels: NDArray[np.uint8]
    format: str
    sha256: str
    frame: int = 0
    frames: int = 1
    notes: tuple[str, ...] = ()
    mm_per_px: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        height, width = self.pixels.shape[:2]
        return int(height), int(width)


@dataclass(frozen=True)
class Border:
    """A lesion's validated border: a simple polygon, counter-clockwise on the screen, first point not repeated.

    Attributes:
        points: at least three (x, y).
        notes: what was repaired, in sentences for the user (empty when the border was taken as drawn).
    """

    points: tuple[Point, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rectangle:
    """The minimum-area rectangle of a border, turned upright by at most 45 degrees.

    Attributes:
        corners: top left, top right, bottom right, bottom left as seen after turning it upright.
        angle_deg: how far it is turned from the image axes, in (-45, 45], counter-clockwise on the screen.
        width_px: length of its top edge.
        height_px: length of its left edge.
    """

    corners: Quad
    angle_deg: float
    width_px: float
    height_px: float


@dataclass(frozen=True)
class Roi:
    """The area of the image that is fed to the network.

    Attributes:
        pixels: (height, width, 3) uint8, RGB, 0-255; (224, 224, 3) after `prepare`.
        corners: the area in the image, top left first, clockwise on the screen; parts outside the image are padded.
        rule: "min-area" or "upright".
        margin: what was added on each side, as a share of the longer side of the border's box.
    """

    pixels: NDArray[np.uint8]
    corners: Quad
    rule: RoiRule
    margin: float


@dataclass(frozen=True)
class Prediction:
    """What a model answers for one border in one image.

    Attributes:
        score: for class 1 (malignant), 0-1: the network's softmax output, combined with the outline's measurements
            where the model does so; not a probability.
        threshold: the operating point of the card, 0-1.
        call: "above" or "below" the threshold.
        sentence: the answer in words, as the card's target allows them.
        model: name of the model, e.g. "bnet".
        version: first 12 hex digits of the weights' SHA-256.
        target: what the label means: "histology malignant", "TI-RADS 4 or higher", "mixed".
        border: the validated border that was used.
        rectangle: its minimum-area rectangle.
        roi: what was fed to the network, (224, 224, 3).
        seconds: time from border to score.
        device: "cpu", "cuda" ...
        network_score: the network's softmax output alone, 0-1; None where it is not known.
        outline: (name, value, average, what it adds to the log odds against an average lesion) of each measurement of
            the border; empty where the network answers alone.
    """

    score: float
    threshold: float
    call: Literal["above", "below"]
    sentence: str
    model: str
    version: str
    target: str
    border: Border
    rectangle: Rectangle
    roi: Roi
    seconds: float
    device: str
    network_score: float | None = None
    outline: tuple[tuple[str, float, float, float], ...] = ()
