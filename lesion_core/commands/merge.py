"""``merge``: finished folds of one run, from one folder or several machines, put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lesion_core.errors import InputError

if TYPE_CHECKING:
    from lesion_core.training.run_record import RunRecord


def merge(
    runs: Annotated[list[Path], typer.Argument(help="folders of `crossval`, or single fold-NN folders")],
    out: Annotated[Path, typer.Option("--out", help="folder for scores.csv and run.json")],
) -> None:
    """Put folds together that were run apart; prints AUC, sensitivity and specificity with intervals."""
    from lesion_core.training.crossval import SCORES_FILE, fold_folders

    folders = [
        folder
        for run in runs
        for folder in ([run] if (run / SCORES_FILE).is_file() and _is_fold(run) else fold_folders(run))
    ]
    merge_into(out, folders)


def merge_into(out: Path, folders: list[Path]) -> None:
    """Merge fold folders into scores.csv and run.json of a folder, and print the figures.

    Raises:
        InputError: folds that do not belong together, scores of other cases than the record names, or a folder that
            holds folds of another run.
    """
    from lesion_core.results.performance import cross_fitted_performance, units_known
    from lesion_core.results.scores import write_scores
    from lesion_core.training.crossval import SCORES_FILE, merge_folds
    from lesion_core.training.run_record import write_run

    record, scores = merge_folds(folders)
    if len(scores) < record.images:
        raise InputError(
            f"only {len(scores)} of {record.images} cases are scored, by fold {', '.join(record.folds)}: run the others"
        )
    _check_no_other_run(out, folders, record)
    for folder in folders:
        _bring(folder, out)
    write_scores(scores, out / SCORES_FILE)
    write_run(record, out)
    wanted = float(record.settings["wanted_sensitivity"])
    for unit in units_known(scores):
        typer.echo("\n".join(cross_fitted_performance(scores, wanted_sensitivity=wanted, unit=unit).lines()))
    if record.further is not None:
        typer.echo(record.further_sentence)
    seconds = sum(fold.seconds for fold in record.folds.values())
    typer.echo(
        f"written: {out / SCORES_FILE}, {out / 'run.json'} ({len(record.folds)} folds, {seconds:.0f} s of training)"
    )


def _check_no_other_run(out: Path, folders: list[Path], record: RunRecord) -> None:
    """Require that nothing that lies where these are put together would be lost, or mixed in.

    That is a finished fold of another run, or one that is being trained there and would be written over.
    """
    from lesion_core.training.crossval import SCORES_FILE, fold_folders
    from lesion_core.training.run_record import read_run

    given = {folder.name for folder in folders}
    others = [
        there.name for there in fold_folders(out) if there.name not in given or read_run(there).same != record.same
    ]
    if others:
        raise InputError(
            f"{out} holds {', '.join(others)} of another run or division: give another --out, or delete what is there"
        )
    unfinished = [
        folder.name
        for folder in folders
        if folder.parent.resolve() != out.resolve()
        and not (out / folder.name / SCORES_FILE).is_file()
        and any((out / folder.name).glob("*"))
    ]
    if unfinished:
        raise InputError(
            f"{out} holds {', '.join(unfinished)} unfinished, which would be written over: finish it with `crossval` "
            "or delete it"
        )


def _bring(folder: Path, out: Path) -> None:
    """Copy a finished fold that lies elsewhere, and the division that its run kept, so that `out` is a run like any."""
    import shutil

    from lesion_core.training.planning import FOLDS_FILE
    from lesion_core.training.snapshot import SNAPSHOT_FILE

    if folder.parent.resolve() == out.resolve():
        return
    unfinished = out / f".{folder.name}.part"  # no fold yet, should the copy be cut short
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(folder, unfinished, ignore=shutil.ignore_patterns(SNAPSHOT_FILE))
    shutil.rmtree(out / folder.name, ignore_errors=True)
    unfinished.rename(out / folder.name)
    division = folder.parent / FOLDS_FILE
    if division.is_file():
        shutil.copyfile(division, out / FOLDS_FILE)


def _is_fold(folder: Path) -> bool:
    return folder.name.startswith("fold-")
