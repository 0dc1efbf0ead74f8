"""How a reference model is kept beside the others: one file of what it is and one of scores for each division."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lesion_core.cases.columns import write_text
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.results.performance import cross_fitted_performance, units_known
from lesion_core.results.scores import ScoreTable, write_scores

#: Sensitivity that the thresholds of the printed figures would aim at; areas do not depend on it.
WANTED = 0.95


def about_file(folder: Path, scheme: str) -> Path:
    """Where stands what was fitted on the cases of a division."""
    return folder / f"reference-{scheme}.json"


def keep(folder: Path, scheme: str, about: str, scores: ScoreTable) -> None:
    """Keep what a reference model is and its out-of-fold scores; those of other divisions stay.

    Args:
        folder: of the reference model.
        scheme: name of the division.
        about: JSON text.
        scores: out of fold.
    """
    write_text(about_file(folder, scheme), about)
    write_scores(scores, folder / "scores" / f"{scheme}-out-of-fold.csv")


def external_file(folder: Path, table: CaseTable) -> Path:
    """Where the scores of an external set lie."""
    return folder / "scores" / f"{', '.join(sorted({case.dataset for case in table.cases}))}-external.csv"


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
    if kept.is_file() and not (known.is_file() and known.read_text(encoding="utf-8") == about):
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
