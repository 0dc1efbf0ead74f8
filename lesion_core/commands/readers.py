"""``readers``: a model beside the categories that a reader recorded for the same patients."""

from __future__ import annotations

from typing import Annotated, Literal

import typer


def readers(
    model: Annotated[str, typer.Argument(help="name of a model whose out-of-fold scores are bundled, e.g. bnet")],
    *,
    unit: Annotated[Literal["patient", "image"], typer.Option("--unit", help="what is counted")] = "patient",
    first_called: Annotated[str, typer.Option("--first-called", help="the category from which on it is a call")] = "4",
) -> None:
    """Compare a model with recorded categories (BUS-BRA's BI-RADS), from the scores and readings beside the models."""
    from lesion_core.errors import InputError
    from lesion_core.model.card import models_folder
    from lesion_core.notice import NOTICE
    from lesion_core.results.observers.beside_categories import beside_categories
    from lesion_core.results.observers.panel import panel_of
    from lesion_core.results.review.bundled import out_of_fold_run

    source, run = out_of_fold_run(models_folder(), model)
    if not source.readers:
        raise InputError(f"no reader is known for {source.title}: readings/<data set>.csv beside the models is needed")
    panel = panel_of(source, [run.key], unit=unit, first_called=first_called)
    for reader in panel.readers:
        for line in beside_categories(panel, run, panel.models[0].name, reader.name).lines():
            typer.echo(line)
    typer.echo(
        "These are recorded categories of one radiologist, who also drew the borders that the model was given; nothing "
        "says that the reading was blind. No claim about radiologists follows."
    )
    typer.echo(NOTICE)
