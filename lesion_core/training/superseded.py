"""What was measured with a model as it was: it goes when the weights, or the way the score is made of them, change.

Scores of external sets with their parts (`apart`), tables of `shift` and `stability`; with a new release also scores,
record and history of the cross validation before. It is removed before the new weights and the card take their place:
cut off in between, a figure may be missing but is never of other weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lesion_core.results.observers.reference_names import ALONE, OUTLINE
from lesion_core.results.table_folders import SHIFT, STABILITY
from lesion_core.training.kept_scores import OUT_OF_FOLD, beside, out_of_fold_files, scores_folder
from lesion_core.training.run_record import RUN_FILE

EXTERNAL = "-external.csv"


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


def gone_for_good(folder: Path, removed: Sequence[str]) -> Iterator[str]:
    """Say what was removed and not written anew, and what makes it again.

    Args:
        folder: of the model, as it is now.
        removed: paths as `forget_release` returned them.
    """
    for name in removed:
        if not (folder.parent / name).exists():
            again = _made_again_by(folder, Path(name))
            yield f"{name} was of the release before and is gone" + (f": make it again with `{again}`" if again else "")


def _made_again_by(folder: Path, path: Path) -> str:
    """The command that makes a file again; empty for another cross validation's, which this model is not of."""
    if path.parent.name in (SHIFT, STABILITY):
        return path.parent.name
    if path.parts[0] == beside(folder, ALONE).name and path.name.endswith(OUT_OF_FOLD):
        return "outline"
    if path.name.endswith(EXTERNAL):
        return "evaluate --record" if path.parts[0] == folder.name else "apart"
    return ""


def _measured(folder: Path) -> Iterator[Path]:
    for each in (folder, beside(folder, ALONE), beside(folder, OUTLINE)):
        yield from sorted(scores_folder(each).glob(f"*{EXTERNAL}"))
    for name in (SHIFT, STABILITY):
        yield from sorted((folder / name).glob("*.csv"))


def _removed(folder: Path, paths: Iterator[Path] | tuple[Path, ...]) -> tuple[str, ...]:
    found = tuple(paths)
    for path in found:
        path.unlink()
    return tuple(path.relative_to(folder.parent).as_posix() for path in found)
