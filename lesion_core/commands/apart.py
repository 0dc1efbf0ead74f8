"""``apart``: what the network and the outline each say of an external set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def apart(
    model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")],
    cases: Annotated[Path, typer.Option("--cases", help="cases.csv of a set whose scores are kept with the model")],
) -> None:
    """Take kept scores of an external set apart, and keep both parts beside the model; nothing is scored again."""
    from lesion_core.cases.marked import external_cases
    from lesion_core.cases.table import read_cases
    from lesion_core.model.card import model_folder
    from lesion_core.results.performance import units_known
    from lesion_core.stats.intervals import auc_interval
    from lesion_core.training.apart import keep_parts

    everything = read_cases(cases)
    parts = keep_parts(model_folder(model), external_cases(everything) or everything)
    for part in (parts.network, parts.outline):
        for unit in units_known(part):
            if unit == "patient":
                labels, scores, _ = part.per_patient()
                area = auc_interval(labels, scores)
            else:
                area = auc_interval(part.labels, part.scores, groups=part.clusters.ids)
            typer.echo(f"{part.rows[0].model}, {part.rows[0].dataset}, per {unit}: {area.sentence()}")
