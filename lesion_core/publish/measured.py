"""The figures of a model's card, computed again from its scores, so that a card never says what its scores do not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lesion_core.errors import LesionError, PublishError
from lesion_core.model.card import Card, Metric
from lesion_core.results.performance import Performance, cross_fitted_performance, performance, units_known
from lesion_core.results.review.attributes import NONE, read_attributes
from lesion_core.results.review.scores_file import read_scores_file
from lesion_core.results.review.subgroups import Forest, attributes_for, forest
from lesion_core.results.scores import ScoreTable, Unit, read_scores

#: Cards keep six decimals.
TOLERANCE = 2e-6
#: What models are looked at by; a reader's category is no independent subgroup where that reader drew the border.
SUBGROUPS = ("organ", "dataset", "machine", "area_px", "height_to_width")


@dataclass(frozen=True)
class Measured:
    """What one file of scores gives, or its part of one organ.

    Attributes:
        file: its name.
        dataset: of its cases, as the scores name it.
        organ: of its cases.
        external: scored by the final model, not out of fold.
        figures: one for each unit.
    """

    file: str
    dataset: str
    organ: str
    external: bool
    figures: tuple[Performance, ...]


def score_files(folder: Path) -> tuple[Path, ...]:
    """The files of scores of a model's folder."""
    return tuple(path for path in sorted((folder / "scores").glob("*.csv")) if not path.stem.startswith("history"))


def measure(card: Card, folder: Path) -> tuple[Measured, ...]:
    """Compute the figures of every file of scores beside a card.

    Raises:
        PublishError: scores of another model, or none at all.
        TableError: a file with bad rows.
    """
    found = tuple(each for path in score_files(folder) for each in _measure(card, path))
    if not found:
        raise PublishError(f"{folder} has no scores: a card without the scores behind it is not published")
    return found


def check_metrics(card: Card, measured: Sequence[Measured]) -> None:
    """Compare every figure of a card with the scores.

    Raises:
        PublishError: figures that the scores do not give; all of them are listed.
    """
    faults = [fault for metric in card.metrics if (fault := _difference(metric, measured))]
    if not card.metrics:
        faults.append("the card has no figures")
    if faults:
        raise PublishError(f"the card of {card.name} and its scores differ:\n" + "\n".join(f"  - {f}" for f in faults))


def measured_of(metric: Metric, measured: Sequence[Measured]) -> Iterator[Measured]:
    """The files of scores that a figure of a card may come from: same set, same protocol."""
    external = metric.protocol.startswith("external")
    return (each for each in measured if each.external == external and same_set(metric.dataset, each.dataset))


def subgroups(card: Card, folder: Path) -> Iterator[tuple[str, Forest]]:
    """The AUC by subgroup wherever something is known of the cases: (data set, forest), images as they are counted.

    Args:
        card: of the model.
        folder: of the model; attributes of cases are looked for beside it.
    """
    for path in score_files(folder):
        for run in read_scores_file(path).runs:
            known = NONE
            beside = folder.parent / "attributes" / f"{run.dataset}.csv"
            if beside.is_file():
                known = read_attributes(beside, source=beside.name)
            view = run.in_unit("image")
            for name in attributes_for(view, known):
                if name not in SUBGROUPS:
                    continue
                yield run.dataset, forest(view, known, name, "AUC", threshold=card.operating_point.threshold)


def same_set(shown: str, written: str) -> bool:
    """Whether a card's name of a data set ("BUS-BRA") is that of the scores ("busbra")."""
    return _plain(shown) == _plain(written)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _measure(card: Card, path: Path) -> Iterator[Measured]:
    """The whole file, then each organ where it has several."""
    table = read_scores(path)
    models = sorted({row.model for row in table.rows})
    if models != [card.name]:
        raise PublishError(f"{path.name} has scores of {', '.join(models)}, the card is that of {card.name}")
    external = not table.folds.any()
    units = units_known(table)
    for part in (table, *table.by_organ()):
        try:
            figures = tuple(_performance(card, part, table, unit, external) for unit in units)
        except LesionError as error:
            raise PublishError(f"{path.name}: {error}") from error
        yield Measured(
            file=path.name,
            dataset=_only({row.dataset for row in part.rows}),
            organ=_only({row.organ for row in part.rows}),
            external=external,
            figures=figures,
        )


def _performance(card: Card, part: ScoreTable, table: ScoreTable, unit: Unit, external: bool) -> Performance:
    if external:
        return performance(part, card.operating_point.threshold, unit=unit)
    return cross_fitted_performance(part, wanted_sensitivity=_wanted(card), unit=unit, taught_by=table)


def _wanted(card: Card) -> float:
    found = card.operating_point.wanted_sensitivity
    if found is None:
        raise PublishError(f"the threshold's rule {card.operating_point.rule!r} names no sensitivity that it aims at")
    return found


def _difference(metric: Metric, measured: Sequence[Measured]) -> str:
    where = f"{metric.name} of {metric.dataset} per {metric.unit} ({metric.protocol})"
    own = [each for file in measured_of(metric, measured) for each in file.figures if each.unit == metric.unit]
    if not own:
        return f"{where}: there are no scores for it"
    estimates = [{"AUC": f.auc, "sensitivity": f.sensitivity, "specificity": f.specificity}[metric.name] for f in own]
    wanted = (metric.value, metric.low, metric.high)
    for found, figure in zip(estimates, own, strict=True):
        near = all(abs(a - b) <= TOLERANCE for a, b in zip(wanted, (found.value, found.low, found.high), strict=True))
        if near and (figure.n, figure.positives) == (metric.n, metric.n_malignant):
            return ""
    best = estimates[0]
    return (
        f"{where}: the card says {metric.value:.4f} ({metric.low:.4f}-{metric.high:.4f}), n = {metric.n}, "
        f"the scores give {best.value:.4f} ({best.low:.4f}-{best.high:.4f}), n = {own[0].n}"
    )


def _only(values: set[str]) -> str:
    return ", ".join(sorted(values))
