"""``bench``: speed as ratios measured side by side in one run."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from lesion_core.bench import BENCHES
from lesion_core.errors import InputError


def bench(
    name: Annotated[str, typer.Argument(help="what to measure; all of it when left out")] = "all",
) -> None:
    """Measure speed, each figure beside its alternative in the same run."""
    if name != "all" and name not in BENCHES:
        raise InputError(f"no bench named {name!r}: choose one of {', '.join(sorted(BENCHES))} or all")
    for each in sorted(BENCHES) if name == "all" else [name]:
        importlib.import_module(BENCHES[each]).run()
