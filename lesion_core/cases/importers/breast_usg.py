"""BrEaST-Lesions-USG: 256 breast images of 256 patients (Pawlowska et al., Sci Data 2024;11:148; TCIA).

As downloaded: a folder with ``caseNNN.png``, ``caseNNN_tumor.png`` and ``caseNNN_otherN.png``, and an xlsx sheet in
it or beside it (Image_filename, Mask_tumor_filename with several names joined by ``&``, Classification, BIRADS,
Verification, Age, Diagnosis). One row per tumour mask; masks of other structures are not read; normal cases have no
tumour and are left out.
"""

from __future__ import annotations

import re
from pathlib import Path

from lesion_core.cases.importers.pictures import mask_of, read_size
from lesion_core.cases.importers.sheets import read_sheet
from lesion_core.cases.importers.source import (
    Faults,
    Imported,
    Lesion,
    Options,
    Track,
    beside,
    expect,
    label_of,
    lesion,
    quiet,
)
from lesion_core.cases.readings import Reading
from lesion_core.cases.table import Case
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_mask

COLUMNS = (
    "CaseID",
    "Image_filename",
    "Mask_tumor_filename",
    "Classification",
    "BIRADS",
    "Verification",
    "Age",
    "Diagnosis",
)
RADS_SYSTEM = "BI-RADS (edition not stated)"
PROOF = {"confirmed by biopsy": "histopathology", "confirmed by follow-up care": "follow-up"}


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder.

    Raises:
        InputError: not this set's folder.
        TableError: cases with faults, all of them.
    """
    expect(source, "BrEaST-Lesions-USG", "**/case*.png")
    folder = next(iter(sorted(source.glob("**/case*.png")))).parent
    rows = read_sheet(_sheet(source, folder), COLUMNS)
    faults = Faults()
    lesions: list[Lesion] = []
    normal = [row for row in rows if row["Classification"].lower() == "normal"]
    for row in track([row for row in rows if row not in normal], "BrEaST-Lesions-USG"):
        with faults.of(row["Image_filename"]):
            lesions += _lesions(folder, row, options.split or "development")
    notes = faults.settle(f"BrEaST-Lesions-USG in {source}", skip=options.skip)
    if normal:
        notes.append(f"{len(normal)} normal cases were left out: they have no tumour.")
    followed = sum(each.case.label_source == "follow-up" for each in lesions)
    notes.append(f"{followed} of {len(lesions)} rows are proven by follow-up, the others by biopsy.")
    readings = tuple(
        Reading("BrEaST-Lesions-USG BI-RADS", each.case.case_id, rating=each.case.rads, session="import")
        for each in lesions
        if each.case.rads
    )
    return Imported(tuple(lesions), readings=readings, notes=tuple(notes))


def _sheet(source: Path, folder: Path) -> Path:
    places = (source, folder, source.parent)
    for place in places:
        sheets = [each for each in sorted(place.glob("*.xlsx")) if not each.name.startswith("~$")]
        if sheets:
            return sheets[0]
    raise InputError(f"no xlsx sheet with the clinical data: expected it in {source} or beside it")


def _lesions(folder: Path, row: dict[str, str], split: str) -> list[Lesion]:
    image = beside(folder / row["Image_filename"])
    proof = row["Verification"].lower()
    if proof not in PROOF:
        raise InputError(f"Verification is {row['Verification']!r}, expected {' or '.join(PROOF)}")
    masks = [name.strip() for name in row["Mask_tumor_filename"].split("&") if name.strip()]
    if not masks:
        raise InputError("Mask_tumor_filename is empty, expected a mask for a benign or malignant case")
    size, age = read_size(image), row["Age"]
    lesions = []
    for name in masks:
        case = Case(
            case_id=f"breast-usg-{image.stem if len(masks) == 1 else Path(name).stem}",
            patient_id=f"breast-usg-{row['CaseID']}",
            dataset="breast-usg",
            organ="breast",
            image="",
            label=label_of(row["Classification"], "Classification"),
            label_source=PROOF[proof],
            target="histology malignant",
            split=split,
            age=float(age) if re.fullmatch(r"\d{1,3}(\.\d+)?", age) else None,
            rads_system=RADS_SYSTEM if row["BIRADS"] else "",
            rads=row["BIRADS"].lower(),
            notes=" ".join(row["Diagnosis"].split()),
        )
        lesions.append(lesion(case, image, border_from_mask(mask_of(folder / name, size, threshold=0))))
    return lesions
