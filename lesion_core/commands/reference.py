"""``reference``: what size alone and shape alone say, out of fold and on an external set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def reference(
    cases: Annotated[Path, typer.Argument(help="cases.csv of development cases, folds.csv beside it")],
    out: Annotated[Path, typer.Option("--out", help="folder that gets size-only/ and shape-only/")],
    *,
    scheme: Annotated[str, typer.Option("--scheme", help="which folds of folds.csv")] = "busbra-5",
    external: Annotated[
        Path | None, typer.Option("--external", help="cases.csv of an external set: scored once, entered in the ledger")
    ] = None,
) -> None:
    """Fit the size-only and shape-only models from borders and keep their scores in scores.csv form."""
    import datetime

    from lesion_core.cases.columns import write_text
    from lesion_core.cases.folds import read_scheme
    from lesion_core.cases.splits import check_scheme
    from lesion_core.cases.table import read_cases
    from lesion_core.model.card import models_folder
    from lesion_core.results.ledger import LEDGER_FILE, Opening, enter
    from lesion_core.results.scores import write_scores
    from lesion_core.stats.intervals import auc_interval
    from lesion_core.training import reference_models
    from lesion_core.training.run_record import fingerprint_of

    table = read_cases(cases).select(split="development")
    folds = read_scheme(cases.parent / "folds.csv", scheme)
    check_scheme(table.cases, folds)
    unseen = None if external is None else read_cases(external).select(split="external")
    if unseen is not None and not len(unseen):
        raise typer.BadParameter(f"no case of {external} is marked external")
    measured = reference_models.measure(table)
    outside = None if unseen is None else reference_models.measure(unseen)
    for name in reference_models.names():
        folder = out / name
        found = reference_models.cross_fit(name, table, measured, folds, run=f"{name}-{scheme}")
        model = reference_models.fit(name, table, measured)
        write_text(folder / "reference.json", model.to_json())
        write_scores(found, folder / "scores" / f"{scheme}-out-of-fold.csv")
        area = auc_interval(found.labels, found.scores, groups=found.patients if found.has_patients else None)
        typer.echo(f"{name}, {scheme}, out of fold, per image: {area.sentence()}")
        if unseen is None or outside is None:
            continue
        dataset = ", ".join(sorted({case.dataset for case in unseen.cases}))
        scores = reference_models.final_scores(model, unseen, outside, run=f"{name}-{dataset}")
        area = auc_interval(scores.labels, scores.scores, groups=scores.patients if scores.has_patients else None)
        opening = Opening(
            date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            model=name,
            weights_sha256=model.sha256,
            dataset=dataset.upper(),
            target=", ".join(sorted({case.target for case in unseen.cases})),
            n=len(unseen),
            auc=area.value if area.defined else None,
            cases_sha256=fingerprint_of(unseen),
        )
        times = enter(models_folder() / LEDGER_FILE, opening)
        write_scores(scores, folder / "scores" / f"{dataset}-external.csv")
        typer.echo(f"{name}, {dataset}, external, opened {times} time(s), per image: {area.sentence()}")
