"""``models``: list the bundled models."""

from __future__ import annotations

import typer


def models() -> None:
    """List the bundled models with their headline figure."""
    from lesion_core.model.card import bundled_models, models_folder
    from lesion_core.notice import NOTICE

    cards = bundled_models()
    if not cards:
        typer.echo(f"no models in {models_folder()}: train one with `python -m lesion_core train`")
    for name, card in cards.items():
        typer.echo(f"{name}  {card.title} ({', '.join(card.organs)}), {card.target}, version {card.version}")
        for metric in card.metrics:
            if metric.name == "AUC":
                typer.echo(
                    f"    AUC {metric.value:.3f} ({metric.low:.3f}-{metric.high:.3f}) per {metric.unit}, "
                    f"n = {metric.n}, {metric.dataset}, {metric.protocol}"
                )
    typer.echo(NOTICE)
