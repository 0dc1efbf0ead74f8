"""The models that the page serves: loaded once, in the background, torch only when the first one is needed.

On a ZeroGPU Space they are loaded when the app starts, and answer where the GPU is (`dashboards.zero_gpu`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dashboards.zero_gpu import is_zero_gpu, on_gpu
from lesion_core.errors import CheckpointError, LesionError
from lesion_core.model.card import Card, bundled_names, model_folder, read_card

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from lesion_core.model.predictor import LesionPredictor
    from lesion_core.records import Border, Prediction

log = logging.getLogger(__name__)
_loading = threading.Lock()
#: Images that one call of a lent GPU scores.
CALL = 32


class Answering(Protocol):
    """What the page asks of a model; `lesion_core.model.predictor.LesionPredictor` describes both."""

    def predict(self, image: NDArray[np.uint8], border: Border | ArrayLike) -> Prediction:
        """Classify the lesion inside a border."""
        ...

    def scores(self, rois: NDArray[np.uint8], border: Border | None = None) -> NDArray[np.float64]:
        """Score prepared RoIs of one lesion."""
        ...


def choices() -> list[tuple[str, str]]:
    """What a drop-down offers: (shown, name) of each bundled model; a damaged one is offered, and says so when used."""
    shown = []
    for name in bundled_names():
        try:
            found = card(name)
        except LesionError:
            shown.append((f"{name} (damaged)", name))
        else:
            shown.append((f"{found.title} · {', '.join(found.organs)} · {found.target}", name))
    return shown


@cache
def card(name: str) -> Card:
    """The card of a bundled model.

    Raises:
        CheckpointError: there is no such model, or its card is damaged.
    """
    return read_card(_bundled(name))


def predictor(name: str) -> Answering:
    """The loaded model of a name; the first call for it takes seconds.

    Raises:
        CheckpointError: there is no such model, or it is damaged.
    """
    with _loading:
        loaded = _load(name)
    return _OnGpu(name) if is_zero_gpu() else loaded


def scores_of(name: str, views: Iterable[tuple[NDArray[np.uint8], Border]]) -> Iterator[float]:
    """Scores, 0-1, of many images with their borders; a GPU that is lent for each call is asked for once per `CALL`.

    Raises:
        CheckpointError: there is no such model, or it is damaged.
        BorderError: a border that encloses nothing usable.
    """
    with _loading:
        _load(name)
    coming = iter(views)
    while some := list(islice(coming, CALL)):
        yield from _predict_all(name, some)


def network(name: str) -> LesionPredictor:
    """The loaded model itself, to be looked at rather than asked.

    Raises:
        CheckpointError: there is no such model, or it is damaged.
    """
    with _loading:
        if not is_zero_gpu():
            return _load(name)
        from lesion_core.model.predictor import LesionPredictor

        return LesionPredictor.load(_bundled(name), device="cpu")  # the GPU is lent for answers only


def warm_up(wait: Callable[[], None] = lambda: None) -> threading.Thread:
    """Load every bundled model in the background and run it once, so that the first answer does not wait.

    Args:
        wait: returns when nobody is waiting for the server; called before each step.
    """

    def run() -> None:
        if is_zero_gpu():  # there the models are loaded, and each call is counted
            return
        wait()
        import numpy as np
        import torch  # noqa: F401 (takes longest: a step of its own)

        for name in bundled_names():
            wait()
            try:
                predictor(name).scores(np.zeros((1, 224, 224, 3), dtype=np.uint8))
            except LesionError as error:
                log.error("model %s cannot be used: %s", name, error)

    thread = threading.Thread(target=run, name="warm-up", daemon=True)
    thread.start()
    return thread


@cache
def _load(name: str) -> LesionPredictor:
    from lesion_core.model.predictor import LesionPredictor

    return LesionPredictor.load(_bundled(name), device="cuda" if is_zero_gpu() else None)


@on_gpu
def _predict(name: str, image: NDArray[np.uint8], border: Border | ArrayLike) -> Prediction:
    return _load(name).predict(image, border)


@on_gpu
def _predict_all(name: str, views: list[tuple[NDArray[np.uint8], Border]]) -> list[float]:
    return [_load(name).predict(image, border).score for image, border in views]


@on_gpu
def _scores(name: str, rois: NDArray[np.uint8], border: Border | None) -> NDArray[np.float64]:
    return _load(name).scores(rois, border)


class _OnGpu:
    """A model that answers where the GPU is."""

    def __init__(self, name: str) -> None:
        self._name = name

    def predict(self, image: NDArray[np.uint8], border: Border | ArrayLike) -> Prediction:
        return _predict(self._name, image, border)

    def scores(self, rois: NDArray[np.uint8], border: Border | None = None) -> NDArray[np.float64]:
        return _scores(self._name, rois, border)


def _bundled(name: str) -> Path:
    """The folder of a bundled model: names come from the browser, so nothing else on this machine can be named."""
    if name not in bundled_names():
        raise CheckpointError(f"no model named {name!r}; there are: {', '.join(bundled_names()) or 'none'}")
    return model_folder(name)


def _load_all() -> None:
    for name in bundled_names():
        try:
            _load(name)
        except LesionError as error:
            log.error("model %s cannot be used: %s", name, error)


if is_zero_gpu():
    _load_all()
