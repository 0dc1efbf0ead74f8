"""``evaluate``: score a case table with a model; an external set is entered in the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")],
    cases: Annotated[Path, typer.Option("--cases", help="cases.csv")],
    out: Annotated[Path, typer.Option("--out", help="folder for scores.csv")],
    *,
    record: Annotated[
        bool, typer.Option("--record", help="also keep scores and figures of an external set with the model")
    ] = False,
) -> None:
    """Print AUC, sensitivity and specificity with intervals, per patient where patients are known and per image."""
    from lesion_core.cases.table import read_cases
    from lesion_core.model.card import model_folder
    from lesion_core.model.predictor import LesionPredictor
    from lesion_core.results.performance import performance
    from lesion_core.results.scores import write_scores
    from lesion_core.training.external import enter_in_ledger, keep_with_model, score_cases

    table = read_cases(cases)
    predictor = LesionPredictor.load(model)
    threshold = predictor.card.operating_point.threshold
    with typer.progressbar(length=len(table), label="cases") as bar:
        scores = score_cases(predictor, table, run=out.name, tell=lambda: bar.update(1))
    write_scores(scores, out / "scores.csv")
    targets = ", ".join(sorted({case.target for case in table.cases}))
    typer.echo(f"{predictor.card.title} {predictor.card.version} on {len(table)} images, label: {targets}")
    if not scores.has_patients:
        typer.echo("note: without patient ids images are taken as independent, so the intervals are too narrow")
    figures = [performance(scores, threshold, unit="image")]
    if scores.has_patients:
        figures.insert(0, performance(scores, threshold, unit="patient"))
    for each in figures:
        typer.echo("\n".join(each.lines()))
    if any(case.split == "external" for case in table.cases):
        times = enter_in_ledger(predictor.card, table, figures[-1].auc.value)
        typer.echo(f"entered in the ledger: this set was opened {times} time(s) by {predictor.card.name}")
        if record:
            keep_with_model(model_folder(model), table, scores, figures)
            typer.echo(f"kept with the model: scores and {len(figures)} x 3 figures")
