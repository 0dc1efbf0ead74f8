"""BUS-BRA: 1,875 breast images of 1,064 biopsied patients (Gomez-Flores et al., Med Phys 2024;51:3110).

As downloaded: ``bus_data.csv``, ``Images/bus_NNNN-s.png``, ``Masks/mask_NNNN-s.png``, ``5-fold-cv.csv`` and
``10-fold-cv.csv``. Known faults, and what is done: the views of a patient are grouped by ``Case`` (the set does not
tell lesions apart); ``Side`` is the half of the screen and no location, so it is not taken over; ``BBOX``, ``Width``
and ``Height`` are wrong for some images, so borders and sizes come from the masks; ``kFold`` is safe by patient and
kept, the ``valid_k`` columns are not and are left out (`splits.folds_of` makes the validation part anew, by patient).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lesion_core.cases.folds import Scheme
from lesion_core.cases.importers.pictures import mask_of, read_size
from lesion_core.cases.importers.sheets import read_table
from lesion_core.cases.importers.source import Faults, Imported, Lesion, Options, Track, expect, label_of, lesion, quiet
from lesion_core.cases.readings import Reading
from lesion_core.cases.table import Case
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_mask

#: Patients that are one: the audit found that their pictures show the same scans, with the same caption, and they were
#: looked at. They stay two patients here, as published, but share a group and a fold.
SAME_AS = {"91": "56"}
RADS_SYSTEM = "BI-RADS (edition not stated)"


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder.

    Raises:
        InputError: not a BUS-BRA folder.
        TableError: cases with faults, all of them.
    """
    expect(source, "BUS-BRA", "bus_data.csv", "Images/", "Masks/", "5-fold-cv.csv", "10-fold-cv.csv")
    columns = ("ID", "Case", "Histology", "Pathology", "BIRADS", "Device")
    rows = read_table(source / "bus_data.csv", columns)
    faults = Faults()
    lesions: list[Lesion] = []
    for row in track(rows, "BUS-BRA"):
        with faults.of(row["ID"]):
            lesions.append(_lesion(source, row, options.split or "development"))
    notes = faults.settle(f"BUS-BRA in {source}", skip=options.skip)
    kept = {each.case.case_id for each in lesions}
    patients = {row["ID"]: row["Case"] for row in rows}
    schemes = tuple(_scheme(source / f"{k}-fold-cv.csv", f"busbra-{k}", kept, patients) for k in (5, 10))
    readings = tuple(
        Reading("BUS-BRA BI-RADS", each.case.case_id, rating=each.case.rads, session="import")
        for each in lesions
        if each.case.rads
    )
    if any(each.case.group for each in lesions):
        notes.append(
            "Patients 56 and 91 show the same scans: they share a group, and 91 is put into the fold of 56"
            " (the official 10 folds have them in two)."
        )
    notes.append("Every lesion was biopsied, even at BI-RADS 2: this is no screening population.")
    notes.append(
        "The outlines were drawn by the radiologist who gave the BI-RADS; nothing says that the reading was blind."
    )
    return Imported(tuple(lesions), schemes, readings, tuple(notes))


def _lesion(source: Path, row: dict[str, str], split: str) -> Lesion:
    name = row["ID"]
    image = source / "Images" / f"{name}.png"
    mask = mask_of(source / "Masks" / f"{name.replace('bus_', 'mask_')}.png", read_size(image), threshold=0)
    patient = f"busbra-{row['Case']}"
    case = Case(
        case_id=name,
        lesion_id=patient,
        patient_id=patient,
        group=_group(row["Case"]),
        dataset="busbra",
        organ="breast",
        image="",
        label=label_of(row["Pathology"], "Pathology"),
        label_source="histopathology",
        target="histology malignant",
        split=split,
        sex="F",
        machine=row["Device"],
        rads_system=RADS_SYSTEM if row["BIRADS"] else "",
        rads=row["BIRADS"],
        notes=row["Histology"],
    )
    return lesion(case, image, border_from_mask(mask))


def _group(patient: str) -> str:
    same = SAME_AS.get(patient, patient)
    return f"busbra-same-as-{same}" if same in SAME_AS.values() else ""


def _scheme(path: Path, name: str, kept: set[str], patients: Mapping[str, str]) -> Scheme:
    rows = read_table(path, ("ID", "kFold"))
    fold = {row["ID"]: row["kFold"] for row in rows if row["ID"] in kept}
    bad = [f"{case_id}: {value!r}" for case_id, value in fold.items() if not value.isdigit() or value == "0"]
    bad += [f"{case_id}: none" for case_id in sorted(kept - set(fold))]
    if bad:
        raise InputError(f"{path}: expected a fold from 1 for each image, got {', '.join(bad[:5])} ({len(bad)} in all)")
    by_patient = {patients[case_id]: int(value) for case_id, value in fold.items()}
    return Scheme(
        name,
        {case_id: by_patient.get(SAME_AS.get(patients[case_id], ""), int(value)) for case_id, value in fold.items()},
    )
