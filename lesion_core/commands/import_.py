"""``import``: turn a public data set, as downloaded, into a case table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lesion_core.cases.importers import IMPORTERS
from lesion_core.errors import InputError

_NAMES = ", ".join(IMPORTERS)


def import_(
    name: Annotated[str, typer.Argument(help=f"which set it is: {_NAMES}")],
    source: Annotated[Path, typer.Argument(help="the folder (or file) as downloaded")],
    out: Annotated[Path, typer.Argument(help="new folder for cases.csv, borders, folds and readings")],
    label: Annotated[
        str, typer.Option(help="ddti: 2015:4a, 2015:4b, 2015:4c, 2015:5, 2015-others:4a or reread:4")
    ] = "",
    organ: Annotated[str, typer.Option(help="folder, labelme, coco: breast or thyroid")] = "",
    label_source: Annotated[str, typer.Option(help="folder, labelme, coco: where the labels come from")] = "",
    target: Annotated[str, typer.Option(help="folder, labelme, coco: what a positive label means")] = "",
    split: Annotated[str, typer.Option(help="development or external; each set has its default")] = "",
    copy: Annotated[bool, typer.Option("--copy", help="copy the pictures instead of pointing to them")] = False,
    skip: Annotated[bool, typer.Option("--skip", help="leave out cases with faults and say so")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="import anew over an earlier import")] = False,
) -> None:
    """Import a data set: one row per lesion image, borders as polygons, known faults handled and told."""
    from importlib import import_module

    from lesion_core.cases.importers.source import Options, check_options
    from lesion_core.cases.importers.write import check_free, write_import

    if name not in IMPORTERS:
        known = "\n".join(f"  {each}: {importer.reads}" for each, importer in IMPORTERS.items())
        raise InputError(f"no importer named {name!r}; there are\n{known}")
    check_free(out, replace_old=replace)
    options = Options(label=label, organ=organ, label_source=label_source, target=target, split=split, skip=skip)
    check_options(name, IMPORTERS[name].takes, options)
    imported = import_module(IMPORTERS[name].module).load(source, options, _progress)
    summary = write_import(imported, out, name=name, source=source, options=options, copy=copy, replace_old=replace)
    print(
        f"{out / 'cases.csv'}: {summary.cases} cases in {summary.images} images of {summary.units} patients or groups"
    )
    print(f"label 1 ({' / '.join(summary.targets)}): {summary.positive}; label 0: {summary.negative}")
    for scheme in imported.schemes:
        print(f"folds {scheme.name}: {len(scheme.folds)}")
    if imported.readings:
        print(f"readings: {len(imported.readings)}")
    for note in summary.notes:
        print(f"note: {note}")


def _progress(items: Sequence[Any], text: str) -> Iterable[Any]:
    with typer.progressbar(items, label=text) as bar:
        yield from bar
