"""``split``: make folds that keep patients and duplicate groups together."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Level(StrEnum):
    """What is kept together."""

    patient = "patient"
    image = "image"


def split(
    cases: Annotated[Path, typer.Argument(help="the cases.csv; cases marked external are left out")],
    folds: Annotated[Path, typer.Argument(help="the folds.csv to write; schemes that it has already are kept")],
    k: Annotated[int, typer.Option("-k", help="how many folds")] = 10,
    seed: Annotated[int, typer.Option(help="the same seed makes the same folds")] = 0,
    level: Annotated[Level, typer.Option(help="image: patients may stand on both sides")] = Level.patient,
    force: Annotated[bool, typer.Option("--force", help="allow an image-level split of grouped cases, marked")] = False,
    name: Annotated[str, typer.Option(help="name of the scheme (default: patient-10-seed-0 and the like)")] = "",
) -> None:
    """Divide development cases into k folds, stratified by label, without tearing a patient or duplicate group."""
    from collections import Counter
    from dataclasses import replace

    import numpy as np

    from lesion_core.cases.folds import read_folds, write_folds
    from lesion_core.cases.splits import make_scheme
    from lesion_core.cases.table import read_cases
    from lesion_core.errors import InputError

    table = read_cases(cases, check_files=False)
    chosen = [case for case in table.cases if case.split != "external"]
    schemes = read_folds(folds) if folds.is_file() else {}
    name = name or f"{level.value}-{k}-seed-{seed}"
    if name in schemes:
        raise InputError(f"{folds} has a scheme {name!r} already: give another --name")
    rng = np.random.default_rng(seed)
    scheme = replace(make_scheme(chosen, k, rng=rng, level=level.value, force=force), name=name)
    write_folds([*schemes.values(), scheme], folds)
    label = {case.case_id: case.label for case in chosen}
    for fold in scheme.folds:
        count = Counter(label[case_id] for case_id, number in scheme.fold.items() if number == fold)
        print(f"fold {fold}: {count.total()} cases, {count[1]} with label 1")
    if scheme.level == "image":
        print("image level: patients stand on both sides; every result with these folds is marked")
    print(f"{folds}: scheme {name}, {len(chosen)} cases, {len(table) - len(chosen)} external ones left out")
