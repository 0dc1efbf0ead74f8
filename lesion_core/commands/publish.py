"""``publish``: bring the Space or a model to Hugging Face."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class What(StrEnum):
    """What is published."""

    space = "space"
    model = "model"


def publish(
    what: Annotated[What, typer.Argument(help="the app, or one model")],
    name: Annotated[str, typer.Argument(help="space: owner/name on the hub; model: a bundled model or its folder")],
    repo: Annotated[
        str, typer.Option(help="model: owner/name on the hub (default: the model's name, your account)")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only stage and show what would go up")] = False,
    out: Annotated[
        Path | None, typer.Option(help="folder to stage in (default: a temporary one, gone afterwards)")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="make a new repository public")] = False,
    hardware: Annotated[str, typer.Option(help="of a new Space, e.g. cpu-basic or zero-a10g")] = "",
    model: Annotated[
        list[str] | None, typer.Option(help="space: a model repository to name in the front matter")
    ] = None,
    space: Annotated[str, typer.Option(help="model: owner/name of the Space with the code, named on its page")] = "",
) -> None:
    """Stage exactly what goes up, show it, check it, and bring it to Hugging Face; private unless --public."""
    import tempfile

    from lesion_core.notice import NOTICE
    from lesion_core.publish.hub import publish as bring
    from lesion_core.publish.model import stage_model
    from lesion_core.publish.space import stage_space
    from lesion_core.publish.stage import size_text

    with tempfile.TemporaryDirectory(prefix="lesion-publish-") as temporary:
        folder = out or Path(temporary) / "stage"
        if what is What.space:
            target, stage = repo or name, stage_space(folder, models=model or ())
        else:
            target = repo or Path(name).name
            stage = stage_model(name, folder, repo=repo, space=space)
        print(stage.tree())
        print(f"{len(stage.files)} files, {size_text(stage.size)}. {NOTICE}")
        if dry_run:
            print(f"dry run: nothing went up{f'; staged in {folder}' if out else ''}")
            return
        done = bring(stage, target, what.value, public=public, hardware=hardware)
        seen = "private: only you see it" if done.private else "public"
        print(f"{'created' if done.created else 'updated'} {done.url} ({seen}), revision {done.revision}")
