"""``reference``: what size alone and shape alone say, out of fold and on an external set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lesion_core.cases.table import CaseTable
    from lesion_core.training.reference_models import Floats, ReferenceModel


def reference(
    cases: Annotated[list[Path], typer.Argument(help="cases.csv of development cases; several are joined (TBNet)")],
    out: Annotated[Path, typer.Option("--out", help="folder that gets size-only/ and shape-only/")],
    *,
    scheme: Annotated[str, typer.Option("--scheme", help="which folds of folds.csv")] = "busbra-10",
    folds: Annotated[
        Path | None, typer.Option("--folds", help="folds.csv, e.g. that of a run (default: the one beside the cases)")
    ] = None,
    external: Annotated[
        Path | None, typer.Option("--external", help="cases.csv of an external set: scored once, entered in the ledger")
    ] = None,
) -> None:
    """Fit the size-only and shape-only models from borders and keep their scores in scores.csv form."""
    from lesion_core.cases.divided import read_divided
    from lesion_core.cases.marked import external_cases
    from lesion_core.cases.table import read_cases
    from lesion_core.training import reference_files, reference_models

    table, division = read_divided(cases, scheme, folds)
    unseen = None if external is None else external_cases(read_cases(external))
    if external is not None and unseen is None:
        raise typer.BadParameter(f"no case of {external} is marked external")
    measured = reference_models.measure(table)
    outside = None if unseen is None else reference_models.measure(unseen)
    models = {name: reference_models.fit(name, table, measured) for name in reference_models.names()}
    for name, model in models.items():  # all of them before anything is written or entered in the ledger
        reference_files.check_division(out / name, scheme, table, division)
        if unseen is not None:
            reference_files.check_external(out / name, scheme, model.to_json(), unseen)
    for name, model in models.items():
        found = reference_models.cross_fit(name, table, measured, division, run=f"{name}-{scheme}")
        reference_files.keep(out / name, scheme, model.to_json(), found)
        for line in reference_files.areas(found):
            typer.echo(line)
        if unseen is not None and outside is not None:
            typer.echo(_score_external(model, unseen, outside, out / name))


def _score_external(model: ReferenceModel, unseen: CaseTable, outside: Floats, folder: Path) -> str:
    """Score an external set, enter it in the ledger and keep the scores; returns what to print."""
    from lesion_core.results.scores import write_scores
    from lesion_core.stats.intervals import auc_interval
    from lesion_core.training import reference_files, reference_models
    from lesion_core.training.external import enter_in_ledger

    dataset = ", ".join(sorted({case.dataset for case in unseen.cases}))
    scores = reference_models.final_scores(model, unseen, outside, run=f"{model.name}-{dataset}")
    area = auc_interval(scores.labels, scores.scores, groups=scores.clusters.ids)
    times = enter_in_ledger(model.name, model.sha256, unseen, area.value)
    write_scores(scores, reference_files.external_file(folder, unseen))
    return f"{model.name}, {dataset}, external, opened {times} time(s), per image: {area.sentence()}"
