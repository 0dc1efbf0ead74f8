"""history.csv: what a training reported, one row per epoch."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

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


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
