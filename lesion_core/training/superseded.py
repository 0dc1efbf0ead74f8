"""What was measured with a model as it was: it goes when the weights, or the way the score is made of them, change.

Scores of external sets with their parts (`apart`), tables of `shift` and `stability`; with a new release also scores,
record and history of the cross validation before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lesion_core.results.observers.reference_names import ALONE, OUTLINE
from lesion_core.results.table_folders import SHIFT, STABILITY
from lesion_core.training.kept_scores import beside, out_of_fold_files, scores_folder
from lesion_core.training.run_record import RUN_FILE


def forget_measured(folder: Path) -> tuple[str, ...]:
    """Remove what was measured with a final model; its out-of-fold scores stay.

    Args:
        folder: of the model.

    Returns:
        What was removed, by paths from the models' folder.
    """
    return _removed(folder, _measured(folder))


def forget_release(folder: Path) -> tuple[str, ...]:
    """Remove what an earlier release left in a model's folder and beside it; card and weights stay.

    Args:
        folder: of the model.

    Returns:
        What was removed, by paths from the models' folder.
    """
    scores = scores_folder(folder)
    run = [*scores.glob("history-*.csv"), *(path for path in [scores / RUN_FILE] if path.is_file())]
    folds = [*out_of_fold_files(folder), *out_of_fold_files(beside(folder, ALONE))]
    return _removed(folder, (*_measured(folder), *run, *folds))


def _measured(folder: Path) -> Iterator[Path]:
    for each in (folder, beside(folder, ALONE), beside(folder, OUTLINE)):
        yield from sorted(scores_folder(each).glob("*-external.csv"))
    for name in (SHIFT, STABILITY):
        yield from sorted((folder / name).glob("*.csv"))


def _removed(folder: Path, paths: Iterator[Path] | tuple[Path, ...]) -> tuple[str, ...]:
    found = tuple(paths)
    for path in found:
        path.unlink()
    return tuple(path.relative_to(folder.parent).as_posix() for path in found)
