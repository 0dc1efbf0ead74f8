"""``calibration``: how far a model's scores are from probabilities, before and after Platt's sigmoid."""

from __future__ import annotations

from typing import Annotated

import typer


def calibration(
    model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")],
    *,
    keep: Annotated[bool, typer.Option("--keep", help="write the sigmoid into the model's card")] = False,
) -> None:
    """Print slope, calibration in the large and Brier score of every file of scores beside a model, per image."""
    from dataclasses import replace

    from lesion_core.errors import InputError
    from lesion_core.model.card import model_folder, read_card, write_card
    from lesion_core.notice import NOTICE
    from lesion_core.publish.measured import score_files
    from lesion_core.results.calibrated import HEAD, before_and_after
    from lesion_core.results.scores import read_scores
    from lesion_core.training.card_figures import calibration_of

    folder = model_folder(model)
    card = read_card(folder)
    tables = [read_scores(path) for path in score_files(folder)]
    inside = [table for table in tables if (table.folds > 0).all()]
    if len(inside) != 1:
        raise InputError(f"{folder}/scores holds {len(inside)} files of out-of-fold scores, one is needed: see `train`")
    shown = ", ".join(data.dataset for data in card.training)
    part = calibration_of(inside[0], shown)
    if part is None:
        raise InputError(f"the out-of-fold scores of {card.title} teach no calibration: one class, or classes apart")
    for line in HEAD:
        typer.echo(line)
    for table in (*inside, *(each for each in tables if each is not inside[0])):
        for found in before_and_after(table, part.map):
            typer.echo(found.row)
    typer.echo(
        f"{card.title}: p = expit({part.intercept:.3f} + {part.slope:.3f} logit(score)), learnt on {part.learnt_on}, "
        f"n = {part.n}; it holds for a share of {part.prevalence:.1%} of label 1."
    )
    typer.echo("cross-fitted: each fold by the sigmoid of the others; mapped: by that of all out-of-fold scores.")
    typer.echo("Intervals: logistic regression and mean, clustered by patient where patients are known.")
    if keep:
        write_card(replace(card, calibration=part), folder)
        typer.echo(f"kept in {folder}/card.json")
    typer.echo(NOTICE)
