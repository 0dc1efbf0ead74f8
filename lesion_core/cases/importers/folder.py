"""Any folder with ``benign/`` and ``malignant/``: pictures, with masks or without.

A mask is named after its picture: ``a.png`` has ``a_mask.png``, or ``a_mask_1.png``, ``a_mask_2.png`` ... for several
lesions. Pictures in a folder of their own, ``benign/PATIENT/a.png``, belong to that patient. Say the organ with
``--organ``, and where the labels come from with ``--label-source``.
"""

from __future__ import annotations

import re
from pathlib import Path

from lesion_core.cases.importers.pictures import mask_of, read_size
from lesion_core.cases.importers.source import (
    IMAGE_SUFFIXES,
    Faults,
    Imported,
    Lesion,
    Options,
    Track,
    expect,
    label_of,
    lesion,
    meaning,
    organ_of,
    quiet,
)
from lesion_core.cases.table import Case
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_mask
from lesion_core.records import Border

_MASK = re.compile(r"(?P<image>.+)_mask(?:_\d+)?")


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder.

    Raises:
        InputError: no such folders, or no organ given.
        TableError: cases with faults, all of them; masks must be there for all pictures or for none.
    """
    expect(source, "labelled", "benign/", "malignant/")
    organ_of(options)
    files = [
        path
        for label in ("benign", "malignant")
        for path in sorted((source / label).rglob("*"))
        if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()
    ]
    masks: dict[Path, list[Path]] = {}
    for path in files:
        if found := _MASK.fullmatch(path.stem):
            masks.setdefault(path.with_name(found["image"]), []).append(path)
    images = [path for path in files if not _MASK.fullmatch(path.stem)]
    if not images:
        raise InputError(
            f"{source}: expected pictures ({', '.join(IMAGE_SUFFIXES)}) in benign/ and malignant/, found none"
        )
    faults, outlined = Faults(), bool(masks)
    lesions: list[Lesion] = []
    for image in track(images, source.name):
        with faults.of(image.relative_to(source).as_posix()):
            own = masks.pop(image.with_suffix(""), [])
            if not own and outlined:
                raise InputError(f"no mask, expected {image.stem}_mask.png beside it as other pictures have")
            lesions += _lesions(source, image, own, options)
    faults.found += [f"{each[0].relative_to(source).as_posix()}: a mask without its picture" for each in masks.values()]
    notes = faults.settle(f"pictures in {source}", skip=options.skip)
    if not any(each.case.patient_id for each in lesions):
        notes.append("No patients: put pictures into benign/PATIENT/ and malignant/PATIENT/ if you know them.")
    return Imported(tuple(lesions), notes=tuple(notes))


def _lesions(source: Path, image: Path, masks: list[Path], options: Options) -> list[Lesion]:
    label, *folders = image.relative_to(source).parts[:-1]
    size, name = read_size(image), _name("-".join((label, *folders, image.stem)))
    label_source, target = meaning(options)
    borders: list[Border | None] = [border_from_mask(mask_of(mask, size)) for mask in masks]
    return [
        lesion(
            Case(
                case_id=name if len(borders) < 2 else f"{name}-{number}",
                patient_id=_name("-".join(folders)) if folders else "",
                group=f"image-{name}" if len(borders) > 1 else "",
                dataset=_name(source.resolve().name),
                organ=organ_of(options),
                image="",
                label=label_of(label, "folder"),
                label_source=label_source,
                target=target,
                split=options.split or "development",
            ),
            image,
            border,
        )
        for number, border in enumerate(borders or [None], start=1)
    ]


def _name(text: str) -> str:
    """Text as an id of cases.csv."""
    return re.sub(r"[/\\,;:\"'<>&|*?\x00-\x1f]+", "_", text).strip()[:120]
