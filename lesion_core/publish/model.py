"""Stage a model: its page, its card, its weights, its scores."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lesion_core.errors import PublishError
from lesion_core.model.card import CARD_FILE, WEIGHTS_FILE, Card, model_folder, read_card
from lesion_core.publish.cards import model_page
from lesion_core.publish.measured import Measured, check_metrics, measure, score_files
from lesion_core.publish.stage import Stage, copy_file, staged, staging

LICENSE = Path(__file__).resolve().parents[2] / "LICENSE"


def stage_model(name: str, out: Path, *, repo: str = "", space: str = "") -> Stage:
    """Stage a bundled model, or a model's folder.

    Args:
        name: e.g. "bnet", or a path.
        out: new folder, or one of an earlier stage.
        repo: "owner/name" on the hub, for the page.
        space: "owner/name" of the Space that holds the code, for the page.

    Raises:
        CheckpointError: there is no such model, or its card is damaged.
        PublishError: weights or figures do not fit the card, or something must not go up.
        TableError: scores with bad rows.
    """
    folder = model_folder(name)
    card, measured = checked_model(folder)
    page = model_page(card, folder, measured, repo=repo, space=space)
    with staging(out) as part:
        (part / "README.md").write_text(page, encoding="utf-8")
        for path in (folder / CARD_FILE, folder / WEIGHTS_FILE, *score_files(folder)):
            copy_file(path, part / path.relative_to(folder))
        if (folder / "scores" / "run.json").is_file():
            copy_file(folder / "scores" / "run.json", part / "scores" / "run.json")
        copy_file(LICENSE, part / "LICENSE")
        staged(part)
    return staged(out)


def checked_model(folder: Path) -> tuple[Card, tuple[Measured, ...]]:
    """A model that may go up: its card is whole, its weights are the card's, and its scores give the card's figures.

    Returns:
        The card, and what its scores give.

    Raises:
        CheckpointError: the card is missing or damaged.
        PublishError: weights or figures do not fit the card.
        TableError: scores with bad rows.
    """
    card = read_card(folder)
    weights = folder / WEIGHTS_FILE
    if not weights.is_file():
        raise PublishError(f"no {WEIGHTS_FILE} in {folder}: there is nothing to publish")
    with weights.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != card.weights_sha256:
            raise PublishError(f"{weights} is not the file its card describes: get the model again")
    measured = measure(card, folder)
    check_metrics(card, measured)
    return card, measured
