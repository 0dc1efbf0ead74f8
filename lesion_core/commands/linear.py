"""``linear``: the frozen-trunk linear baseline, out of fold, as a reference model beside the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def linear(
    cases: Annotated[Path, typer.Argument(help="cases.csv of development cases")],
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

    from lesion_core.cases.columns import write_text
    from lesion_core.cases.folds import read_scheme
    from lesion_core.cases.marked import development_cases
    from lesion_core.cases.table import read_cases
    from lesion_core.model.weights import imagenet_weights
    from lesion_core.results.observers.reference_names import LINEAR
    from lesion_core.results.performance import cross_fitted_performance, units_known
    from lesion_core.results.scores import write_scores
    from lesion_core.training import trunk_linear
    from lesion_core.training.config import preset
    from lesion_core.training.features import trunk_features
    from lesion_core.training.parts import new_network
    from lesion_core.training.rois import load_rois

    table = development_cases(read_cases(cases))
    division = read_scheme(folds or cases.parent / "folds.csv", scheme)
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
    write_scores(found.scores, out / LINEAR / "scores" / f"{scheme}-out-of-fold.csv")
    dataset = ", ".join(sorted({case.dataset for case in table.cases}))
    about = {
        "name": LINEAR,
        "kind": "logistic regression, L2, on all of pool5 of the frozen trunk (square root, unit length)",
        "trunk": weights.description,
        "input": f"{protocol.input.rule}, margin {protocol.input.margin:g}",
        "dataset": dataset,
        "target": ", ".join(sorted({case.target for case in table.cases})),
        "images": len(table),
        "strengths": list(trunk_linear.STRENGTHS),
        "inner_folds": trunk_linear.INNER_FOLDS,
        "chosen": {str(each.fold): each.strength for each in found.choices},
        "inner_auc": {str(each.fold): [round(area, 4) for area in each.areas] for each in found.choices},
    }
    write_text(out / LINEAR / f"reference-{scheme}.json", json.dumps(about, indent=2) + "\n")
    for unit in units_known(found.scores):
        figures = cross_fitted_performance(found.scores, wanted_sensitivity=protocol.wanted_sensitivity, unit=unit)
        typer.echo(f"{LINEAR}, {dataset}, {scheme}, out of fold, per {unit}: {figures.auc.sentence()}")
        typer.echo(f"    mean of the folds' AUCs {figures.fold_mean:.3f}")
