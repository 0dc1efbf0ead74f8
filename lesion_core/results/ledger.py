"""ledger.csv: every scoring of an external set, so that everyone sees how often it was opened.

It lies beside the models and is committed with them. Rows are only ever added, by one process at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lesion_core.cases.columns import Column, Row, any_text, checked_rows, number_between, problems_of, write_rows
from lesion_core.cases.lock import locked
from lesion_core.errors import TableError

LEDGER_FILE = "ledger.csv"
#: Writing takes milliseconds; whoever waits longer is told.
LOCK_SECONDS = 10.0


def _is_sha256(cell: str) -> bool:
    return len(cell) == 64 and not set(cell) - set("0123456789abcdef")


def _is_count(cell: str) -> bool:
    return cell.isascii() and cell.isdigit()


COLUMNS = (
    Column("date", "day of the scoring, YYYY-MM-DD", "text on one line", any_text, required=True),
    Column("model", "name of the model", "text on one line", any_text, required=True),
    Column("weights_sha256", "SHA-256 of its weights file", "64 hex digits", _is_sha256, required=True),
    Column("dataset", "the external set", "text on one line", any_text, required=True),
    Column("target", "what its label means", "text on one line", any_text, required=True),
    Column("n", "images scored", "a whole number", _is_count, required=True),
    Column("auc", "AUC per image", "a number from 0 to 1, or empty when undefined", number_between(0, 1)),
    Column("cases_sha256", "SHA-256 over the sorted case ids and labels", "64 hex digits", _is_sha256),
)


@dataclass(frozen=True)
class Opening:
    """One scoring of an external set; the attributes are the columns of the ledger."""

    date: str
    model: str
    weights_sha256: str
    dataset: str
    target: str
    n: int
    auc: float | None
    cases_sha256: str


def read_ledger(path: Path) -> tuple[Opening, ...]:
    """The ledger so far, oldest first; empty when there is none.

    Raises:
        TableError: bad rows, all of them listed.
    """
    if not path.is_file():
        return ()
    rows = checked_rows(path, COLUMNS)
    return tuple(
        Opening(
            date=row.cells["date"],
            model=row.cells["model"],
            weights_sha256=row.cells["weights_sha256"],
            dataset=row.cells["dataset"],
            target=row.cells["target"],
            n=int(row.cells["n"]),
            auc=float(row.cells["auc"]) if row.cells["auc"] else None,
            cases_sha256=row.cells["cases_sha256"],
        )
        for row in rows
    )


def enter(path: Path, opening: Opening) -> int:
    """Add a scoring and keep all earlier ones.

    Returns:
        How often this data set was opened for this model's name, this time included.

    Raises:
        TableError: an entry that could not be read back, or a ledger with bad rows; nothing is written.
        InputError: the ledger cannot be written, or another process keeps it.
    """
    with locked(path.with_name(f".{path.name}.lock"), LOCK_SECONDS, f"another scoring is being entered in {path}"):
        openings = (*read_ledger(path), opening)
        cells = [_cells(each) for each in openings]
        if problems := problems_of([Row(len(cells) + 1, cells[-1])], COLUMNS):
            raise TableError(str(path), problems)
        write_rows(path, COLUMNS, cells)
    return sum((each.dataset, each.model) == (opening.dataset, opening.model) for each in openings)


def _cells(opening: Opening) -> dict[str, str]:
    return {
        "date": opening.date,
        "model": opening.model,
        "weights_sha256": opening.weights_sha256,
        "dataset": opening.dataset,
        "target": opening.target,
        "n": str(opening.n),
        "auc": "" if opening.auc is None else f"{opening.auc:.6f}",
        "cases_sha256": opening.cases_sha256,
    }
