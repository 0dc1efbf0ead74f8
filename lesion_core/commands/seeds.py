"""``seeds``: how far a model's out-of-fold figures lie from those of other seeds."""

from __future__ import annotations

from typing import Annotated

import typer


def seeds(model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")]) -> None:
    """Print the AUC of every seed that is kept beside a model, with mean and standard deviation."""
    from lesion_core.errors import InputError
    from lesion_core.model.card import model_folder
    from lesion_core.notice import NOTICE
    from lesion_core.results.observers.reference_names import ALONE
    from lesion_core.results.performance import units_known
    from lesion_core.training.kept_scores import beside, scores_folder
    from lesion_core.training.run_record import protocol_of, read_run
    from lesion_core.training.seeds import seeds_beside

    folder = model_folder(model)
    found = seeds_beside(folder)
    if not found:
        protocol, _ = protocol_of(record := read_run(scores_folder(folder)))
        outline = " --outline CASES" if beside(folder, ALONE).is_dir() else ""
        raise InputError(
            f"no other seed is kept beside {folder.name}: run `crossval CASES --model {record.model} "
            f"--preset {protocol} --seed 1 --out RUN` as the model's was, "
            f"then `keep RUN --as {folder.name}-seed-1{outline}`"
        )
    for line in found[0].head:
        typer.echo(line)
    for each in found:
        for unit in units_known(each.own):
            typer.echo(each.row(unit))
    varied = "the weights, order and draws; the folds are the same" if found[0].same_folds else "folds and weights"
    typer.echo(f"A seed is that of {varied}. AUC pooled over folds (95 % CI, DeLong, clustered by patient per image).")
    typer.echo("SD: of the seeds' figures, not of patients, for which the intervals stand.")
    typer.echo(NOTICE)
