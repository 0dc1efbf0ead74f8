"""``seeds``: how far a model's out-of-fold figures lie from those of other seeds."""

from __future__ import annotations

from typing import Annotated

import typer


def seeds(model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")]) -> None:
    """Print the AUC of every seed that is kept beside a model, with mean and standard deviation."""
    from lesion_core.errors import InputError
    from lesion_core.model.card import model_folder
    from lesion_core.notice import NOTICE
    from lesion_core.results.performance import units_known
    from lesion_core.training.another_seed import another_seed
    from lesion_core.training.seeds import seeds_beside

    folder = model_folder(model)
    found = seeds_beside(folder)
    if not found:
        crossval, keep = another_seed(folder)
        raise InputError(f"no other seed is kept beside {folder.name}: run `{crossval}`, then `{keep}`")
    for line in found[0].head:
        typer.echo(line)
    for each in found:
        for unit in units_known(each.own):
            typer.echo(each.row(unit))
    varied = "the weights, order and draws; the folds are the same" if found[0].same_folds else "folds and weights"
    typer.echo(f"A seed is that of {varied}. AUC pooled over folds (95 % CI, DeLong, clustered by patient per image).")
    typer.echo("SD: of the seeds' figures, not of patients, for which the intervals stand.")
    typer.echo(NOTICE)
