"""``export``: the small model that is bundled, made of a trained one and measured against it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lesion_core.errors import InputError


def export(
    run: Annotated[Path, typer.Argument(help="folder of a model as `train` wrote it")],
    to: Annotated[Path, typer.Option("--to", help="folder of the small model, e.g. checkpoints/bnet")],
    *,
    cases: Annotated[
        list[Path] | None,
        typer.Option("--cases", help="what it was trained on (may be repeated); left out: as its card's command says"),
    ] = None,
    ranks: Annotated[tuple[int, int], typer.Option("--ranks", help="highest ranks of fc6 and fc7")] = (64, 64),
    storage: Annotated[
        Literal["int8", "half"], typer.Option("--storage", help="of convolutions that no table of 256 values holds")
    ] = "int8",
) -> None:
    """Low-rank fc6 and fc7 fitted to real activations, 8-bit and half-precision weights; prints what that changes."""
    import shutil

    import numpy as np

    from lesion_core.model.checkpoint import load_checkpoint, save_checkpoint
    from lesion_core.model.predictor import best_device
    from lesion_core.training.export import compress, exported_card, training_cases
    from lesion_core.training.release import scores_folder
    from lesion_core.training.rois import load_rois

    if to.resolve() == run.resolve():
        raise InputError(f"{to} is the trained model itself: give the small one another folder")
    network, card = load_checkpoint(run, best_device())
    if card.compression is not None:
        raise InputError(f"{run} is a small model already: export the one it was made from")
    tables, table = training_cases(card, tuple(cases or ()))
    rois = np.concatenate([load_rois(each, card.input) for each in tables])
    found = compress(
        network,
        table,
        rois,
        card.input,
        ranks=ranks,
        storage=storage,
        parent_sha256=card.weights_sha256,
        threshold=card.operating_point.threshold,
        progress=_print_progress,
    )
    command = f"python -m lesion_core export {run} --to {to} --ranks {ranks[0]} {ranks[1]} --storage {storage}"
    small = save_checkpoint(network, exported_card(card, network, found, storage, command), to, storage=storage)
    if scores_folder(run).is_dir():
        shutil.copytree(scores_folder(run), scores_folder(to), dirs_exist_ok=True)
    for change in found.changes:
        typer.echo(change.sentence)
    typer.echo(f"note: {found.changes[-1].note}")
    size = sum(file.stat().st_size for file in to.rglob("*") if file.is_file()) / 1e6
    typer.echo(f"{to}: {small.title}, version {small.version}, {size:.1f} MB")


def _print_progress(what: str, done: int, total: int) -> None:
    if done % 200 == 0 or done == total:
        typer.echo(f"{what}: {done}/{total} images")
