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
    cpu: Annotated[bool, typer.Option("--cpu", help="stay on the CPU")] = False,
    cache: Annotated[Path, typer.Option("--cache", help="folder of kept features")] = Path(".cache/features"),
) -> None:
    """Train the folds of a run again, and compare their scores of another set with the final model's."""
    import numpy as np

    from lesion_core.cases.table import read_cases
    from lesion_core.model.card import model_folder
    from lesion_core.model.predictor import LesionPredictor
    from lesion_core.model.weights import source_of
    from lesion_core.results.fold_models import FoldScores, summarise_shift, write_fold_scores
    from lesion_core.training import outline, run_record
    from lesion_core.training.external import score_cases
    from lesion_core.training.final import in_order
    from lesion_core.training.planning import Wanted, complete, draft
    from lesion_core.training.shift import fold_model_scores
    from lesion_core.training.tracking import ProgressLines

    record = run_record.read_run(crossval)
    protocol, seed = run_record.protocol_of(record)
    wanted = Wanted(tuple(cases), record.model, protocol, seed=seed, cpu=cpu, cache=cache, also=tuple(also or ()))
    drafted = draft(wanted, crossval)
    if not drafted.fits(record):
        raise InputError(f"{crossval} was made with other cases, or with a preset that has changed since")
    drafted.check_fits(record, crossval)
    predictor = LesionPredictor.load(model)
    card = predictor.card
    if card.name != record.model:
        raise InputError(
            f"{crossval} is a run of {record.model}, the model is {card.name}: give the run it was made from"
        )
    alone = in_order(outline.network_scores(model_folder(model)), drafted.table)
    differ = {row.case_id for row in alone.rows} ^ {case.case_id for case in drafted.table.cases}
    if differ:
        raise InputError(f"the model's out-of-fold scores and the run's cases differ in {len(differ)} cases")
    other = read_cases(on)
    with typer.progressbar(length=len(other), label="final model") as bar:
        final = score_cases(predictor, other, run=crossval.name, tell=lambda: bar.update(1))
    found = fold_model_scores(
        complete(drafted, ProgressLines(typer.echo), source=source_of(record.initialisation)),
        record,
        alone,
        other,
        measured=outline.measure(drafted.table) if card.outline else None,
        measured_other=outline.measure(other) if card.outline else None,
        tell=typer.echo,
    )
    scores = FoldScores(
        card.name,
        ", ".join(sorted({case.dataset for case in other.cases})),
        tuple(case.case_id for case in other.cases),
        tuple(case.patient_id for case in other.cases),
        drafted.scheme.folds,
        found.scores,
        np.array(final.scores),
    )
    write_fold_scores(scores, out)
    typer.echo(f"the folds give their kept scores again to {found.largest:.6f}")
    typer.echo(summarise_shift(scores, card.operating_point.threshold).sentence)
    typer.echo(f"written: {out}")
