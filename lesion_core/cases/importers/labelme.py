"""Polygons drawn in labelme: one JSON file per picture, shapes labelled ``benign`` or ``malignant``.

Polygons and rectangles are read, one row each; other shapes are a fault. The rows of one picture share a group. Say
the organ with ``--organ``. Coordinates are labelme's own: pixels from the top left edge, as everywhere here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lesion_core.cases.importers.pictures import read_size
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
    organ_of,
    quiet,
)
from lesion_core.cases.table import Case
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_json
from lesion_core.records import Border


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read all JSON files of a folder.

    Raises:
        InputError: no JSON files, or no organ given.
        TableError: files with faults, all of them.
    """
    expect(source, "labelme", "*.json")
    organ_of(options)
    faults = Faults()
    lesions: list[Lesion] = []
    empty = 0
    for path in track(sorted(source.glob("*.json")), "labelme"):
        with faults.of(path.name):
            found = _lesions(source, path, options)
            empty += not found
            lesions += found
    notes = faults.settle(f"labelme files in {source}", skip=options.skip)
    notes += [f"{empty} files have no shape and were left out."] if empty else []
    return Imported(tuple(lesions), notes=tuple(notes))


def _lesions(source: Path, path: Path, options: Options) -> list[Lesion]:
    try:
        data: Any = json.loads(path.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is no readable JSON ({error}): is it half-written?") from error
    if not isinstance(data, dict) or not isinstance(data.get("shapes"), list) or not data.get("imagePath"):
        raise InputError("is no labelme file: expected imagePath and shapes")
    image = source / str(data["imagePath"]).replace("\\", "/")
    size = read_size(image)
    label_source, target = meaning(options)
    shapes = data["shapes"]
    return [
        lesion(
            Case(
                case_id=path.stem if len(shapes) == 1 else f"{path.stem}-{number}",
                group=f"image-{path.stem}" if len(shapes) > 1 else "",
                dataset="labelme",
                organ=organ_of(options),
                image="",
                label=label_of(str(shape.get("label", "")), "label"),
                label_source=label_source,
                target=target,
                split=options.split or "development",
            ),
            image,
            _border(shape, size),
        )
        for number, shape in enumerate(shapes, start=1)
    ]


def _border(shape: dict[str, Any], size: tuple[int, int]) -> Border:
    kind, points = shape.get("shape_type", "polygon"), shape.get("points")
    if kind == "rectangle" and isinstance(points, list) and len(points) == 2:
        (left, top), (right, bottom) = points
        return border_from_json([[left, top], [left, bottom], [right, bottom], [right, top]], size)
    if kind != "polygon" or not isinstance(points, list):
        raise InputError(f"a shape of type {kind!r}, expected polygon or rectangle")
    return border_from_json(points, size)
