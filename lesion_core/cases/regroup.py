"""Write what the audit found back into the table: pictures that show one scan get a common group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lesion_core.cases.duplicates import Pair
from lesion_core.cases.paths import path_from
from lesion_core.cases.table import Case, CaseTable


def regroup(table: CaseTable, pairs: Iterable[tuple[int, int, Pair]], *, similar: bool = False) -> tuple[Case, ...]:
    """Join the groups of cases that show one scan.

    Args:
        table: the cases.
        pairs: of positions in the table, as an audit of the table by itself gives them.
        similar: also join pictures that are only much alike.

    Returns:
        The cases; a joined group keeps a name that it had, else it is named after its first case.
    """
    from scipy.cluster.hierarchy import DisjointSet

    joined: DisjointSet = DisjointSet(range(len(table.cases)))
    first: dict[str, int] = {}
    for position, case in enumerate(table.cases):
        if case.group:
            joined.merge(position, first.setdefault(case.group, position))
    for one, two, pair in pairs:
        if similar or pair.kind != "similar":
            joined.merge(one, two)
    names: dict[int, str] = {}
    for members in joined.subsets():
        ordered = sorted(members)
        if len(ordered) > 1:
            named = next((table.cases[each].group for each in ordered if table.cases[each].group), "")
            name = named or f"same-as-{table.cases[ordered[0]].case_id}"[:120]
            names |= dict.fromkeys(ordered, name)
    return tuple(replace(case, group=names.get(at, case.group)) for at, case in enumerate(table.cases))


def moved(cases: Iterable[Case], old: Path, new: Path) -> tuple[Case, ...]:
    """Cases whose paths count from another folder."""

    def path(text: str) -> str:
        return path_from(new, old / text) if text else ""

    return tuple(replace(case, image=path(case.image), border=path(case.border)) for case in cases)
