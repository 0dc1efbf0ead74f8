"""TN3K: 3,493 thyroid images with masks (Gong et al., ISBI 2021) and the labels released with them later.

As downloaded: ``trainval-image/NNNN.jpg``, ``trainval-mask/``, ``test-image/``, ``test-mask/``, and
``label4trainval.csv`` and ``label4test.csv`` without a header (``0000.jpg,1``; 1 is malignant). Known faults, and
what is done: the masks are JPEGs, so grey values above 127 are lesion; the same names stand in both parts, so the
part belongs to the case's name; there are no patient ids. The given test part is marked external.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from lesion_core.cases.importers.pictures import mask_of, read_size
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
    meaning,
    quiet,
)
from lesion_core.cases.table import Case
from lesion_core.errors import InputError, TableError
from lesion_core.imaging.border import border_from_mask

#: part of the set -> split
PARTS = {"trainval": "development", "test": "external"}


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder.

    Raises:
        InputError: not a TN3K folder.
        TableError: cases with faults, all of them.
    """
    needed = [f"{part}-{what}/" for part in PARTS for what in ("image", "mask")]
    expect(source, "TN3K", *needed, *(f"label4{part}.csv" for part in PARTS))
    faults = Faults()
    lesions: list[Lesion] = []
    for part in PARTS:
        labels = _labels(source / f"label4{part}.csv")
        unlabelled = [each.name for each in sorted((source / f"{part}-image").glob("*.jpg")) if each.name not in labels]
        faults.found += [f"{part}-image/{name}: has no row in label4{part}.csv" for name in unlabelled]
        for name in track(list(labels), f"TN3K {part}"):
            with faults.of(f"{part}-image/{name}"):
                lesions.append(_lesion(source, part, name, labels[name], options))
    notes = faults.settle(f"TN3K in {source}", skip=options.skip)
    notes.append("No patient ids: views of one patient may stand on both sides of any split.")
    return Imported(tuple(lesions), notes=tuple(notes))


def _labels(path: Path) -> dict[str, str]:
    text = beside(path).read_text(encoding="utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    bad = [
        f"row {number}: expected a name and 0 or 1 such as '0000.jpg,1', got {','.join(row)!r}"
        for number, row in enumerate(rows, start=1)
        if len(row) != 2 or row[1].strip() not in ("0", "1")
    ]
    if bad:
        raise TableError(str(path), bad)
    if not rows:
        raise InputError(f"{path} is empty, expected rows such as '0000.jpg,1'")
    return {row[0].strip(): row[1].strip() for row in rows}


def _lesion(source: Path, part: str, name: str, label: str, options: Options) -> Lesion:
    image = source / f"{part}-image" / name
    mask = mask_of(source / f"{part}-mask" / name, read_size(image), threshold=127)
    label_source, target = meaning(options)
    case = Case(
        case_id=f"tn3k-{part}-{image.stem}",
        dataset="tn3k",
        organ="thyroid",
        image="",
        label=label_of(label, "label"),
        label_source=label_source,
        target=target,
        split=options.split or PARTS[part],
    )
    return lesion(case, image, border_from_mask(mask))
