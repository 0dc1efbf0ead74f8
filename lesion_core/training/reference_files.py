"""How a reference model is kept beside the others: one file of what it is and one of scores for each division."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

from lesion_core.cases.columns import write_text
from lesion_core.cases.folds import Scheme
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.results.performance import cross_fitted_performance, units_known
from lesion_core.results.scores import ScoreTable, read_scores, write_scores
from lesion_core.training.kept_scores import out_of_fold_of, scores_folder

#: Sensitivity that the thresholds of the printed figures would aim at; areas do not depend on it.
WANTED = 0.95
#: Coefficients that differ by less, relative to their size, are those of one fit on two machines.
ROUNDING = 1e-6


def about_file(folder: Path, scheme: str) -> Path:
    """Where stands what was fitted on the cases of a division."""
    return folder / f"reference-{scheme}.json"


def check_division(folder: Path, scheme: str, table: CaseTable, division: Scheme) -> None:
    """Require that no out-of-fold scores of other cases or folds would be overwritten: made divisions share names.

    Args:
        folder: of the reference model.
        scheme: name of the division.
        table: the cases that are to be scored.
        division: their folds.

    Raises:
        InputError: there are such scores.
        TableError: the scores that are kept have bad rows.
    """
    file = out_of_fold_of(folder, scheme)
    if not file.is_file():
        return
    kept = {(row.dataset, row.case_id): (row.label, row.target, row.fold) for row in read_scores(file).rows}
    now = {(case.dataset, case.case_id): (case.label, case.target, division.fold[case.case_id]) for case in table.cases}
    differ = sum(kept.get(key) != now.get(key) for key in kept.keys() | now.keys())
    if differ:
        raise InputError(
            f"{file} holds other cases, labels or folds ({differ} differ) under the same name {scheme}: give another "
            "--out, or delete that file first"
        )


def keep(folder: Path, scheme: str, about: str, scores: ScoreTable) -> None:
    """Keep what a reference model is and its out-of-fold scores; those of other divisions stay.

    Args:
        folder: of the reference model.
        scheme: name of the division.
        about: JSON text.
        scores: out of fold.
    """
    write_text(about_file(folder, scheme), about)
    write_scores(scores, out_of_fold_of(folder, scheme))


def external_file(folder: Path, table: CaseTable) -> Path:
    """Where the scores of an external set lie."""
    return scores_folder(folder) / f"{', '.join(sorted({case.dataset for case in table.cases}))}-external.csv"


def check_external(folder: Path, scheme: str, about: str, table: CaseTable) -> None:
    """Require that no scores of an external set by another fit would be overwritten.

    Args:
        folder: of the reference model.
        scheme: name of the division that it is fitted on.
        about: JSON text of the fit.
        table: the external cases.

    Raises:
        InputError: there are such scores.
    """
    kept, known = external_file(folder, table), about_file(folder, scheme)
    if kept.is_file() and not (known.is_file() and _same_fit(known.read_text(encoding="utf-8"), about)):
        raise InputError(
            f"{kept} holds scores by another fit than that of {scheme}: give another --out, or leave --external out"
        )


def areas(scores: ScoreTable) -> Iterator[str]:
    """For the terminal: AUCs per patient, where patients are known, and per image; of all cases and of each organ."""
    for part in (scores, *scores.by_organ()):
        datasets = ", ".join(sorted({row.dataset for row in part.rows}))
        for unit in units_known(scores):
            found = cross_fitted_performance(part, wanted_sensitivity=WANTED, unit=unit, taught_by=scores)
            yield (
                f"{part.rows[0].model}, {datasets}, out of fold, per {unit}: {found.auc.sentence()}; mean of the "
                f"folds' AUCs {found.fold_mean:.3f}"
            )


def _same_fit(kept: str, now: str) -> bool:
    """Whether two texts describe one fit: the last digits of coefficients differ between machines."""
    one, two = json.loads(kept), json.loads(now)
    first, second = (each.pop("coefficients", []) for each in (one, two))
    near = (math.isclose(a, b, rel_tol=ROUNDING, abs_tol=ROUNDING) for a, b in zip(first, second, strict=False))
    return bool(one == two and len(first) == len(second) and all(near))
