"""``outline``: let the shape of the border enter a model's score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lesion_core.errors import InputError


def outline(
    model: Annotated[Path, typer.Argument(help="folder of a model as `train` or `export` wrote it")],
    *,
    cases: Annotated[
        list[Path] | None,
        typer.Option("--cases", help="what it was trained on (may be repeated); left out: as its card's command says"),
    ] = None,
    sensitivity: Annotated[float, typer.Option("--sensitivity", help="what the threshold aims at, per image")] = 0.95,
) -> None:
    """Learn on the out-of-fold scores what irregularity and orientation of the border add.

    The model's weights stay as they are; its card, its threshold and its out-of-fold scores become those of the
    combination, and the network's own scores are kept beside them as a model of their own. Figures say how they stand
    among other seeds that are kept beside the model with the outline.
    """
    from lesion_core.model.card import read_card, write_card
    from lesion_core.results.performance import units_known
    from lesion_core.stats.paired import delong_test
    from lesion_core.training.export import training_cases
    from lesion_core.training.figures import with_figures
    from lesion_core.training.outline import keep_beside, scores_to_combine, with_outline
    from lesion_core.training.superseded import forget_measured

    card = read_card(model)
    tables, _ = training_cases(card, tuple(cases or ()))
    alone = scores_to_combine(model, tables)
    command = f"python -m lesion_core outline {model}" + "".join(f" --cases {path}" for path in cases or ())
    changed, scores = with_outline(card, alone, tables, wanted_sensitivity=sensitivity, command=command)
    keep_beside(model, alone, scores)
    for name in forget_measured(model):
        typer.echo(f"{name} was of the network alone and is gone: make it again")
    write_card(changed, model)
    try:
        changed = with_figures(changed, model)  # with what other seeds beside it have, now that the scores are there
    except InputError as error:
        typer.echo(f"not compared with other seeds: {error}; then run `python -m lesion_core figures {model}`")
    write_card(changed, model)
    assert changed.outline is not None
    part = changed.outline
    factors = ", ".join(f"{each:.4f}" for each in (part.intercept, part.network, *part.coefficients))
    typer.echo(f"log odds: intercept, network, irregularity, parallelism: {factors}")
    for unit in units_known(scores):
        label, combined, _ = scores.per_patient() if unit == "patient" else (scores.labels, scores.scores, None)
        before = alone.per_patient()[1] if unit == "patient" else alone.scores
        found = delong_test(label, combined, before, groups=None if unit == "patient" else scores.patients)
        typer.echo(f"per {unit}, AUC with the outline minus without: {found.sentence()}")
    typer.echo(
        f"{model}: {changed.title}, version {changed.version}, threshold {changed.operating_point.threshold:.4f}"
    )
