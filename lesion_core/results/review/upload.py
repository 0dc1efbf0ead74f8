"""A visitor's own tables as a review source: scores, and beside them readings and cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from lesion_core.cases.readings import read_readings
from lesion_core.cases.table import read_cases
from lesion_core.errors import InputError
from lesion_core.results.review.attributes import NONE, Attributes, attributes_of_cases, merged
from lesion_core.results.review.mapping import ColumnMapping
from lesion_core.results.review.readers import Reader, readers_of
from lesion_core.results.review.scores_file import header_of, read_scores_file
from lesion_core.results.review.source import ReviewSource

FileKind = Literal["scores", "readings", "cases"]


@dataclass(frozen=True)
class Uploads:
    """Files sorted by what they hold.

    Attributes:
        scores: exactly one is needed.
        readings: any number.
        cases: any number.
    """

    scores: tuple[Path, ...]
    readings: tuple[Path, ...]
    cases: tuple[Path, ...]


def kind_of(header: Sequence[str]) -> FileKind:
    """What a table is, by its columns: readings name a reader, cases an image and no score; all else is scores."""
    names = set(header)
    if {"reader", "case_id"} <= names:
        return "readings"
    return "cases" if {"case_id", "image", "organ", "label"} <= names and "score" not in names else "scores"


def sort_files(paths: Sequence[Path]) -> Uploads:
    """Sort uploaded files.

    Raises:
        InputError: a file that cannot be read, or none or several files of scores.
    """
    kinds: dict[FileKind, list[Path]] = {"scores": [], "readings": [], "cases": []}
    for path in paths:
        kinds[kind_of(header_of(path))].append(path)
    if len(kinds["scores"]) != 1:
        names = ", ".join(path.name for path in kinds["scores"]) or "none"
        raise InputError(f"one file of scores is needed, got {names}: upload one scores.csv (or any CSV with scores)")
    return Uploads(tuple(kinds["scores"]), tuple(kinds["readings"]), tuple(kinds["cases"]))


def uploaded_source(
    files: Uploads, *, key: str, mapping: ColumnMapping | None = None, target: str = ""
) -> ReviewSource:
    """Read everything, whole or not at all.

    Args:
        files: from `sort_files`.
        key: names the source in a link.
        mapping: of the file of scores; None guesses.
        target: what label 1 means, where no column says it.

    Raises:
        InputError: a file that cannot be used.
        TableError: every fault of the first file that has one.
    """
    scores = read_scores_file(files.scores[0], mapping, target=target)
    readers: tuple[Reader, ...] = ()
    for path in files.readings:
        readers += readers_of(read_readings(path))
    attributes, found = scores.attributes, set[str]()
    for path in files.cases:
        table = read_cases(path, check_files=False)
        known: Attributes = attributes_of_cases(table.cases, source=f"The uploaded table {path.name}.")
        attributes = merged(known, attributes) if attributes is not NONE else known
        found |= {case.label_source for case in table.cases} - {""}
    strange = [reader.name for reader in readers if not set(reader.case_ids.tolist()) & set(scores.runs[0].position)]
    notes = ["This set was uploaded; nothing about how it was made is known here."]
    notes += [
        f"Every label of {run.key} is {run.labels[0]}: what needs both classes is undefined."
        for run in scores.runs
        if np.unique(run.labels).size == 1
    ]
    if strange:
        notes.append(f"No case of these readers is in the scores: {', '.join(strange)}.")
    return ReviewSource(
        key=key,
        title=f"upload: {files.scores[0].name}",
        kind="uploaded",
        runs=scores.runs,
        readers=readers,
        attributes=attributes,
        label_source=", ".join(sorted(found)),
        openings="uploaded: how often these labels were looked at is not known",
        notes=tuple(notes),
    )
