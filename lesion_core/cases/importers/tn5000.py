"""TN5000: 5,000 thyroid images with boxes (Zhang et al., Sci Data 2025), in the layout of PASCAL VOC.

As downloaded: ``JPEGImages/NNNNNN.jpg``, ``Annotations/NNNNNN.xml`` (``object/name`` 0 benign, 1 malignant;
``bndbox``) and ``ImageSets/Main/train.txt``, ``val.txt``, ``test.txt``. There are boxes only: the border is the box,
and the row says so. One row per box. There are no patient ids. The given test part is marked external.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from lesion_core.cases.importers.pictures import read_size
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
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_points

NOTE = "box only: the border is a rectangle in image axes"


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder.

    Raises:
        InputError: not a TN5000 folder.
        TableError: cases with faults, all of them.
    """
    expect(source, "TN5000", "JPEGImages/", "Annotations/", "ImageSets/Main/test.txt")
    test = set((source / "ImageSets" / "Main" / "test.txt").read_text(encoding="utf-8-sig").split())
    annotations = sorted((source / "Annotations").glob("*.xml"))
    if not annotations:
        raise InputError(f"{source}: expected Annotations/*.xml, found none")
    faults = Faults()
    lesions: list[Lesion] = []
    for path in track(annotations, "TN5000"):
        with faults.of(path.stem):
            lesions += _lesions(source, path, "external" if path.stem in test else "development", options)
    missing = sorted(test - {path.stem for path in annotations})
    faults.found += [f"{name}: stands in test.txt, but has no Annotations/{name}.xml" for name in missing]
    notes = faults.settle(f"TN5000 in {source}", skip=options.skip)
    notes.append("Boxes only: the borders are rectangles in image axes, not outlines.")
    notes.append("No patient ids: views of one patient may stand on both sides of any split.")
    return Imported(tuple(lesions), notes=tuple(notes))


def _lesions(source: Path, path: Path, split: str, options: Options) -> list[Lesion]:
    try:
        objects = ElementTree.parse(path).getroot().findall("object")
    except ElementTree.ParseError as error:
        raise InputError(f"{path.name} is no readable XML ({error})") from error
    if not objects:
        raise InputError(f"{path.name} has no object")
    image = beside(source / "JPEGImages" / f"{path.stem}.jpg")
    size = read_size(image)
    label_source, target = meaning(options)
    lesions = []
    for number, each in enumerate(objects, start=1):
        left, top, right, bottom = (_number(each, f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax"))
        corners = [(left, top), (left, bottom), (right, bottom), (right, top)]
        case = Case(
            case_id=f"tn5000-{path.stem}" + (f"-{number}" if len(objects) > 1 else ""),
            group=f"tn5000-{path.stem}" if len(objects) > 1 else "",
            dataset="tn5000",
            organ="thyroid",
            image="",
            label=label_of(each.findtext("name") or "", "object/name"),
            label_source=label_source,
            target=target,
            split=options.split or split,
            notes=NOTE,
        )
        lesions.append(lesion(case, image, border_from_points(corners, size)))
    return lesions


def _number(element: ElementTree.Element, tag: str) -> float:
    text = (element.findtext(tag) or "").strip()
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{tag} is {text!r}, expected a number") from None
