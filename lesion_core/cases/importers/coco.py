"""Polygons in a COCO JSON file.

``images``, ``annotations`` with ``segmentation`` or ``bbox``, and ``categories`` benign and malignant. The source is
the JSON file; pictures are looked for beside it and in ``images/`` beside it. One row per annotation: the largest
polygon of its segmentation, or its box when there is none. Run-length masks are a fault: export polygons. Say the
organ with ``--organ``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from lesion_core.cases.importers.pictures import read_size
from lesion_core.cases.importers.source import (
    Faults,
    Imported,
    Lesion,
    Options,
    Track,
    label_of,
    lesion,
    meaning,
    organ_of,
    quiet,
)
from lesion_core.cases.table import Case
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_json
from lesion_core.records import Border


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the JSON file.

    Raises:
        InputError: no COCO file, or no organ given.
        TableError: annotations with faults, all of them.
    """
    organ_of(options)
    data = _read(source)
    categories = {each["id"]: str(each["name"]) for each in data["categories"]}
    annotations = defaultdict[Any, list[dict[str, Any]]](list)
    for each in data["annotations"]:
        annotations[each.get("image_id")].append(each)
    faults = Faults()
    lesions: list[Lesion] = []
    for image in track(data["images"], "COCO"):
        with faults.of(str(image.get("file_name"))):
            lesions += _lesions(source.parent, image, annotations.pop(image["id"], []), categories, options)
    faults.found += [f"annotation of image {key!r}: there is no such image in the file" for key in annotations]
    notes = faults.settle(f"COCO annotations in {source}", skip=options.skip)
    return Imported(tuple(lesions), notes=tuple(notes))


def _read(source: Path) -> dict[str, list[dict[str, Any]]]:
    if not source.is_file():
        raise InputError(f"{source} is no file: expected a COCO JSON file")
    try:
        data: Any = json.loads(source.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{source} is no readable JSON ({error}): is it half-written?") from error
    keys = ("images", "annotations", "categories")
    if not isinstance(data, dict) or not all(isinstance(data.get(key), list) for key in keys):
        found = ", ".join(data) if isinstance(data, dict) else type(data).__name__
        raise InputError(f"{source} is no COCO file: expected {', '.join(keys)}; found {found}")
    return data


def _lesions(
    folder: Path, image: dict[str, Any], annotations: list[dict[str, Any]], categories: dict[Any, str], options: Options
) -> list[Lesion]:
    if not annotations:
        return []
    name = str(image["file_name"])
    path = next((each for each in (folder / name, folder / "images" / name) if each.is_file()), folder / name)
    size, stem = read_size(path), Path(name).stem
    label_source, target = meaning(options)
    return [
        lesion(
            Case(
                case_id=stem if len(annotations) == 1 else f"{stem}-{number}",
                group=f"image-{stem}" if len(annotations) > 1 else "",
                dataset="coco",
                organ=organ_of(options),
                image="",
                label=label_of(categories.get(each.get("category_id"), "unknown category"), "category"),
                label_source=label_source,
                target=target,
                split=options.split or "development",
                notes="" if each.get("segmentation") else "box only: the border is a rectangle in image axes",
            ),
            path,
            _border(each, size),
        )
        for number, each in enumerate(annotations, start=1)
    ]


def _border(annotation: dict[str, Any], size: tuple[int, int]) -> Border:
    import shapely

    parts, box = annotation.get("segmentation"), annotation.get("bbox")
    if isinstance(parts, dict):
        raise InputError("segmentation is a run-length mask: export polygons")
    if parts:
        borders = [border_from_json(_pairs(part), size) for part in parts]
        return max(borders, key=lambda each: float(shapely.Polygon(each.points).area))
    if not isinstance(box, list) or len(box) != 4:
        raise InputError("an annotation has neither segmentation nor bbox")
    left, top, width, height = box
    return border_from_json(
        _pairs([left, top, left, top + height, left + width, top + height, left + width, top]), size
    )


def _pairs(numbers: Any) -> list[list[Any]]:
    if not isinstance(numbers, list) or len(numbers) % 2:
        raise InputError("a polygon of the segmentation is no list of x, y, x, y ...")
    return [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
