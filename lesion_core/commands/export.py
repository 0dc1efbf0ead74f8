"""``export``: the small model that is bundled, made of a trained one and measured against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lesion_core.errors import InputError

if TYPE_CHECKING:
    from lesion_core.model.card import Card


RANKS = (64, 64)
STORAGE: Literal["int8"] = "int8"


def export(
    run: Annotated[Path, typer.Argument(help="folder of a model as `train` wrote it, or as it was carried back")],
    to: Annotated[Path, typer.Option("--to", help="folder of the small model, e.g. checkpoints/bnet")],
    *,
    cases: Annotated[
        list[Path] | None,
        typer.Option("--cases", help="what it was trained on (may be repeated); left out: as its card's command says"),
    ] = None,
    crossval: Annotated[
        Path | None, typer.Option("--crossval", help="carried back: the run whose figures go into the card")
    ] = None,
    also: Annotated[
        list[Path] | None, typer.Option("--also", help="carried back: the further cases.csv of that run")
    ] = None,
    ranks: Annotated[tuple[int, int], typer.Option("--ranks", help="highest ranks of fc6 and fc7")] = RANKS,
    storage: Annotated[
        Literal["int8", "int8-all", "half"],
        typer.Option("--storage", help="of convolutions that no table of 256 values holds"),
    ] = STORAGE,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="folder of kept features of a trunk that was not trained")
    ] = None,
) -> None:
    """Low-rank fc6 and fc7 fitted to real activations, 8-bit and half-precision weights; prints what that changes.

    A model that was trained elsewhere comes back compact, in pieces: they are joined, and its card is made of the run
    that it went on from.
    """
    from lesion_core.training.carried import CARRIED_FILE
    from lesion_core.training.export import TRAINED_ON

    if to.resolve() == run.resolve():
        raise InputError(f"{to} is the trained model itself: give the small one another folder")
    if (run / CARRIED_FILE).is_file():
        if (ranks, storage, cache) != (RANKS, STORAGE, None):
            raise InputError(
                f"{run} was made small where it was trained: --ranks is an option of `final` there, --storage and "
                "--cache have no effect; leave them out"
            )
        card = _join(run, to, tuple(cases or ()), tuple(also or ()), crossval)
    else:
        card = _make(run, to, tuple(cases or ()), ranks, storage, cache)
    found = card.compression
    assert found is not None
    for change in found.changes:
        typer.echo(change.sentence)
    typer.echo(f"note: {TRAINED_ON}")
    size = sum(file.stat().st_size for file in to.rglob("*") if file.is_file()) / 1e6
    typer.echo(f"{to}: {card.title}, version {card.version}, {size:.1f} MB")


def _make(
    run: Path,
    to: Path,
    cases: tuple[Path, ...],
    ranks: tuple[int, int],
    storage: Literal["int8", "int8-all", "half"],
    cache: Path | None,
) -> Card:
    """Make the small model of a trained one."""
    import numpy as np

    from lesion_core.model.checkpoint import load_checkpoint, save_checkpoint
    from lesion_core.model.predictor import best_device
    from lesion_core.training.export import compress, exported_card, training_cases
    from lesion_core.training.rois import load_rois
    from lesion_core.training.superseded import forget_release, gone_for_good

    network, card = load_checkpoint(run, best_device())
    if card.compression is not None:
        raise InputError(f"{run} is a small model already: export the one it was made from")
    tables, table = training_cases(card, cases)
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
        cache=cache,
        progress=_print_progress,
    )
    command = f"python -m lesion_core export {run} --to {to} --ranks {ranks[0]} {ranks[1]} --storage {storage}"
    removed: list[str] = []
    small = save_checkpoint(
        network,
        exported_card(card, network, found, storage, command),
        to,
        storage=storage,
        clear=lambda: removed.extend(forget_release(to)),
    )
    _copy_cross_validation(run, to, outline=card.outline is not None)
    for line in gone_for_good(to, removed):
        typer.echo(line)
    return small


def _copy_cross_validation(run: Path, to: Path, *, outline: bool) -> None:
    """Copy out-of-fold scores, the run's record and its history; with the outline also the network's own scores."""
    import shutil

    from lesion_core.results.observers.reference_names import ALONE
    from lesion_core.training.kept_scores import beside, out_of_fold_files, scores_folder
    from lesion_core.training.run_record import RUN_FILE

    scores = scores_folder(run)
    own = [*scores.glob("history-*.csv"), *scores.glob(RUN_FILE), *out_of_fold_files(run)]
    copies = [(path, scores_folder(to) / path.name) for path in own]
    if outline:
        alone = scores_folder(beside(to, ALONE))
        copies += [(path, alone / path.name) for path in out_of_fold_files(beside(run, ALONE))]
    for path, copy in copies:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _join(run: Path, to: Path, cases: tuple[Path, ...], also: tuple[Path, ...], crossval: Path | None) -> Card:
    """Put a model together that was carried back, and make its card."""
    from lesion_core.model.trunk_file import TRUNK_FILE
    from lesion_core.model.weights import source_of
    from lesion_core.training.carried import agreed, bring_back, draft_again, read_carried
    from lesion_core.training.crossval import fold_folders
    from lesion_core.training.history import join_histories
    from lesion_core.training.kept_scores import scores_folder
    from lesion_core.training.superseded import gone_for_good

    if crossval is None or not cases:
        raise InputError(
            f"{run} was carried back without a card: name the run it went on from with --crossval, and its --cases"
        )
    drafted = draft_again(cases, crossval, also=also)
    more = [f"--also {path}" for path in also]
    tables = " ".join([*map(str, cases), *more])
    named = " ".join([*(f"--cases {path}" for path in cases), *more])
    found = agreed(drafted, crossval)
    wanted, pack = drafted.wanted, crossval.with_name(f"{crossval.name}-pack")
    options = (
        f"--model {wanted.model} --preset {wanted.preset} --seed {wanted.seed} --folds {len(drafted.scheme.folds)} "
        f"--weights {source_of(found.record.initialisation)}"
    )
    commands = (
        f"python -m lesion_core crossval {tables} {options} --out {crossval}",
        f"python -m lesion_core pack {' '.join(map(str, (*cases, *also)))} {pack} --trunk",
        f"python -m lesion_core.training final {tables} --crossval {crossval} --out {run} --trunk {pack / TRUNK_FILE}",
        f"python -m lesion_core export {run} {named} --crossval {crossval} --to {to}",
    )
    removed: list[str] = []
    card = bring_back(run, to, read_carried(run), drafted, found, commands, gone=removed.append)
    join_histories(fold_folders(crossval), scores_folder(to) / f"history-{crossval.resolve().name}.csv")
    for line in gone_for_good(to, removed):
        typer.echo(line)
    return card


def _print_progress(what: str, done: int, total: int) -> None:
    if done % 200 == 0 or done == total:
        typer.echo(f"{what}: {done}/{total} images")
