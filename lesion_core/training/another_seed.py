"""How another seed of a released model is made and kept beside it: its own commands with another seed."""

from __future__ import annotations

import shlex
from pathlib import Path

from lesion_core.model.card import Card, models_folder, read_card
from lesion_core.model.weights import source_of
from lesion_core.results.observers.reference_names import ALONE
from lesion_core.training.kept_scores import beside, out_of_fold_files, scores_folder
from lesion_core.training.run_record import RunRecord, protocol_of, read_run

CROSSVAL = ("python", "-m", "lesion_core", "crossval")


def another_seed(folder: Path) -> tuple[str, str]:
    """The commands that make the seed after a model's own and keep it; CASES and MORE where its card names no tables.

    Args:
        folder: of the model, with its card and ``scores/``.

    Returns:
        One of `crossval`, equal to the model's in all that `seeds_beside` compares, and one of `keep`.

    Raises:
        InputError: no record of the model's cross validation, or a preset that this version does not have.
        CheckpointError: first weights that no option of this version gives.
    """
    record = read_run(scores_folder(folder))
    seed = protocol_of(record)[1] + 1
    words = _own_crossval(read_card(folder)) or _crossval_of(record)
    tables = words[len(CROSSVAL) : next(at for at, word in enumerate(words) if word.startswith("--"))]
    run = f"{_value(words, '--out')}-seed-{seed}"
    for option, value in (("--seed", str(seed)), ("--weights", source_of(record.initialisation)), ("--out", run)):
        words = _with(words, option, value)
    keep = ["python", "-m", "lesion_core", "keep", run, "--as", f"{folder.name}-seed-{seed}"]
    if out_of_fold_files(beside(folder, ALONE)):
        keep += [word for table in tables for word in ("--outline", table)]
    if folder.parent.resolve() != models_folder().resolve():
        keep += ["--to", str(folder.parent)]
    return shlex.join(words), shlex.join(keep)


def _own_crossval(card: Card) -> list[str]:
    """The words of the card's own `crossval`; none where it names none."""
    found = [words for words in map(shlex.split, card.commands) if tuple(words[: len(CROSSVAL)]) == CROSSVAL]
    return found[-1] if found else []


def _crossval_of(record: RunRecord) -> list[str]:
    """The same of what a run's record says; given folds of that number are honoured."""
    also = ["--also", "MORE"] if record.further is not None else []
    protocol, _ = protocol_of(record)
    options = ["--model", record.model, "--preset", protocol, "--folds", str(len(record.folds))]
    return [*CROSSVAL, "CASES", *also, *options, "--out", f"runs/{record.run}"]


def _value(words: list[str], option: str) -> str:
    return words[words.index(option) + 1]


def _with(words: list[str], option: str, value: str) -> list[str]:
    """The words with an option's value in place of its own, or with the option added."""
    if option not in words:
        return [*words, option, value]
    at = words.index(option) + 1
    return [*words[:at], value, *words[at + 1 :]]
