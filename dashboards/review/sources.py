"""The sets that the review tabs offer: those beside the models, with their cards' thresholds, and a visitor's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from dashboards import serving
from dashboards.review.pictures import connected_attributes
from lesion_core.errors import InputError, LesionError
from lesion_core.model.card import bundled_names, models_folder
from lesion_core.results.observers.reference_words import in_words, place
from lesion_core.results.review.bundled import Damaged, bundled_sources
from lesion_core.results.review.scored import ScoredRun
from lesion_core.results.review.source import ReviewSource, ThresholdRule


@cache
def bundled() -> tuple[tuple[ReviewSource, ...], tuple[Damaged, ...]]:
    """The sets beside the models, read once, and the files that could not be used."""
    return bundled_sources(models_folder(), thresholds=_thresholds(), connected=connected_attributes())


def choices(own: Sequence[ReviewSource] = (), *, out_of_fold: bool | None = None) -> list[tuple[str, str]]:
    """(shown, key) of every run, a visitor's own sets first; of each set what `reference_words.place` puts first.

    Args:
        own: the visitor's.
        out_of_fold: only cross validations, only final models, or all.
    """
    return [
        (f"{_named(run.model)} · {source.title} · {run.target}", f"{source.key}/{run.key}")
        for source in (*own, *bundled()[0])
        for run in sorted(source.runs, key=lambda run: place(run.model))
        if out_of_fold is None or run.out_of_fold == out_of_fold
    ]


def find(key: str, own: Sequence[ReviewSource] = ()) -> tuple[ReviewSource, ScoredRun]:
    """A set and one of its runs by the key that `choices` gives; it comes from a browser or a link.

    Raises:
        InputError: there is none.
    """
    name, _, run_key = key.partition("/")
    for source in (*own, *bundled()[0]):
        if source.key == name:
            return source, source.run(run_key)
    raise InputError(
        f"there is no set {name[:80]!r} here: if it was uploaded, upload it again; else choose one that is there"
    )


def _named(model: str) -> str:
    words = in_words(model)
    return f"{model} ({words})" if words else model


def _thresholds() -> dict[str, ThresholdRule]:
    found = {}
    for name in bundled_names():
        try:
            point = serving.card(name).operating_point
        except LesionError:
            continue  # a damaged card is told where the model is used; its scores can still be reviewed
        found[name] = ThresholdRule(point.threshold, f"{point.rule} on {point.dataset}")
    return found
