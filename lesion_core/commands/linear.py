"""``linear``: the frozen-trunk linear baseline, out of fold, as a reference model beside the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def linear(
    cases: Annotated[list[Path], typer.Argument(help="cases.csv of development cases; several are joined (TBNet)")],
    out: Annotated[Path, typer.Option("--out", help="folder that gets trunk-linear/")],
    *,
    scheme: Annotated[str, typer.Option("--scheme", help="which folds of folds.csv")] = "busbra-10",
    folds: Annotated[
        Path | None, typer.Option("--folds", help="folds.csv, e.g. that of a run (default: the one beside the cases)")
    ] = None,
    cache: Annotated[Path, typer.Option("--cache", help="folder of kept features")] = Path(".cache/features"),
) -> None:
    """Fit one linear layer on the frozen trunk's features, its penalty chosen on inner folds; keep the scores."""
    import json

    from lesion_core.cases.divided import read_divided
    from lesion_core.model.weights import imagenet_weights
    from lesion_core.results.observers.reference_names import LINEAR
    from lesion_core.training import reference_files, trunk_linear
    from lesion_core.training.config import preset
    from lesion_core.training.features import trunk_features
    from lesion_core.training.parts import new_network
    from lesion_core.training.rois import load_rois

    table, division = read_divided(cases, scheme, folds)
    reference_files.check_division(out / LINEAR, scheme, table, division)
    protocol = preset("compact")
    weights = imagenet_weights("auto")
    network = new_network(protocol.candidates[0], weights).eval()
    with typer.progressbar(length=len(table), label="RoIs") as bar:
        rois = load_rois(table, protocol.input, progress=lambda done, total: bar.update(done - bar.pos))
    with typer.progressbar(length=len(table), label="features") as bar:
        features = trunk_features(
            list(rois),
            network,
            spec=protocol.input,
            cache=cache,
            progress=lambda done, total: bar.update(done - bar.pos),
        )
    found = trunk_linear.cross_fit(
        table,
        features,
        division,
        run=f"{LINEAR}-{scheme}",
        tell=lambda each: typer.echo(f"fold {each.fold}: strength {each.strength:g} by inner folds"),
    )
    about = {
        "name": LINEAR,
        "kind": "logistic regression, L2, on all of pool5 of the frozen trunk (square root, unit length)",
        "trunk": weights.description,
        "input": f"{protocol.input.rule}, margin {protocol.input.margin:g}",
        "dataset": ", ".join(sorted({case.dataset for case in table.cases})),
        "target": ", ".join(sorted({case.target for case in table.cases})),
        "images": len(table),
        "strengths": list(trunk_linear.STRENGTHS),
        "inner_folds": trunk_linear.INNER_FOLDS,
        "chosen": {str(each.fold): each.strength for each in found.choices},
        "inner_auc": {str(each.fold): [round(area, 4) for area in each.areas] for each in found.choices},
    }
    reference_files.keep(out / LINEAR, scheme, json.dumps(about, indent=2) + "\n", found.scores)
    for line in reference_files.areas(found.scores):
        typer.echo(line)
