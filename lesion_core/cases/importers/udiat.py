"""UDIAT Dataset B: 163 breast images of 163 women (Yap et al., IEEE J Biomed Health Inform 2018;22:1218).

As downloaded: ``original/NNNNNN.png``, ``GT/NNNNNN.png`` and ``DatasetB.xlsx`` (Image, Type, Diagnosis). Each image
is of another woman. How the labels were proven is not stated in the files.
"""

from __future__ import annotations

from pathlib import Path

from lesion_core.cases.importers.pictures import mask_of, read_size
from lesion_core.cases.importers.sheets import read_sheet
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
from lesion_core.imaging.border import border_from_mask


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder.

    Raises:
        InputError: not a UDIAT folder.
        TableError: cases with faults, all of them.
    """
    expect(source, "UDIAT Dataset B", "DatasetB.xlsx", "original/", "GT/")
    rows = read_sheet(source / "DatasetB.xlsx", ("Image", "Type"))
    faults = Faults()
    lesions: list[Lesion] = []
    for row in track(rows, "UDIAT Dataset B"):
        name = Path(row["Image"]).stem.zfill(6)
        with faults.of(name):
            lesions.append(_lesion(source, name, row, options))
    notes = faults.settle(f"UDIAT Dataset B in {source}", skip=options.skip)
    return Imported(tuple(lesions), notes=tuple(notes))


def _lesion(source: Path, name: str, row: dict[str, str], options: Options) -> Lesion:
    image = source / "original" / f"{name}.png"
    mask = mask_of(source / "GT" / f"{name}.png", read_size(image))
    label_source, target = meaning(options)
    case = Case(
        case_id=f"udiat-{name}",
        patient_id=f"udiat-{name}",
        dataset="udiat",
        organ="breast",
        image="",
        label=label_of(row["Type"], "Type"),
        label_source=label_source,
        target=target,
        split=options.split or "development",
        sex="F",
        machine="Siemens ACUSON Sequoia C512",
        notes=" ".join(row.get("Diagnosis", "").split()),
    )
    return lesion(case, image, border_from_mask(mask))
