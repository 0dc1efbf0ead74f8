"""``augment``: write the paper's eight variants of one RoI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def augment(
    image: Annotated[Path, typer.Argument(help="PNG, JPEG, TIFF, BMP, DICOM ...")],
    border: Annotated[Path, typer.Option("--border", help="JSON with [[x, y], ...], or a mask image of the same size")],
    out: Annotated[Path, typer.Option("--out", help="folder for the eight .png files; made if missing")],
    *,
    rule: Annotated[
        Literal["min-area", "upright"],
        typer.Option("--rule", help="RoI: the paper's minimum-area rectangle, or the upright box with a margin"),
    ] = "min-area",
    by: Annotated[
        Literal["count", "energy"],
        typer.Option("--by", help="45, 35 and 25 % of the number of singular values (the paper) or of their energy"),
    ] = "count",
    frame: Annotated[int | None, typer.Option("--frame", help="frame of a DICOM or TIFF file, from 0")] = None,
) -> None:
    """Write original, rot090, rot180, rot270, mirror, svd45, svd35 and svd25 as .png, 224 x 224."""
    from PIL import Image

    from lesion_core.augment.variants import eight_variants
    from lesion_core.errors import InputError
    from lesion_core.imaging.border import read_border
    from lesion_core.imaging.prepare import InputSpec, prepare
    from lesion_core.imaging.read import read_image

    loaded = read_image(image, frame=frame)
    outline = read_border(border, loaded.size)
    for note in (*loaded.notes, *outline.notes):
        typer.echo(f"note: {note}")
    spec = InputSpec(rule="min-area", margin=0.0) if rule == "min-area" else InputSpec()
    variants = eight_variants(prepare(loaded.pixels, outline, spec).pixels, by=by)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, pixels in variants.items():
            Image.fromarray(pixels).save(out / f"{name}.png")
    except OSError as error:
        raise InputError(f"the variants cannot be written to {out} ({error}): choose another folder") from error
    typer.echo(f"{len(variants.images)} variants in {out}")
