"""BUS-UCLM: 683 breast images of 38 patients (Vallez et al., Sci Data 2025;12:242).

As downloaded: ``INFO.csv`` with ``;``, ``images/PATIENT_NNN.png`` and ``masks/`` of the same names, coloured green
for benign and red for malignant. The patient is the name's part before the underscore. One row per colour of a mask
(its largest part); normal images have no lesion and are left out. How the labels were proven is not stated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.importers.pictures import read_rgb, read_size
from lesion_core.cases.importers.sheets import read_table
from lesion_core.cases.importers.source import (
    Faults,
    Imported,
    Lesion,
    Options,
    Track,
    expect,
    label_of,
    lesion,
    meaning,
    quiet,
)
from lesion_core.cases.table import Case
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_mask

#: label -> the channel of the mask that marks it (green, red).
CHANNEL: dict[Literal[0, 1], int] = {0: 1, 1: 0}
NAMES = {0: "benign", 1: "malignant"}


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder.

    Raises:
        InputError: not a BUS-UCLM folder.
        TableError: cases with faults, all of them.
    """
    expect(source, "BUS-UCLM", "INFO.csv", "images/", "masks/")
    rows = read_table(source / "INFO.csv", ("Image", "Label"), delimiter=";")
    faults = Faults()
    lesions: list[Lesion] = []
    normal = [row for row in rows if row["Label"].lower() == "normal"]
    for row in track([row for row in rows if row not in normal], "BUS-UCLM"):
        with faults.of(row["Image"]):
            lesions += _lesions(source, row, options)
    notes = faults.settle(f"BUS-UCLM in {source}", skip=options.skip)
    notes.append(f"{len(normal)} normal images were left out: they have no lesion.")
    return Imported(tuple(lesions), notes=tuple(notes))


def _lesions(source: Path, row: dict[str, str], options: Options) -> list[Lesion]:
    image = source / "images" / row["Image"]
    size = read_size(image)
    colours = read_rgb(source / "masks" / row["Image"])
    if colours.shape[:2] != size:
        raise InputError(f"mask and image differ in size: {colours.shape[:2]} and {size} (height, width)")
    parts = {label: mask for label in CHANNEL if (mask := _marked(colours, label)).any()}
    stated = label_of(row["Label"], "Label")
    if stated not in parts:
        found = " and ".join(NAMES[label] for label in parts) or "no lesion"
        raise InputError(f"Label is {row['Label']!r}, but the mask marks {found}")
    source_of_label, target = meaning(options)
    remarks = [
        name.lower() for name in ("Doppler", "Marks", "Combined") if row.get(name, "").lower() in ("yes", "y", "1")
    ]
    lesions = []
    for label, mask in parts.items():
        case = Case(
            case_id=f"bus-uclm-{image.stem}" + (f"-{NAMES[label]}" if len(parts) > 1 else ""),
            patient_id=f"bus-uclm-{image.stem.rpartition('_')[0] or image.stem}",
            dataset="bus-uclm",
            organ="breast",
            image="",
            label=label,
            label_source=source_of_label,
            target=target,
            split=options.split or "development",
            machine="Siemens ACUSON S2000",
            notes="; ".join(remarks),
        )
        lesions.append(lesion(case, image, border_from_mask(mask)))
    return lesions


def _marked(colours: NDArray[np.uint8], label: Literal[0, 1]) -> NDArray[np.bool_]:
    """(height, width) bool: pixels of the label's pure colour."""
    own = CHANNEL[label]
    others = [channel for channel in range(3) if channel != own]
    marked: NDArray[np.bool_] = (colours[..., own] > 127) & (colours[..., others] <= 127).all(axis=-1)
    return marked
