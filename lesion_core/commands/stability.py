"""``stability``: how far a model's score moves when borders are drawn a little differently."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SEED = 20260402


def stability(
    model: Annotated[str, typer.Argument(help="name of a bundled model, or a model's folder")],
    cases: Annotated[Path, typer.Option("--cases", help="cases.csv")],
    out: Annotated[Path, typer.Option("--out", help="table to write, e.g. checkpoints/bnet/stability/busi.csv")],
    *,
    seed: Annotated[int, typer.Option("--seed", help="of the nudges")] = SEED,
) -> None:
    """Nudge every border by 1 to 5 % of the lesion's diameter, score again, and keep both scores; labels are unused."""
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
        flipped = "" if each.flipped is None else f"; {each.flipped.sentence()}"
        typer.echo(f"nudged by {each.nudge:.0%}: {each.change.sentence()}; 95th percentile {each.largest:.3f}{flipped}")
    typer.echo(f"written: {out}; {unusable} nudged borders could not be used")
