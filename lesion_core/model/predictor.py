"""From an image and a border to an answer: the whole of serving."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from lesion_core.errors import BorderError, ImageError
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.outline import outline_of
from lesion_core.imaging.prepare import network_input, prepare
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.model.card import Card
from lesion_core.model.checkpoint import load_checkpoint
from lesion_core.model.find import find_model
from lesion_core.model.vgg import malignant_score
from lesion_core.model.wording import call_of, sentence_of
from lesion_core.records import Border, Prediction


def best_device() -> torch.device:
    """A GPU where there is one, otherwise the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


class LesionPredictor:
    """A loaded model that answers for a border in an image. Safe to share between threads.

    Example:
        >>> predictor = LesionPredictor.load("bnet")  # doctest: +SKIP
        >>> predictor.predict(image, [(120, 80), (240, 80), (240, 200)]).score  # doctest: +SKIP
    """

    def __init__(self, network: nn.Module, card: Card) -> None:
        self.network = network.eval()
        self.card = card
        self.device = next(network.parameters()).device

    @classmethod
    def load(cls, name: str | Path, *, device: torch.device | str | None = None) -> LesionPredictor:
        """Load a bundled model by name, a model's folder, or a pinned revision from the hub.

        Args:
            name: e.g. "bnet", a path, or "owner/name@revision"; each is checked in the same way.
            device: chosen automatically when left out.

        Raises:
            CheckpointError: no such model, or it is damaged.
        """
        network, card = load_checkpoint(find_model(str(name)), device or best_device())
        return cls(network, card)

    def predict(self, image: NDArray[np.uint8], border: Border | ArrayLike) -> Prediction:
        """Classify the lesion inside a border.

        Args:
            image: (height, width, 3) uint8, RGB, 0-255.
            border: a validated border, or (n, 2) points of an outline.

        Raises:
            ImageError: the image has another shape or type.
            BorderError: the border cannot be used.
        """
        started = time.perf_counter()
        image = np.asarray(image)
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ImageError(f"image must be (height, width, 3) uint8, got {image.shape} {image.dtype}: use read_image")
        if not isinstance(border, Border):
            border = border_from_points(border, image.shape[:2])
        elif _lies_outside(border, image):
            raise BorderError("the border lies outside the image: it was drawn in another one, draw it in this image")
        roi = prepare(image, border, self.card.input)
        alone = self.network_scores(roi.pixels[None])
        score = float(self._with_outline(alone, border)[0])
        return Prediction(
            score=score,
            threshold=self.card.operating_point.threshold,
            call=call_of(score, self.card),
            sentence=sentence_of(score, self.card),
            model=self.card.name,
            version=self.card.version,
            target=self.card.target,
            border=border,
            rectangle=minimum_area_rectangle(border),
            roi=roi,
            seconds=time.perf_counter() - started,
            device=str(self.device),
            network_score=float(alone[0]),
            outline=self.card.outline.shares(outline_of(border)) if self.card.outline else (),
        )

    def scores(self, rois: NDArray[np.uint8], border: Border | None = None) -> NDArray[np.float64]:
        """Score prepared RoIs of one lesion as `predict` does.

        Args:
            rois: (n, 224, 224, 3) uint8, RGB, made by `prepare` with the card's input.
            border: of the lesion. Without one, a model that takes the outline into account takes an average one.

        Returns:
            (n,) scores for class 1, 0-1.
        """
        return self._with_outline(self.network_scores(rois), border)

    def network_scores(self, rois: NDArray[np.uint8]) -> NDArray[np.float64]:
        """What the network alone makes of prepared RoIs: (n,) softmax outputs for class 1, 0-1."""
        with torch.inference_mode():
            logits = self.network(torch.from_numpy(network_input(rois, self.card.input)).to(self.device))
            scores: NDArray[np.float64] = malignant_score(logits.float().cpu()).numpy()
        return scores

    def _with_outline(self, scores: NDArray[np.float64], border: Border | None) -> NDArray[np.float64]:
        part = self.card.outline
        if part is None:
            return scores
        return part.combine(scores, np.array(part.average if border is None else outline_of(border).row))


def _lies_outside(border: Border, image: NDArray[np.uint8]) -> bool:
    """Whether a border's box has nothing in common with the image: all that were drawn in it have."""
    (left, top), (right, bottom) = np.min(border.points, axis=0), np.max(border.points, axis=0)
    height, width = image.shape[:2]
    return bool(right <= 0 or bottom <= 0 or left >= width or top >= height)
