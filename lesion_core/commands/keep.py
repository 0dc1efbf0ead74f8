"""``keep``: a cross validation's scores kept beside a released model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def keep(
    run: Annotated[Path, typer.Argument(help="folder of `crossval`, all folds finished")],
    name: Annotated[str, typer.Option("--as", help="e.g. bnet-paper: the run's model, a hyphen, what is different")],
    *,
    outline: Annotated[
        list[Path] | None,
        typer.Option("--outline", help="cases.csv of the run (may be repeated): the outline enters as in `outline`"),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="folder of the models [default: the bundled ones]")] = None,
) -> None:
    """Keep scores, record and history of a cross validation beside a released model; the review tabs show them."""
    from lesion_core.cases.marked import development_cases
    from lesion_core.cases.table import read_cases
    from lesion_core.model.card import models_folder
    from lesion_core.results.performance import cross_fitted_performance, units_known
    from lesion_core.training.companions import keep_run
    from lesion_core.training.run_record import read_run

    tables = [development_cases(read_cases(path)) for path in outline or ()]
    scores = keep_run(run, name, to or models_folder(), tables)
    wanted = float(read_run(run).settings["wanted_sensitivity"])
    for unit in units_known(scores):
        typer.echo("\n".join(cross_fitted_performance(scores, wanted_sensitivity=wanted, unit=unit).lines()))
    typer.echo(f"kept: {(to or models_folder()) / name}")
