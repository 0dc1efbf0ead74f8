"""cases.csv: one row per lesion image, with its border, its label and what the label means.

`image` and `border` are paths relative to the file (POSIX slashes). Labels are written 0 and 1: 1 means what `target`
says, which for a TI-RADS label is a suspicion and not a cancer. Empty cells mean "unknown".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.columns import (
    Column,
    Row,
    any_text,
    number_between,
    one_of,
    problems_of,
    read_rows,
    rows_text,
    shown,
    write_text,
)
from lesion_core.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

ORGANS = ("breast", "thyroid")
LABEL_SOURCES = ("histopathology", "cytology", "follow-up", "tirads", "birads", "folder", "phantom")
SPLITS = ("development", "external")
PLANES = ("longitudinal", "transverse", "oblique", "radial", "antiradial")
LABELS = {"0": 0, "1": 1, "benign": 0, "malignant": 1}

#: Label sources that allow the target "histology malignant"; a benign lesion may be proven by follow-up.
PROVEN = ("histopathology", "cytology", "follow-up")

_ID = re.compile(r"[^\s/\\,;\"'<>&|*?:](?:[^/\\,;\"'<>&|*?:\x00-\x1f]*[^\s/\\,;\"'<>&|*?:])?")
_TARGET = re.compile(r"histology malignant|labelled malignant|mixed|(?:BI|TI)-RADS (?:[1-6]|4[abc]) or higher")
_RADS = re.compile(r"[0-6]|4[abc]")
_TARGET_WORDS = (
    "'histology malignant', 'labelled malignant', 'mixed', 'TI-RADS <grade> or higher' or 'BI-RADS <grade> or higher'"
)


def _is_id(cell: str) -> bool:
    return len(cell) <= 120 and _ID.fullmatch(cell) is not None


_ID_WORDS = "up to 120 characters without / \\ , ; : \" ' < > & | * ?"

#: The schema, in the order in which the columns are written.
COLUMNS = (
    Column("case_id", "name of the row, unique", _ID_WORDS, _is_id, required=True),
    Column("lesion_id", "joins the views of one lesion", _ID_WORDS, _is_id),
    Column("patient_id", "joins the lesions of one patient", _ID_WORDS, _is_id),
    Column("group", "joins near-duplicate images; never split", _ID_WORDS, _is_id),
    Column("dataset", "where the case comes from", _ID_WORDS, _is_id),
    Column("organ", "which organ is shown", "breast or thyroid", one_of(*ORGANS), required=True),
    Column("image", "image file, relative to this file", "a path on one line", any_text, required=True),
    Column("border", "JSON polygon or mask PNG, relative to this file", "a path on one line", any_text),
    Column("label", "1 when the target is met", "0 (or benign) or 1 (or malignant)", one_of(*LABELS), required=True),
    Column("label_source", "where the label comes from", ", ".join(LABEL_SOURCES), one_of(*LABEL_SOURCES)),
    Column("target", "what label 1 means", _TARGET_WORDS, lambda cell: bool(_TARGET.fullmatch(cell)), required=True),
    Column("split", "whether the case may be learnt from", "development or external", one_of(*SPLITS)),
    Column("age", "age in years", "a number from 0 to 120", number_between(0, 120)),
    Column("sex", "sex of the patient", "F or M", one_of("F", "M")),
    Column("plane", "plane of the image", ", ".join(PLANES), one_of(*PLANES)),
    Column("machine", "ultrasound machine", "text on one line", any_text),
    Column("location", "where in the organ", "text on one line", any_text),
    Column("rads_system", "name and edition of the reading system", "text on one line", any_text),
    Column("rads", "category that a reader gave", "0-6, 4a, 4b or 4c", lambda cell: bool(_RADS.fullmatch(cell))),
    Column("notes", "whatever should be known of the row", "text on one line", any_text),
)


@dataclass(frozen=True)
class Case:
    """One row of cases.csv: one lesion in one image. Empty strings mean "unknown"; `COLUMNS` has the meanings.

    Attributes:
        label: 1 when `target` is met, else 0.
        age: in years, None where unknown.
    """

    case_id: str
    organ: str
    image: str
    label: Literal[0, 1]
    target: str
    lesion_id: str = ""
    patient_id: str = ""
    group: str = ""
    dataset: str = ""
    border: str = ""
    label_source: str = ""
    split: str = ""
    age: float | None = None
    sex: str = ""
    plane: str = ""
    machine: str = ""
    location: str = ""
    rads_system: str = ""
    rads: str = ""
    notes: str = ""

    @property
    def unit(self) -> str:
        """What the case is counted by: its patient, else its group, its lesion, or itself."""
        return self.patient_id or self.group or self.lesion_id or self.case_id


@dataclass(frozen=True)
class CaseTable:
    """Cases and the folder that their paths start from.

    Attributes:
        cases: the rows in the order of the file.
        folder: where the file lies.
    """

    cases: tuple[Case, ...]
    folder: Path

    def __len__(self) -> int:
        return len(self.cases)

    def image_path(self, case: Case) -> Path:
        """The image file of a case."""
        return self.folder / case.image

    def border_path(self, case: Case) -> Path | None:
        """The border file of a case, None where it has none."""
        return self.folder / case.border if case.border else None

    def select(self, **values: str | int) -> CaseTable:
        """The cases whose fields have these values, e.g. ``select(split="development", organ="breast")``."""
        kept = (each for each in self.cases if all(getattr(each, name) == value for name, value in values.items()))
        return replace(self, cases=tuple(kept))

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """(n,) int64, 0 or 1."""
        return np.array([case.label for case in self.cases], dtype=np.int64)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """As a DataFrame with the columns of `COLUMNS`: label int64, age float64 (NaN where unknown), else text."""
        import pandas as pd

        data = {column.name: [getattr(case, column.name) for case in self.cases] for column in COLUMNS}
        return pd.DataFrame(data).astype({"label": "int64", "age": "float64"})


def read_cases(path: str | Path, *, check_files: bool = True) -> CaseTable:
    """Read and check a cases.csv.

    Args:
        path: the file.
        check_files: also require each image and border to be there.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows; all of them are listed.
    """
    return read_numbered_cases(path, check_files=check_files)[0]


def read_numbered_cases(path: str | Path, *, check_files: bool = True) -> tuple[CaseTable, tuple[int, ...]]:
    """As `read_cases`, with the number of each case's row in the file: blank rows count, but are no cases.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows; all of them are listed.
    """
    path = Path(path)
    rows, problems = read_rows(path, COLUMNS)
    faults = _by_row(problems)
    for row in rows:
        faults[row.number].extend(_row_problems(row))
        if check_files:
            faults[row.number].extend(_file_problems(row, path.parent))
    _add_table_problems(rows, faults)
    if not rows and not any(faults.values()):
        faults[1].append("row 1: there is no case below the header")
    found = [problem for number in sorted(faults) for problem in dict.fromkeys(faults[number])]
    if found:
        raise TableError(str(path), found)
    return CaseTable(tuple(_case(row) for row in rows), path.parent), tuple(row.number for row in rows)


def write_cases(cases: Iterable[Case], path: str | Path) -> None:
    """Check cases and write them whole or not at all; the paths in them must already be relative to `path`.

    Raises:
        TableError: cases that could not be read back; nothing is written.
        InputError: the file cannot be written.
    """
    write_text(path, cases_text(cases, name=str(path)))


def cases_text(cases: Iterable[Case], *, name: str = "cases.csv") -> str:
    """Cases as they stand in a file.

    Args:
        cases: one row each.
        name: of the file, for the message.

    Raises:
        TableError: cases that could not be read back.
    """
    cases = tuple(cases)
    cells = [_cells(case) for case in cases]
    rows = [Row(number, each) for number, each in enumerate(cells, start=2)]
    faults: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        faults[row.number] += problems_of([row], COLUMNS) + _row_problems(row)
    _add_table_problems(rows, faults)
    problems = [problem for number in sorted(faults) for problem in faults[number]]
    if not cases:
        problems = ["there is no case to write"]
    if problems:
        raise TableError(name, problems)
    return rows_text(COLUMNS, cells)


def _by_row(problems: Sequence[str]) -> dict[int, list[str]]:
    faults: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        faults[int(problem.removeprefix("row ").partition(":")[0])].append(problem)
    return faults


def _row_problems(row: Row) -> list[str]:
    """Cells that do not fit together."""
    cell = row.cells
    problems = []
    if cell["rads"] and not cell["rads_system"]:
        problems.append(f"row {row.number}: rads is {shown(cell['rads'])}, allowed only with its rads_system")
    source, target = cell["label_source"], cell["target"]
    if target == "histology malignant" and source and source not in PROVEN:
        problems.append(
            f"row {row.number}: target is 'histology malignant', allowed with label_source {', '.join(PROVEN)},"
            f" not {shown(source)}"
        )
    for system, name in (("TI-RADS", "tirads"), ("BI-RADS", "birads")):
        if target.startswith(system) and source not in ("", name):
            problems += [
                f"row {row.number}: target is {shown(target)}, allowed with label_source {name}, not {shown(source)}"
            ]
        if source == name and target != "mixed" and not target.startswith(system):
            problems += [f"row {row.number}: label_source is {name}, but the target {shown(target)} names no {system}"]
    return problems


def _file_problems(row: Row, folder: Path) -> list[str]:
    return [
        f"row {row.number}: {name} is {shown(row.cells[name])}, no such file from the folder of the table"
        for name in ("image", "border")
        if row.cells[name] and not (folder / row.cells[name]).is_file()
    ]


def _add_table_problems(rows: Sequence[Row], faults: dict[int, list[str]]) -> None:
    """Names that stand twice, and lesions with two patients."""
    first: dict[str, int] = {}
    patient: dict[str, tuple[str, int]] = {}
    for row in rows:
        case_id, lesion = row.cells["case_id"], row.cells["lesion_id"]
        if case_id and first.setdefault(case_id, row.number) != row.number:
            faults[row.number].append(
                f"row {row.number}: case_id is {shown(case_id)}, allowed once, also in row {first[case_id]}"
            )
        if lesion and row.cells["patient_id"]:
            known, where = patient.setdefault(lesion, (row.cells["patient_id"], row.number))
            if known != row.cells["patient_id"]:
                faults[row.number].append(
                    f"row {row.number}: patient_id is {shown(row.cells['patient_id'])}, but lesion {shown(lesion)}"
                    f" belongs to {shown(known)} in row {where}"
                )


def _case(row: Row) -> Case:
    values = {each.name: row.cells[each.name] for each in fields(Case) if each.name not in ("label", "age")}
    label: Literal[0, 1] = 1 if LABELS[row.cells["label"]] else 0
    age = float(row.cells["age"]) if row.cells["age"] else None
    return Case(label=label, age=age, **values)


def _cells(case: Case) -> dict[str, str]:
    cells = {column.name: str(getattr(case, column.name)) for column in COLUMNS}
    cells["age"] = "" if case.age is None else f"{case.age:g}"
    return cells
