"""``models``: list the bundled models."""

from __future__ import annotations

import typer


def models() -> None:
    """List the bundled models with their headline figure; a damaged one is said, and the exit code is then 1."""
    from lesion_core.errors import CheckpointError
    from lesion_core.model.card import bundled_names, models_folder, read_card
    from lesion_core.notice import NOTICE

    names = bundled_names()
    damaged = 0
    if not names:
        typer.echo(f"no models in {models_folder()}: train one with `python -m lesion_core train`")
    for name in names:
        try:
            card = read_card(models_folder() / name)
        except CheckpointError as error:
            typer.echo(f"{name}  cannot be used: {error}")
            damaged += 1
            continue
        typer.echo(f"{name}  {card.title} ({', '.join(card.organs)}), {card.target}, version {card.version}")
        point = card.operating_point
        typer.echo(
            f"    threshold {point.threshold:.3f} ({point.rule}, {point.dataset}): cross-fitted sensitivity "
            f"{point.sensitivity:.3f}, specificity {point.specificity:.3f}"
        )
        if card.youden:
            typer.echo(
                f"    threshold {card.youden.threshold:.3f} ({card.youden.rule}; no call uses it): cross-fitted "
                f"sensitivity {card.youden.sensitivity:.3f}, specificity {card.youden.specificity:.3f}"
            )
        for each in point.organs:
            typer.echo(
                f"        in the {each.organ} ({each.label}): sensitivity {each.sensitivity:.3f}, specificity "
                f"{each.specificity:.3f}, n = {each.n}"
            )
        for metric in card.metrics:
            if metric.name == "AUC":
                typer.echo(
                    f"    AUC {metric.value:.3f} ({metric.low:.3f}-{metric.high:.3f}) per {metric.unit}, "
                    f"n = {metric.n}, {metric.dataset}, {metric.protocol}, class 1: {metric.label}"
                    f"{f' [{metric.note}]' if metric.note else ''}"
                )
    typer.echo(NOTICE)
    if damaged:
        raise typer.Exit(1)
