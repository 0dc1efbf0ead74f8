"""BUSI: breast images by class folder (Al-Dhabyani et al., Data in Brief 2020;28:104863).

As downloaded: ``benign/``, ``malignant/`` and ``normal/`` with ``benign (1).png``, ``benign (1)_mask.png`` and, for
images with several lesions, ``benign (1)_mask_1.png`` ... Known faults, and what is done: there are no patient ids,
so the rows of one image share a group and near-duplicates have to be found by ``audit``; ``normal`` has empty masks
and is left out; how the labels were proven is not stated, so the target is "labelled malignant". External by default:
with near-duplicates and without patients it is no set to learn from.
"""

from __future__ import annotations

import glob
import re
from pathlib import Path

from lesion_core.cases.importers.pictures import mask_of, read_size
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

_MASK = re.compile(r"(?P<image>.+)_mask(?:_(?P<number>\d+))?")


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder.

    Raises:
        InputError: not a BUSI folder.
        TableError: cases with faults, all of them.
    """
    expect(source, "BUSI", "benign/", "malignant/")
    images = [
        path
        for folder in ("benign", "malignant")
        for path in sorted((source / folder).glob("*.png"), key=_natural)
        if not _MASK.fullmatch(path.stem)
    ]
    if not images:
        raise InputError(f"{source}: expected pictures such as 'benign/benign (1).png', found none")
    faults = Faults()
    lesions: list[Lesion] = []
    for image in track(images, "BUSI"):
        with faults.of(image.stem):
            lesions += _lesions(image, options, faults)
    notes = faults.settle(f"BUSI in {source}", skip=options.skip)
    several = sum(each.case.case_id.endswith("_mask") for each in lesions)
    if several:
        notes.append(f"{several} images have several masks: one row for each, kept together by their group.")
    if (source / "normal").is_dir():
        notes.append("The folder normal/ was left out: its masks are empty.")
    notes.append("No patient ids: intervals are too narrow, and near-duplicates have to be grouped (audit --regroup).")
    return Imported(tuple(lesions), notes=tuple(notes))


def _lesions(image: Path, options: Options, faults: Faults) -> list[Lesion]:
    masks = sorted(image.parent.glob(f"{glob.escape(image.stem)}_mask*.png"), key=_natural)
    if not masks:
        raise InputError(f"no mask, expected {image.stem}_mask.png in {image.parent.name}/")
    size = read_size(image)
    lesions = []
    for mask in masks:
        with faults.of(mask.stem):
            case = Case(
                case_id=image.stem if len(masks) == 1 else mask.stem,
                group=f"busi-{image.stem}" if len(masks) > 1 else "",
                dataset="busi",
                organ="breast",
                image="",
                label=label_of(image.parent.name, "folder"),
                label_source=meaning(options)[0],
                target=meaning(options)[1],
                split=options.split or "external",
                sex="F",
                machine="GE LOGIQ E9 or LOGIQ E9 Agile",
            )
            lesions.append(lesion(case, image, border_from_mask(mask_of(mask, size, threshold=0))))
    return lesions


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sorts "benign (2)" before "benign (10)"."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.stem)]
