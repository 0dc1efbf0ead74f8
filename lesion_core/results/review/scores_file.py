"""A file of scores as columns: checked whole, with every fault and its row, at 100,000 rows in about a second.

`results.scores.read_scores` reads the same files row by row for training and release, strictly; here a score may also
be empty or "cannot assess" (could not be assessed), and labels may be words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.columns import read_header, read_records, shown
from lesion_core.errors import InputError, TableError
from lesion_core.results.review.attributes import NONE, Attributes
from lesion_core.results.review.mapping import ROLES, ColumnMapping, check_mapping, guess
from lesion_core.results.review.scored import Floats, ScoredRun, Strings

NOT_ASSESSED = frozenset({"", "na", "nan", "cannot assess", "not assessable", "could not be assessed"})
POSITIVE = frozenset({"1", "1.0", "malignant", "m", "positive", "pos", "true", "yes", "cancer"})
NEGATIVE = frozenset({"0", "0.0", "benign", "b", "negative", "neg", "false", "no", "normal"})
MAX_BYTES = 60_000_000
MAX_ATTRIBUTES = 20


@dataclass(frozen=True)
class ScoresFile:
    """What a file of scores holds.

    Attributes:
        runs: one for each model and run, in order of appearance.
        attributes: of the columns that the mapping does not use.
        mapping: what was taken for what.
        header: names of all columns.
    """

    runs: tuple[ScoredRun, ...]
    attributes: Attributes
    mapping: ColumnMapping
    header: tuple[str, ...]


def header_of(path: str | Path) -> tuple[str, ...]:
    """The names of the columns.

    Raises:
        InputError: too large, no such file, empty, or no UTF-8 text.
    """
    check_size(Path(path))
    return read_header(path)


def read_scores_file(path: str | Path, mapping: ColumnMapping | None = None, *, target: str = "") -> ScoresFile:
    """Read and check scores.

    Args:
        path: the CSV file.
        mapping: what is in which column; None guesses.
        target: what label 1 means, where no column says it.

    Raises:
        InputError: too large, no UTF-8 text, or a mapping that does not fit.
        TableError: every fault, with row numbers.
    """
    check_size(Path(path))
    header, records, problems = read_records(path)
    problems = [each for each in problems if "ends in the middle of a line" not in each]
    mapping = mapping or guess(header)
    _check_header(header)
    check_mapping(mapping, header)
    if not records:
        raise TableError(str(path), problems or ["row 1: there is no score below the header"])
    numbers = np.array([number for number, _ in records], dtype=np.int64)
    cells = dict(
        zip(header, (_strip(column) for column in zip(*(row for _, row in records), strict=True)), strict=True)
    )
    columns = {role: cells[getattr(mapping, role)] for role in ROLES if getattr(mapping, role)}
    table = _Table(numbers, columns)
    table.parse(target)
    problems += table.problems
    if problems:
        raise TableError(str(path), sorted(problems, key=lambda each: int(each.split(":")[0].removeprefix("row "))))
    others = [name for name in header if name not in vars(mapping).values() and name][:MAX_ATTRIBUTES]
    return ScoresFile(table.runs(), _attributes(columns["case_id"], cells, others), mapping, tuple(header))


def check_size(path: Path) -> None:
    """Refuse a table that is too large to be read for a visitor.

    Raises:
        InputError: it has more than `MAX_BYTES`, or is not there.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"cannot read {path.name}: {error.strerror or error}") from error
    if size > MAX_BYTES:
        raise InputError(
            f"{path.name} has {size / 1e6:.0f} MB: tables of up to {MAX_BYTES / 1e6:.0f} MB are opened here;"
            " leave out the columns that are not needed, or split it by run"
        )


class _Table:
    """The columns while they are checked."""

    def __init__(self, numbers: NDArray[np.int64], columns: dict[str, Strings]) -> None:
        self.numbers, self.columns, self.problems = numbers, columns, list[str]()
        self.values: dict[str, NDArray[np.generic]] = {}

    def parse(self, target: str) -> None:
        """Turn text into values and note every fault."""
        n = self.numbers.size
        blank = np.full(n, "", dtype="<U1")
        ids = self.columns["case_id"]
        self._note(ids == "", lambda row: "case_id is empty, allowed is text on one line")
        for role in ("patient_id", "lesion_id", "dataset", "organ", "run", "model", "target"):
            self.values[role] = self.columns.get(role, blank)
        if target or "target" not in self.columns:
            self.values["target"] = np.full(n, target or "not stated")
        self._note(
            ~np.isin(self.values["organ"], ("", "breast", "thyroid")),
            lambda row: f"organ is {shown(str(self.values['organ'][row]))}, allowed is breast or thyroid",
        )
        self.values["score"] = self._share("score", missing=NOT_ASSESSED)
        calibrated = "calibrated" in self.columns
        self.values["calibrated"] = (
            self._share("calibrated", missing=frozenset({""})) if calibrated else np.full(n, np.nan)
        )
        self.values["label"] = self._labels()
        self.values["fold"] = self._folds() if "fold" in self.columns else np.zeros(n, dtype=np.int64)
        self._repeated()

    def runs(self) -> tuple[ScoredRun, ...]:
        """One for each run and model."""
        pair = np.char.add(
            np.char.add(self.values["run"].astype(np.str_), "\x1f"), self.values["model"].astype(np.str_)
        )
        _, first, code = np.unique(pair, return_index=True, return_inverse=True)
        return tuple(self._run(np.flatnonzero(code == each), int(first[each])) for each in np.argsort(first))

    def _run(self, rows: NDArray[np.int64], at: int) -> ScoredRun:
        def text(role: str) -> Strings:
            column = self.columns["case_id"] if role == "case_id" else self.values[role]
            return column[rows].astype(np.str_)

        return ScoredRun(
            name=str(self.values["run"][at]) or "upload",
            model=str(self.values["model"][at]) or "model",
            case_ids=text("case_id"),
            lesion_ids=text("lesion_id"),
            patient_ids=text("patient_id"),
            datasets=text("dataset"),
            organs=text("organ"),
            targets=text("target"),
            labels=self.values["label"][rows].astype(np.int64),
            folds=self.values["fold"][rows].astype(np.int64),
            scores=self.values["score"][rows].astype(np.float64),
            calibrated=self.values["calibrated"][rows].astype(np.float64),
        )

    def _share(self, role: str, *, missing: frozenset[str]) -> Floats:
        texts = self.columns[role]
        distinct, code = np.unique(texts, return_inverse=True)
        parsed = np.array([_number(each, missing) for each in distinct.tolist()])
        bad = np.array([not (np.isnan(value) or 0 <= value <= 1) for value in parsed])
        self._note(
            bad[code], lambda row: f"{role} is {shown(str(texts[row]))}, allowed is a number from 0 to 1, or empty"
        )
        return np.asarray(np.where(np.isinf(parsed), np.nan, parsed)[code], dtype=np.float64)

    def _labels(self) -> NDArray[np.int64]:
        texts = self.columns["label"]
        distinct, code = np.unique(texts, return_inverse=True)
        parsed = np.array([1 if t.casefold() in POSITIVE else 0 if t.casefold() in NEGATIVE else -1 for t in distinct])
        self._note(
            parsed[code] < 0,
            lambda row: f"label is {shown(str(texts[row]))}, allowed is 0 or 1 (or benign, malignant)",
        )
        return parsed[code].astype(np.int64)

    def _folds(self) -> NDArray[np.int64]:
        texts = self.columns["fold"]
        distinct, code = np.unique(texts, return_inverse=True)
        parsed = np.array([_whole(each) for each in distinct.tolist()], dtype=np.int64)
        self._note(
            parsed[code] < 0,
            lambda row: f"fold is {shown(str(texts[row]))}, allowed is a whole number from 1 to 1000, or empty",
        )
        return parsed[code]

    def _repeated(self) -> None:
        first: dict[tuple[str, str, str], int] = {}
        keys = zip(*(self.values[r].tolist() for r in ("run", "model")), self.columns["case_id"].tolist(), strict=True)
        for row, key in enumerate(keys):
            known = first.setdefault(key, row)
            if known != row:
                self.problems.append(
                    f"row {self.numbers[row]}: case {shown(key[2])} was already scored in row {self.numbers[known]}"
                )

    def _note(self, bad: NDArray[np.bool_], words: Callable[[int], str]) -> None:
        self.problems += [f"row {self.numbers[row]}: {words(int(row))}" for row in np.flatnonzero(bad)]


def _check_header(header: Sequence[str]) -> None:
    double = [name for name in dict.fromkeys(header) if name and list(header).count(name) > 1]
    if double:
        raise InputError(f"row 1: column {double[0]!r} stands twice: name each column once")
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        raise InputError(
            "row 1: the columns are separated by semicolons or tabs: save the table as comma-separated CSV"
        )


def _strip(column: Sequence[str]) -> Strings:
    return np.char.strip(np.array(column, dtype=np.str_))


def _number(text: str, missing: frozenset[str]) -> float:
    """A number; NaN where nothing was said, infinity (never allowed) where it is none."""
    if text.casefold() in missing:
        return float("nan")
    try:
        value = float(text)
    except ValueError:
        return float("inf")
    return value if np.isfinite(value) else float("inf")


def _whole(text: str) -> int:
    """A fold; 0 for none, -1 where it is no fold."""
    if not text:
        return 0
    whole = text.removesuffix(".0")
    return int(whole) if whole.isascii() and whole.isdigit() and 1 <= int(whole) <= 1000 else -1


def _attributes(case_ids: Strings, cells: dict[str, Strings], names: Sequence[str]) -> Attributes:
    if not names:
        return NONE
    ids, first = np.unique(case_ids, return_index=True)
    return Attributes(ids, {name: cells[name][first] for name in names}, "Further columns of the uploaded table.")
