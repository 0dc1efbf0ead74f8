"""The review sources that come with the models: `<models>/<model>/scores/*.csv`, one source for each set and stage.

Scores of several models on the same set stand in one source. What is known of a set's cases is read from
`<models>/attributes/<dataset>.csv` and `<models>/readings/<dataset>.csv`, where those are there, and from the cases.csv
files that are connected on this machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lesion_core.cases.outlines import outlines_of
from lesion_core.cases.readings import read_readings
from lesion_core.errors import InputError, LesionError
from lesion_core.results.ledger import LEDGER_FILE, Opening, read_ledger
from lesion_core.results.review.attributes import NONE, Attributes, merged, read_attributes
from lesion_core.results.review.history import EpochRow, histories
from lesion_core.results.review.readers import Reader, readers_of
from lesion_core.results.review.scored import ScoredRun
from lesion_core.results.review.scores_file import read_scores_file
from lesion_core.results.review.source import ReviewSource, ThresholdRule

#: External to the training of the bundled models, not to how they are built; the count stands in the ledger.
OUTLINE_CHOSEN_KNOWING_BUSI = (
    "The outline was taken into the score when it was known that its shape alone reaches 0.951 here: external to the "
    "training, not to that choice."
)
#: data set -> (title, what its labels rest on, what a reader of any figure should know).
SETS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "busbra": (
        "BUS-BRA",
        "histopathology",
        (
            "Every lesion was biopsied: this is no screening population.",
            "The outlines were drawn by the radiologist who gave the BI-RADS category; nothing says that the reading "
            "was blind.",
        ),
    ),
    "busi": (
        "BUSI (part)",
        "class folder, how proven is not stated",
        ("There are no patient ids: intervals are too narrow.", OUTLINE_CHOSEN_KNOWING_BUSI),
    ),
    "ddti": ("DDTI", "TI-RADS by a radiologist, not histology", ("The label is one reader's suspicion, not cancer.",)),
}
SKIPPED = ("history",)


@dataclass(frozen=True)
class Damaged:
    """A file of scores that cannot be used.

    Attributes:
        name: model and file.
        reason: the error.
    """

    name: str
    reason: str


def bundled_sources(
    models: Path, *, thresholds: Mapping[str, ThresholdRule], connected: Mapping[str, Attributes] | None = None
) -> tuple[tuple[ReviewSource, ...], tuple[Damaged, ...]]:
    """Every set that has scores beside the models.

    Args:
        models: the folder of the models.
        thresholds: model -> the pre-stated threshold of its card.
        connected: data set -> attributes from the cases.csv files on this machine; they complete the bundled ones of
            the sets of that name.

    Returns:
        The sources, cross validations first, and the files that could not be used.
    """
    found: dict[tuple[bool, str, str], list[ScoredRun]] = {}
    kept: dict[str, tuple[EpochRow, ...]] = {}
    damaged: list[Damaged] = []
    for path in sorted(models.glob("*/scores/*.csv")):
        if path.stem.startswith(SKIPPED):
            continue
        try:
            runs = read_scores_file(path).runs
        except LesionError as error:
            damaged.append(Damaged(f"{path.parent.parent.name}/{path.name}", str(error)))
            continue
        for run in runs:
            found.setdefault((run.out_of_fold, run.dataset, run.target), []).append(run)
            kept[run.key] = _history(path.parent, run, damaged)
    openings = _openings(models, damaged)
    stages = [key[:2] for key in found]
    return tuple(
        _source(
            models,
            folds,
            tuple(runs),
            thresholds,
            openings,
            connected or {},
            kept,
            alone=stages.count((folds, name)) == 1,
        )
        for (folds, name, _), runs in sorted(found.items(), key=lambda item: (not item[0][0], *item[0][1:]))
    ), tuple(damaged)


def out_of_fold_run(models: Path, model: str) -> tuple[ReviewSource, ScoredRun]:
    """The cross validation of a model whose scores lie beside the models, and the set it is on.

    Args:
        models: the folder of the models.
        model: its name, e.g. "bnet", or the key of a run, e.g. "bnet@bnet-cv".

    Raises:
        InputError: there is none, or several; those there are are named.
    """
    sources, damaged = bundled_sources(models, thresholds={})
    there = [(source, run) for source in sources for run in source.runs if run.out_of_fold]
    found = [(source, run) for source, run in there if model in (run.model, run.key)]
    if len(found) != 1:
        names = ", ".join(run.key for _, run in found or there) or "none"
        spoiled = "".join(f"; {each.name} cannot be used: {each.reason}" for each in damaged)
        many = f"{len(found)} runs" if found else "no run"
        raise InputError(f"{many} with out-of-fold scores of {model!r} in {models}: choose one of {names}{spoiled}")
    return found[0]


def _history(folder: Path, run: ScoredRun, damaged: list[Damaged]) -> tuple[EpochRow, ...]:
    try:
        return histories(folder, run.name)
    except LesionError as error:
        damaged.append(Damaged(f"{folder.parent.name}/history of {run.name}", str(error)))
        return ()


def _openings(models: Path, damaged: list[Damaged]) -> tuple[Opening, ...]:
    try:
        return read_ledger(models / LEDGER_FILE)
    except LesionError as error:
        damaged.append(Damaged(LEDGER_FILE, str(error)))
        return ()


def _source(
    models: Path,
    folds: bool,
    runs: tuple[ScoredRun, ...],
    thresholds: Mapping[str, ThresholdRule],
    openings: Sequence[Opening],
    connected: Mapping[str, Attributes],
    kept: Mapping[str, tuple[EpochRow, ...]],
    *,
    alone: bool,
) -> ReviewSource:
    """One set at one stage; `alone` where no other label rule of it was scored."""
    names = runs[0].dataset.split(", ")
    known = [SETS.get(name, (name, "", ())) for name in names]
    attributes, there = NONE, NONE
    for name in names:
        there = merged(there, connected.get(name, NONE))
        path = models / "attributes" / f"{name}.csv"
        if path.is_file():
            attributes = merged(attributes, read_attributes(path, source=f"attributes/{name}.csv beside the models."))
    title = " and ".join(title for title, _, _ in known)
    rule = "" if alone else re.sub(r"[^a-z0-9]+", "-", runs[0].target.lower()).strip("-")
    return ReviewSource(
        key=".".join(filter(None, ("+".join(names), "folds" if folds else "test", rule))),
        title=f"{title}, {'out of fold' if folds else 'final models'}{'' if alone else f' ({runs[0].target})'}",
        kind="bundled",
        runs=runs,
        readers=_readers(models, names),
        attributes=merged(there, attributes) if there.case_ids.size else attributes,
        label_source="; ".join(dict.fromkeys(source for _, source, _ in known if source)),
        thresholds=tuple((run.model, thresholds[run.model]) for run in runs if run.model in thresholds),
        openings=_opened(openings, names, runs[0].target, folds=folds),
        notes=(*(note for _, _, notes in known for note in notes), *_counted(runs[0])),
        histories=tuple((run.key, kept[run.key]) for run in runs),
    )


def _counted(run: ScoredRun) -> tuple[str, ...]:
    """What n is where images have several outlines: the figures of a tab are counted by either unit."""
    outlines = outlines_of(run.datasets.tolist(), run.case_ids.tolist(), run.patient_ids.tolist(), run.labels.tolist())
    units: tuple[Literal["image", "patient"], ...] = ("image", "patient") if "patient" in run.units else ("image",)
    return tuple(f"Counted by {unit}, {note}." for unit in units if (note := outlines.note(unit)))


def _readers(models: Path, names: Sequence[str]) -> tuple[Reader, ...]:
    files = (models / "readings" / f"{name}.csv" for name in names)
    return tuple(reader for path in files if path.is_file() for reader in readers_of(read_readings(path)))


def _opened(openings: Sequence[Opening], names: Sequence[str], target: str, *, folds: bool) -> str:
    if folds:
        return "development data: looked at while the models were made, scored out of fold"
    known = {name.casefold() for name in names}
    own = [each for each in openings if each.dataset.casefold() in known and each.target == target]
    if not own:
        return "no opening is recorded in the ledger"
    by_model: dict[str, int] = {}
    for each in own:
        by_model[each.model] = by_model.get(each.model, 0) + 1
    counts = ", ".join(f"{model} {'once' if count == 1 else f'{count} times'}" for model, count in by_model.items())
    return f"{len(own)} time(s) in all by the ledger: {counts} (last {max(each.date for each in own)})"
