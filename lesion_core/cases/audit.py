"""Look for what would spoil a result: copies across patients, contradicting labels, patients on both sides of a split.

Findings have three weights. "spoils": a result on this table would be wrong until it is mended. "warning": a result
has to be read with it in mind. "note": worth knowing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lesion_core.cases.duplicates import Pair, find_pairs
from lesion_core.cases.folds import Scheme
from lesion_core.cases.inspection import Finding, Pictures, Track, Weight
from lesion_core.cases.splits import check_scheme, units
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        table: what was looked at.
        other: what it was compared with, or None.
        findings: the worst first.
        pairs: (position, position, pair) of pictures that show one scan; positions are of cases, in `other` for the
            second when there is one.
        images: how many pictures were read.
    """

    table: CaseTable
    other: CaseTable | None
    findings: tuple[Finding, ...]
    pairs: tuple[tuple[int, int, Pair], ...]
    images: int

    @property
    def spoiled(self) -> bool:
        """Whether a result would be spoiled."""
        return any(each.weight == "spoils" for each in self.findings)


def audit(
    table: CaseTable,
    other: CaseTable | None = None,
    *,
    schemes: Mapping[str, Scheme] | None = None,
    track: Track = lambda items, text: items,
) -> Audit:
    """Look at a table, and compare it with another one, such as the set that a model learnt from.

    Args:
        table: its files must be there.
        other: compared with, not looked at by itself.
        schemes: folds of `table` to check.
        track: shows progress.
    """
    own = Pictures(table, track, marks=True)
    findings = [*own.findings, *_labels_of_lesions(table), *_sides(table), *_scheme_findings(table, schemes or {})]
    theirs = None if other is None else Pictures(other, track, marks=False)
    pairs = _spread(find_pairs(own.looks, None, track), own, own)
    findings += [_pair_finding(table, None, *each) for each in pairs]
    if other is not None and theirs is not None:
        across = _spread(find_pairs(own.looks, theirs.looks, track), own, theirs)
        findings += [_pair_finding(table, other, *each) for each in across] + _shared_patients(table, other)
        pairs = across
    findings += _patients(table)
    order = {"spoils": 0, "warning": 1, "note": 2}
    findings.sort(key=lambda each: (order[each.weight], each.kind))
    return Audit(table, other, tuple(findings), tuple(pairs), len(own.looks) + (len(theirs.looks) if theirs else 0))


def _labels_of_lesions(table: CaseTable) -> list[Finding]:
    rows: dict[str, list[int]] = defaultdict(list)
    for position, case in enumerate(table.cases):
        if case.lesion_id:
            rows[case.lesion_id].append(position)
    return [
        Finding("spoils", "label conflict", tuple(each), (), "", f"lesion {lesion} has both labels")
        for lesion, each in rows.items()
        if len({table.cases[position].label for position in each}) > 1
    ]


def _sides(table: CaseTable) -> list[Finding]:
    """Units that stand in development and external at once."""
    found = []
    rows: dict[int, list[int]] = defaultdict(list)
    for position, unit in enumerate(units(table.cases).tolist()):
        rows[unit].append(position)
    for each in rows.values():
        if {table.cases[position].split or "development" for position in each} == {"development", "external"}:
            message = f"{table.cases[each[0]].unit} stands in development and in external"
            found.append(Finding("spoils", "both sides of a split", tuple(each), (), "", message))
    return found


def _scheme_findings(table: CaseTable, schemes: Mapping[str, Scheme]) -> list[Finding]:
    found = []
    for scheme in schemes.values():
        if scheme.level == "image":
            message = f"scheme {scheme.name} was forced at image level: patients stand on both sides"
            found.append(Finding("spoils", "both sides of a split", (), (), "", message))
            continue
        try:
            check_scheme([case for case in table.cases if case.case_id in scheme.fold], scheme)
        except InputError as error:
            found.append(Finding("spoils", "both sides of a split", (), (), "", str(error)))
    return found


def _spread(pairs: Sequence[Pair], own: Pictures, theirs: Pictures) -> list[tuple[int, int, Pair]]:
    """From pairs of pictures to pairs of cases."""
    return [
        (first, second, pair)
        for pair in pairs
        for first in own.cases[pair.first]
        for second in theirs.cases[pair.second]
    ]


def _pair_finding(table: CaseTable, other: CaseTable | None, first: int, second: int, pair: Pair) -> Finding:
    one, two = table.cases[first], (other or table).cases[second]
    what = {"identical": "identical pictures", "near": "one scan twice", "similar": "much alike"}[pair.kind]
    names = f"{one.case_id} and {two.case_id}: {what}" + (", mirrored" if pair.mirrored else "")
    kind = "similar" if pair.kind == "similar" else "duplicate"
    weight: Weight = "warning" if pair.kind == "similar" else "spoils"
    if pair.kind != "similar" and one.label != two.label:
        kind, names = "label conflict", f"{names}, with different labels"
    elif other is not None:
        names = f"{names}, in both tables"
    elif _together(one, two):
        weight, names = "note", f"{names}, kept together"
    else:
        names = f"{names}, of different patients or groups"
    cases, others = ((first, second), ()) if other is None else ((first,), (second,))
    return Finding(weight, kind, cases, others, f"{pair.likeness:.2f}", names)


def _together(one: Case, two: Case) -> bool:
    keys = ((one.patient_id, two.patient_id), (one.group, two.group), (one.lesion_id, two.lesion_id))
    return any(first and first == second for first, second in keys)


def _shared_patients(table: CaseTable, other: CaseTable) -> list[Finding]:
    theirs: dict[str, list[int]] = defaultdict(list)
    for position, case in enumerate(other.cases):
        theirs[case.patient_id].append(position)
    own: dict[str, list[int]] = defaultdict(list)
    for position, case in enumerate(table.cases):
        if case.patient_id and case.patient_id in theirs:
            own[case.patient_id].append(position)
    return [
        Finding(
            "spoils", "patient in both tables", tuple(each), tuple(theirs[name]), "", f"{name} stands in both tables"
        )
        for name, each in own.items()
    ]


def _patients(table: CaseTable) -> list[Finding]:
    """Class balance per patient, and what is said when there are none."""
    if not any(case.patient_id for case in table.cases):
        message = "there are no patient ids: intervals will be too narrow, near-duplicates must be grouped"
        return [Finding("warning", "no patients", (), (), "", message)]
    labels: dict[int, set[int]] = defaultdict(set)
    rows = Counter[int]()
    for unit, case in zip(units(table.cases).tolist(), table.cases, strict=True):
        labels[unit].add(case.label)
        rows[unit] += 1
    both = sum(len(each) > 1 for each in labels.values())
    malignant = [rows[unit] for unit, each in labels.items() if 1 in each]
    benign = [rows[unit] for unit, each in labels.items() if 1 not in each]
    found = []
    if both:
        found.append(Finding("note", "both labels", (), (), str(both), f"{both} patients or groups have both labels"))
    if malignant and benign:
        message = (
            f"label 1: {len(malignant)} patients or groups with {sum(malignant) / len(malignant):.2f} rows each;"
            f" label 0: {len(benign)} with {sum(benign) / len(benign):.2f}; the largest has {max(rows.values())} rows"
        )
        found.append(Finding("note", "class balance per patient", (), (), "", message))
    return found
