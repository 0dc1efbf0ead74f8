"""``rehearse``: start a staged Space in a fresh environment and measure it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def rehearse(
    stage: Annotated[Path, typer.Argument(help="folder that `publish space ... --dry-run --out` left")],
    model: Annotated[list[str] | None, typer.Option(help="a model to ask (default: every staged one)")] = None,
    python: Annotated[str, typer.Option(help="interpreter with the requirements (default: a fresh environment)")] = "",
    environment: Annotated[
        Path | None, typer.Option(help="new folder of the fresh environment, which stays (default: a temporary one)")
    ] = None,
) -> None:
    """Install a staged Space's own requirements (gigabytes), start it, ask each model once, and say what it took."""
    from lesion_core.publish.front_matter import check_space
    from lesion_core.publish.rehearse import rehearse as start
    from lesion_core.publish.stage import staged

    found = staged(stage)
    check_space(stage)
    for line in start(found, model or (), python=python, environment=environment).lines():
        print(line)
