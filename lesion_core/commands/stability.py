"""``stability``: how far a model's score moves when borders are nudged, or drawn by another reader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SEED = 20260402


def stability(
    model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")],
    out: Annotated[Path, typer.Option("--out", help="table to write, e.g. checkpoints/bnet/stability/busi.csv")],
    *,
    cases: Annotated[Path | None, typer.Option("--cases", help="cases.csv, whose borders are nudged")] = None,
    masks: Annotated[
        Path | None, typer.Option("--masks", help="the DDTI folder: each image under every reader's border instead")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="of the nudges")] = SEED,
) -> None:
    """Score under nudged borders (1 to 5 % of the diameter), or under each reader's border; labels are unused."""
    from lesion_core.errors import InputError

    if (cases is None) == (masks is None):
        raise InputError("give either --cases (borders are nudged) or --masks (borders of several readers)")
    if cases is not None:
        _nudged(model, cases, out, seed)
    if masks is not None:
        _by_reader(model, masks, out)


def _by_reader(model: str, source: Path, out: Path) -> None:
    from lesion_core.cases.ddti_readers import outlined_images
    from lesion_core.errors import InputError
    from lesion_core.imaging.read import read_image
    from lesion_core.model.predictor import LesionPredictor
    from lesion_core.records import Border
    from lesion_core.results.observers.reader_borders import (
        PREFIX,
        TwoBorders,
        pairs_of,
        summarise_readers,
        write_reader_borders,
    )

    if not out.name.startswith(PREFIX):
        raise InputError(f"--out is {out.name}: name the table {PREFIX}ddti.csv or the like, apart from nudged borders")
    predictor = LesionPredictor.load(model)
    images = outlined_images(source)
    rows: list[TwoBorders] = []
    with typer.progressbar(images, label="images") as bar:
        for image in bar:
            pixels = read_image(image.path).pixels
            known: dict[Border, float] = {}
            for border in image.borders.values():
                if border not in known:
                    known[border] = predictor.predict(pixels, border).score
            rows += pairs_of(
                image.borders,
                {reader: known[border] for reader, border in image.borders.items()},
                model=predictor.card.name,
                dataset="ddti",
                patient_id=image.patient_id,
                image=image.name,
            )
    write_reader_borders(rows, out)
    for each in summarise_readers(rows, predictor.card.operating_point.threshold):
        typer.echo(each.sentence)
    if any(data.dataset == "DDTI" for data in predictor.card.learnt_from):
        typer.echo("note: the model was trained on these images with the radiologist's borders")
    typer.echo(f"written: {out}")


def _nudged(model: str, cases: Path, out: Path, seed: int) -> None:
    import numpy as np

    from lesion_core.cases.table import read_cases
    from lesion_core.errors import BorderError, InputError
    from lesion_core.imaging.border import border_from_points, read_border
    from lesion_core.imaging.nudge import diameter_px, nudge
    from lesion_core.imaging.read import read_image
    from lesion_core.model.predictor import LesionPredictor
    from lesion_core.results.observers.stability import SHARES, Nudged, summarise, write_nudges

    table = read_cases(cases)
    predictor = LesionPredictor.load(model)
    rng = np.random.default_rng(seed)
    rows: list[Nudged] = []
    unusable = 0
    with typer.progressbar(table.cases, label="cases") as bar:
        for case in bar:
            path = table.border_path(case)
            if path is None:
                raise InputError(f"case {case.case_id} has no border: outline it first")
            image = read_image(table.image_path(case))
            border = read_border(path, image.size)
            score = predictor.predict(image.pixels, border).score
            for share in SHARES:
                reach = share * diameter_px(border)
                try:
                    moved = border_from_points(nudge(border, rng, largest_px=(reach, reach)), image.size)
                except BorderError:
                    unusable += 1
                    continue
                nudged = predictor.predict(image.pixels, moved).score
                rows.append(Nudged(predictor.card.name, case.dataset, case.case_id, share, score, nudged))
    write_nudges(rows, out)
    for each in summarise(rows, predictor.card.operating_point.threshold):
        typer.echo(f"nudged by {each.nudge:.0%}: {each.moved.sentence}")
    typer.echo(f"written: {out}; {unusable} nudged borders could not be used")
