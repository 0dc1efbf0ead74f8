"""Where a model keeps the scores behind its figures."""

from __future__ import annotations

from pathlib import Path

from lesion_core.errors import InputError

OUT_OF_FOLD = "-out-of-fold.csv"


def scores_folder(folder: Path) -> Path:
    """The folder of scores in a model's folder."""
    return folder / "scores"


def beside(folder: Path, part: str) -> Path:
    """The folder beside a model's with the scores of a part of it, e.g. ``bnet-image-only``.

    Args:
        folder: of the model.
        part: of `lesion_core.results.observers.reference_names`: ALONE or OUTLINE.
    """
    return folder.with_name(f"{folder.name}-{part}")


def out_of_fold_of(folder: Path, scheme: str) -> Path:
    """Where the out-of-fold scores of a division lie in a model's folder."""
    return scores_folder(folder) / f"{scheme}{OUT_OF_FOLD}"


def out_of_fold_files(folder: Path) -> list[Path]:
    """All out-of-fold scores in a model's folder, by name."""
    return sorted(scores_folder(folder).glob(out_of_fold_of(folder, "*").name))


def out_of_fold_file(folder: Path) -> Path:
    """The out-of-fold scores of a model.

    Raises:
        InputError: there are none, or several.
    """
    found = out_of_fold_files(folder)
    if len(found) != 1:
        raise InputError(
            f"{scores_folder(folder)} holds {len(found)} files of out-of-fold scores, one is needed: make the model "
            "with `train`"
        )
    return found[0]
