"""``train``: the final model of a cross validation, on all development cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    cases: Annotated[list[Path], typer.Argument(help="cases.csv of development cases; several are joined (TBNet)")],
    out: Annotated[Path, typer.Option("--out", help="folder of the model, e.g. runs/bnet")],
    *,
    crossval: Annotated[
        Path | None, typer.Option("--crossval", help="folder of `crossval`; it is run first when left out")
    ] = None,
    also: Annotated[
        list[Path] | None, typer.Option("--also", help="further cases.csv, only ever learnt from (may be repeated)")
    ] = None,
    model: Annotated[str, typer.Option("--model", help="tnet, bnet or tbnet")] = "bnet",
    preset: Annotated[str, typer.Option("--preset", help="protocol of the training")] = "compact",
    folds: Annotated[int, typer.Option("--folds", help="how many; given ones in folds.csv are honoured")] = 10,
    scheme: Annotated[str, typer.Option("--scheme", help="which folds of folds.csv beside the cases, by name")] = "",
    seed: Annotated[int, typer.Option("--seed", help="added to the preset's seeds")] = 0,
    cpu: Annotated[bool, typer.Option("--cpu", help="stay on the CPU")] = False,
    cache: Annotated[Path, typer.Option("--cache", help="folder of kept features")] = Path(".cache/features"),
    track: Annotated[str, typer.Option("--track", help="project name for trackio's curves; off when left out")] = "",
) -> None:
    """Train on all development cases and write weights, card and the scores behind the card's figures.

    The figures and the threshold come from a cross validation of the same model and preset. The same command goes on
    where an earlier one was cut off. What was measured with a model that the folder held before is removed.
    """
    from lesion_core.commands.crossval import run_folds
    from lesion_core.model.card import check_card
    from lesion_core.model.checkpoint import save_checkpoint
    from lesion_core.model.weights import source_of
    from lesion_core.results.scores import write_scores
    from lesion_core.training import kept_scores, release, run_record, terms
    from lesion_core.training.carried import agreed
    from lesion_core.training.crossval import SCORES_FILE, fold_folders
    from lesion_core.training.final import train_final
    from lesion_core.training.history import join_histories
    from lesion_core.training.plan import ExampleStore
    from lesion_core.training.planning import Wanted, complete, draft
    from lesion_core.training.snapshot import SNAPSHOT_FILE
    from lesion_core.training.superseded import forget_release, gone_for_good
    from lesion_core.training.tracking import ProgressLines, Tracker

    progress = ProgressLines(typer.echo)
    run = crossval or out.with_name(f"{out.name}-cv")
    more = tuple(also or ())
    drafted = draft(
        Wanted(tuple(cases), model, preset, scheme or None, folds, seed, cpu=cpu, cache=cache, also=more), run
    )
    release.check_releasable(drafted.table, drafted.further.table if drafted.further else None)
    if crossval is None and not (run / SCORES_FILE).is_file():
        run_folds(complete(drafted, progress), drafted.scheme.folds, track)
    found = agreed(drafted, run)
    record, scores, settings = found.record, found.scores, found.settings
    chosen_folds = f"--scheme {scheme}" if scheme else f"--folds {folds}"
    options = f"--model {model} --preset {preset} {chosen_folds} --seed {seed}"
    tables = " ".join([*map(str, cases), *(f"--also {path}" for path in more)])
    source = source_of(record.initialisation)
    commands = (
        *terms.import_commands((*cases, *more)),
        f"python -m lesion_core crossval {tables} {options} --weights {source} --out {run}",
        f"python -m lesion_core train {tables} {options} --crossval {run} --out {out}",
    )
    further = drafted.further.table if drafted.further and found.further else None
    card = release.make_card(
        model, drafted.table, scores, drafted.preset, settings, record, commands=commands, further=further
    )
    check_card(card)
    plan = complete(drafted, progress, source=source)
    with Tracker(track, f"{out.name} final", printed=typer.echo) as tracker:
        network = train_final(
            plan,
            settings,
            found.epochs,
            ExampleStore(plan, progress),
            folder=out,
            further=found.further,
            report=tracker.report,
        )
    assert network is not None, "nothing asked it to leave off"
    removed: list[str] = []
    card = save_checkpoint(network, card, out, storage="float32", clear=lambda: removed.extend(forget_release(out)))
    write_scores(scores, kept_scores.out_of_fold_of(out, record.scheme))
    join_histories(fold_folders(run), kept_scores.scores_folder(out) / f"history-{record.run}.csv")
    run_record.write_run(record, kept_scores.scores_folder(out))
    (out / SNAPSHOT_FILE).unlink(missing_ok=True)
    for line in gone_for_good(out, removed):
        typer.echo(line)
    typer.echo(f"settings that most outer folds took: {settings.summary}; ended after epoch {found.epochs}")
    if record.further is not None:
        typer.echo(f"{record.further_sentence} The final model {'learnt from them too' if further else 'did not'}.")
    typer.echo(f"{out}: {card.title}, version {card.version}, threshold {card.operating_point.threshold:.4f}")
