"""The study population: the paper's Tables 1 and 2 and Figure 1, for any case table.

Patients are counted as units (`splits.units`); age and sex once for each of them, planes, machines, locations and
categories once for each row. What is not known is counted as such and never filled in.
"""

from __future__ import annotations

import functools
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lesion_core.cases.splits import units
from lesion_core.cases.table import Case

UNKNOWN = "not stated"
#: Categories in ascending order; those not in the list follow by name.
CATEGORIES = ("0", "1", "2", "3", "4", "4a", "4b", "4c", "5", "6")


@dataclass(frozen=True)
class Age:
    """Age of the patients of a column.

    Attributes:
        mean: years.
        sd: sample standard deviation, years; None for a single patient.
        n: patients whose age is known.
    """

    mean: float
    sd: float | None
    n: int


@dataclass(frozen=True)
class Column:
    """A group of cases: one part and one label.

    Attributes:
        part: e.g. "development".
        label: 0 or 1.
        name: of the label, worded by the target.
        lesions: rows.
        patients: units.
        images: different pictures; None where it is not known.
        age: None where no age is known.
    """

    part: str
    label: int
    name: str
    lesions: int
    patients: int
    images: int | None
    age: Age | None


@dataclass(frozen=True)
class Line:
    """One line of a table: how many of each column have a property.

    Attributes:
        section: e.g. "Planes of US images".
        level: e.g. "longitudinal".
        counts: one for each column.
        of: what is counted, "lesions" or "patients".
    """

    section: str
    level: str
    counts: tuple[int, ...]
    of: str = "lesions"


@dataclass(frozen=True)
class PopulationTable:
    """Table 1 or 2.

    Attributes:
        organ: "breast" or "thyroid".
        target: what label 1 means.
        columns: by part, label 1 first as in the paper.
        lines: in the order of the paper.
        source: where the figures come from.
    """

    organ: str
    target: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    source: str


def population_tables(cases: Sequence[Case], *, source: str = "cases.csv") -> tuple[PopulationTable, ...]:
    """One table for each organ and target in the cases, in order of appearance."""
    numbered = list(zip(units(cases).tolist(), cases, strict=True))
    kinds = dict.fromkeys((case.organ, case.target) for case in cases)
    return tuple(
        _table(organ, target, [each for each in numbered if (each[1].organ, each[1].target) == (organ, target)], source)
        for organ, target in kinds
    )


def grid(table: PopulationTable) -> tuple[tuple[str, ...], ...]:
    """The table as text, header first; age as mean ± SD, with its n where not all are known."""
    rows = [
        ("", *(f"{column.part}, {column.name}" for column in table.columns)),
        ("Patients (years old)", *(_age(column) for column in table.columns)),
        ("Number of patients", *(f"{column.patients:,}" for column in table.columns)),
        ("Number of lesions", *(f"{column.lesions:,}" for column in table.columns)),
    ]
    for line in table.lines:
        of = " (patients)" if line.of == "patients" else ""
        rows.append((f"{line.section}: {line.level}{of}", *(f"{count:,}" for count in line.counts)))
    return tuple(rows)


def _age(column: Column) -> str:
    if column.age is None:
        return UNKNOWN
    spread = "" if column.age.sd is None else f" ± {column.age.sd:.1f}"
    known = "" if column.age.n == column.patients else f" (n = {column.age.n:,})"
    return f"{column.age.mean:.1f}{spread}{known}"


def label_name(target: str, label: int) -> str:
    """A label in words that its target allows."""
    if target in ("histology malignant", "labelled malignant"):
        return "malignant" if label else "benign"
    return target if label else f"not {target}"


def _table(organ: str, target: str, numbered: Sequence[tuple[int, Case]], source: str) -> PopulationTable:
    parts = [part for part in ("development", "external") if any(_part(case) == part for _, case in numbered)]
    groups = {
        (part, label): [each for each in numbered if (_part(each[1]), each[1].label) == (part, label)]
        for part in parts
        for label in (1, 0)
    }
    columns = tuple(_column(part, label, target, groups[part, label]) for part, label in groups)
    lines = _lines("Sex", groups.values(), lambda case: {"F": "female", "M": "male"}.get(case.sex, ""), of="patients")
    lines += _lines("Location", groups.values(), lambda case: case.location)
    lines += _lines("Planes of US images", groups.values(), lambda case: case.plane)
    lines += _lines("US machine types", groups.values(), lambda case: case.machine)
    for system in dict.fromkeys(case.rads_system for _, case in numbered if case.rads_system):
        lines += _lines(system, groups.values(), functools.partial(_category, system))
    return PopulationTable(organ, target, columns, tuple(lines), source)


def _category(system: str, case: Case) -> str:
    return case.rads if case.rads_system == system else ""


def _part(case: Case) -> str:
    return case.split or "development"


def _column(part: str, label: int, target: str, group: Sequence[tuple[int, Case]]) -> Column:
    ages = {unit: case.age for unit, case in reversed(group) if case.age is not None}
    known = list(ages.values())
    age = None
    if known:
        age = Age(statistics.fmean(known), statistics.stdev(known) if len(known) > 1 else None, len(known))
    return Column(
        part=part,
        label=label,
        name=label_name(target, label),
        lesions=len(group),
        patients=len({unit for unit, _ in group}),
        images=len({case.image for _, case in group}),
        age=age,
    )


def _lines(
    section: str,
    groups: Iterable[Sequence[tuple[int, Case]]],
    level: Callable[[Case], str],
    *,
    of: str = "lesions",
) -> list[Line]:
    """One line for each level, the unknown last; none when nothing is known."""
    counts = []
    for group in groups:
        rows = group if of == "lesions" else list({unit: (unit, case) for unit, case in reversed(group)}.values())
        counts.append(Counter(level(case) or UNKNOWN for _, case in rows))
    levels = set().union(*counts) - {UNKNOWN}
    if not levels:
        return []
    order = [each for each in CATEGORIES if each in levels] + sorted(levels - set(CATEGORIES))
    if any(count[UNKNOWN] for count in counts):
        order.append(UNKNOWN)
    return [Line(section, each, tuple(count[each] for count in counts), of) for each in order]
