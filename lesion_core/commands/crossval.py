"""``crossval``: out-of-fold scores of a model, its settings chosen on inner folds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer


def crossval(
    cases: Annotated[Path, typer.Argument(help="cases.csv of development cases")],
    out: Annotated[Path, typer.Option("--out", help="folder for scores.csv and run.json")],
    *,
    model: Annotated[str, typer.Option("--model", help="tnet, bnet or tbnet")] = "bnet",
    preset: Annotated[str, typer.Option("--preset", help="protocol of the training")] = "compact",
    scheme: Annotated[str, typer.Option("--scheme", help="which folds of folds.csv beside the cases")] = "busbra-5",
    cache: Annotated[Path, typer.Option("--cache", help="folder of trunk features")] = Path(".cache/features"),
) -> None:
    """Cross-validate by patient on given folds; prints AUC, sensitivity and specificity with intervals."""
    from lesion_core.cases.folds import read_scheme
    from lesion_core.cases.splits import check_scheme
    from lesion_core.cases.table import read_cases
    from lesion_core.results.performance import cross_fitted_performance, units_known
    from lesion_core.results.scores import write_scores
    from lesion_core.training import config, run_record
    from lesion_core.training.crossval import cross_validate
    from lesion_core.training.inputs import classifier_inputs, development_cases, frozen_trunk

    protocol = config.preset(preset)
    everything = read_cases(cases)
    table = development_cases(everything)
    folds = read_scheme(cases.parent / "folds.csv", scheme)
    check_scheme(table.cases, folds)
    run = out.resolve().name
    if len(table) < len(everything):
        typer.echo(f"left out: {len(everything) - len(table)} cases marked external")
    if folds.level == "image":
        typer.echo("note: folds by image: a patient may stand on both sides, which flatters every figure")
    network, weights = frozen_trunk(protocol)
    typer.echo(f"trunk: {weights.description}")
    inputs = classifier_inputs(table, protocol, network, cache=cache, progress=print_progress)
    started = time.perf_counter()
    found = cross_validate(table, inputs, folds, protocol, run=run, model=model, report=typer.echo)
    seconds = time.perf_counter() - started
    write_scores(found.scores, out / "scores.csv")
    chosen: dict[str, dict[str, object]] = {
        str(number): {"config": run_record.config_as_json(choice.config), "inner_aucs": list(choice.aucs)}
        for number, choice in found.choices.items()
    }
    record = run_record.RunRecord(
        run=run,
        model=model,
        preset=preset,
        settings=run_record.settings_of(protocol),
        scheme=scheme,
        cases_sha256=run_record.fingerprint_of(table),
        images=len(table),
        initialisation=weights.description,
        chosen=chosen,
        seconds=round(seconds, 1),
        software=run_record.software_versions(),
    )
    run_record.write_run(record, out)
    for unit in units_known(found.scores):
        figures = cross_fitted_performance(found.scores, wanted_sensitivity=protocol.wanted_sensitivity, unit=unit)
        typer.echo("\n".join(figures.lines()))
    typer.echo(f"written: {out / 'scores.csv'}, {out / 'run.json'} ({seconds:.0f} s after the features)")


def print_progress(what: str, done: int, total: int) -> None:
    """One line now and then."""
    if done % 100 == 0 or done == total:
        typer.echo(f"{what}: {done}/{total}")
