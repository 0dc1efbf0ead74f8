"""history.csv: how a training went, one row for each fold and epoch; read where a run has it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lesion_core.cases.columns import read_records
from lesion_core.errors import TableError

FILE_PATTERN = "history*.csv"


@dataclass(frozen=True)
class EpochRow:
    """One epoch.

    Attributes:
        fold: number of the fold; 0 for a final model.
        epoch: from 1.
        loss: mean over the images shown; None where it is not given.
        validation_loss: mean over the validation part; None likewise.
        validation_auc: per image; None likewise.
    """

    fold: int
    epoch: int
    loss: float | None
    validation_loss: float | None
    validation_auc: float | None


def histories(folder: Path, run: str) -> tuple[EpochRow, ...]:
    """The history of a run among the files beside its scores: `history.csv`, or `history-<run>.csv` first.

    Args:
        folder: where the scores lie.
        run: name of the run.

    Raises:
        TableError: a history without epochs, or cells that are no numbers.
    """
    for name in (f"history-{run}.csv", "history.csv"):
        if (folder / name).is_file():
            return read_history(folder / name)
    return ()


def read_history(path: Path) -> tuple[EpochRow, ...]:
    """Read one; further columns are left alone.

    Raises:
        InputError: the file cannot be opened.
        TableError: a history without epochs, or cells that are no numbers.
    """
    header, records, problems = read_records(path)
    if "epoch" not in header:
        raise TableError(str(path), ["row 1: column 'epoch' is missing"])
    rows = []
    for number, record in records:
        cells = dict(zip(header, (cell.strip() for cell in record), strict=True))
        try:
            rows.append(
                EpochRow(
                    fold=int(cells.get("fold") or 0),
                    epoch=int(cells["epoch"]),
                    loss=_number(cells.get("loss", "")),
                    validation_loss=_number(cells.get("validation_loss", "")),
                    validation_auc=_number(cells.get("validation_auc", "")),
                )
            )
        except ValueError as error:
            problems.append(f"row {number}: {error}")
    if problems:
        raise TableError(str(path), problems)
    return tuple(rows)


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
