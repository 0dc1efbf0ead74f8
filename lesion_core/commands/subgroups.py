"""``subgroups``: the figures of a model's out-of-fold scores by scanner, size, category, histology, calipers ..."""

from __future__ import annotations

from typing import Annotated, Literal

import typer


def subgroups(
    model: Annotated[str, typer.Argument(help="name of a model whose out-of-fold scores are bundled, e.g. bnet")],
    *,
    unit: Annotated[Literal["patient", "image"], typer.Option("--unit", help="what is counted")] = "patient",
    sensitivity: Annotated[
        float, typer.Option("--sensitivity", help="what the cross-fitted threshold aims at, 0-1")
    ] = 0.95,
) -> None:
    """Print a table: AUC by subgroup with interval and n, and a test of whether the subgroups differ."""
    from lesion_core.model.card import models_folder
    from lesion_core.notice import NOTICE
    from lesion_core.results.review.attributes import title_of
    from lesion_core.results.review.bundled import out_of_fold_run
    from lesion_core.results.review.folds import cross_fitted
    from lesion_core.results.review.subgroups import LEAST, every_forest
    from lesion_core.stats.estimate import p_words

    source, run = out_of_fold_run(models_folder(), model)
    view = run.in_unit(unit)
    found = every_forest(view, source.attributes, cross_fitted(view, sensitivity).by_unit)
    typer.echo(f"{run.model}, {source.title}, per {unit}, label 1: {run.target}")
    typer.echo("")
    typer.echo("| subgroups by | | n (label 1) | figure | 95 % CI |")
    typer.echo("|---|---|---|---|---|")
    for forest in found:
        for row in forest.rows:
            few = "" if row.tested(forest.figure, LEAST) else " (not tested)"
            if row.estimate.defined:
                typer.echo(
                    f"| {title_of(forest.attribute)} | {row.level}{few} | {row.n:,} ({row.positives:,}) | "
                    f"{forest.figure} {row.estimate.value:.3f} | {row.estimate.low:.3f}-{row.estimate.high:.3f} |"
                )
        test = forest.test
        words = p_words(test.p_value) if test.defined else f"undefined: {test.reason}"
        typer.echo(f"| {title_of(forest.attribute)} | do they differ? | | {test.method} | {words} |")
    methods = dict.fromkeys(row.estimate.method for forest in found for row in forest.rows if row.estimate.defined)
    notes = dict.fromkeys(note for forest in found for note in forest.test.notes)
    typer.echo("")
    typer.echo(f"Intervals: {', '.join(methods)}. Not tested: fewer than {LEAST} of a class, not stated.")
    typer.echo(f"Rates are at thresholds of {sensitivity:.0%} sensitivity, cross-fitted: each fold by the others.")
    for note in (*notes, *source.notes):
        typer.echo(note)
    typer.echo(NOTICE)
