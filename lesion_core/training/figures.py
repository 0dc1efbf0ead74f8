"""The figures of a card made anew from the scores beside it: values, intervals and what is said of each.

For cards whose scores stay and whose words or kinds of figures changed; nothing is scored.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lesion_core.errors import InputError
from lesion_core.model.card import Card
from lesion_core.results.performance import performance, units_known
from lesion_core.results.scores import read_scores
from lesion_core.training import card_figures, kept_scores, looks
from lesion_core.training.external import external_metrics
from lesion_core.training.seeds import seed_notes


def with_figures(card: Card, folder: Path) -> Card:
    """The card with operating point and metrics of its scores; its threshold is what they teach.

    External sets keep their order; one whose scores are gone loses its figures.

    Args:
        card: of the model.
        folder: of the model, with ``scores/``.

    Raises:
        InputError: not exactly one file of out-of-fold scores, a threshold that names no sensitivity it aims at, or
            scores that teach another threshold than the card's, or another seed beside it that is none.
    """
    wanted = card.operating_point.wanted_sensitivity
    if wanted is None:
        raise InputError(f"the threshold's rule {card.operating_point.rule!r} names no sensitivity that it aims at")
    scores = read_scores(kept_scores.out_of_fold_file(folder))
    dataset = ", ".join(data.dataset for data in card.training)
    point = card_figures.operating_point(scores, wanted, dataset)
    if point.threshold != card.operating_point.threshold:
        raise InputError(
            f"the scores of {folder} teach the threshold {point.threshold}, its card has "
            f"{card.operating_point.threshold}: these are other scores, make the model again"
        )
    protocol = next(metric.protocol for metric in card.metrics if metric.protocol != "external")
    metrics = card_figures.out_of_fold_metrics(
        scores,
        wanted,
        dataset=dataset,
        protocol=protocol,
        label=card.target,
        looks=looks.looks_of(card.preset, outline=card.outline is not None),
        seeds=seed_notes(folder),
    )
    external = {}
    for path in kept_scores.scores_folder(folder).glob("*-external.csv"):
        table = read_scores(path)
        found = [performance(table, point.threshold, unit=unit) for unit in units_known(table)]
        added = external_metrics(card, folder, table, found)
        external[added[0].dataset, added[0].label] = added
    order = dict.fromkeys((each.dataset, each.label) for each in card.metrics if each.protocol == "external")
    kept = [metric for key in order for metric in external.get(key, ())]
    youden = card_figures.youden_of(scores, dataset)
    return replace(card, operating_point=point, youden=youden, metrics=(*metrics, *kept))
