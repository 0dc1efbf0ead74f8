"""``evaluate``: score a case table with a model; an external set is entered in the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lesion_core.errors import InputError

if TYPE_CHECKING:
    from lesion_core.cases.table import CaseTable
    from lesion_core.model.card import Card


def evaluate(
    model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")],
    cases: Annotated[Path, typer.Option("--cases", help="cases.csv")],
    out: Annotated[Path, typer.Option("--out", help="folder for scores.csv")],
    *,
    record: Annotated[
        bool, typer.Option("--record", help="also keep scores and figures of an external set with the model")
    ] = False,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="of data it was trained on, these cases are a part that it never saw")
    ] = False,
) -> None:
    """Print AUC, sensitivity and specificity with intervals, per patient where patients are known and per image."""
    from lesion_core.cases.marked import external_cases
    from lesion_core.cases.table import read_cases
    from lesion_core.model.card import model_folder
    from lesion_core.model.predictor import LesionPredictor
    from lesion_core.results.performance import performance, units_known
    from lesion_core.results.scores import write_scores
    from lesion_core.training import external

    everything = read_cases(cases)
    unseen = external_cases(everything)
    table = everything if unseen is None else unseen
    if record and unseen is None:
        raise InputError(f"--record keeps the figures of an external set: no case of {cases} is marked external")
    predictor = LesionPredictor.load(model)
    card, threshold = predictor.card, predictor.card.operating_point.threshold
    known = external.count_trained_on(card, table)
    note = ""
    if held_out:
        note = _check_held_out(card, model_folder(model), table)
        known = 0
    if record and known:
        raise InputError(
            f"{known} of {len(table)} cases are of data that {card.title} was trained on: their figures are not "
            "external; --held-out says that they are a part it never saw"
        )
    with typer.progressbar(length=len(table), label="cases") as bar:
        scores = external.score_cases(predictor, table, run=out.resolve().name, tell=lambda: bar.update(1))
    figures = [performance(scores, threshold, unit=unit) for unit in units_known(scores)]
    # Entered before anything is shown: whoever saw a figure is in the ledger.
    times = None
    if unseen is not None and known < len(table):
        times = external.enter_in_ledger(card.name, card.identity, table, figures[-1].auc.value)
    write_scores(scores, out / "scores.csv")
    targets = ", ".join(sorted({case.target for case in table.cases}))
    typer.echo(f"{card.title} {card.version} on {len(table)} cases, label: {targets}")
    if len(table) < len(everything):
        typer.echo(f"left out: {len(everything) - len(table)} cases that are not marked external")
    if known:
        typer.echo(f"note: {known} cases are of data the model was trained on: the figures flatter")
    if note:
        typer.echo(f"note: {note}")
    if scores.clusters.note:
        typer.echo(f"note: {scores.clusters.note}")
    for each in figures:
        typer.echo("\n".join(each.lines()))
    if times is not None:
        typer.echo(f"entered in the ledger: this set was opened {times} time(s) by {card.name}")
    if record:
        gone = external.keep_with_model(model_folder(model), table, scores, figures)
        typer.echo(f"kept with the model: scores and {len(figures)} x 3 figures")
        if gone:
            typer.echo(f"the parts of its earlier scores are gone: run `python -m lesion_core apart {model}` again")


def _check_held_out(card: Card, folder: Path, table: CaseTable) -> str:
    """Check what --held-out says; returns what is to be told of it, empty where it was checked."""
    from lesion_core.training import external
    from lesion_core.training.terms import in_words

    if not external.count_trained_on(card, table):
        return f"--held-out is not needed: none of these cases is of data that {card.title} was trained on"
    external.check_held_out(card, folder, table)
    unchecked = external.cannot_be_checked(card, folder, (case.dataset for case in table.cases))
    if not unchecked:
        return ""
    named = in_words(unchecked)
    return f"--held-out was not checked: no out-of-fold scores of {named} lie with {card.title}, so it is your word"
