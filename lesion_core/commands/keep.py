"""``keep``: a cross validation's scores kept beside a released model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def keep(
    run: Annotated[Path, typer.Argument(help="folder of `crossval`, all folds finished")],
    name: Annotated[str, typer.Option("--as", help="e.g. bnet-paper: the run's model, a hyphen, what is different")],
    *,
    to: Annotated[Path | None, typer.Option("--to", help="folder of the models [default: the bundled ones]")] = None,
) -> None:
    """Keep scores, record and history of a cross validation beside a released model; the review tabs show them."""
    from lesion_core.model.card import models_folder
    from lesion_core.results.performance import cross_fitted_performance, units_known
    from lesion_core.training.companions import keep_run
    from lesion_core.training.run_record import read_run

    scores = keep_run(run, name, to or models_folder())
    wanted = float(read_run(run).settings["wanted_sensitivity"])
    for unit in units_known(scores):
        typer.echo("\n".join(cross_fitted_performance(scores, wanted_sensitivity=wanted, unit=unit).lines()))
    typer.echo(f"kept: {(to or models_folder()) / name}")
