"""``train``: the final model of a cross validation, on all development cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lesion_core.errors import InputError


def train(
    cases: Annotated[Path, typer.Argument(help="the cases.csv that was cross-validated")],
    crossval: Annotated[Path, typer.Option("--crossval", help="folder of `crossval`: its figures go into the card")],
    out: Annotated[Path, typer.Option("--out", help="folder of the model, e.g. checkpoints/bnet")],
    *,
    cache: Annotated[Path, typer.Option("--cache", help="folder of trunk features")] = Path(".cache/features"),
) -> None:
    """Train on all development cases and write weights, card and the scores behind the card's figures."""
    from lesion_core.cases.table import read_cases
    from lesion_core.commands.crossval import print_progress
    from lesion_core.model.card import check_card
    from lesion_core.model.checkpoint import save_checkpoint
    from lesion_core.model.weights import source_of
    from lesion_core.results.scores import read_scores, write_scores
    from lesion_core.training import config, release, run_record
    from lesion_core.training.crossval import fit
    from lesion_core.training.inputs import classifier_inputs, development_cases, frozen_trunk

    record = run_record.read_run(crossval)
    protocol = config.preset(record.preset)
    table = development_cases(read_cases(cases))
    if run_record.fingerprint_of(table) != record.cases_sha256 or run_record.settings_of(protocol) != record.settings:
        raise InputError(f"{crossval} was made of other cases or settings: run `crossval` on {cases} again")
    settings = release.agreed_config(record, protocol)
    scores = read_scores(crossval / "scores.csv")
    release.check_scores(scores, table, record)
    release.check_releasable(table)
    network, weights = frozen_trunk(protocol, source_of(record.initialisation))
    source = {"busbra": "BUSBRA"}.get(table.cases[0].dataset, "DATA")
    commands = (
        f"python -m lesion_core import {table.cases[0].dataset} {source} {cases.parent}",
        f"python -m lesion_core crossval {cases} --model {record.model} --preset {record.preset} "
        f"--scheme {record.scheme} --out {crossval}",
        f"python -m lesion_core train {cases} --crossval {crossval} --out {out}",
    )
    card = release.make_card(
        record.model,
        table,
        scores,
        protocol,
        settings,
        initialisation=weights.description,
        scheme=record.scheme,
        commands=commands,
    )
    check_card(card)
    inputs = classifier_inputs(table, protocol, network, cache=cache, progress=print_progress)
    network.classifier = fit(inputs, table.labels, settings)
    card = save_checkpoint(network, card, out)
    write_scores(scores, release.scores_folder(out) / f"{record.scheme}-out-of-fold.csv")
    run_record.write_run(record, release.scores_folder(out))
    typer.echo(f"settings that most outer folds took: {settings.summary}")
    typer.echo(f"{out}: {card.title}, version {card.version}, threshold {card.operating_point.threshold:.4f}")
