"""Figure 1, the flow of the study population, as boxes and arrows, for any case table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lesion_core.cases.cohort import label_name
from lesion_core.cases.splits import units
from lesion_core.cases.table import Case


@dataclass(frozen=True)
class Box:
    """One box of the chart.

    Attributes:
        title: first line.
        lines: counts below it.
        level: row of the chart, from 0 at the top.
        column: place in its row, from the left; half places are allowed.
        aside: whether it stands beside the flow, such as exclusions.
        span: how many places wide it may be.
    """

    title: str
    lines: tuple[str, ...]
    level: int
    column: float
    aside: bool = False
    span: float = 1.0


@dataclass(frozen=True)
class Flow:
    """The chart.

    Attributes:
        boxes: from the top.
        arrows: (from, to) as positions in `boxes`.
        source: where the figures come from.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...]
    source: str


def study_flow(cases: Sequence[Case], *, left_out: Sequence[str] = (), source: str = "cases.csv") -> Flow:
    """From all cases to each organ, part and label.

    Args:
        cases: the table.
        left_out: sentences on what was left out before, as an import notes them.
        source: what to call the table.
    """
    unit = units(cases).tolist()
    everything = list(range(len(cases)))
    organs = list(dict.fromkeys((case.organ, case.target) for case in cases))
    leaves: list[tuple[int, tuple[str, str], str, list[int]]] = []
    for number, kind in enumerate(organs):
        own = [at for at in everything if (cases[at].organ, cases[at].target) == kind]
        for part in ("development", "external"):
            members = [at for at in own if (cases[at].split or "development") == part]
            if members:
                leaves.append((number, kind, part, members))
    middle = (len(leaves) - 1) / 2
    boxes = [Box("All cases", _counts(cases, unit, everything), 0, middle, span=float(max(len(leaves), 1)))]
    arrows: list[tuple[int, int]] = []
    if left_out:
        boxes.append(Box("Left out", tuple(left_out), 0, max(middle + 1.6, float(len(leaves) - 1)), aside=True))
        arrows.append((0, 1))
    places = {number: [at for at, leaf in enumerate(leaves) if leaf[0] == number] for number in range(len(organs))}
    for number, kind in enumerate(organs):
        own = [at for leaf in leaves if leaf[0] == number for at in leaf[3]]
        column = sum(places[number]) / len(places[number])
        boxes.append(
            Box(
                f"{kind[0].capitalize()}: {kind[1]}",
                _counts(cases, unit, own),
                1,
                column,
                span=float(len(places[number])),
            )
        )
        top = len(boxes) - 1
        arrows.append((0, top))
        for at in places[number]:
            _, (_, target), part, members = leaves[at]
            lines = _counts(cases, unit, members) + tuple(
                f"{sum(cases[each].label == label for each in members):,} {label_name(target, label)}"
                for label in (1, 0)
            )
            boxes.append(Box(part.capitalize(), lines, 2, float(at)))
            arrows.append((top, len(boxes) - 1))
    return Flow(tuple(boxes), tuple(arrows), source)


def _counts(cases: Sequence[Case], unit: Sequence[int], members: Sequence[int]) -> tuple[str, ...]:
    patients = len({unit[at] for at in members})
    images = len({cases[at].image for at in members})
    known = all(cases[at].patient_id for at in members)
    who = _of(patients, "patient") if known else _of(patients, "patient or group", "patients or groups")
    return who, f"{_of(images, 'image')}, {_of(len(members), 'lesion')}"


def _of(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
