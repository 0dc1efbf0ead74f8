"""The paper's Tables 1 and 2 and its Figure 1 as the records in which any other study population is described."""

from __future__ import annotations

from collections.abc import Callable

from lesion_core.cases.cohort import Age, Column, Line, PopulationTable
from lesion_core.cases.flow import Box, Flow
from lesion_core.results import paper


def published_table(organ: paper.Organ) -> PopulationTable:
    """Table 1 (breast) or 2 (thyroid) as printed."""
    printed = paper.TABLE_1 if organ == "breast" else paper.TABLE_2
    columns = tuple(
        Column(
            part=each.part,
            label=1 if each.label == "malignant" else 0,
            name=each.label,
            lesions=each.n,
            patients=each.n,
            images=each.n,
            age=Age(each.age, each.age_sd, each.n),
        )
        for each in printed
    )
    system = "BI-RADS" if organ == "breast" else "TI-RADS"
    sections: tuple[tuple[str, Callable[[paper.Population], paper.Counts]], ...] = (
        ("Location", lambda each: each.locations),
        ("Planes of US images", lambda each: each.planes),
        ("US machine types", lambda each: each.machines),
        (system, lambda each: each.categories),
    )
    lines = []
    for section, counts in sections:
        levels = dict.fromkeys(level for each in printed for level, _ in counts(each))
        lines += [Line(section, level, tuple(dict(counts(each)).get(level, 0) for each in printed)) for level in levels]
    number = 1 if organ == "breast" else 2
    return PopulationTable(organ, "histology malignant", columns, tuple(lines), f"Table {number} of the paper")


def published_flow() -> Flow:
    """Figure 1 as the text and the tables give it; a lesion is one image of one patient."""
    boxes = [
        Box(
            "Women with thyroid or breast lesions", (f"{paper.PATIENTS_BEFORE_EXCLUSION:,} patients",), 0, 1.5, span=2.0
        ),
        Box("Left out", (f"{paper.PATIENTS_EXCLUDED} patients: missing data",), 0, 3.1, aside=True),
    ]
    arrows = [(0, 1)]
    organs: tuple[tuple[paper.Organ, int], ...] = (
        ("thyroid", paper.THYROID_PATIENTS),
        ("breast", paper.BREAST_PATIENTS),
    )
    parts: tuple[paper.Part, ...] = ("development", "held-out test (paper)")
    for number, (organ, patients) in enumerate(organs):
        boxes.append(Box(organ.capitalize(), (f"{patients} patients",), 1, 2 * number + 0.5, span=2.0))
        top = len(boxes) - 1
        arrows.append((0, top))
        for place, part in enumerate(parts):
            malignant, benign = paper.sizes(organ, part)
            lines = (f"{malignant + benign} lesions", f"{malignant} malignant", f"{benign} benign")
            boxes.append(Box(part[0].upper() + part[1:], lines, 2, float(2 * number + place)))
            arrows.append((top, len(boxes) - 1))
    return Flow(tuple(boxes), tuple(arrows), "Figure 1 of the paper")
