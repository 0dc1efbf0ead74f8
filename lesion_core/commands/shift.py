"""``shift``: from the fold models that threshold and calibration were learnt on to the final model that is served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lesion_core.errors import InputError


def shift(
    model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")],
    cases: Annotated[list[Path], typer.Argument(help="cases.csv it was trained on, in the order of `crossval`")],
    *,
    crossval: Annotated[Path, typer.Option("--crossval", help="folder of the `crossval` the model was made from")],
    on: Annotated[Path, typer.Option("--on", help="cases.csv that all are compared on; labels are not looked at")],
    also: Annotated[
        list[Path] | None, typer.Option("--also", help="further cases.csv of that run (may be repeated)")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="table to write, e.g. checkpoints/bnet/shift/busi.csv")],
    carried: Annotated[
        Path | None, typer.Option("--carried", help="folder of folds that were trained again on another machine")
    ] = None,
    fold: Annotated[
        list[int] | None, typer.Option("--fold", help="only these folds (may be repeated) [default: all of them]")
    ] = None,
    cpu: Annotated[bool, typer.Option("--cpu", help="stay on the CPU")] = False,
    cache: Annotated[Path, typer.Option("--cache", help="folder of kept features")] = Path(".cache/features"),
) -> None:
    """Train the folds of a run again, and compare their scores of another set with the final model's.

    What each fold gave is kept in the run's folder; the same command goes on where an earlier one was cut off.
    """
    import numpy as np

    from lesion_core.cases.table import read_cases
    from lesion_core.model.card import model_folder
    from lesion_core.model.predictor import LesionPredictor
    from lesion_core.model.weights import source_of
    from lesion_core.results.fold_models import FoldScores, summarise_shift, write_fold_scores
    from lesion_core.training import outline
    from lesion_core.training.carried import draft_again
    from lesion_core.training.external import score_cases
    from lesion_core.training.final import in_order
    from lesion_core.training.planning import complete
    from lesion_core.training.run_record import read_run
    from lesion_core.training.shift import FoldsAgain, check_made_from, check_unseen, fold_model_scores
    from lesion_core.training.shift_carried import folds_again, read_again
    from lesion_core.training.tracking import ProgressLines, Tracker

    record = read_run(crossval)
    check_made_from(model_folder(model), record, crossval)
    drafted = draft_again(cases, crossval, cpu=cpu, cache=cache, also=tuple(also or ()))
    drafted.check_fits(record, crossval)
    numbers = tuple(sorted(set(fold or drafted.scheme.folds)))
    if len(numbers) < 2 or not set(numbers) <= set(drafted.scheme.folds):
        raise InputError(
            f"--fold {', '.join(map(str, numbers))}: give at least two of {', '.join(map(str, drafted.scheme.folds))}"
        )
    other = read_cases(on)
    check_unseen((*drafted.table.cases, *(drafted.further.table.cases if drafted.further else ())), other.cases)
    predictor = LesionPredictor.load(model)
    card = predictor.card
    alone = in_order(outline.network_scores(model_folder(model)), drafted.table)
    differ = {row.case_id for row in alone.rows} ^ {case.case_id for case in drafted.table.cases}
    if differ:
        raise InputError(f"the model's out-of-fold scores and the run's cases differ in {len(differ)} cases")
    with typer.progressbar(length=len(other), label="final model") as bar:
        final = score_cases(predictor, other, run=crossval.name, tell=lambda: bar.update(1))
    if carried is None:
        plan = complete(drafted, ProgressLines(typer.echo), source=source_of(record.initialisation))
        kept = crossval / f"again-{'-'.join(sorted({case.dataset for case in other.cases}))}"
        with Tracker("", "folds again", printed=typer.echo) as tracker:
            found_again = folds_again(FoldsAgain(plan, record, alone, other), numbers, kept, report=tracker.report)
        assert found_again is not None, "nothing asked it to leave off"
        again = found_again
    else:
        again = [read_again(carried, record, other, number) for number in numbers]
    for each in again:
        typer.echo(f"fold {each.number}: kept scores again to {each.reproduced_to:.6f}")
    found = fold_model_scores(
        again,
        alone,
        measured=outline.measure(drafted.table) if card.outline else None,
        measured_other=outline.measure(other) if card.outline else None,
    )
    scores = FoldScores(
        card.name,
        ", ".join(sorted({case.dataset for case in other.cases})),
        tuple(case.case_id for case in other.cases),
        tuple(case.patient_id for case in other.cases),
        numbers,
        found.scores,
        np.array(final.scores),
        tuple(found.reproduced_to.tolist()),
        len(drafted.scheme.folds),
    )
    write_fold_scores(scores, out)
    if scores.partly:
        typer.echo(f"compared with fold models of {scores.partly}")
    typer.echo(scores.reproduction)
    typer.echo(summarise_shift(scores, card.operating_point.threshold).sentence)
    typer.echo(f"written: {out}")
