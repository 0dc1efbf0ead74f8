"""``predict``: classify one lesion in one image."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def predict(
    image: Annotated[Path, typer.Argument(help="PNG, JPEG, TIFF, BMP, DICOM ...")],
    border: Annotated[Path, typer.Option("--border", help="JSON with [[x, y], ...], or a mask image of the same size")],
    *,
    model: Annotated[str, typer.Option("--model", help="name of a bundled model, or a model's folder")] = "bnet",
    frame: Annotated[int | None, typer.Option("--frame", help="frame of a DICOM or TIFF file, from 0")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the whole answer as JSON")] = False,
) -> None:
    """Classify the lesion inside a border."""
    from lesion_core.imaging.border import read_border
    from lesion_core.imaging.read import read_image
    from lesion_core.model.answer import answer_json
    from lesion_core.model.predictor import LesionPredictor
    from lesion_core.notice import NOTICE

    loaded = read_image(image, frame=frame)
    outline = read_border(border, loaded.size)
    prediction = LesionPredictor.load(model).predict(loaded.pixels, outline)
    if as_json:
        typer.echo(answer_json(prediction, loaded))
        return
    for note in (*loaded.notes, *outline.notes):
        typer.echo(f"note: {note}")
    typer.echo(prediction.sentence)
    typer.echo(f"{prediction.model} {prediction.version}, {prediction.seconds:.2f} s on {prediction.device}. {NOTICE}")
