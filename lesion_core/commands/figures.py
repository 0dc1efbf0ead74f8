"""``figures``: a card's figures anew from the scores beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def figures(
    models: Annotated[list[Path], typer.Argument(help="folders of models, with the scores behind their figures")],
) -> None:
    """Write cards whose figures, and what is said of them, follow from the scores beside them; nothing is scored."""
    from lesion_core.model.card import read_card, write_card
    from lesion_core.training.figures import with_figures

    for folder in models:
        card = read_card(folder)
        changed = with_figures(card, folder)
        write_card(changed, folder)
        state = "as it was" if changed == card else "written"
        typer.echo(f"{folder}: {len(changed.metrics)} figures, card {state}, version {changed.version}")
