"""history.csv: what a training reported, one row per epoch."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from lesion_core.cases.columns import write_text
from lesion_core.training.snapshot import EpochRecord

HISTORY_FILE = "history.csv"


def write_history(history: Sequence[EpochRecord], folder: Path) -> None:
    """Write history.csv whole or not at all; what was not watched is left empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [each.name for each in fields(EpochRecord)], lineterminator="\n")
    writer.writeheader()
    for record in history:
        writer.writerow({name: _cell(value) for name, value in asdict(record).items()})
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{HISTORY_FILE}.part"
    unfinished.write_text(text.getvalue(), encoding="utf-8")
    unfinished.replace(folder / HISTORY_FILE)


def join_histories(folders: Sequence[Path], file: Path) -> int:
    """Put the histories of folds into one table, a column for the fold first, as the review reads it.

    Args:
        folders: of folds, "fold-03" ...; those without a history (merged elsewhere) are passed over.
        file: is written, whole or not at all, where there is one history at least.

    Returns:
        How many folds it holds.
    """
    rows: list[dict[str, str]] = []
    found = [folder for folder in folders if (folder / HISTORY_FILE).is_file()]
    for folder in found:
        with (folder / HISTORY_FILE).open(encoding="utf-8", newline="") as stream:
            rows += [{"fold": str(int(folder.name.rpartition("-")[2])), **row} for row in csv.DictReader(stream)]
    if rows:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(file, text.getvalue())
    return len(found)


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
