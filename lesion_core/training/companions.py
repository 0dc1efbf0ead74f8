"""A cross validation kept beside a released model: its scores, record and history, but no weights.

So the paper's protocol, another label rule or another seed can be looked at wherever the released model is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.results.observers.reference_names import ALONE, beside
from lesion_core.results.scores import ScoreTable, read_scores, write_scores
from lesion_core.training.crossval import SCORES_FILE, fold_folders
from lesion_core.training.history import join_histories
from lesion_core.training.kept_scores import out_of_fold_files, out_of_fold_of, scores_folder
from lesion_core.training.outline import cross_fit, keep_beside, measured_for
from lesion_core.training.run_record import read_run, write_run


def keep_run(run: Path, name: str, folder: Path, tables: Sequence[CaseTable] = ()) -> ScoreTable:
    """Keep a finished run under a name of its own.

    With its cases the outline enters the scores as `outline` lets it enter a model's; the network's own are then kept
    beside them.

    Args:
        run: the folder of `crossval`, all folds merged.
        name: the released model's name, a hyphen, and what is different ("bnet-paper").
        folder: the models' folder; `name` becomes a folder in it.
        tables: the run's cases, for their outlines; none keeps the network's scores only.

    Returns:
        The scores as they were kept.

    Raises:
        InputError: a run that is not finished, a name that is not beside the run's model or holds scores by other
            folds, other cases, or no tables where a network alone is kept beside that name.
        TableError: cases whose image or border cannot be used.
    """
    record = read_run(run)
    if not (run / SCORES_FILE).is_file():
        raise InputError(f"{run} is not finished: run the other folds with `python -m lesion_core crossval`")
    if beside(name) != record.model or not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
        raise InputError(
            f"--as is {name!r}: start it with {record.model}- (the run's model); "
            f"small letters, digits, dots and hyphens, e.g. {record.model}-paper"
        )
    partner = folder / f"{name}-{ALONE}"
    if not tables and out_of_fold_files(partner):
        raise InputError(
            f"{partner} holds the network alone of scores with the outline: give the cases with --outline, or delete "
            "that folder first"
        )
    _check_same_folds((folder / name, partner), record.scheme)
    scores = ScoreTable(tuple(replace(row, run=name, model=name) for row in read_scores(run / SCORES_FILE).rows))
    if len(scores) != record.images:
        raise InputError(f"{run / SCORES_FILE} holds {len(scores)} of {record.images} cases: run `merge` again")
    combined = cross_fit(scores, measured_for(scores, tables)) if tables else scores
    kept = scores_folder(folder / name)
    write_scores(scores, out_of_fold_of(folder / name, record.scheme))
    join_histories(fold_folders(run), kept / f"history-{name}.csv")
    write_run(replace(record, run=name), kept)
    if tables:
        keep_beside(folder / name, scores, combined)
    return combined


def _check_same_folds(folders: Sequence[Path], scheme: str) -> None:
    """Require that no folder holds out-of-fold scores under another name: there may be one file of them."""
    for folder in folders:
        own = out_of_fold_of(folder, scheme)
        others = sorted(path.name for path in own.parent.glob(out_of_fold_of(folder, "*").name) if path != own)
        if others:
            raise InputError(
                f"{folder} holds {', '.join(others)}, scores by other folds than {scheme}: give another name with --as,"
                " or delete that folder first"
            )
